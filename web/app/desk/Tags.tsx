/** The tags of the open interaction, put on and taken off by whoever reads it. */

import { Pill, TextInput } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import type { Summary } from "../live/protocol";
import { say } from "../strings";

const words = say.details;
const TAG_CHARACTERS_MAX = 50;

interface Props {
  summary: Summary;
  /** Whether it was done. */
  onTag: (tag: string) => Promise<boolean>;
  onUntag: (tag: string) => void;
}

export function Tags({ summary: { tags, owner }, onTag, onUntag }: Props) {
  const [typed, setTyped] = useState("");
  const open = owner.is !== "nobody";
  async function onKey(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.nativeEvent.isComposing || typed.trim() === "") return;
    event.preventDefault();
    // What is typed while the answer is on its way stays.
    if (await onTag(typed.trim())) setTyped((now) => (now === typed ? "" : now));
  }
  if (!open && tags.length === 0) return null;
  return (
    <section aria-label={words.tags}>
      <h3>{words.tags}</h3>
      <div className="tags">
        {tags.map((tag) => (
          <Pill
            key={tag}
            withRemoveButton={open}
            onRemove={() => onUntag(tag)}
            removeButtonProps={{ "aria-label": words.removeTag(tag), tabIndex: 0, "aria-hidden": false }}
          >
            {tag}
          </Pill>
        ))}
      </div>
      {open && (
        <TextInput
          size="xs"
          mt={6}
          aria-label={words.addTag}
          placeholder={words.addTag}
          maxLength={TAG_CHARACTERS_MAX}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={onKey}
        />
      )}
    </section>
  );
}
