/** The supervisor's page. */

import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { LivePage } from "../LivePage";
import type { Me } from "../live/protocol";
import { Notice } from "../Notice";
import { say } from "../strings";
import { OpenBoard } from "./OpenBoard";
import { useBoards, useBoardsView } from "./use_boards";

export function BoardPage({ user, onSignOut }: { user: Me; onSignOut: () => void }) {
  const { connection, board, scope, forbidden } = useBoardsView();
  return (
    <LivePage live={useBoards()} connection={connection} user={user} opening={<Loading />}>
      {forbidden ? (
        <Forbidden />
      ) : (
        board && (
          <OpenBoard board={board} scope={scope} connection={connection} name={user.name} onSignOut={onSignOut} />
        )
      )}
    </LivePage>
  );
}

function Loading() {
  return (
    <main className="sign-in" aria-busy="true">
      <p role="status">{say.board.loading}</p>
    </main>
  );
}

function Forbidden() {
  return (
    <Notice icon={IconLock} heading={say.board.forbidden} lead={say.board.forbiddenLead}>
      <Button mt="md" component="a" href="/desk">
        {say.board.toDesk}
      </Button>
    </Notice>
  );
}
