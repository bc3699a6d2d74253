/** A page that lives by a socket: waits for it to open, and keeps it on the screen when the session ends. */

import { Button } from "@mantine/core";
import { IconCloudOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Live } from "./live/live";
import type { Me } from "./live/protocol";
import type { Connection } from "./live/socket";
import { Notice } from "./Notice";
import { SessionEnded } from "./SessionEnded";
import { say } from "./strings";

interface Props {
  live: Pick<Live<never>, "wake" | "connectNow">;
  connection: Connection;
  user: Me;
  /** What stands there until there is something to show. */
  opening: ReactNode;
  /** The page, once there is something to show. */
  children: ReactNode;
}

export function LivePage({ live, connection, user, opening, children }: Props) {
  const signedOut = connection.is === "signed_out";
  const firstTry = connection.is === "stopped" || (connection.is === "connecting" && connection.attempt === 0);
  const waits = firstTry || connection.is === "open" || signedOut;
  return (
    <>
      {children ?? (waits ? opening : <Unreachable onRetry={() => live.wake()} />)}
      <SessionEnded opened={signedOut} user={user} onBack={() => live.connectNow()} />
    </>
  );
}

export function Unreachable({ onRetry }: { onRetry: () => void }) {
  return (
    <Notice icon={IconCloudOff} heading={say.connection.failed} lead={say.connection.failedLead}>
      <Button mt="md" onClick={onRetry}>
        {say.connection.now}
      </Button>
    </Notice>
  );
}
