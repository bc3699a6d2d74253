/** The column beside the conversation: who this is, how they came in, what was before. */

import { ContactPart } from "../contact/ContactPart";
import type { OneContact } from "../contact/use_contact";
import { dayAndTime } from "../format";
import type { DeskState } from "../live/fold";
import type { Id, MomentEntry, Summary } from "../live/protocol";
import { channelName, say } from "../strings";
import { agentName, reasonName } from "./permission";
import type { Spot } from "./place";
import { contactName, since } from "./sorted_lists";
import { Tags } from "./Tags";
import type { Actions } from "./use_actions";

interface Props {
  summary: Summary;
  state: DeskState;
  about: OneContact;
  actions: Pick<Actions, "tag" | "untag">;
  toast: (text: string) => void;
  onOpen: (conversation: Id, spot: Spot | null) => void;
}

/** The column beside the conversation, where there is room for one. */
export function Details(props: Props) {
  return (
    // A scrolling region has to be reachable for the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <aside className="details" aria-label={say.details.label} tabIndex={0}>
      <DetailsContent {...props} />
    </aside>
  );
}

export function DetailsContent({ summary, state, about, actions, toast, onOpen }: Props) {
  const words = say.details;
  const gateway = state.gateways.get(summary.gateway)?.name;
  const endedOnes = endings(summary, state);
  return (
    <>
      <h2>{contactName(summary)}</h2>
      <Tags
        key={summary.conversation}
        summary={summary}
        onTag={(tag) => actions.tag(summary.conversation, tag)}
        onUntag={(tag) => void actions.untag(summary.conversation, tag)}
      />
      <ContactPart
        key={summary.contact.id}
        summary={summary}
        about={about}
        onOpen={(conversation) => onOpen(conversation, null)}
        toast={toast}
      />
      <dl>
        <Fact name={words.gateway} value={[gateway, channelName(summary.channel)].filter(Boolean).join(" · ")} />
        <Fact name={words.inbox} value={state.inboxes.get(summary.inbox)?.name} />
        <Fact name={words.owner} value={ownerName(summary, state)} />
        <Fact name={words.since} value={dayAndTime(since(summary.owner))} />
        <Fact name={words.interaction} value={String(summary.interaction)} />
        <Fact
          name={words.window}
          value={summary.window_until ? say.window.until(dayAndTime(summary.window_until)) : words.noWindow}
        />
        {endedOnes.length > 0 && (
          <div>
            <dt>{words.ended}</dt>
            <dd>
              <ol>
                {endedOnes.map((ending) => (
                  <li key={ending.sequence}>
                    <button
                      type="button"
                      className="earlier"
                      onClick={() => onOpen(summary.conversation, ended(ending))}
                    >
                      {ending.interaction}. {reasonName(state, ending.reason)} · {dayAndTime(ending.at)}
                    </button>
                  </li>
                ))}
              </ol>
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

function ended({ interaction }: MomentEntry): Spot | null {
  return interaction === null ? null : { interaction, message: null };
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
