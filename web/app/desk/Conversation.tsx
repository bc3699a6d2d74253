/** The open conversation: who it is, what was said, and what to answer. */

import { ActionIcon, Button, Drawer } from "@mantine/core";
import { IconArrowBackUp, IconArrowLeft, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import { useCallback, useState } from "react";
import { useNow } from "../clock";
import { useContact } from "../contact/use_contact";
import type { DeskState } from "../live/fold";
import type { Unsent } from "../live/outbox";
import type { Id, Summary } from "../live/protocol";
import { channelName, say } from "../strings";
import { Composer } from "./Composer";
import { Details, DetailsContent } from "./Details";
import { blocked, mayEnd, mayRetake } from "./permission";
import type { Spot } from "./place";
import { Face } from "./Row";
import { contactAddress, contactName } from "./sorted_lists";
import { Timeline } from "./Timeline";
import type { Actions } from "./use_actions";
import { useDesk } from "./use_desk";
import { WindowClock } from "./WindowClock";

interface Props {
  summary: Summary;
  state: DeskState;
  unsent: readonly Unsent[];
  connected: boolean;
  /** Where in it to begin reading. */
  spot: Spot | null;
  actions: Actions;
  wanted: string | null;
  onFocused: () => void;
  onBack: () => void;
  onEnd: () => void;
  onRetake: () => void;
  onOpen: (conversation: Id, spot: Spot | null) => void;
  toast: (text: string) => void;
}

export function Conversation({ summary, state, unsent, connected, spot, wanted, ...rest }: Props) {
  const { actions, toast, onFocused, onBack, onEnd, onRetake, onOpen } = rest;
  const [detailed, setDetailed] = useState(false);
  const { contact, interaction, owner, channel } = summary;
  const optedOutSince = unsent.filter(({ state }) => state.is === "refused" && state.code === "opted_out").length;
  // Also whoever has it, and the name that an erasure takes away.
  const stands = [interaction, owner.is, owner.is === "agent" && owner.agent, contact.name, contact.address];
  const about = useContact(contact.id, `${stands.join(" ")} ${optedOutSince}`);
  const optedOut = about.known.is === "known" && about.known.contact.opted_out.includes(channel);
  const details = { summary, state, about, actions, toast, onOpen };
  const desk = useDesk();
  const onEarlier = useCallback(() => void desk.earlier(), [desk]);
  const now = useNow(5_000);
  const name = contactName(summary);
  const { me } = state;
  const subtitle = [summary.contact.name && contactAddress(summary), channelName(summary.channel)];
  return (
    <div className="pane with-details">
      <main className="conversation" aria-label={name}>
        <header className="conversation-head">
          <ActionIcon className="back" variant="default" size="lg" aria-label={say.conversation.back} onClick={onBack}>
            <IconArrowLeft size={18} aria-hidden />
          </ActionIcon>
          <Face name={name} channel={summary.channel} contact={summary.contact.id} />
          <div className="conversation-title">
            <h1>{name}</h1>
            <p>{subtitle.filter(Boolean).join(" · ")}</p>
          </div>
          {summary.window_until && <WindowClock until={summary.window_until} />}
          {mayRetake(summary, state) && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={17} aria-hidden />}
              onClick={onRetake}
              loading={actions.retaking}
              disabled={!connected}
            >
              {say.conversation.retake}
            </Button>
          )}
          {mayEnd(summary, state) && (
            <Button
              variant="default"
              leftSection={<IconCircleCheck size={17} aria-hidden />}
              onClick={onEnd}
              disabled={!connected}
            >
              {say.conversation.end}
            </Button>
          )}
          <ActionIcon
            className="show-details"
            variant="default"
            size="lg"
            aria-label={say.details.show}
            title={say.details.show}
            onClick={() => setDetailed(true)}
          >
            <IconInfoCircle size={18} aria-hidden />
          </ActionIcon>
        </header>
        <Timeline
          key={summary.conversation}
          summary={summary}
          state={state}
          unsent={unsent}
          connected={connected}
          spot={spot}
          onRetry={() => desk.readAgain()}
          onEarlier={onEarlier}
          onRetryMessage={(message) => desk.retry(message)}
          onDiscardMessage={(message) => desk.discard(message)}
        />
        <Composer
          key={`composer-${summary.conversation}`}
          summary={summary}
          agent={me.id}
          blocked={blocked(summary, state, now) ?? (optedOut ? say.composer.optedOut(channelName(channel)) : null)}
          connected={connected}
          online={(state.agents.get(me.id)?.presence ?? "offline") === "online"}
          wanted={wanted}
          onFocused={onFocused}
          onSend={(text) => desk.reply(summary.conversation, text)}
          onNote={(text) => actions.note(summary.conversation, text)}
        />
      </main>
      <Details {...details} />
      <Drawer
        opened={detailed}
        onClose={() => setDetailed(false)}
        position="right"
        size={340}
        title={say.details.label}
        classNames={{ body: "details-body" }}
      >
        <DetailsContent
          {...details}
          onOpen={(conversation, spot) => {
            setDetailed(false);
            onOpen(conversation, spot);
          }}
        />
      </Drawer>
    </div>
  );
}
