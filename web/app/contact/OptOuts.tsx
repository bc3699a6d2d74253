/** On which of their channels a contact may be written to: switched by whoever was told. */

import { Switch } from "@mantine/core";
import { useState } from "react";
import type { Contact } from "../live/protocol";
import { channelName, say } from "../strings";
import type { Change, Refusal } from "./use_contact";

interface Props {
  contact: Contact;
  act: Change;
  onRefused: (refusal: Refusal) => void;
}

export function OptOuts({ contact: { addresses, opted_out }, act, onRefused }: Props) {
  const [busy, setBusy] = useState<string | null>(null);
  const channels = [...new Set([...addresses.map(({ channel }) => channel), ...opted_out])];
  if (channels.length === 0) return null;
  const set = async (channel: string, may: boolean) => {
    setBusy(channel);
    const refusal = await act(may ? "DELETE" : "PUT", `/opt_outs/${channel}`);
    if (refusal) onRefused(refusal);
    setBusy(null);
  };
  return (
    <section aria-label={say.contact.mayBeWrittenTo}>
      <h3>{say.contact.mayBeWrittenTo}</h3>
      {channels.map((channel) => (
        <Switch
          key={channel}
          size="xs"
          mt={6}
          label={channelName(channel)}
          checked={!opted_out.includes(channel)}
          disabled={busy === channel}
          onChange={(event) => void set(channel, event.currentTarget.checked)}
        />
      ))}
    </section>
  );
}
