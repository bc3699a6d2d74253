/** The agent's page: waits for the desk to open, and keeps it on the screen when the session ends. */

import type { Me } from "../live/protocol";
import { Opening, Unreachable } from "../Opening";
import { SessionEnded } from "../SessionEnded";
import { OpenDesk } from "./OpenDesk";
import { useDesk, useView } from "./use_desk";

interface Props {
  user: Me;
  onSignOut: () => void;
}

export function DeskPage({ user, onSignOut }: Props) {
  const desk = useDesk();
  const { connection, state, unsent } = useView();
  const firstTry = connection.is === "stopped" || (connection.is === "connecting" && connection.attempt === 0);
  const signedOut = connection.is === "signed_out";
  return (
    <>
      {state ? (
        <OpenDesk connection={connection} state={state} unsent={unsent} onSignOut={onSignOut} />
      ) : firstTry || connection.is === "open" || signedOut ? (
        <Opening />
      ) : (
        <Unreachable onRetry={() => desk.wake()} />
      )}
      <SessionEnded opened={signedOut} user={user} onBack={() => desk.connectNow()} />
    </>
  );
}
