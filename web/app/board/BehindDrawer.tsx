/** The interactions behind a number. Each leads to its conversation, to be watched. */

import { Drawer, Skeleton } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { contactName } from "../desk/sorted_lists";
import { clockTime, duration, remaining } from "../format";
import type { Behind, BoardView, Id, Lens, Summary } from "../live/protocol";
import { channelName, say } from "../strings";
import { useBoards } from "./use_boards";

/** A list that is open is asked for again so long after the board has changed. */
const REFRESH_MS = 1_000;

export interface Opened {
  lens: Lens;
  agent: Id | null;
  label: string;
}

interface Props {
  opened: Opened | null;
  board: BoardView;
  now: number;
  onClose: () => void;
}

export function BehindDrawer({ opened, board, now, onClose }: Props) {
  return (
    <Drawer opened={opened !== null} onClose={onClose} position="right" size="md" title={opened?.label}>
      {opened && <List key={`${opened.lens} ${opened.agent}`} opened={opened} board={board} now={now} />}
    </Drawer>
  );
}

function List({ opened, board, now }: { opened: Opened; board: BoardView; now: number }) {
  const { behind, failed } = useBehind(opened, board);
  const words = say.board.behind;
  if (failed) return <p role="alert">{words.failed}</p>;
  if (!behind) return <Skeleton height={120} />;
  if (behind.items.length === 0) return <p>{words.nothing}</p>;
  return (
    <>
      <p className="soft tabular">
        {words.count(behind.count)}
        {behind.items.length < behind.count && `. ${words.first(behind.items.length)}`}
      </p>
      <ul className="behind">
        {behind.items.map((summary) => (
          <li key={summary.conversation}>
            <a href={`/desk/${summary.conversation}`} target="_blank" rel="noopener">
              <span className="behind-name">
                {contactName(summary)}
                <IconExternalLink size={15} aria-hidden />
                <span className="unseen"> ({words.opens})</span>
              </span>
              <span className="soft tabular">{told(summary, board, now)}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function told(summary: Summary, board: BoardView, now: number): string {
  const words = say.board.behind;
  const name = (agent: Id) => board.agents.find(({ id }) => id === agent)?.name ?? say.conversation.somebody;
  const parts = [channelName(summary.channel)];
  const inbox = board.inboxes.find(({ id }) => id === summary.inbox);
  if (inbox && board.inbox === null) parts.push(inbox.name);
  const { owner, sla } = summary;
  if (owner.is === "queue") parts.push(words.waits(duration(now - Date.parse(owner.since))));
  if (owner.is === "offered") parts.push(words.offered(owner.offers.map(({ agent }) => name(agent)).join(", ")));
  if (owner.is === "agent") parts.push(words.with(name(owner.agent)));
  if (owner.is === "flow") parts.push(words.with(say.conversation.flow));
  if (owner.is === "nobody") parts.push(words.ended(clockTime(owner.at)));
  if (sla) parts.push(words.due(dueIn(Date.parse(sla.due) - now, sla.due)));
  return parts.join(" · ");
}

function dueIn(left: number, at: string): string {
  return left > 0 ? remaining(left) : clockTime(at);
}

function useBehind({ lens, agent }: Opened, { tiles }: BoardView): { behind: Behind | null; failed: boolean } {
  const boards = useBoards();
  const [state, setState] = useState<{ behind: Behind | null; failed: boolean }>({ behind: null, failed: false });
  const first = state.behind === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever a number has changed, so may have the list
  useEffect(() => {
    let wanted = true;
    const ask = () =>
      boards.behind(lens, agent).then(
        (behind) => wanted && setState({ behind, failed: false }),
        () => wanted && setState((before) => ({ ...before, failed: before.behind === null })),
      );
    const timer = setTimeout(ask, first ? 0 : REFRESH_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [boards, lens, agent, tiles]);
  return state;
}
