/** Over a page whose session has ended: what is on the screen stays, and whoever signs in goes on. */

import { Modal } from "@mantine/core";
import type { Me } from "./live/protocol";
import { SignInForm } from "./SignInPage";
import { say } from "./strings";

export function SessionEnded({ opened, user, onBack }: { opened: boolean; user: Me; onBack: () => void }) {
  // Somebody else at this browser gets a page of their own, never the rest of this one.
  const back = (who: Me) => (who.id === user.id ? onBack() : window.location.reload());
  return (
    <Modal opened={opened} onClose={() => {}} withCloseButton={false} title={say.signIn.expired}>
      <p style={{ marginTop: 0 }}>{say.signIn.expiredLead}</p>
      <SignInForm login={user.login} onSignedIn={back} />
    </Modal>
  );
}
