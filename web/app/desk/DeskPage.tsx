/** The agent's page: waits for the desk to open, and keeps it on the screen when the session ends. */

import { Modal } from "@mantine/core";
import type { Me } from "../live/protocol";
import { Opening, Unreachable } from "../Opening";
import { SignInForm } from "../SignInPage";
import { say } from "../strings";
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
  // Somebody else at this browser gets a page of their own, never the rest of this one.
  const back = (who: Me) => (who.id === user.id ? desk.connectNow() : window.location.reload());
  return (
    <>
      {state ? (
        <OpenDesk connection={connection} state={state} unsent={unsent} onSignOut={onSignOut} />
      ) : firstTry || connection.is === "open" || signedOut ? (
        <Opening />
      ) : (
        <Unreachable onRetry={() => desk.wake()} />
      )}
      <Modal opened={signedOut} onClose={() => {}} withCloseButton={false} title={say.signIn.expired}>
        <p style={{ marginTop: 0 }}>{say.signIn.expiredLead}</p>
        <SignInForm login={user.login} onSignedIn={back} />
      </Modal>
    </>
  );
}
