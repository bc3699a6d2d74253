//! Every metric's definition.

use super::By::{Agent, Channel, Gateway, Inbox};
use super::Source::{Facts, Sums};
use super::Unit::{Count, Milliseconds, Share};
use super::{By, Metric, Source, Spread, counted};
use crate::facts::{AGENT_QUARTERS, ASSIGNMENTS, OFFERS, QUARTERS, QUEUE_STAYS, RESPONSES};

const EVERYWHERE: &[By] = &[Inbox, Agent, Channel, Gateway];
/// What no agent has a part in.
const NOT_BY_AGENT: &[By] = &[Inbox, Channel, Gateway];

const fn sums(part: &'static [&'static str], whole: &'static [&'static str]) -> Source {
    Sums { table: &QUARTERS, part, whole, without: &[] }
}

const fn of_agents(part: &'static [&'static str], whole: &'static [&'static str]) -> Source {
    Sums { table: &AGENT_QUARTERS, part, whole, without: &[] }
}

pub const METRICS: &[Metric] = &[
    Metric {
        name: "offered",
        version: 1,
        title: "Offered to queues",
        unit: Count,
        formula: "queue stays that began",
        about: "Offered = answered + abandoned + flow-out + still waiting, over all time. A return and a move begin a stay \
                of their own; lapsed offers do not.",
        by: NOT_BY_AGENT,
        source: sums(&["offered"], &[]),
        spread: None,
    },
    Metric {
        name: "answered",
        version: 1,
        title: "Answered",
        unit: Count,
        formula: "queue stays that ended because an agent got the interaction",
        about: "By an accepted offer, a pull, automatic assignment or a supervisor. It does not say that anybody wrote. \
                Agent: who got it.",
        by: EVERYWHERE,
        source: sums(&["answered"], &[]),
        spread: None,
    },
    Metric {
        name: "service_level",
        version: 1,
        title: "Service level, 60 s",
        unit: Share,
        formula: "stays answered within 60 s ÷ (answered + abandoned − short abandons), of stays that ended",
        about: "Within means up to and including 60 000 ms. Flow-outs count on neither side. Boards, which show what waits \
                now, add waiting stays older than 60 s to the divisor. For another limit, count queue_stays. Vendors \
                differ: some count abandons as served, others leave them out.",
        by: NOT_BY_AGENT,
        source: Sums {
            table: &QUARTERS,
            part: &["answered_in_time"],
            whole: &["answered", "abandoned"],
            without: &["abandoned_short"],
        },
        spread: None,
    },
    Metric {
        name: "speed_of_answer",
        version: 1,
        title: "Average speed of answer",
        unit: Milliseconds,
        formula: "time from entering the inbox to being answered ÷ answered",
        about: "Queue time of the last stay only: not a flow's time, and not what the customer waited before a return or \
                a move (waiting_since tells that). Agent: who got it.",
        by: EVERYWHERE,
        source: sums(&["answered_ms"], &["answered"]),
        spread: Some(Spread {
            table: &QUEUE_STAYS,
            at: "left_at",
            value: "waited_ms",
            only: &[("outcome", "answered")],
        }),
    },
    Metric {
        name: "abandonment",
        version: 1,
        title: "Abandonment",
        unit: Share,
        formula: "abandoned ÷ (answered + abandoned + flow-out), of stays that ended",
        about: "Messaging has no hanging up: a stay is abandoned when the interaction ends by the customer's silence \
                (idle) while it waits with a turn of the customer open. Silence with nothing unanswered, an end reason \
                chosen by a person and an erasure are flow-out. Short ones are included.",
        by: NOT_BY_AGENT,
        source: sums(&["abandoned"], &["answered", "abandoned", "flowed_out"]),
        spread: Some(Spread {
            table: &QUEUE_STAYS,
            at: "left_at",
            value: "waited_ms",
            only: &[("outcome", "abandoned")],
        }),
    },
    Metric {
        name: "short_abandonment",
        version: 1,
        title: "Short abandons",
        unit: Count,
        formula: "stays abandoned after less than 10 s",
        about: "Reported apart, and left out of the service level.",
        by: NOT_BY_AGENT,
        source: sums(&["abandoned_short"], &[]),
        spread: None,
    },
    Metric {
        name: "flow_out",
        version: 1,
        title: "Flow-out",
        unit: Count,
        formula: "queue stays that ended neither answered nor abandoned",
        about: "Moved to another inbox, handed to a flow, ended with a reason out of the queue, ended by silence with \
                nothing unanswered, erased: queue_stays.how tells which.",
        by: NOT_BY_AGENT,
        source: sums(&["flowed_out"], &[]),
        spread: None,
    },
    Metric {
        name: "first_response",
        version: 1,
        title: "First response time",
        unit: Milliseconds,
        formula: "time of first turns answered ÷ first turns answered",
        about: "From the opening, or from the hand-over of a flow where that is later, to the first human public message. \
                Outbound and retaken interactions have none. Agent: who answered; nobody for an answer in the provider's \
                own app.",
        by: EVERYWHERE,
        source: sums(&["first_response_ms"], &["first_responses"]),
        spread: Some(Spread {
            table: &RESPONSES,
            at: "closed_at",
            value: "response_ms",
            only: &[("clock", "first"), ("outcome", "answered")],
        }),
    },
    Metric {
        name: "next_response",
        version: 1,
        title: "Next response time",
        unit: Milliseconds,
        formula: "time of next turns answered ÷ next turns answered",
        about: "Every later turn: from its first unanswered message to the next human public message. Transfers do not \
                restart it; responses.agent_response_ms has the answering agent's own part.",
        by: EVERYWHERE,
        source: sums(&["next_response_ms"], &["next_responses"]),
        spread: Some(Spread {
            table: &RESPONSES,
            at: "closed_at",
            value: "response_ms",
            only: &[("clock", "next"), ("outcome", "answered")],
        }),
    },
    Metric {
        name: "handle_time",
        version: 1,
        title: "Handle time",
        unit: Milliseconds,
        formula: "time from given to released ÷ assignments released",
        about: "Elapsed time, silence included, per assignment: an interaction that two agents had counts twice. Until a \
                transfer is accepted it is the asking agent's. Wrap-up comes on top: see wrap_up.",
        by: EVERYWHERE,
        source: sums(&["handled_ms"], &["handled"]),
        spread: Some(Spread { table: &ASSIGNMENTS, at: "released_at", value: "handled_ms", only: &[] }),
    },
    Metric {
        name: "wrap_up",
        version: 1,
        title: "Wrap-up",
        unit: Milliseconds,
        formula: "time from the release of an assignment to the release of its slot ÷ assignments whose slot was released",
        about: "assignments joined to slots by hold_id, where released is ended or idle; in the interval of the slot's \
                release. The organisation sets its length per inbox.",
        by: EVERYWHERE,
        source: Facts(counted::WRAP_UP),
        spread: None,
    },
    Metric {
        name: "occupancy",
        version: 1,
        title: "Occupancy",
        unit: Share,
        formula: "busy ÷ (busy + available), of agents' time",
        about: "Busy: online at a desk with at least one slot taken, by an offer, work or wrap-up; how many does not matter. \
                Break, not responding, offline and online without a desk count on neither side, even with work still \
                assigned. Vendors differ: some count ringing as idle or not at all.",
        by: &[Agent],
        source: of_agents(&["busy_ms"], &["busy_ms", "available_ms"]),
        spread: None,
    },
    Metric {
        name: "slot_utilisation",
        version: 1,
        title: "Slot utilisation",
        unit: Share,
        formula: "time × slots taken ÷ time × slots there are, while busy or available",
        about: "The exact integrals. The total capacity counts, not the limits per channel. It can pass 1 while an agent's \
                capacity was lowered below what they have.",
        by: &[Agent],
        source: of_agents(&["slot_ms"], &["capacity_ms"]),
        spread: None,
    },
    Metric {
        name: "transfers_out",
        version: 1,
        title: "Transfers asked for",
        unit: Count,
        formula: "transfers to a colleague that were asked for",
        about: "In the interval they were asked in. Agent: who asked.",
        by: EVERYWHERE,
        source: sums(&["transfers_out"], &[]),
        spread: None,
    },
    Metric {
        name: "transfers_in",
        version: 1,
        title: "Transfers taken",
        unit: Count,
        formula: "transfers that a colleague accepted",
        about: "Agent: who accepted.",
        by: EVERYWHERE,
        source: sums(&["transfers_in"], &[]),
        spread: None,
    },
    Metric {
        name: "transfers_returned",
        version: 1,
        title: "Transfers returned",
        unit: Share,
        formula: "transfers declined or lapsed ÷ transfers accepted, declined or lapsed",
        about: "Withdrawn ones count on neither side. By agent there is only the count: the accepted are the colleague's, \
                the returned are those of who asked.",
        by: NOT_BY_AGENT,
        source: sums(&["transfers_returned"], &["transfers_in", "transfers_returned"]),
        spread: None,
    },
    Metric {
        name: "moves",
        version: 1,
        title: "Moves to another inbox",
        unit: Count,
        formula: "interactions moved out of the inbox into another",
        about: "Out of a queue, from an agent or from a flow; moves_in in the roll-up counts them for the inbox they came \
                to. A return to the same inbox is no move. Agent: who had it, or nobody.",
        by: EVERYWHERE,
        source: sums(&["moves_out"], &[]),
        spread: None,
    },
    Metric {
        name: "non_response",
        version: 1,
        title: "Non-response",
        unit: Share,
        formula: "offers lapsed ÷ (accepted + declined + lapsed)",
        about: "Every attempt counts: one interaction may lapse many times, also at one agent. Withdrawn offers (a colleague \
                was faster, the customer's interaction ended, the agent went) count on neither side. Transfers are no \
                offers.",
        by: EVERYWHERE,
        source: sums(&["offers_lapsed"], &["offers_accepted", "offers_declined", "offers_lapsed"]),
        spread: None,
    },
    Metric {
        name: "acceptance",
        version: 1,
        title: "Acceptance",
        unit: Share,
        formula: "offers accepted ÷ (accepted + declined + lapsed)",
        about: "Of offers to single agents and of ring-all alike, per agent asked. Its spread is the delay of acceptance, in \
                milliseconds.",
        by: EVERYWHERE,
        source: sums(&["offers_accepted"], &["offers_accepted", "offers_declined", "offers_lapsed"]),
        spread: Some(Spread { table: &OFFERS, at: "closed_at", value: "open_ms", only: &[("outcome", "accepted")] }),
    },
    Metric {
        name: "sla_met",
        version: 1,
        title: "SLA met",
        unit: Share,
        formula: "promises met ÷ (met + breached)",
        about: "Met: answered before a breach of it was told, which is before due, to the microsecond. Breached: \
                `sla_breached` was told, in whose interval it counts, once, however late the answer. Cancelled ones (handed \
                to a flow, or ended before due) count on neither side. A transfer or a move does not restart the clock. \
                Agent: who answered; at a breach, who had it.",
        by: EVERYWHERE,
        source: sums(
            &["sla_first_met", "sla_next_met"],
            &["sla_first_met", "sla_next_met", "sla_first_breached", "sla_next_breached"],
        ),
        spread: None,
    },
    Metric {
        name: "sla_first_met",
        version: 1,
        title: "SLA met, first responses",
        unit: Share,
        formula: "promised first responses met ÷ (met + breached)",
        about: "As sla_met.",
        by: EVERYWHERE,
        source: sums(&["sla_first_met"], &["sla_first_met", "sla_first_breached"]),
        spread: None,
    },
    Metric {
        name: "backlog",
        version: 1,
        title: "Backlog",
        unit: Count,
        formula: "turns of customers open at an instant",
        about: "Open interactions that do not wait for the customer: rows of responses with asked_at up to the instant and \
                closed_at after it, or none. Inbox: where it was when it was closed.",
        by: NOT_BY_AGENT,
        source: Facts(counted::BACKLOG),
        spread: None,
    },
    Metric {
        name: "backlog_age",
        version: 1,
        title: "Age of the backlog",
        unit: Milliseconds,
        formula: "the instant − asked_at, over the backlog",
        about: "In classes: under 1 h, 1 to 4 h, 4 to 24 h, 1 to 3 days, longer; the beginning of a class included, its end \
                not. The oldest is its greatest.",
        by: NOT_BY_AGENT,
        source: Facts(counted::BACKLOG_AGE),
        spread: None,
    },
    Metric {
        name: "window_expiries",
        version: 1,
        title: "Reply windows missed",
        unit: Count,
        formula: "times the reply window closed while a turn of the customer was open",
        about: "`window_expired` of an open interaction. Not while a flow has it. Agent: who had it, or nobody.",
        by: EVERYWHERE,
        source: sums(&["windows_missed"], &[]),
        spread: None,
    },
    Metric {
        name: "window_expiry_rate",
        version: 1,
        title: "Interactions with a reply window missed",
        unit: Share,
        formula: "interactions ended after at least one missed reply window ÷ interactions ended",
        about: "Over all channels, also those without a reply window: choose the channel. Agent: who had it at the end.",
        by: EVERYWHERE,
        source: sums(&["ended_window_missed"], &["ended"]),
        spread: None,
    },
    Metric {
        name: "delivery_success",
        version: 1,
        title: "Delivery success",
        unit: Share,
        formula: "messages delivered ÷ messages the provider took",
        about: "Of messages with submitted_at in the interval, those with a delivered_at or read_at: the interval is that of \
                submission, so the figure of the newest ones still rises. Channels without receipts have no meaningful \
                figure.",
        by: EVERYWHERE,
        source: Facts(counted::DELIVERY_SUCCESS),
        spread: None,
    },
    Metric {
        name: "delivery_latency",
        version: 1,
        title: "Delivery latency",
        unit: Milliseconds,
        formula: "from submitted_at to the earlier of delivered_at and read_at, over messages that have one",
        about: "Median and 95th percentile, in the interval of submission. A receipt that came before the provider's answer \
                counts 0.",
        by: EVERYWHERE,
        source: Facts(counted::DELIVERY_LATENCY),
        spread: None,
    },
    Metric {
        name: "indeterminate_rate",
        version: 1,
        title: "Attempts without outcome",
        unit: Share,
        formula: "attempts indeterminate ÷ attempts closed",
        about: "In the interval of their outcome. An attempt is closed by the first thing told of it.",
        by: &[Channel, Gateway],
        source: Facts(counted::INDETERMINATE_RATE),
        spread: None,
    },
    Metric {
        name: "ingress_lag",
        version: 1,
        title: "Ingress lag",
        unit: Milliseconds,
        formula: "our time − the provider's time, over messages received",
        about: "Median and 95th percentile; messages.at − messages.provider_at, 0 where the provider's clock is ahead.",
        by: NOT_BY_AGENT,
        source: Facts(counted::INGRESS_LAG),
        spread: None,
    },
    Metric {
        name: "containment",
        version: 1,
        title: "Flow containment",
        unit: Share,
        formula: "interactions ended by silence while a flow had them, without any agent ÷ interactions ended that a flow had",
        about: "The divisor has only interactions that a flow really had. Ended with a reason by a person is not contained.",
        by: NOT_BY_AGENT,
        source: sums(&["ended_contained"], &["ended_with_flow"]),
        spread: None,
    },
    Metric {
        name: "reopen_rate",
        version: 1,
        title: "Reopen rate",
        unit: Share,
        formula: "interactions ended that were followed by the next of their conversation within 24 h ÷ interactions ended",
        about: "In the interval of the end, so the figure of the last 24 h still rises. Retakes count. Up to and including \
                24 h after ended_at; erased ones left out.",
        by: EVERYWHERE,
        source: Facts(counted::REOPEN_RATE),
        spread: None,
    },
    Metric {
        name: "one_touch",
        version: 1,
        title: "One touch",
        unit: Share,
        formula: "interactions ended with exactly one human public message and one agent at most ÷ those ended with any",
        about: "An answer in the provider's own app is a human public message and needs no agent. Agent: who had it at the end.",
        by: EVERYWHERE,
        source: sums(&["ended_one_touch"], &["ended_spoken"]),
        spread: None,
    },
    Metric {
        name: "resolution_time",
        version: 1,
        title: "Duration of interactions",
        unit: Milliseconds,
        formula: "time from opened to ended ÷ interactions ended",
        about: "Silence before an idle end included. Agent: who had it at the end.",
        by: EVERYWHERE,
        source: sums(&["ended_ms"], &["ended"]),
        spread: None,
    },
    Metric {
        name: "opened",
        version: 1,
        title: "Interactions opened",
        unit: Count,
        formula: "interactions opened",
        about: "By customers, outbound and retaken. Agent: who opened it, or nobody.",
        by: EVERYWHERE,
        source: sums(&["opened"], &[]),
        spread: None,
    },
    Metric {
        name: "ended",
        version: 1,
        title: "Interactions ended",
        unit: Count,
        formula: "interactions ended with a reason or by silence",
        about: "Erased ones left out. Agent: who had it at the end.",
        by: EVERYWHERE,
        source: sums(&["ended"], &[]),
        spread: None,
    },
];
