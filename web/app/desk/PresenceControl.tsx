/** Online, break, offline: always visible. Going offline with work in hand asks first. */

import { Button, Group, Modal, SegmentedControl } from "@mantine/core";
import type { AgentRow, Presence } from "../live/protocol";
import { say } from "../strings";

const CHOICES = (["online", "break", "offline"] as const).map((value) => ({
  value,
  label: (
    <span className="presence-option">
      <span className={`dot ${value}`} aria-hidden />
      {say.presence.of[value]}
    </span>
  ),
}));

interface Props {
  agent: AgentRow | undefined;
  wanted: Presence | null;
  onChoose: (presence: Presence) => void;
}

export function PresenceControl({ agent, wanted, onChoose }: Props) {
  // Whoever was set to not responding has chosen none of the three: choosing one ends it.
  const shown = agent?.presence === "not_responding" ? "" : (agent?.presence ?? "offline");
  return (
    <div className="presence">
      <SegmentedControl
        fullWidth
        aria-label={say.presence.label}
        data={CHOICES}
        value={wanted ?? shown}
        onChange={(choice) => onChoose(choice as Presence)}
      />
      {agent && <p className="presence-slots tabular">{say.presence.slots(agent.in_use, agent.capacity)}</p>}
    </div>
  );
}

interface LeaveProps {
  /** How many conversations go back to their inboxes; 0 while nothing is asked. */
  holding: number;
  onCancel: () => void;
  onLeave: () => void;
}

export function LeaveDialog({ holding, onCancel, onLeave }: LeaveProps) {
  return (
    <Modal opened={holding > 0} onClose={onCancel} title={say.presence.leaveHeading}>
      {say.presence.leave(holding)}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onCancel}>
          {say.cancel}
        </Button>
        <Button data-autofocus onClick={onLeave}>
          {say.presence.leaveConfirm}
        </Button>
      </Group>
    </Modal>
  );
}
