/** Says who else is the same person: looked for by name, address or number, and picked. */

import { Button, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { contactAddress, contactName } from "../desk/sorted_lists";
import { useSearch } from "../history/use_search";
import type { Contact, Hit, Id } from "../live/protocol";
import { channelName, say, wrongWith } from "../strings";

const words = say.contact;

interface Props {
  opened: boolean;
  contact: Contact;
  /** Says why not, or null where it is done. */
  onLink: (to: Id) => Promise<string | null>;
  onClose: () => void;
}

export function LinkDialog({ opened, onClose, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={words.linkHeading}>
      <Picking onClose={onClose} {...rest} />
    </Modal>
  );
}

function Picking({ contact, onLink, onClose }: Omit<Props, "opened">) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState<Id | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const { found, search } = useSearch({ contact: typed }, true);
  const people = others(found.hits, contact);
  const link = async (to: Id) => {
    setBusy(to);
    const refusal = await onLink(to);
    setBusy(null);
    setRefused(refusal);
    if (!refusal) onClose();
  };
  return (
    <>
      <p className="soft">{words.linkLead(contact.name ?? say.conversation.unnamed)}</p>
      <TextInput
        mt="sm"
        label={words.linkSearch}
        value={typed}
        maxLength={200}
        error={wrongWith(found.wrong, "contact")}
        data-autofocus
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {refused && (
        <p role="alert" className="refused">
          {refused}
        </p>
      )}
      <ul className="people" aria-label={words.linkFound}>
        {people.map(({ id, name, about }) => (
          <li key={id} className="linked">
            <span>
              {name}
              <span className="address tabular soft">{about}</span>
            </span>
            <Button
              variant="default"
              size="compact-sm"
              flex="none"
              loading={busy === id}
              aria-label={words.linkWith(name)}
              onClick={() => void link(id)}
            >
              {words.link}
            </Button>
          </li>
        ))}
      </ul>
      <p role="status" className="soft">
        {found.is === "searching" && words.linkSearching}
        {found.is === "found" && people.length === 0 && words.linkNobody}
      </p>
      {found.is === "failed" && (
        <div role="alert" className="soft">
          {words.linkFailed}{" "}
          <Button variant="default" size="compact-xs" onClick={() => search.again()}>
            {say.retry}
          </Button>
        </div>
      )}
      {found.next !== null && (
        <Button variant="subtle" size="compact-sm" loading={found.more === "asked"} onClick={() => void search.more()}>
          {words.more}
        </Button>
      )}
    </>
  );
}

/** Each contact of what was found once, without who is this person already. */
function others(hits: readonly Hit[], contact: Contact): { id: Id; name: string; about: string }[] {
  const known = new Set([contact.id, ...contact.linked.map(({ id }) => id)]);
  return hits.flatMap((hit) => {
    const { id } = hit.contact;
    if (known.has(id)) return [];
    known.add(id);
    const name = contactName(hit);
    const address = hit.contact.name ? contactAddress(hit) : null;
    return [{ id, name, about: [address, channelName(hit.channel)].filter(Boolean).join(" · ") }];
  });
}
