/** What is offered to this agent, each with its time running. */

import { Button } from "@mantine/core";
import { useNow } from "../clock";
import type { DeskState } from "../live/fold";
import { say } from "../strings";
import { preview } from "./Row";
import { contactName, type OfferToMe } from "./sorted_lists";

const SOON_MS = 10_000;

interface Props {
  offers: OfferToMe[];
  state: DeskState;
  busy: string | null;
  onAccept: (offer: OfferToMe) => void;
  onDecline: (offer: OfferToMe) => void;
}

export function Offers({ offers, ...rest }: Props) {
  return (
    <section aria-label={say.offers.heading} aria-live="polite" className={offers.length > 0 ? "offers" : undefined}>
      {offers.length > 0 && <h2>{say.offers.heading}</h2>}
      {offers.map((offer) => (
        <Offer key={offer.offer} offer={offer} {...rest} />
      ))}
    </section>
  );
}

function Offer({ offer, state, busy, onAccept, onDecline }: Omit<Props, "offers"> & { offer: OfferToMe }) {
  const now = useNow(250);
  const { summary } = offer;
  const name = contactName(summary);
  const left = Date.parse(offer.until) - now;
  const whole = Date.parse(offer.until) - Date.parse(offer.since);
  const share = Math.min(1, Math.max(0, left / whole));
  const acting = busy === offer.offer;
  return (
    <article className="offer" aria-label={name}>
      <div className="offer-head">
        <strong>{name}</strong>
        {/* The seconds are for the eye: read aloud one by one they would drown everything else. */}
        <span className={left < SOON_MS ? "offer-left soon tabular" : "offer-left tabular"} aria-live="off">
          {left > 0 ? say.offers.secondsLeft(Math.ceil(left / 1_000)) : say.offers.over}
        </span>
      </div>
      <p>{preview(summary)}</p>
      <p className="offer-meta">{state.inboxes.get(summary.inbox)?.name}</p>
      <div className="offer-actions">
        <Button size="xs" flex={1} loading={acting} disabled={left <= 0} onClick={() => onAccept(offer)}>
          {say.offers.accept}
        </Button>
        <Button size="xs" variant="default" disabled={acting || left <= 0} onClick={() => onDecline(offer)}>
          {say.offers.decline}
        </Button>
      </div>
      <div className="offer-bar" style={{ width: "100%", transform: `scaleX(${share})` }} aria-hidden />
    </article>
  );
}
