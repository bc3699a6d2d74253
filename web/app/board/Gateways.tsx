/** The gateways' lights. A light is a colour, a sign and a word. */

import { IconAlertTriangle, IconCircleCheck, IconCircleMinus, IconCircleX } from "@tabler/icons-react";
import { duration } from "../format";
import type { BoardGateway } from "../live/protocol";
import { channelName, say } from "../strings";
import { Means } from "./Tiles";

type Light = "good" | "idle" | "amber" | "red";

const SIGNS = { good: IconCircleCheck, idle: IconCircleMinus, amber: IconAlertTriangle, red: IconCircleX };
const LIGHT_IN: Record<BoardGateway["in"], Light> = { connected: "good", parked: "amber", retired: "idle" };
const LIGHT_OUT: Record<BoardGateway["out"], Light> = { idle: "idle", good: "good", trouble: "amber", failing: "red" };

export function Gateways({ gateways, now }: { gateways: BoardGateway[]; now: number }) {
  const words = say.board.gateways;
  return (
    <section className="board-table" aria-label={words.heading}>
      <h2>
        {words.heading}
        <Means label={words.heading} means={words.means} />
      </h2>
      {gateways.length === 0 ? (
        <p className="board-empty">{words.nothing}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{words.name}</th>
              <th scope="col">{words.in}</th>
              <th scope="col">{words.out}</th>
              <th scope="col" className="figure">
                {words.last}
              </th>
            </tr>
          </thead>
          <tbody>
            {gateways.map((gateway) => (
              <tr key={gateway.id}>
                <th scope="row">
                  {gateway.name}
                  <span className="soft"> · {channelName(gateway.channel)}</span>
                </th>
                <td>
                  <LightSign light={LIGHT_IN[gateway.in]} text={words.lightIn[gateway.in]} />
                </td>
                <td title={words.attempts(gateway.taken, gateway.troubled)}>
                  <LightSign light={LIGHT_OUT[gateway.out]} text={words.lightOut[gateway.out]} />
                </td>
                <td className="figure">
                  {gateway.received_at ? words.ago(duration(now - Date.parse(gateway.received_at))) : words.never}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function LightSign({ light, text }: { light: Light; text: string }) {
  const Sign = SIGNS[light];
  return (
    <span className={`light ${light}`}>
      <Sign size={17} aria-hidden />
      {text}
    </span>
  );
}
