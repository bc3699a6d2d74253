/** The history in place of the lists: what is looked for, and what was found. */

import { ActionIcon, CloseButton, Indicator, TextInput } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { DeskState } from "../live/fold";
import { say, wrongWith } from "../strings";
import { Filters } from "./Filters";
import { Hits, type HitsProps } from "./Hits";
import { Failed, Nothing, Searching } from "./NoHits";
import { type Field, filtersOf, type Query, withField } from "./query";
import { useSearch } from "./use_search";

interface Props extends Pick<HitsProps, "place" | "step" | "onOpen"> {
  query: Query;
  state: DeskState;
  connected: boolean;
  onQuery: (query: Query) => void;
}

export function History({ query, state, connected, onQuery, ...rest }: Props) {
  const words = say.history;
  const { found, search } = useSearch(query, connected);
  const set = filtersOf(query);
  const [open, setOpen] = useState(set > 0);
  const shown = open || found.wrong.some(({ field }) => field !== "text");
  const change = (field: Field, value: string | null) => onQuery(withField(query, field, value));
  const clear = () => {
    onQuery({});
    document.getElementById("filter")?.focus();
  };
  return (
    <>
      <search className="filter history-head">
        <TextInput
          id="filter"
          size="xs"
          flex={1}
          maxLength={200}
          aria-label={words.placeholder}
          placeholder={words.placeholder}
          value={query.text ?? ""}
          error={wrongWith(found.wrong, "text")}
          onChange={(event) => change("text", event.currentTarget.value)}
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={
            query.text && <CloseButton size="sm" aria-label={words.clearWords} onClick={() => change("text", null)} />
          }
        />
        <Indicator label={set} size={16} offset={3} disabled={set === 0} className="tabular">
          <ActionIcon
            variant={shown ? "light" : "default"}
            size={30}
            aria-label={set > 0 ? words.filtersSet(set) : words.filters}
            title={words.filters}
            aria-expanded={shown}
            onClick={() => setOpen(!shown)}
          >
            <IconAdjustmentsHorizontal size={16} aria-hidden />
          </ActionIcon>
        </Indicator>
      </search>
      <div className="history-scroll" aria-busy={found.is === "searching"}>
        {shown && <Filters query={query} state={state} wrong={found.wrong} onChange={change} />}
        {found.is === "failed" ? (
          <Failed onRetry={() => search.again()} />
        ) : found.hits.length > 0 ? (
          <Hits found={found} state={state} onMore={() => void search.more()} {...rest} />
        ) : found.is === "searching" ? (
          <Searching />
        ) : (
          <Nothing asked={Object.keys(query).length > 0} wrong={found.wrong.length > 0} onClear={clear} />
        )}
      </div>
    </>
  );
}
