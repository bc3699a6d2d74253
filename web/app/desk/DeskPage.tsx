/** The agent's page. */

import { LivePage } from "../LivePage";
import type { Me } from "../live/protocol";
import { Opening } from "../Opening";
import { OpenDesk } from "./OpenDesk";
import { useDesk, useView } from "./use_desk";

export function DeskPage({ user, onSignOut }: { user: Me; onSignOut: () => void }) {
  const { connection, state, unsent } = useView();
  return (
    <LivePage live={useDesk()} connection={connection} user={user} opening={<Opening />}>
      {state && <OpenDesk connection={connection} state={state} unsent={unsent} onSignOut={onSignOut} />}
    </LivePage>
  );
}
