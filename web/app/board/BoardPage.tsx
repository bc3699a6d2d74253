/** The supervisor's page: waits for the board to open, and keeps it on the screen when the session ends. */

import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import type { Me } from "../live/protocol";
import { Unreachable } from "../Opening";
import { SessionEnded } from "../SessionEnded";
import { say } from "../strings";
import { OpenBoard } from "./OpenBoard";
import { useBoards, useBoardsView } from "./use_boards";

export function BoardPage({ user, onSignOut }: { user: Me; onSignOut: () => void }) {
  const boards = useBoards();
  const { connection, board, scope, forbidden } = useBoardsView();
  const signedOut = connection.is === "signed_out";
  const firstTry = connection.is === "stopped" || (connection.is === "connecting" && connection.attempt === 0);
  return (
    <>
      {forbidden ? (
        <Forbidden />
      ) : board ? (
        <OpenBoard board={board} scope={scope} connection={connection} name={user.name} onSignOut={onSignOut} />
      ) : firstTry || connection.is === "open" || signedOut ? (
        <main className="sign-in" aria-busy="true">
          <p role="status">{say.board.loading}</p>
        </main>
      ) : (
        <Unreachable onRetry={() => boards.wake()} />
      )}
      <SessionEnded opened={signedOut} user={user} onBack={() => boards.connectNow()} />
    </>
  );
}

function Forbidden() {
  return (
    <main className="sign-in">
      <div className="blank" role="alert">
        <IconLock size={40} stroke={1.4} aria-hidden />
        <h2>{say.board.forbidden}</h2>
        <p>{say.board.forbiddenLead}</p>
        <Button mt="md" component="a" href="/desk">
          {say.board.toDesk}
        </Button>
      </div>
    </main>
  );
}
