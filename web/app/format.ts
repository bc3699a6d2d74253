/** Times and durations as an agent reads them. Pure; `now` comes in. */

import type { Time } from "./live/protocol";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const exactClock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const relativeDay = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export function clockTime(at: Time): string {
  return clock.format(new Date(at));
}

export function clockTimeToTheSecond(at: Time): string {
  return exactClock.format(new Date(at));
}

export function dayAndTime(at: Time): string {
  return `${shortDay.format(new Date(at))}, ${clockTime(at)}`;
}

/** "Today", "Yesterday", "Monday 5 January". */
export function dayName(at: Time, now: number): string {
  const days = Math.round((midnight(Date.parse(at)) - midnight(now)) / DAY);
  if (days < -1 || days > 0) return day.format(new Date(at));
  const name = relativeDay.format(days, "day");
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

/** How long ago, as short as a list row needs it. */
export function age(at: Time, now: number): string {
  const passed = now - Date.parse(at);
  if (passed < MINUTE) return "now";
  if (passed < DAY) return duration(passed);
  return passed < 7 * DAY ? weekday.format(new Date(at)) : shortDay.format(new Date(at));
}

/** A moment in the past, as exact as its distance: "12:04", "5 Jan, 12:04", "5 Jan 2025". */
export function past(at: Time, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) return clockTime(at);
  return then.getFullYear() === today.getFullYear() ? dayAndTime(at) : dayOfYear.format(then);
}

/** "45 s", "3 min", "2 h", "4 d". */
export function duration(passed: number): string {
  if (passed < MINUTE) return `${Math.max(0, Math.floor(passed / 1_000))} s`;
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < 2 * DAY) return `${Math.floor(passed / HOUR)} h`;
  return `${Math.floor(passed / DAY)} d`;
}

/** "23 h 05 min", "12 min", "40 s": what is left of a reply window. */
export function remaining(left: number): string {
  if (left < HOUR) return duration(left);
  const minutes = Math.floor((left % HOUR) / MINUTE);
  return `${Math.floor(left / HOUR)} h ${String(minutes).padStart(2, "0")} min`;
}

/** "0:42", "12:05", "1:02:09", and "3 d 4 h" from two days on: a clock that runs. */
export function timer(passed: number): string {
  const whole = Math.max(0, passed);
  if (whole >= 2 * DAY) return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
  const two = (count: number) => String(Math.floor(count)).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / HOUR), (whole % HOUR) / MINUTE];
  const seconds = two((whole % MINUTE) / 1_000);
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${Math.floor(minutes)}:${seconds}`;
}

/** "92 %"; whole percents, never rounded up to all. */
export function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const [first = "", last = ""] = [words[0], words.length > 1 ? words.at(-1) : ""];
  return (first.charAt(0) + last.charAt(0)).toLocaleUpperCase();
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
