/** The keys of the desk. Single letters count only outside fields, and can be turned off (WCAG 2.1.4). */

import { useEffect, useRef } from "react";
import { lettersAreShortcuts } from "../keep";

export interface Shortcuts {
  next: () => void;
  previous: () => void;
  accept: () => void;
  reply: () => void;
  end: () => void;
  note: () => void;
  history: () => void;
  filter: () => void;
  toList: () => void;
  online: () => void;
  break: () => void;
  offline: () => void;
  help: () => void;
}

// By place on the keyboard, so that they stay put on other layouts; `?` has no fixed place.
const LETTERS: Record<string, keyof Shortcuts> = {
  KeyJ: "next",
  KeyK: "previous",
  KeyA: "accept",
  KeyR: "reply",
  KeyE: "end",
  KeyN: "note",
  KeyH: "history",
};
const WITH_ALT: Record<string, keyof Shortcuts> = {
  KeyK: "next",
  KeyJ: "previous",
  Digit1: "online",
  Digit2: "break",
  Digit3: "offline",
};

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = meant(event);
      if (!action) return;
      event.preventDefault();
      latest.current[action]();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

function meant(event: KeyboardEvent): keyof Shortcuts | undefined {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  if (target?.closest('[role="dialog"], [role="menu"]')) return;
  if (event.altKey) return WITH_ALT[event.code];
  const writing = target?.matches('input:not([type="radio"]), textarea, select');
  if (event.key === "Escape" && writing) return "toList";
  if (writing || !lettersAreShortcuts()) return;
  if (event.key === "?") return "help";
  if (event.key === "/") return "filter";
  return event.shiftKey ? undefined : LETTERS[event.code];
}
