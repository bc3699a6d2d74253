/** The open board: which one, how current, the numbers, the agents, the gateways. */

import { Button, Tabs } from "@mantine/core";
import { IconMaximize, IconMinimize } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { Brand } from "../Brand";
import { useNow } from "../clock";
import { OwnMenu } from "../desk/Menu";
import type { BoardView, Id, Lens } from "../live/protocol";
import type { Connection } from "../live/socket";
import { say } from "../strings";
import { AgentsTable } from "./AgentsTable";
import { BehindDrawer, type Opened } from "./BehindDrawer";
import { Freshness, isStale } from "./Freshness";
import { Gateways } from "./Gateways";
import { Tiles } from "./Tiles";
import { tiles } from "./tiles";
import { useBoards } from "./use_boards";
import { useFullScreen } from "./use_full_screen";

const EVERYTHING = "everything";

interface Props {
  board: BoardView;
  scope: Id | null;
  connection: Connection;
  name: string;
  onSignOut: () => void;
}

export function OpenBoard({ board, scope, connection, name, onSignOut }: Props) {
  const boards = useBoards();
  const now = useNow(1_000);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [isFull, toggleFull] = useFullScreen();
  const shown = board.inboxes.find(({ id }) => id === board.inbox)?.name ?? say.board.everything;
  const { count } = board.tiles.waiting;
  useEffect(() => {
    document.title = say.board.pageTitle(shown, count);
  }, [shown, count]);
  const choose = (value: string | null) => {
    const inbox = value === EVERYTHING ? null : value;
    window.history.replaceState(null, "", inbox ? `/board?inbox=${inbox}` : "/board");
    setOpened(null);
    void boards.watch(inbox);
  };
  const open = (lens: Lens, label: string) => setOpened({ lens, label, agent: null });
  const freshness = { asOf: board.as_of, connection, now };
  const panel = (
    <>
      <Tiles tiles={tiles(board, now)} onOpen={open} />
      <div className="board-tables">
        <AgentsTable board={board} now={now} onOpen={(agent, label) => setOpened({ lens: "of_agent", agent, label })} />
        <Gateways gateways={board.gateways} now={now} />
      </div>
    </>
  );
  const tab = scope ?? EVERYTHING;
  return (
    <main className={isStale(freshness) ? "board stale" : "board"}>
      <Tabs value={tab} onChange={choose} keepMounted={false} className="board-body">
        <header className="board-head">
          <Brand />
          <h1 className="unseen">{say.board.title}</h1>
          <Freshness {...freshness} />
          <Button
            variant="default"
            size="compact-sm"
            leftSection={isFull ? <IconMinimize size={16} aria-hidden /> : <IconMaximize size={16} aria-hidden />}
            onClick={toggleFull}
          >
            {isFull ? say.board.leaveFullScreen : say.board.fullScreen}
          </Button>
          <OwnMenu name={name} elsewhere={{ label: say.menu.desk, href: "/desk" }} onSignOut={onSignOut} />
        </header>
        <Tabs.List aria-label={say.board.scopes} className="board-scopes">
          {[{ id: EVERYTHING, name: say.board.everything }, ...board.inboxes].map(({ id, name }) => (
            <Tabs.Tab key={id} value={id}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} className="board-panel">
          {panel}
        </Tabs.Panel>
      </Tabs>
      <BehindDrawer opened={opened} board={board} now={now} onClose={() => setOpened(null)} />
    </main>
  );
}
