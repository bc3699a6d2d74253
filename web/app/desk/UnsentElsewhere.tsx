/** Refused replies of conversations that are not open: none may go unnoticed. */

import { Button } from "@mantine/core";
import type { DeskState } from "../live/fold";
import type { Unsent } from "../live/outbox";
import type { Id } from "../live/protocol";
import { refusalReason } from "../refusals";
import { say } from "../strings";
import { contactName } from "./sorted_lists";

interface Props {
  unsent: readonly Unsent[];
  selected: Id | null;
  state: DeskState;
  onOpen: (conversation: Id) => void;
  onDiscard: (message: Id) => void;
}

export function UnsentElsewhere({ unsent, selected, state, onOpen, onDiscard }: Props) {
  return (
    <>
      {unsent.map(({ message, conversation, text, state: sending }) => {
        const summary = state.conversations.get(conversation);
        if (sending.is !== "refused" || (conversation === selected && summary)) return null;
        const name = summary ? contactName(summary) : say.delivery.goneContact;
        return (
          <div key={message} className="unsent-note" role="alert">
            <p>{say.delivery.refusedTo(name, refusalReason(sending))}</p>
            <p className="unsent-text">{text}</p>
            {summary && (
              <Button size="compact-xs" variant="default" onClick={() => onOpen(conversation)}>
                {say.delivery.open}
              </Button>
            )}
            <Button size="compact-xs" variant="default" onClick={() => onDiscard(message)}>
              {say.delivery.discard}
            </Button>
          </div>
        );
      })}
    </>
  );
}
