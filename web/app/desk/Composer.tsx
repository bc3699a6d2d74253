/** Where the reply is written: or, when it cannot be, the sentence that says why. A note can be, at any time. */

import { IconLock, IconNote, IconSend2 } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { draft, keepDraft } from "../keep";
import type { Summary } from "../live/protocol";
import { say } from "../strings";
import { contactName } from "./sorted_lists";
import { Writing } from "./Writing";

/** The channel's own limit on a text, where it has one worth showing. */
const CHARACTERS_MAX: Record<string, number> = { whatsapp: 4096 };
const NOTE_CHARACTERS_MAX = 2_000;

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
  /** Whether it was taken. */
  onNote: (text: string) => Promise<boolean>;
}

export function Composer({ summary, agent, blocked, connected, online, wanted, onFocused, onSend, onNote }: Props) {
  const { conversation } = summary;
  const words = say.composer;
  const field = useRef<HTMLTextAreaElement>(null);
  const [kind, setKind] = useState<"reply" | "note">("reply");
  const [reply, setReply] = useDraft(agent, conversation);
  const { note, setNote, busy, addNote } = useNote(agent, conversation, onNote);
  useEffect(() => {
    if (wanted !== conversation) return;
    if (kind === "note") return setKind("reply");
    if (!field.current) return;
    field.current.focus();
    onFocused();
  });
  useEffect(() => {
    if (kind === "note") field.current?.focus();
  }, [kind]);

  const other = (
    <button
      type="button"
      id="write-note"
      className="composer-other"
      onClick={() => {
        // Whoever chooses does not want to be taken elsewhere.
        onFocused();
        setKind(kind === "note" ? "reply" : "note");
      }}
    >
      {kind === "note" ? words.toReply : words.toNote}
    </button>
  );
  return (
    <div className={kind === "note" ? "composer noting" : "composer"}>
      <div className="composer-inner">
        {kind === "note" ? (
          <Writing
            field={field}
            label={words.noteLabel(contactName(summary))}
            placeholder={words.notePlaceholder}
            text={note}
            charactersMax={NOTE_CHARACTERS_MAX}
            send={words.addNote}
            sign={<IconNote size={17} aria-hidden />}
            busy={busy}
            hint={words.noteHint}
            other={other}
            onText={setNote}
            onSend={(text) => void addNote(text)}
          />
        ) : blocked ? (
          <div className="composer-blocked">
            <IconLock size={17} aria-hidden />
            <p role="status">{blocked}</p>
            {other}
          </div>
        ) : (
          <>
            {!online && <p className="composer-note">{words.notOnline}</p>}
            <Writing
              field={field}
              label={words.label(contactName(summary))}
              placeholder={words.placeholder}
              text={reply}
              charactersMax={CHARACTERS_MAX[summary.channel] ?? Number.POSITIVE_INFINITY}
              send={connected ? words.send : words.queue}
              sign={<IconSend2 size={17} aria-hidden />}
              hint={words.hint}
              other={other}
              onText={setReply}
              onSend={(text) => {
                onSend(text);
                setReply("");
              }}
            />
          </>
        )}
      </div>
    </div>
  );
}

/** Conversations whose note is on its way from this page. */
const underWay = new Set<string>();

/**
 * The note that is being written. One on its way is out of the field, so that it is not added twice and nothing typed
 * meanwhile is lost; this browser keeps it until it was taken, and it comes back where it was not.
 */
function useNote(agent: string, conversation: string, onNote: (text: string) => Promise<boolean>) {
  const sent = `note.sent.${conversation}`;
  const written = `note.${conversation}`;
  const [note, setNote] = useDraft(agent, written, () => (underWay.has(conversation) ? "" : draft(agent, sent)));
  const [busy, setBusy] = useState(false);
  const addNote = async (text: string) => {
    setBusy(true);
    underWay.add(conversation);
    keepDraft(agent, sent, text);
    setNote("");
    const taken = await onNote(text);
    underWay.delete(conversation);
    keepDraft(agent, sent, "");
    if (!taken) setNote([text, draft(agent, written)].filter(Boolean).join("\n"));
    setBusy(false);
  };
  return { note, setNote, busy, addNote };
}

/** What is being written, kept by this browser until it is sent. */
function useDraft(agent: string, of: string, otherwise = () => ""): [string, (text: string) => void] {
  const [text, setText] = useState(() => draft(agent, of) || otherwise());
  const write = (written: string) => {
    setText(written);
    keepDraft(agent, of, written);
  };
  return [text, write];
}
