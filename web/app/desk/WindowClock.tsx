/** How long a reply is still allowed: calm, then amber, then red, each with its words. */

import { IconAlertTriangle, IconClockHour4 } from "@tabler/icons-react";
import { useNow } from "../clock";
import { dayAndTime, remaining } from "../format";
import type { Time } from "../live/protocol";
import { say } from "../strings";

const SOON_MS = 2 * 3_600_000;
const VERY_SOON_MS = 15 * 60_000;

export function WindowClock({ until }: { until: Time }) {
  const now = useNow(1_000);
  const left = Date.parse(until) - now;
  const tone = left < VERY_SOON_MS ? "red" : left < SOON_MS ? "amber" : "";
  const Icon = tone ? IconAlertTriangle : IconClockHour4;
  return (
    <span className={`window tabular ${tone}`} title={say.window.until(dayAndTime(until))}>
      <Icon size={15} aria-hidden />
      {left > 0 ? (
        <span>
          <span className="window-label">{say.window.label} </span>
          {say.window.open(remaining(left))}
        </span>
      ) : (
        say.window.closed
      )}
    </span>
  );
}
