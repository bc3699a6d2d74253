/** A list with one focus, in which the arrows point: what its keys do, and how j and k step through it. */

import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";

/** Goes so many rows on from the one that is open. */
export type Step = (by: number) => void;

interface Options {
  ids: string[];
  selected: string | null;
  label: string;
  step: RefObject<Step>;
  onOpen: (id: string) => void;
  onSelect: (id: string) => void;
}

export function useListbox({ ids, selected, label, step, onOpen, onSelect }: Options) {
  const [active, setActive] = useState<string | null>(null);
  const pointed = active ?? selected;
  const near = (index: number) => ids[Math.min(Math.max(index, 0), ids.length - 1)];
  useEffect(() => {
    step.current = (by) => {
      const at = selected ? ids.indexOf(selected) : -1;
      const next = near(at === -1 ? 0 : at + by);
      if (!next) return;
      document.getElementById(rowId(next))?.scrollIntoView({ block: "nearest" });
      onSelect(next);
    };
    return () => {
      step.current = () => {};
    };
  });

  function onKeyDown(event: KeyboardEvent) {
    const at = pointed ? ids.indexOf(pointed) : -1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: ids.length - 1 }[event.key];
    const next = to === undefined ? undefined : near(to);
    if (next) {
      setActive(next);
      document.getElementById(rowId(next))?.scrollIntoView({ block: "nearest" });
    } else if (pointed && (event.key === "Enter" || event.key === " ")) onOpen(pointed);
    else return;
    event.preventDefault();
  }

  const listbox = {
    role: "listbox",
    id: "rows",
    tabIndex: 0,
    "aria-label": label,
    "aria-activedescendant": pointed && ids.includes(pointed) ? rowId(pointed) : undefined,
    onKeyDown,
    onBlur: () => setActive(null),
  };
  return { listbox, pointed };
}

export function rowId(id: string): string {
  return `row-${id}`;
}
