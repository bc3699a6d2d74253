/** A message as a bubble: the server's, or one still on its way there. Both look the same, so nothing jumps. */

import { Button } from "@mantine/core";
import { memo, type ReactNode } from "react";
import { clockTime } from "../format";
import type { Unsent } from "../live/outbox";
import type { Content, Direction, MessageEntry, Time } from "../live/protocol";
import { refusalReason } from "../refusals";
import { say } from "../strings";
import { type Delivery, lineId } from "./lines";
import { Tick } from "./Tick";

interface MessageProps {
  message: MessageEntry;
  delivery: Delivery | null;
  first: boolean;
  author: string;
  /** It is what somebody looked for. */
  found: boolean;
}

export const Message = memo(function Message({ message, delivery, first, author, found }: MessageProps) {
  const outbound = message.direction === "outbound";
  const shown = outbound ? (delivery ?? { status: "queued" as const, reason: null }) : null;
  const trouble = shown && TROUBLE[shown.status];
  return (
    <Bubble
      id={lineId(message.message)}
      direction={message.direction}
      first={first}
      author={author}
      named={outbound && author !== say.you}
      at={message.at}
      tick={shown && <Tick status={shown.status} />}
      look={[trouble === "red" && "broken", found && "found"].filter(Boolean).join(" ")}
      trouble={
        shown &&
        trouble && (
          <div className={`message-trouble ${trouble}`}>
            {shown.status === "failed" ? say.delivery.failed(shown.reason) : said(shown)}
          </div>
        )
      }
    >
      <Said content={message.content} />
    </Bubble>
  );
});

const TROUBLE: Partial<Record<Delivery["status"], "red" | "amber">> = {
  failed: "red",
  indeterminate: "amber",
  deferred: "amber",
};

interface UnsentProps {
  unsent: Unsent;
  first: boolean;
  onRetry: (message: string) => void;
  onDiscard: (message: string) => void;
}

export function UnsentMessage({ unsent, first, onRetry, onDiscard }: UnsentProps) {
  const { state } = unsent;
  const refused = state.is === "refused";
  const label = state.is === "waiting" ? say.delivery.waiting : say.delivery.of.sending;
  return (
    <Bubble
      direction="outbound"
      first={first}
      author={say.you}
      named={false}
      at={unsent.at}
      tick={refused ? <Tick status="failed" /> : <Tick status="sending" label={label} />}
      look={refused ? "broken" : "unsettled"}
      trouble={
        refused && (
          <div className="message-trouble" role="alert">
            {say.delivery.refused(refusalReason(state))}
            <Button size="compact-xs" variant="default" onClick={() => onRetry(unsent.message)}>
              {say.retry}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => onDiscard(unsent.message)}>
              {say.delivery.discard}
            </Button>
          </div>
        )
      }
    >
      {unsent.text}
    </Bubble>
  );
}

interface BubbleProps {
  id?: string;
  direction: Direction;
  first: boolean;
  author: string;
  named: boolean;
  at: Time;
  tick: ReactNode;
  look: string;
  trouble: ReactNode;
  children: ReactNode;
}

function Bubble({ id, direction, first, author, named, at, tick, look, trouble, children }: BubbleProps) {
  return (
    <div id={id} className={`message ${direction}${first ? " first" : ""}`}>
      {first && named && (
        <span className="message-author" aria-hidden>
          {author}
        </span>
      )}
      <div className={`bubble ${look}`}>
        <span className="unseen">{author}: </span>
        {children}
        <span className="bubble-meta tabular">
          <time dateTime={at}>{clockTime(at)}</time>
          {tick}
        </span>
      </div>
      {trouble}
    </div>
  );
}

function Said({ content }: { content: Content }) {
  if (content.is === "text") return content.text;
  const note = content.is === "erased" ? say.conversation.erased : say.conversation.unsupported(content.type);
  return <span className="bubble-note">{note}</span>;
}

function said({ status, reason }: Delivery): string {
  return reason ? `${say.delivery.of[status]}: ${reason}` : say.delivery.of[status];
}
