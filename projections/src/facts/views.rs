//! The tables in the words of whoever asks about a day: one row each, with sums to add up and the figures they come to.

use crate::table::View;

/// What a day is in all of them.
macro_rules! day {
    () => {
        "The day, in the time zone of the session (SET TimeZone) on PostgreSQL, and in UTC on SQLite."
    };
}

pub const VIEWS: &[&View] =
    &[&DAILY_SERVICE_LEVEL, &DAILY_RESPONSES, &DAILY_TRAFFIC, &DAILY_DELIVERY, &AGENT_DAY, &WAITING_NOW];

static DAILY_SERVICE_LEVEL: View = View {
    name: "daily_service_level",
    about: "How quickly people were taken up, by day, inbox and channel. To merge rows add the counts, then divide.",
    columns: &[
        ("day", day!()),
        ("inbox", "Name of the inbox."),
        ("channel", "The channel."),
        ("offered", "Queue stays begun."),
        ("answered", "Queue stays that ended because an agent got the interaction."),
        ("answered_in_time", "Of those, within 60 seconds."),
        ("answered_ms", "Their waits, in milliseconds."),
        ("abandoned", "Queue stays that ended by the customer's silence."),
        ("abandoned_short", "Of those, after less than 10 seconds."),
        ("flowed_out", "Queue stays that ended neither answered nor abandoned."),
        ("service_level_percent", "Answered in time / (answered + abandoned - short abandons)."),
        ("speed_of_answer_s", "Average wait of those answered, in seconds."),
        ("abandonment_percent", "Abandoned / (answered + abandoned + flowed out)."),
    ],
    rows: "SELECT date(q.began_at) AS day, i.name AS inbox, q.channel AS channel,
           CAST(sum(q.offered) AS BIGINT) AS offered, CAST(sum(q.answered) AS BIGINT) AS answered,
           CAST(sum(q.answered_in_time) AS BIGINT) AS answered_in_time,
           CAST(sum(q.answered_ms) AS BIGINT) AS answered_ms, CAST(sum(q.abandoned) AS BIGINT) AS abandoned,
           CAST(sum(q.abandoned_short) AS BIGINT) AS abandoned_short,
           CAST(sum(q.flowed_out) AS BIGINT) AS flowed_out,
           round(100.0 * sum(q.answered_in_time) / nullif(sum(q.answered + q.abandoned - q.abandoned_short), 0), 1)
               AS service_level_percent,
           round(sum(q.answered_ms) / 1000.0 / nullif(sum(q.answered), 0), 1) AS speed_of_answer_s,
           round(100.0 * sum(q.abandoned) / nullif(sum(q.answered + q.abandoned + q.flowed_out), 0), 1)
               AS abandonment_percent
      FROM quarters q JOIN inboxes i ON i.inbox_id = q.inbox_id
     GROUP BY date(q.began_at), q.inbox_id, i.name, q.channel
    HAVING sum(q.offered + q.answered + q.abandoned + q.flowed_out) > 0",
};

static DAILY_RESPONSES: View = View {
    name: "daily_responses",
    about: "How long customers waited for an answer, and whether promises were kept, by day, inbox and channel. To merge \
            rows add the counts, then divide.",
    columns: &[
        ("day", day!()),
        ("inbox", "Name of the inbox."),
        ("channel", "The channel."),
        ("first_responses", "First turns of customers that a person answered."),
        ("first_response_ms", "Their times, in milliseconds."),
        ("next_responses", "Later turns of customers that a person answered."),
        ("next_response_ms", "Their times, in milliseconds."),
        ("sla_met", "Promised responses, first and next, that came in time."),
        ("sla_breached", "Promised responses that did not."),
        ("average_first_response_s", "Average of first responses, in seconds."),
        ("average_next_response_s", "Average of next responses, in seconds."),
        ("sla_met_percent", "Met / (met + breached)."),
    ],
    rows: "SELECT date(q.began_at) AS day, i.name AS inbox, q.channel AS channel,
           CAST(sum(q.first_responses) AS BIGINT) AS first_responses,
           CAST(sum(q.first_response_ms) AS BIGINT) AS first_response_ms,
           CAST(sum(q.next_responses) AS BIGINT) AS next_responses,
           CAST(sum(q.next_response_ms) AS BIGINT) AS next_response_ms,
           CAST(sum(q.sla_first_met + q.sla_next_met) AS BIGINT) AS sla_met,
           CAST(sum(q.sla_first_breached + q.sla_next_breached) AS BIGINT) AS sla_breached,
           round(sum(q.first_response_ms) / 1000.0 / nullif(sum(q.first_responses), 0), 1) AS average_first_response_s,
           round(sum(q.next_response_ms) / 1000.0 / nullif(sum(q.next_responses), 0), 1) AS average_next_response_s,
           round(100.0 * sum(q.sla_first_met + q.sla_next_met)
                 / nullif(sum(q.sla_first_met + q.sla_next_met + q.sla_first_breached + q.sla_next_breached), 0), 1)
               AS sla_met_percent
      FROM quarters q JOIN inboxes i ON i.inbox_id = q.inbox_id
     GROUP BY date(q.began_at), q.inbox_id, i.name, q.channel
    HAVING sum(q.first_responses + q.next_responses + q.sla_first_breached + q.sla_next_breached) > 0",
};

