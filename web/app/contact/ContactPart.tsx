/** What is known of the contact: addresses, properties, who is the same person, and what was said elsewhere. */

import { Button, Skeleton } from "@mantine/core";
import { IconLink } from "@tabler/icons-react";
import { useState } from "react";
import { serverNow } from "../clock";
import { readableAddress } from "../desk/sorted_lists";
import { past } from "../format";
import type { Contact, ContactConversation, Id, Summary } from "../live/protocol";
import { refusalReason } from "../refusals";
import { channelName, say } from "../strings";
import { LinkDialog } from "./LinkDialog";
import { OptOuts } from "./OptOuts";
import { Properties } from "./Properties";
import type { OneContact, Refusal } from "./use_contact";

const words = say.contact;

interface Props {
  summary: Summary;
  about: OneContact;
  onOpen: (conversation: Id) => void;
  toast: (text: string) => void;
}

export function ContactPart({ summary, about: { known, again, act, more }, onOpen, toast }: Props) {
  const [linking, setLinking] = useState(false);
  const [asking, setAsking] = useState(false);
  if (known.is === "loading") {
    return (
      <div role="status">
        <span className="unseen">{words.loading}</span>
        <Skeleton height={12} width="60%" />
        <Skeleton height={12} mt={10} width="80%" />
      </div>
    );
  }
  if (known.is === "failed") {
    return (
      <div role="alert" className="soft">
        {words.failed}
        <Button variant="default" size="compact-xs" mt={6} display="block" onClick={again}>
          {say.retry}
        </Button>
      </div>
    );
  }
  const { contact } = known;
  const refused = (refusal: Refusal) => toast(words.refused(why(refusal)));
  const unlink = async (from: Id) => {
    const refusal = await act("DELETE", `/links/${from}`);
    if (refusal) refused(refusal);
  };
  const link = async (to: Id) => {
    const refusal = await act("POST", "/links", { to });
    return refusal && words.notLinked(why(refusal));
  };
  const showMore = async () => {
    setAsking(true);
    if (!(await more())) toast(words.moreFailed);
    setAsking(false);
  };
  const others = known.conversations.filter(({ conversation }) => conversation !== summary.conversation);
  return (
    <>
      {contact.opted_out.length > 0 && (
        <p className="opted-out">{words.optedOut(contact.opted_out.map(channelName).join(", "))}</p>
      )}
      <section aria-label={words.addresses}>
        <h3>{words.addresses}</h3>
        <Addresses of={contact.addresses} />
      </section>
      <OptOuts contact={contact} act={act} onRefused={refused} />
      <Properties properties={contact.properties} act={act} onRefused={refused} />
      <section aria-label={words.linked}>
        <h3>{words.linked}</h3>
        {contact.linked.length > 0 && (
          <ul>
            {contact.linked.map((other) => (
              <li key={other.id} className="linked">
                <span>
                  {other.name}
                  <Addresses of={other.addresses} />
                </span>
                {other.linked_to.includes(contact.id) && (
                  <Button
                    variant="default"
                    size="compact-xs"
                    flex="none"
                    aria-label={words.unlinkFrom(linkedName(other))}
                    onClick={() => void unlink(other.id)}
                  >
                    {words.unlink}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
        {contact.state === "known" && (
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<IconLink size={13} aria-hidden />}
            onClick={() => setLinking(true)}
          >
            {words.linkAnother}
          </Button>
        )}
        <LinkDialog opened={linking} contact={contact} onLink={link} onClose={() => setLinking(false)} />
      </section>
      {others.length > 0 && (
        <section aria-label={words.earlier}>
          <h3>{words.earlier}</h3>
          <ul>
            {others.map((one) => (
              <li key={one.conversation}>
                <button type="button" className="earlier" onClick={() => onOpen(one.conversation)}>
                  {[channelName(one.channel), one.inbox.name].join(" · ")}
                  <span className="soft tabular">{told(one, contact)}</span>
                </button>
              </li>
            ))}
          </ul>
          {known.next !== null && (
            <Button variant="subtle" size="compact-xs" mt={4} loading={asking} onClick={() => void showMore()}>
              {words.more}
            </Button>
          )}
        </section>
      )}
    </>
  );
}

function why(refusal: Refusal): string {
  return refusal === "unreachable" ? words.unreachable : refusalReason(refusal);
}

/** The provider's own id of a person says something only where nothing else is known. */
function Addresses({ of }: { of: Contact["addresses"] }) {
  const told = of.filter(({ kind }) => kind !== "user");
  return (told.length > 0 ? told : of).map(({ channel, kind, value }) => (
    <div key={`${channel} ${kind} ${value}`} className="address tabular">
      {readableAddress(value)} <span className="soft">· {channelName(channel)}</span>
    </div>
  ));
}

/** How it stands with a conversation, and with whom it was if that is another contact. */
function told({ contact, state, reason, agent, last_at, interactions }: ContactConversation, of: Contact): string {
  const other = of.linked.find(({ id }) => id === contact);
  const how = reason?.name ?? say.history.states[state] ?? state;
  const parts = [other && linkedName(other), how, agent?.name, words.count(interactions), past(last_at, serverNow())];
  return parts.filter(Boolean).join(" · ");
}

function linkedName({ name, addresses }: Contact["linked"][number]): string {
  return name ?? (addresses[0] ? readableAddress(addresses[0].value) : say.conversation.unnamed);
}
