/** What narrows a search, each with what is wrong with it beside it. */

import { Select, TextInput } from "@mantine/core";
import type { DeskState } from "../live/fold";
import type { FieldProblem, Named } from "../live/protocol";
import { channelName, say, wrongWith } from "../strings";
import type { Field, Query } from "./query";

interface Props {
  query: Query;
  state: DeskState;
  wrong: readonly FieldProblem[];
  onChange: (field: Field, value: string | null) => void;
}

export function Filters({ query, state, wrong, onChange }: Props) {
  const words = say.history;
  const common = (field: Field) => ({
    label: words.fields[field],
    size: "xs" as const,
    error: wrongWith(wrong, field),
  });
  const typed = (field: Field, type = "text") => ({
    ...common(field),
    type,
    value: query[field] ?? "",
    onChange: (event: { currentTarget: { value: string } }) => onChange(field, event.currentTarget.value),
  });
  const chosen = (field: Field, choices: Iterable<Named>) => ({
    ...common(field),
    placeholder: words.anything,
    data: options(choices),
    value: query[field] ?? null,
    onChange: (value: string | null) => onChange(field, value),
    searchable: true,
    clearable: true,
    clearButtonProps: { "aria-label": words.clearField(words.fields[field]) },
    nothingFoundMessage: words.noChoice,
    comboboxProps: { width: 260, position: "bottom-start" as const },
  });
  return (
    <div className="history-filters">
      <TextInput {...typed("contact")} placeholder={words.contactPlaceholder} className="wide" maxLength={200} />
      <Select {...chosen("agent", state.agents.values())} />
      <Select {...chosen("inbox", state.inboxes.values())} />
      <Select {...chosen("reason", state.endReasons)} />
      <Select {...chosen("channel", channels(state))} />
      <TextInput {...typed("from", "date")} max={query.to} />
      <TextInput {...typed("to", "date")} min={query.from} />
      <TextInput {...typed("tag")} className="wide" maxLength={80} />
    </div>
  );
}

function options(choices: Iterable<Named>) {
  return [...choices]
    .map(({ id, name }) => ({ value: id, label: name }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

function channels({ gateways }: DeskState): Named[] {
  const used = new Set([...gateways.values()].map(({ channel }) => channel));
  return [...used].map((channel) => ({ id: channel, name: channelName(channel) }));
}
