/** What was found, the newest first. */

import { Button } from "@mantine/core";
import type { RefObject } from "react";
import { serverNow } from "../clock";
import type { Place } from "../desk/place";
import { type Step, useListbox } from "../desk/use_listbox";
import type { DeskState } from "../live/fold";
import type { Hit } from "../live/protocol";
import type { Found } from "../live/search";
import { say } from "../strings";
import { HitRow } from "./HitRow";

export interface HitsProps {
  found: Found;
  state: DeskState;
  place: Place;
  step: RefObject<Step>;
  onOpen: (hit: Hit) => void;
  onMore: () => void;
}

export function Hits({ found: { is, hits, next, more }, state, place, step, onOpen, onMore }: HitsProps) {
  const words = say.history;
  const ids = hits.map(hitId);
  const open = (id: string) => {
    const hit = hits[ids.indexOf(id)];
    if (hit) onOpen(hit);
  };
  const selected = selectedId(place);
  const { listbox, pointed } = useListbox({
    ids,
    selected,
    label: words.label,
    step,
    onOpen: open,
    onSelect: open,
  });
  const now = serverNow();
  return (
    <div className={is === "searching" ? "hits outdated" : "hits"}>
      <p className="history-count tabular" role="status">
        {is === "searching" ? words.searching : words.found(hits.length, next !== null)}
      </p>
      <div className="rows" {...listbox}>
        {hits.map((hit, index) => (
          <HitRow
            key={ids[index]}
            id={ids[index] ?? ""}
            hit={hit}
            me={state.me.id}
            now={now}
            selected={ids[index] === selected}
            active={ids[index] === pointed}
            position={index + 1}
            count={next === null ? hits.length : -1}
            onOpen={open}
          />
        ))}
      </div>
      {next !== null && is === "found" && (
        <div className="history-more">
          {more === "failed" && <p role="alert">{words.moreFailed}</p>}
          <Button variant="default" size="xs" fullWidth loading={more === "asked"} onClick={onMore}>
            {more === "failed" ? say.retry : words.more}
          </Button>
        </div>
      )}
    </div>
  );
}

/** One interaction is found once for every message of it that has the words. */
function hitId({ conversation, interaction, said }: Hit): string {
  return [conversation, interaction, said?.message].filter(Boolean).join("-");
}

function selectedId({ conversation, spot }: Place): string | null {
  if (!conversation || !spot) return null;
  return [conversation, spot.interaction, spot.message].filter(Boolean).join("-");
}
