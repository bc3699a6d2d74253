/** Ending an interaction asks for the reason, by mouse or by keyboard alone. */

import { Button, Group, Modal, Radio, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Id, Named } from "../live/protocol";
import { say } from "../strings";

interface Props {
  opened: boolean;
  name: string;
  reasons: readonly Named[];
  unanswered: boolean;
  busy: boolean;
  onClose: () => void;
  onEnd: (reason: Id) => void;
}

export function EndDialog({ opened, onClose, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={say.end.heading}>
      <ReasonForm onClose={onClose} {...rest} />
    </Modal>
  );
}

function ReasonForm({ name, reasons, unanswered, busy, onClose, onEnd }: Omit<Props, "opened">) {
  const [reason, setReason] = useState<Id | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason) onEnd(reason);
  };
  if (reasons.length === 0) return say.end.noReasons;
  return (
    <form onSubmit={submit}>
      <Radio.Group label={say.end.lead(name)} value={reason} onChange={setReason}>
        <Stack gap="sm" mt="md">
          {reasons.map(({ id, name: label }, index) => (
            <Radio key={id} value={id} label={label} data-autofocus={index === 0 || undefined} />
          ))}
        </Stack>
      </Radio.Group>
      {unanswered && (
        <p className="composer-note" style={{ marginTop: 16 }}>
          {say.end.unanswered}
        </p>
      )}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {say.cancel}
        </Button>
        <Button type="submit" disabled={!reason} loading={busy}>
          {say.end.submit}
        </Button>
      </Group>
    </form>
  );
}