static DAILY_TRAFFIC: View = View {
    name: "daily_traffic",
    about: "How much there was to do, by day and gateway.",
    columns: &[
        ("day", day!()),
        ("gateway", "Name of the gateway."),
        ("brand", "The brand it speaks for now; none fits any."),
        ("channel", "The channel."),
        ("opened", "Interactions opened."),
        ("ended", "Interactions ended, erased ones left out."),
        ("received", "Messages of customers."),
        ("written", "Messages of agents, also in the provider's own app while an interaction was open."),
        ("automatic", "Messages of flows and programs."),
        ("windows_missed", "Times the reply window closed over an unanswered message."),
        ("transfers", "Transfers to a colleague asked for."),
        ("moves", "Moves from one inbox to another."),
    ],
    rows: "SELECT date(q.began_at) AS day, g.name AS gateway, g.brand AS brand, g.channel AS channel,
           CAST(sum(q.opened) AS BIGINT) AS opened, CAST(sum(q.ended) AS BIGINT) AS ended,
           CAST(sum(q.messages_received) AS BIGINT) AS received,
           CAST(sum(q.messages_written + q.messages_echoed) AS BIGINT) AS written,
           CAST(sum(q.messages_automatic) AS BIGINT) AS automatic,
           CAST(sum(q.windows_missed) AS BIGINT) AS windows_missed,
           CAST(sum(q.transfers_out) AS BIGINT) AS transfers, CAST(sum(q.moves_out) AS BIGINT) AS moves
      FROM quarters q JOIN gateways g ON g.gateway_id = q.gateway_id
     GROUP BY date(q.began_at), g.gateway_id, g.name, g.brand, g.channel",
};

static DAILY_DELIVERY: View = View {
    name: "daily_delivery",
    about: "Whether messages arrived, by the day the provider took them and by gateway. The newest still change.",
    columns: &[
        ("day", day!()),
        ("gateway", "Name of the gateway."),
        ("brand", "The brand it speaks for now; none fits any."),
        ("channel", "The channel."),
        ("submitted", "Messages the provider took."),
        ("delivered", "Of those, delivered or read."),
        ("failed", "Of those, failed."),
        ("delivered_percent", "Delivered / submitted. Channels without receipts have no meaningful figure."),
        (
            "median_latency_s",
            "Half of the delivered ones took no longer from submission to the first receipt, in seconds.",
        ),
        ("p95_latency_s", "95 of 100 of the delivered ones took no longer, in seconds."),
    ],
    rows: "WITH taken AS (
        SELECT gateway_id, date(submitted_at) AS day, delivered_at, read_at, failed_at,
               CASE WHEN delivered_at < submitted_at OR read_at < submitted_at THEN 0
                    WHEN read_at IS NULL OR delivered_at < read_at THEN {delivered_at} - {submitted_at}
                    ELSE {read_at} - {submitted_at} END AS latency_ms
          FROM messages WHERE submitted_at IS NOT NULL
    ), sorted AS (
        SELECT taken.*, count(latency_ms) OVER (PARTITION BY gateway_id, day) AS arrived,
               CASE WHEN latency_ms IS NOT NULL THEN row_number() OVER (
                   PARTITION BY gateway_id, day, CASE WHEN latency_ms IS NULL THEN 1 ELSE 0 END ORDER BY latency_ms) END
                   AS place
          FROM taken
    )
    SELECT s.day AS day, g.name AS gateway, g.brand AS brand, g.channel AS channel, count(*) AS submitted,
           count(CASE WHEN s.delivered_at IS NOT NULL OR s.read_at IS NOT NULL THEN 1 END) AS delivered,
           count(s.failed_at) AS failed,
           round(100.0 * count(CASE WHEN s.delivered_at IS NOT NULL OR s.read_at IS NOT NULL THEN 1 END) / count(*), 1)
               AS delivered_percent,
           min(CASE WHEN 100 * s.place >= 50 * s.arrived THEN s.latency_ms END) / 1000.0 AS median_latency_s,
           min(CASE WHEN 100 * s.place >= 95 * s.arrived THEN s.latency_ms END) / 1000.0 AS p95_latency_s
      FROM sorted s JOIN gateways g ON g.gateway_id = s.gateway_id
     GROUP BY s.day, g.gateway_id, g.name, g.brand, g.channel",
};

