/** How far a message has come, as a sign with its name. */

import {
  IconAlertCircle,
  IconCheck,
  IconChecks,
  IconCircleOff,
  IconClock,
  IconHelpCircle,
  IconHistory,
} from "@tabler/icons-react";
import type { Status } from "../live/protocol";
import { say } from "../strings";

const SIGNS: Record<Status, [typeof IconCheck, string]> = {
  queued: [IconClock, ""],
  sending: [IconClock, ""],
  deferred: [IconHistory, "amber"],
  indeterminate: [IconHelpCircle, "amber"],
  submitted: [IconCheck, ""],
  sent: [IconCheck, ""],
  delivered: [IconChecks, ""],
  read: [IconChecks, "read"],
  failed: [IconAlertCircle, "red"],
  discarded: [IconCircleOff, ""],
};

export function Tick({ status, label = say.delivery.of[status] }: { status: Status; label?: string }) {
  const [Icon, tone] = SIGNS[status];
  return (
    <span className={`tick ${tone}`} role="img" aria-label={label} title={label}>
      <Icon size={15} stroke={2} aria-hidden />
    </span>
  );
}
