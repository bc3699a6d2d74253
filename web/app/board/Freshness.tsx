/** What moment the board stands for, and a warning when that is not now. */

import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { clockTimeToTheSecond } from "../format";
import type { Connection } from "../live/socket";
import { say } from "../strings";

/** The server says every 5 seconds that the board stands as it is. */
export const STALE_MS = 12_000;

interface Props {
  asOf: string;
  connection: Connection;
  now: number;
}

export function isStale({ asOf, connection, now }: Props): boolean {
  return connection.is !== "open" || now - Date.parse(asOf) > STALE_MS;
}

export function Freshness(props: Props) {
  const time = clockTimeToTheSecond(props.asOf);
  const stale = isStale(props);
  const words = props.connection.is === "open" ? say.board.stale(time) : say.board.reconnecting(time);
  return (
    <p className={stale ? "freshness stale tabular" : "freshness tabular"}>
      {stale ? <IconAlertTriangle size={16} aria-hidden /> : <IconCircleCheck size={16} aria-hidden />}
      {/* Said aloud when it ceases to be current, and not every second. */}
      <span role="status">{stale ? words : ""}</span>
      {!stale && <span>{say.board.asOf(time)}</span>}
    </p>
  );
}