static AGENT_DAY: View = View {
    name: "agent_day",
    about: "An agent's day: their time, what they were offered and what they did. Time since an agent's newest event is in \
            the open row of agent_state_intervals.",
    columns: &[
        ("day", day!()),
        ("agent", "Their name."),
        ("available_ms", "Online with no slot taken, in milliseconds."),
        ("busy_ms", "Online with a slot taken, in milliseconds."),
        ("break_ms", "On break, in milliseconds."),
        ("not_responding_ms", "Not responding, in milliseconds."),
        ("offers_accepted", "Offers they accepted."),
        ("offers_declined", "Offers they declined."),
        ("offers_lapsed", "Offers they let lapse."),
        ("answered", "Interactions they got out of a queue."),
        ("handled", "Interactions they had and no longer have."),
        ("handled_ms", "How long they had those, in milliseconds."),
        ("written", "Messages they wrote."),
        ("transfers_out", "Transfers they asked for."),
        ("transfers_in", "Transfers they accepted."),
        ("occupancy_percent", "Busy / (busy + available)."),
        ("slot_utilisation_percent", "Slots taken / slots they have, over the time they were busy or available."),
        ("non_response_percent", "Offers lapsed / (accepted + declined + lapsed)."),
        ("handle_time_s", "Average of the interactions they had, in seconds."),
    ],
    rows: "WITH parts AS (
        SELECT date(began_at) AS day, agent_id, available_ms, busy_ms, break_ms, not_responding_ms, slot_ms, capacity_ms,
               0 AS offers_accepted, 0 AS offers_declined, 0 AS offers_lapsed, 0 AS answered, 0 AS handled,
               0 AS handled_ms, 0 AS written, 0 AS transfers_out, 0 AS transfers_in
          FROM agent_quarters
        UNION ALL
        SELECT date(began_at), agent_id, 0, 0, 0, 0, 0, 0, offers_accepted, offers_declined, offers_lapsed, answered,
               handled, handled_ms, messages_written, transfers_out, transfers_in
          FROM quarters
    )
    SELECT p.day AS day, a.name AS agent,
           CAST(sum(p.available_ms) AS BIGINT) AS available_ms, CAST(sum(p.busy_ms) AS BIGINT) AS busy_ms,
           CAST(sum(p.break_ms) AS BIGINT) AS break_ms,
           CAST(sum(p.not_responding_ms) AS BIGINT) AS not_responding_ms,
           CAST(sum(p.offers_accepted) AS BIGINT) AS offers_accepted,
           CAST(sum(p.offers_declined) AS BIGINT) AS offers_declined,
           CAST(sum(p.offers_lapsed) AS BIGINT) AS offers_lapsed, CAST(sum(p.answered) AS BIGINT) AS answered,
           CAST(sum(p.handled) AS BIGINT) AS handled, CAST(sum(p.handled_ms) AS BIGINT) AS handled_ms,
           CAST(sum(p.written) AS BIGINT) AS written, CAST(sum(p.transfers_out) AS BIGINT) AS transfers_out,
           CAST(sum(p.transfers_in) AS BIGINT) AS transfers_in,
           round(100.0 * sum(p.busy_ms) / nullif(sum(p.busy_ms + p.available_ms), 0), 1) AS occupancy_percent,
           round(100.0 * sum(p.slot_ms) / nullif(sum(p.capacity_ms), 0), 1) AS slot_utilisation_percent,
           round(100.0 * sum(p.offers_lapsed)
                 / nullif(sum(p.offers_accepted + p.offers_declined + p.offers_lapsed), 0), 1) AS non_response_percent,
           round(sum(p.handled_ms) / 1000.0 / nullif(sum(p.handled), 0), 1) AS handle_time_s
      FROM parts p JOIN agents a ON a.agent_id = p.agent_id
     GROUP BY p.day, a.agent_id, a.name",
};

static WAITING_NOW: View = View {
    name: "waiting_now",
    about: "A customer who waits for an answer of a person now: the backlog.",
    columns: &[
        ("conversation_id", "The conversation."),
        ("interaction", "The interaction."),
        ("inbox", "Name of the inbox it was in when the turn began."),
        ("gateway", "Name of the gateway they wrote to."),
        ("brand", "The brand it speaks for now; none fits any."),
        ("channel", "The channel."),
        ("clock", "first: no person has written in this interaction yet; or next."),
        ("asked_at", "Since when they wait."),
        ("waiting_s", "How long that is, in seconds."),
        ("age", "Its class: under 1 h, 1 to 4 h, 4 to 24 h, 1 to 3 days, longer."),
    ],
    rows: "SELECT w.conversation_id AS conversation_id, w.interaction AS interaction, w.inbox AS inbox, w.gateway AS gateway,
           w.brand AS brand, w.channel AS channel, w.clock AS clock, w.asked_at AS asked_at, w.waiting_s AS waiting_s,
           CASE WHEN w.waiting_s < 3600 THEN 'under 1 h' WHEN w.waiting_s < 14400 THEN '1 to 4 h'
                WHEN w.waiting_s < 86400 THEN '4 to 24 h' WHEN w.waiting_s < 259200 THEN '1 to 3 days'
                ELSE 'longer' END AS age
      FROM (SELECT r.conversation_id, r.interaction, i.name AS inbox, g.name AS gateway, g.brand, r.channel, r.clock,
                   r.asked_at, ({now} - {r.asked_at}) / 1000 AS waiting_s
              FROM responses r JOIN inboxes i ON i.inbox_id = r.inbox_id JOIN gateways g ON g.gateway_id = r.gateway_id
             WHERE r.closed_at IS NULL) w",
};
