/** One conversation in a list. Plain HTML, and drawn again only when its own summary changes: lists are hot. */

import { IconAlertTriangle, IconBrandWhatsapp, IconClock, IconMessageCircle } from "@tabler/icons-react";
import { memo } from "react";
import { age, duration, initials, remaining } from "../format";
import type { Id, Summary } from "../live/protocol";
import { channelName, say } from "../strings";
import { contactName, since } from "./sorted_lists";
import { rowId } from "./use_listbox";

const WINDOW_SOON_MS = 2 * 3_600_000;

interface Props {
  summary: Summary;
  now: number;
  selected: boolean;
  active: boolean;
  position: number;
  count: number;
  /** Who holds it or is asked, when that is not the reader. */
  colleague: string | null;
  onOpen: (conversation: Id) => void;
}

export const Row = memo(function Row({ summary, now, selected, active, position, count, colleague, onOpen }: Props) {
  const name = contactName(summary);
  const classes = ["row", summary.unanswered && "unanswered", active && "active"].filter(Boolean).join(" ");
  return (
    // The listbox around it has the focus and the keys; an option is only pointed at.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      role="option"
      id={rowId(summary.conversation)}
      className={classes}
      aria-selected={selected}
      aria-posinset={position}
      aria-setsize={count}
      onClick={() => onOpen(summary.conversation)}
    >
      <Face name={name} channel={summary.channel} contact={summary.contact.id} />
      <div>
        <div className="row-head">
          <span className="row-name">{name}</span>
          {summary.last && <span className="row-age tabular">{age(summary.last.at, now)}</span>}
        </div>
        <div className="row-text">
          <span>{preview(summary)}</span>
          <Note summary={summary} now={now} colleague={colleague} />
          {summary.unanswered && (
            <span className="unanswered-mark" title={say.lists.unanswered}>
              <span className="unseen">{say.lists.unanswered}</span>
            </span>
          )}
        </div>
      </div>
    </div>
  );
});

function Note({ summary, now, colleague }: { summary: Summary; now: number; colleague: string | null }) {
  const { owner, window_until } = summary;
  if (owner.is === "queue" || owner.is === "offered") {
    return (
      <span className="row-note tabular">
        {colleague ?? (
          <>
            <IconClock size={13} aria-hidden />
            {say.lists.waits(duration(now - Date.parse(since(owner))))}
          </>
        )}
      </span>
    );
  }
  const left = window_until ? Date.parse(window_until) - now : Number.POSITIVE_INFINITY;
  if (left <= 0) return <WindowNote className="red" text={say.lists.windowClosed} />;
  if (left < WINDOW_SOON_MS) return <WindowNote className="amber" text={say.lists.windowSoon(remaining(left))} />;
  return colleague ? <span className="row-note">{colleague}</span> : null;
}

function WindowNote({ className, text }: { className: string; text: string }) {
  return (
    <span className={`row-note tabular ${className}`}>
      <IconAlertTriangle size={13} aria-hidden />
      {text}
    </span>
  );
}

export function Face({ name, channel, contact }: { name: string; channel: string; contact: Id }) {
  const Icon = channel === "whatsapp" ? IconBrandWhatsapp : IconMessageCircle;
  return (
    <div className="face" style={{ "--hue": hue(contact) } as React.CSSProperties}>
      <span aria-hidden>{initials(name) || "#"}</span>
      <Icon className="channel" aria-label={channelName(channel)} role="img" />
    </div>
  );
}

export function preview({ last }: Summary): string {
  if (!last) return say.lists.nothingYet;
  const text = last.text ?? say.lists.notText;
  return last.direction === "outbound" ? `${say.you}: ${text}` : text;
}

/** A colour of its own for every contact, the same each time. */
function hue(contact: Id): number {
  let sum = 0;
  for (const letter of contact) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return sum;
}
