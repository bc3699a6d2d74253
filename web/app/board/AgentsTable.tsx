/** The agents: what each is doing, and for how long. */

import { timer } from "../format";
import type { AgentState, BoardAgent, BoardView, Id } from "../live/protocol";
import { say } from "../strings";
import { Table } from "./Table";

/** Whoever needs a look comes first. */
const ORDER: AgentState[] = [
  "not_responding",
  "disconnected",
  "offered",
  "busy",
  "wrapping_up",
  "available",
  "break",
  "offline",
];

interface Props {
  board: BoardView;
  now: number;
  onOpen: (agent: Id, name: string) => void;
}

export function AgentsTable({ board, now, onOpen }: Props) {
  const words = say.board.agents;
  const { people } = board.tiles;
  const counts: [AgentState, number][] = ORDER.map((state) => [
    state,
    state === "break" ? people.on_break : people[state],
  ]);
  return (
    <Table
      heading={words.heading}
      means={words.means}
      lead={
        <ul className="states tabular">
          {counts
            .filter(([, count]) => count > 0)
            .map(([state, count]) => (
              <li key={state}>
                <StateDot state={state} />
                {words.of[state]} {count}
              </li>
            ))}
        </ul>
      }
      columns={[
        { name: words.name },
        { name: words.state },
        ...[words.since, words.interactions, words.asked, words.slots].map((name) => ({ name, figure: true })),
      ]}
      empty={words.nobody}
    >
      {sorted(board.agents).map((agent) => (
        <tr key={agent.id} data-state={agent.state}>
          <th scope="row">{agent.name}</th>
          <td>
            <StateDot state={agent.state} />
            {words.of[agent.state]}
            {agent.reason && <span className="soft"> · {agent.reason}</span>}
          </td>
          <td className="figure">{timer(now - Date.parse(agent.since))}</td>
          <td className="figure">
            {agent.interactions > 0 ? (
              <button
                type="button"
                aria-label={say.board.show(words.shows(agent.name), String(agent.interactions))}
                onClick={() => onOpen(agent.id, words.shows(agent.name))}
              >
                {agent.interactions}
              </button>
            ) : (
              0
            )}
          </td>
          <td className="figure">{agent.asked}</td>
          <td className="figure">{words.inUse(agent.slots_in_use, agent.slots)}</td>
        </tr>
      ))}
    </Table>
  );
}

/** By state, and within it whoever has been in it longest. */
export function sorted(agents: BoardAgent[]): BoardAgent[] {
  return [...agents].sort(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.since.localeCompare(b.since) || a.id.localeCompare(b.id),
  );
}

function StateDot({ state }: { state: AgentState }) {
  return <span className={`dot ${state}`} aria-hidden />;
}
