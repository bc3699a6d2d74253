/** An interaction that was found: who, when, what was said around the words, how it ended, with whom and where. */

import { memo } from "react";
import { Face } from "../desk/Row";
import { contactName } from "../desk/sorted_lists";
import { rowId } from "../desk/use_listbox";
import { dayAndTime, past } from "../format";
import type { Hit, Id } from "../live/protocol";
import { say } from "../strings";

interface Props {
  id: string;
  hit: Hit;
  me: Id;
  now: number;
  selected: boolean;
  active: boolean;
  position: number;
  /** How many there are, -1 while that is not known. */
  count: number;
  onOpen: (id: string) => void;
}

export const HitRow = memo(function HitRow({ id, hit, me, now, selected, active, position, count, onOpen }: Props) {
  const name = contactName(hit);
  const at = hit.said?.at ?? hit.opened_at;
  return (
    // The listbox around it has the focus and the keys; an option is only pointed at.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    <div
      role="option"
      id={rowId(id)}
      className={active ? "row hit active" : "row hit"}
      aria-selected={selected}
      aria-posinset={position}
      aria-setsize={count}
      onClick={() => onOpen(id)}
    >
      <Face name={name} channel={hit.channel} contact={hit.contact.id} />
      <div>
        <div className="row-head">
          <span className="row-name">{name}</span>
          <time className="row-age tabular" dateTime={at} title={dayAndTime(at)}>
            {past(at, now)}
          </time>
        </div>
        {hit.said && <Said said={hit.said} me={me} />}
        <div className="hit-about">{about(hit, me)}</div>
      </div>
    </div>
  );
});

function Said({ said, me }: { said: NonNullable<Hit["said"]>; me: Id }) {
  const who = said.agent && (said.agent.id === me ? say.you : said.agent.name);
  const by = said.kind === "note" ? [say.history.note, who].filter(Boolean).join(" · ") : who;
  return (
    <div className="hit-said">
      {by && `${by}: `}
      {said.parts.map(({ text, marked }, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text never change their order
        marked ? <mark key={index}>{text}</mark> : text,
      )}
    </div>
  );
}

function about({ reason, state, agent, inbox, interaction }: Hit, me: Id): string {
  const words = say.history;
  const how = reason?.name ?? words.states[state] ?? state;
  const who = agent && (agent.id === me ? say.you : agent.name);
  return [how, who, inbox.name, words.interaction(interaction)].filter(Boolean).join(" · ");
}
