/** The column beside the conversation: who this is, how they came in, what was before. */

import { dayAndTime } from "../format";
import type { DeskState } from "../live/fold";
import type { MomentEntry, Summary } from "../live/protocol";
import { channelName, say } from "../strings";
import { agentName, reasonName } from "./permission";
import { contactAddress, contactName, since } from "./sorted_lists";

export function Details({ summary, state }: { summary: Summary; state: DeskState }) {
  const words = say.details;
  const gateway = state.gateways.get(summary.gateway)?.name;
  const ended = endings(summary, state);
  return (
    // A scrolling region has to be reachable for the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <aside className="details" aria-label={words.label} tabIndex={0}>
      <h2>{contactName(summary)}</h2>
      <dl>
        <Fact name={words.address} value={contactAddress(summary)} />
        <Fact name={words.gateway} value={[gateway, channelName(summary.channel)].filter(Boolean).join(" · ")} />
        <Fact name={words.inbox} value={state.inboxes.get(summary.inbox)?.name} />
        <Fact name={words.owner} value={ownerName(summary, state)} />
        <Fact name={words.since} value={dayAndTime(since(summary.owner))} />
        <Fact name={words.interaction} value={String(summary.interaction)} />
        <Fact
          name={words.window}
          value={summary.window_until ? say.window.until(dayAndTime(summary.window_until)) : words.noWindow}
        />
        {ended.length > 0 && (
          <div>
            <dt>{words.ended}</dt>
            <dd>
              <ol>
                {ended.map((ending) => (
                  <li key={ending.sequence}>
                    {ending.interaction}. {reasonName(state, ending.reason)} · {dayAndTime(ending.at)}
                  </li>
                ))}
              </ol>
            </dd>
          </div>
        )}
      </dl>
    </aside>
  );
}

function Fact({ name, value }: { name: string; value: string | null | undefined }) {
  if (!value) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd className="tabular">{value}</dd>
    </div>
  );
}

function endings(summary: Summary, state: DeskState): MomentEntry[] {
  const entries = state.timelines.get(summary.conversation)?.entries ?? [];
  return entries.filter((entry) => entry.kind === "moment" && entry.what === "ended") as MomentEntry[];
}

function ownerName({ owner }: Summary, state: DeskState): string {
  switch (owner.is) {
    case "agent":
      return say.owner.agent(agentName(state, owner.agent));
    case "offered":
      return say.owner.offered(owner.offers.map((offer) => agentName(state, offer.agent)).join(", "));
    case "queue":
    case "flow":
    case "nobody":
      return say.owner[owner.is];
  }
}
