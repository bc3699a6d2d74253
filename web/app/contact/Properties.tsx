/** What colleagues know of a contact, by name: read, changed, added and taken away. */

import { ActionIcon, Button, Group, TextInput } from "@mantine/core";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import type { Contact, FieldProblem } from "../live/protocol";
import { say, wrongWith } from "../strings";
import type { Change, Refusal } from "./use_contact";

const words = say.contact;
const NEW = "";

interface Props {
  properties: Contact["properties"];
  act: Change;
  onRefused: (refusal: Refusal) => void;
}

export function Properties({ properties, act, onRefused }: Props) {
  const [editing, setEditing] = useState<string | null>(null);
  const form = (name: string, value: string) => (
    <PropertyForm name={name} value={value} act={act} onRefused={onRefused} onClose={() => setEditing(null)} />
  );
  return (
    <section aria-label={words.properties}>
      <h3>{words.properties}</h3>
      {properties.map(({ name, value }) =>
        editing === name ? (
          <div key={name}>{form(name, value)}</div>
        ) : (
          <div key={name} className="property">
            <span className="soft">{name}</span>
            <span>{value}</span>
            <ActionIcon variant="subtle" size="sm" aria-label={words.edit(name)} onClick={() => setEditing(name)}>
              <IconPencil size={14} aria-hidden />
            </ActionIcon>
          </div>
        ),
      )}
      {editing === NEW ? (
        form(NEW, "")
      ) : (
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconPlus size={13} aria-hidden />}
          onClick={() => setEditing(NEW)}
        >
          {words.addProperty}
        </Button>
      )}
    </section>
  );
}

interface FormProps extends Omit<Props, "properties"> {
  name: string;
  value: string;
  onClose: () => void;
}

function PropertyForm({ name, value, act, onRefused, onClose }: FormProps) {
  const [wrong, setWrong] = useState<readonly FieldProblem[]>([]);
  const [busy, setBusy] = useState(false);
  async function set(named: string, to: string) {
    setBusy(true);
    const refusal = await act("PUT", `/properties/${encodeURIComponent(named)}`, { value: to });
    setBusy(false);
    if (!refusal) return onClose();
    if (refusal !== "unreachable" && refusal.fields?.length) setWrong(refusal.fields);
    else onRefused(refusal);
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    void set(name || String(typed.get("name")), String(typed.get("value")));
  }
  return (
    <form
      className="property-form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      {name === NEW && (
        <TextInput
          name="name"
          size="xs"
          label={words.propertyName}
          error={wrongWith(wrong, "name")}
          maxLength={100}
          required
          withAsterisk={false}
          autoFocus
        />
      )}
      <TextInput
        name="value"
        size="xs"
        label={name || words.propertyValue}
        defaultValue={value}
        error={wrongWith(wrong, "value")}
        maxLength={500}
        required
        withAsterisk={false}
        autoFocus={name !== NEW}
      />
      <Group gap={6}>
        <Button type="submit" size="compact-xs" loading={busy}>
          {words.save}
        </Button>
        <Button variant="default" size="compact-xs" onClick={onClose}>
          {say.cancel}
        </Button>
        {name !== NEW && (
          <Button variant="default" size="compact-xs" disabled={busy} onClick={() => void set(name, "")}>
            {words.remove}
          </Button>
        )}
      </Group>
    </form>
  );
}
