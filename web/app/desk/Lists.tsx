/** Mine, Waiting, Team: tabs with counts, a filter, and the list itself. */

import { Button, CloseButton, Tabs, TextInput } from "@mantine/core";
import { IconInbox, IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useState } from "react";
import { useNow } from "../clock";
import type { DeskState } from "../live/fold";
import type { Id, Summary } from "../live/protocol";
import { say } from "../strings";
import { agentName } from "./permission";
import { Row, rowId } from "./Row";
import { type ListName, matches, type Lists as Sorted } from "./sorted_lists";
import { useHeldOrder } from "./use_held_order";

const NAMES: ListName[] = ["mine", "waiting", "team"];

interface Props {
  sorted: Sorted;
  state: DeskState;
  list: ListName;
  selected: Id | null;
  /** The order on the screen, for the keys that go to the next and the previous one. */
  shown: RefObject<Id[]>;
  onList: (list: ListName) => void;
  onOpen: (conversation: Id) => void;
  /** Offered in an empty list to those who are not online. */
  onGoOnline: (() => void) | null;
}

export function Lists({ sorted, list, onList, ...rest }: Props) {
  const [words, setWords] = useState("");
  const unanswered = sorted.mine.some((summary) => summary.unanswered);
  const label = (name: ListName) => (
    <>
      {say.lists[name]}{" "}
      <span className={name === "mine" && unanswered ? "count loud tabular" : "count tabular"}>
        {sorted[name].length}
      </span>
    </>
  );
  return (
    <Tabs
      className="lists"
      value={list}
      onChange={(value) => onList(value as ListName)}
      keepMounted={false}
      aria-label={say.lists.label}
    >
      <Tabs.List className="tabs" grow>
        {NAMES.map((name) => (
          <Tabs.Tab key={name} value={name} px="xs">
            {label(name)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <div className="filter">
        <TextInput
          id="filter"
          size="xs"
          aria-label={say.lists.filter}
          placeholder={say.lists.filter}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={
            words && <CloseButton size="sm" aria-label={say.lists.clearFilter} onClick={() => setWords("")} />
          }
        />
      </div>
      {NAMES.map((name) => (
        <Tabs.Panel key={name} value={name} className="lists-panel">
          <List {...rest} list={name} all={sorted[name]} words={words.trim()} onClear={() => setWords("")} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

interface ListProps extends Omit<Props, "sorted" | "onList"> {
  all: Summary[];
  words: string;
  onClear: () => void;
}

function List({ all, words, list, state, selected, shown, onOpen, onClear, onGoOnline }: ListProps) {
  const now = useNow(15_000);
  const found = useMemo(() => (words ? all.filter((summary) => matches(summary, words)) : all), [all, words]);
  const { rows, changed, refresh, hold } = useHeldOrder(found);
  const [active, setActive] = useState<Id | null>(null);
  const pointed = active ?? selected;
  useEffect(() => {
    shown.current = rows.map((summary) => summary.conversation);
  });

  function onKey(event: KeyboardEvent) {
    const at = rows.findIndex((summary) => summary.conversation === pointed);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const next = to === undefined ? undefined : rows[Math.min(Math.max(to, 0), rows.length - 1)];
    if (next) {
      setActive(next.conversation);
      document.getElementById(rowId(next.conversation))?.scrollIntoView({ block: "nearest" });
    } else if (pointed && (event.key === "Enter" || event.key === " ")) onOpen(pointed);
    else return;
    event.preventDefault();
  }

  if (all.length === 0) return <Empty list={list} onGoOnline={list === "mine" ? onGoOnline : null} />;
  if (rows.length === 0) {
    return (
      <div className="blank">
        <p>{say.lists.noMatch}</p>
        <Button variant="default" size="xs" mt="sm" onClick={onClear}>
          {say.lists.clearFilter}
        </Button>
      </div>
    );
  }
  return (
    <>
      <div
        role="listbox"
        id="rows"
        className="rows"
        tabIndex={0}
        aria-label={say.lists[list]}
        aria-activedescendant={pointed && rows.some((row) => row.conversation === pointed) ? rowId(pointed) : undefined}
        onKeyDown={onKey}
        onBlur={() => setActive(null)}
        {...hold}
      >
        {rows.map((summary, index) => (
          <Row
            key={summary.conversation}
            summary={summary}
            now={now}
            selected={summary.conversation === selected}
            active={summary.conversation === pointed}
            position={index + 1}
            count={rows.length}
            colleague={colleague(summary, state)}
            onOpen={onOpen}
          />
        ))}
      </div>
      {changed && (
        <button type="button" className="reorder" onClick={refresh}>
          {say.lists.reorder}
        </button>
      )}
    </>
  );
}

function Empty({ list, onGoOnline }: { list: ListName; onGoOnline: (() => void) | null }) {
  const { heading, lead } = say.lists.empty[list];
  return (
    <div className="blank">
      <IconInbox size={34} stroke={1.3} aria-hidden />
      <h3>{heading}</h3>
      <p>{lead}</p>
      {onGoOnline && (
        <Button mt="md" size="xs" onClick={onGoOnline}>
          {say.presence.goOnline}
        </Button>
      )}
    </div>
  );
}

function colleague({ owner }: Summary, state: DeskState): string | null {
  if (owner.is === "flow") return say.conversation.flow;
  if (owner.is === "agent") return owner.agent === state.me.id ? null : agentName(state, owner.agent);
  if (owner.is !== "offered") return null;
  return say.lists.offeredTo(owner.offers.map((offer) => agentName(state, offer.agent)).join(", "));
}
