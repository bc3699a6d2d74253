/** Where the reply is written: or, when it cannot be, the sentence that says why. */

import { Button, Textarea } from "@mantine/core";
import { IconLock, IconSend2 } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { draft, keepDraft } from "../keep";
import type { Summary } from "../live/protocol";
import { say } from "../strings";
import { contactName } from "./sorted_lists";

/** The channel's own limit on a text, where it has one worth showing. */
const CHARACTERS_MAX: Record<string, number> = { whatsapp: 4096 };
const COUNTDOWN_FROM = 400;

interface Props {
  summary: Summary;
  agent: string;
  /** Why no reply can be written, or null. */
  blocked: string | null;
  connected: boolean;
  online: boolean;
  /** The conversation the keyboard should go to as soon as it can be answered. */
  wanted: string | null;
  onFocused: () => void;
  onSend: (text: string) => void;
}

export function Composer({ summary, agent, blocked, connected, online, wanted, onFocused, onSend }: Props) {
  const { conversation } = summary;
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() => draft(agent, conversation));
  const write = (written: string) => {
    setText(written);
    keepDraft(agent, conversation, written);
  };
  useEffect(() => {
    if (wanted !== conversation || !field.current) return;
    field.current.focus();
    onFocused();
  });

  if (blocked) {
    return (
      <div className="composer">
        <div className="composer-inner">
          <p className="composer-blocked" role="status">
            <IconLock size={17} aria-hidden />
            {blocked}
          </p>
        </div>
      </div>
    );
  }

  const left = (CHARACTERS_MAX[summary.channel] ?? Number.POSITIVE_INFINITY) - text.length;
  const ready = text.trim() !== "" && left >= 0;
  const send = () => {
    if (!ready) return;
    onSend(text.trim());
    write("");
    field.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    // 229 is what some browsers report for the Enter that ends a composition.
    const composing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || event.altKey || composing) return;
    event.preventDefault();
    send();
  };
  return (
    <div className="composer">
      <div className="composer-inner">
        {!online && <p className="composer-note">{say.composer.notOnline}</p>}
        <div className="composer-row">
          <Textarea
            ref={field}
            aria-label={say.composer.label(contactName(summary))}
            placeholder={say.composer.placeholder}
            autosize
            minRows={1}
            maxRows={8}
            size="md"
            value={text}
            onChange={(event) => write(event.currentTarget.value)}
            onKeyDown={onKey}
          />
          <Button size="md" px="md" disabled={!ready} onClick={send} rightSection={<IconSend2 size={17} aria-hidden />}>
            {connected ? say.composer.send : say.composer.queue}
          </Button>
        </div>
        <div className="composer-foot tabular">
          <span>{say.composer.hint}</span>
          {left < COUNTDOWN_FROM && (
            <span className={left < 0 ? "over" : undefined} role="status">
              {left < 0 ? say.composer.tooLong(-left) : say.composer.left(left)}
            </span>
          )}
        </div>
      </div>
    </div>
  );
}
