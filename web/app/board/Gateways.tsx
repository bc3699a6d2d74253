/** The gateways' lights. A light is a colour, a sign and a word. */

import { IconAlertTriangle, IconCircleCheck, IconCircleMinus, IconCircleX } from "@tabler/icons-react";
import { duration } from "../format";
import type { BoardGateway } from "../live/protocol";
import { channelName, say } from "../strings";
import { Table } from "./Table";

type Light = "good" | "idle" | "amber" | "red";

const SIGNS = { good: IconCircleCheck, idle: IconCircleMinus, amber: IconAlertTriangle, red: IconCircleX };
const LIGHT_IN: Record<BoardGateway["in"], Light> = { connected: "good", parked: "amber", retired: "idle" };
const LIGHT_OUT: Record<BoardGateway["out"], Light> = { idle: "idle", good: "good", trouble: "amber", failing: "red" };

export function Gateways({ gateways, now }: { gateways: BoardGateway[]; now: number }) {
  const words = say.board.gateways;
  return (
    <Table
      heading={words.heading}
      means={words.means}
      columns={[{ name: words.name }, { name: words.in }, { name: words.out }, { name: words.last, figure: true }]}
      empty={words.nothing}
    >
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
    </Table>
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
