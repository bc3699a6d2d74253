/** Mine, Waiting, Team: tabs with counts, a filter, and the list itself; and the history beside them. */

import { Button, CloseButton, Tabs, TextInput } from "@mantine/core";
import { IconHistory, IconInbox, IconSearch } from "@tabler/icons-react";
import { type ReactNode, type RefObject, useMemo, useState } from "react";
import { useNow } from "../clock";
import type { DeskState } from "../live/fold";
import type { Id, Summary } from "../live/protocol";
import { say } from "../strings";
import { agentName } from "./permission";
import { Row } from "./Row";
import { type ListName, matches, type Lists as Sorted } from "./sorted_lists";
import { useHeldOrder } from "./use_held_order";
import { type Step, useListbox } from "./use_listbox";

const NAMES: ListName[] = ["mine", "waiting", "team"];

interface ListsProps extends Props {
  sorted: Sorted;
  /** What stands there instead of a list, while the history is open. */
  history: ReactNode;
  onList: (list: ListName | "history") => void;
}

interface Props {
  state: DeskState;
  list: ListName;
  selected: Id | null;
  /** The keys that go to the next and the previous one. */
  step: RefObject<Step>;
  onOpen: (conversation: Id) => void;
  onSelect: (conversation: Id) => void;
  /** Offered in an empty list to those who are not online. */
  onGoOnline: (() => void) | null;
}

export function Lists({ sorted, list, history, onList, ...rest }: ListsProps) {
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
      value={history ? "history" : list}
      onChange={(value) => onList(value as ListName | "history")}
      keepMounted={false}
      aria-label={say.lists.label}
    >
      <Tabs.List className="tabs" grow>
        {NAMES.map((name) => (
          <Tabs.Tab key={name} value={name} px="xs">
            {label(name)}
          </Tabs.Tab>
        ))}
        <Tabs.Tab value="history" px="xs" className="tab-history" aria-label={say.history.tab} title={say.history.tab}>
          <IconHistory size={17} aria-hidden />
        </Tabs.Tab>
      </Tabs.List>
      {!history && (
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
      )}
      {NAMES.map((name) => (
        <Tabs.Panel key={name} value={name} className="lists-panel">
          <List {...rest} list={name} all={sorted[name]} words={words.trim()} onClear={() => setWords("")} />
        </Tabs.Panel>
      ))}
      <Tabs.Panel value="history" className="lists-panel">
        {history}
      </Tabs.Panel>
    </Tabs>
  );
}

interface ListProps extends Props {
  all: Summary[];
  words: string;
  onClear: () => void;
}

function List({ all, words, list, state, selected, step, onOpen, onSelect, onClear, onGoOnline }: ListProps) {
  const now = useNow(15_000);
  const found = useMemo(() => (words ? all.filter((summary) => matches(summary, words)) : all), [all, words]);
  const { rows, changed, refresh, hold } = useHeldOrder(found);
  const ids = rows.map((summary) => summary.conversation);
  const { listbox, pointed } = useListbox({ ids, selected, label: say.lists[list], step, onOpen, onSelect });

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
      <div className="rows" {...listbox} {...hold}>
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
