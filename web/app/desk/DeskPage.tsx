/** The agent's page. */

import { LivePage } from "../LivePage";
import type { Me } from "../live/protocol";
import { Opening } from "../Opening";
import { OpenDesk } from "./OpenDesk";
import { useDesk, useView } from "./use_desk";

export function DeskPage({ user, onSignOut }: { user: Me; onSignOut: () => void }) {
  const view = useView();
  return (
    <LivePage live={useDesk()} connection={view.connection} user={user} opening={<Opening />}>
      {view.state && <OpenDesk {...view} state={view.state} onSignOut={onSignOut} />}
    </LivePage>
  );
}
