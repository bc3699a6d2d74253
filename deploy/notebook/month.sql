-- A month of customer service on PostgreSQL, question by question: run it as gatehouse_analyst, whole or in pieces.
--   psql -d gatehouse -U gatehouse_analyst -f month.sql
-- A notebook takes it cell by cell; a cell is what stands between two semicolons. For another month, change the dates.

-- Days are those of this time zone.
SET TimeZone = 'Europe/Berlin';

-- How much came in, and how much was done?
SELECT day, sum(opened) AS opened, sum(ended) AS ended, sum(received) AS received, sum(written) AS written
  FROM reporting.daily_traffic WHERE day >= '2026-05-01' AND day < '2026-06-01'
 GROUP BY day ORDER BY day;

-- At which hours of which days of the week (1 is Monday) do customers write?
SELECT extract(isodow FROM began_at) AS weekday, extract(hour FROM began_at) AS hour, sum(messages_received) AS received
  FROM reporting.quarters WHERE began_at >= '2026-05-01' AND began_at < '2026-06-01'
 GROUP BY 1, 2 ORDER BY 1, 2;

-- Did we keep the service level, week by week?
SELECT date_trunc('week', day) AS week, inbox, sum(offered) AS offered,
       round(100.0 * sum(answered_in_time) / nullif(sum(answered + abandoned - abandoned_short), 0), 1)
           AS service_level_percent,
       round(100.0 * sum(abandoned) / nullif(sum(answered + abandoned + flowed_out), 0), 1) AS abandonment_percent
  FROM reporting.daily_service_level WHERE day >= '2026-05-01' AND day < '2026-06-01'
 GROUP BY 1, 2 ORDER BY 1, 2;

-- Did we keep our promises?
SELECT inbox, sum(sla_met) AS met, sum(sla_breached) AS breached,
       round(100.0 * sum(sla_met) / nullif(sum(sla_met + sla_breached), 0), 1) AS met_percent
  FROM reporting.daily_responses WHERE day >= '2026-05-01' AND day < '2026-06-01'
 GROUP BY inbox ORDER BY met_percent;

-- How are first responses spread?
SELECT i.name AS inbox, count(*) AS first_responses,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY r.response_ms) / 1000.0 AS median_s,
       percentile_disc(0.9) WITHIN GROUP (ORDER BY r.response_ms) / 1000.0 AS p90_s
  FROM reporting.responses r JOIN reporting.inboxes i USING (inbox_id)
 WHERE r.clock = 'first' AND r.outcome = 'answered' AND r.closed_at >= '2026-05-01' AND r.closed_at < '2026-06-01'
 GROUP BY i.name ORDER BY p90_s DESC;

-- How was an agent's time spent, in hours?
SELECT agent, round(sum(busy_ms) / 3600000.0, 1) AS busy_h, round(sum(available_ms) / 3600000.0, 1) AS available_h,
       round(sum(break_ms) / 3600000.0, 1) AS break_h, sum(handled) AS handled,
       round(sum(handled_ms) / 60000.0 / nullif(sum(handled), 0), 1) AS handle_time_min
  FROM reporting.agent_day WHERE day >= '2026-05-01' AND day < '2026-06-01'
 GROUP BY agent ORDER BY busy_h DESC;

-- How long did slots stay taken after the end (wrap-up)?
SELECT a.channel, count(*) AS interactions,
       round(avg(greatest(extract(epoch FROM s.released_at - a.released_at), 0)), 1) AS wrap_up_s
  FROM reporting.assignments a JOIN reporting.slots s ON s.agent_id = a.agent_id AND s.hold_id = a.hold_id
 WHERE a.released IN ('ended', 'idle') AND s.released_at >= '2026-05-01' AND s.released_at < '2026-06-01'
 GROUP BY a.channel ORDER BY a.channel;

-- Who came back within a day?
SELECT i.name AS inbox, count(*) AS ended, count(n.interaction) AS reopened,
       round(100.0 * count(n.interaction) / count(*), 1) AS reopen_percent
  FROM reporting.interactions e
  JOIN reporting.inboxes i USING (inbox_id)
  LEFT JOIN reporting.interactions n ON n.conversation_id = e.conversation_id AND n.interaction = e.interaction + 1
                                    AND n.opened_at <= e.ended_at + interval '24 hours'
 WHERE e.ending IN ('reason', 'idle') AND e.ended_at >= '2026-05-01' AND e.ended_at < '2026-06-01'
 GROUP BY i.name ORDER BY reopen_percent DESC;

-- What becomes of transfers to a colleague?
SELECT i.name AS inbox, t.outcome, count(*) AS transfers, round(avg(t.open_ms) / 1000, 1) AS average_s
  FROM reporting.transfers t JOIN reporting.inboxes i ON i.inbox_id = t.from_inbox_id
 WHERE t.kind = 'agent' AND t.closed_at >= '2026-05-01' AND t.closed_at < '2026-06-01'
 GROUP BY i.name, t.outcome ORDER BY i.name, transfers DESC;

-- Which gateway loses messages, and which is slow?
SELECT gateway, channel, sum(submitted) AS submitted, sum(failed) AS failed,
       round(100.0 * sum(delivered) / sum(submitted), 1) AS delivered_percent, max(p95_latency_s) AS worst_day_p95_s
  FROM reporting.daily_delivery WHERE day >= '2026-05-01' AND day < '2026-06-01'
 GROUP BY gateway, channel ORDER BY delivered_percent;
