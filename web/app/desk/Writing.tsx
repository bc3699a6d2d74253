/** A field that grows with what is written in it; Enter sends, Shift+Enter starts a new line. */

import { Button, Textarea } from "@mantine/core";
import type { KeyboardEvent, ReactNode, RefObject } from "react";
import { say } from "../strings";

const COUNTDOWN_FROM = 400;

interface Props {
  field: RefObject<HTMLTextAreaElement | null>;
  label: string;
  placeholder: string;
  text: string;
  charactersMax: number;
  send: string;
  sign: ReactNode;
  busy?: boolean;
  hint: string;
  /** The way to the other thing that can be written. */
  other: ReactNode;
  onText: (text: string) => void;
  onSend: (text: string) => void;
}

export function Writing(props: Props) {
  const { field, label, placeholder, text, charactersMax, send, sign, busy, hint, other, onText, onSend } = props;
  const left = charactersMax - text.length;
  const ready = text.trim() !== "" && left >= 0 && !busy;
  const submit = () => {
    if (!ready) return;
    onSend(text.trim());
    field.current?.focus();
  };
  const onKey = (event: KeyboardEvent) => {
    // 229 is what some browsers report for the Enter that ends a composition.
    const composing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || event.altKey || composing) return;
    event.preventDefault();
    submit();
  };
  return (
    <>
      <div className="composer-row">
        <Textarea
          ref={field}
          aria-label={label}
          placeholder={placeholder}
          autosize
          minRows={1}
          maxRows={8}
          size="md"
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          onKeyDown={onKey}
        />
        <Button size="md" px="md" disabled={!ready} loading={busy} onClick={submit} rightSection={sign}>
          {send}
        </Button>
      </div>
      <div className="composer-foot tabular">
        <span>{hint}</span>
        {left < COUNTDOWN_FROM && (
          <span className={left < 0 ? "over" : undefined} role="status">
            {left < 0 ? say.composer.tooLong(-left) : say.composer.left(left)}
          </span>
        )}
        {other}
      </div>
    </>
  );
}
