-- The log on PostgreSQL, in a schema of its own (the connection's search_path). The columns of `events` are those of
-- postgres-es, so that cqrs-es tools can read it, plus the total order. Names are compared byte by byte: no language
-- sorts them, and a database with one would spend its time on that. Every statement can be run again.
CREATE TABLE IF NOT EXISTS events (
    aggregate_type text COLLATE "C" NOT NULL,
    aggregate_id   text COLLATE "C" NOT NULL,
    sequence       bigint      NOT NULL CHECK (sequence > 0),
    event_type     text        NOT NULL,
    event_version  text        NOT NULL,
    payload        json        NOT NULL,
    metadata       json        NOT NULL,
    position       bigint      NOT NULL,
    event_id       uuid        NOT NULL,
    recorded_at    timestamptz NOT NULL,
    -- The id first: it tells streams apart at the first comparison, where a kind is shared by most.
    PRIMARY KEY (aggregate_id, aggregate_type, sequence)
);
CREATE UNIQUE INDEX IF NOT EXISTS events_position ON events (position);

CREATE TABLE IF NOT EXISTS log_head (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL,
    fence    bigint  NOT NULL,
    log_id   uuid    NOT NULL,
    lease_holder text,
    lease_until  timestamptz
) WITH (fillfactor = 20);
-- A log is named when it is made.
INSERT INTO log_head (position, fence, log_id) VALUES (0, 0, gen_random_uuid()) ON CONFLICT DO NOTHING;

-- A log from before there were leases gets their columns. Asked first: to alter a table waits for everybody who reads it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'log_head'::regclass AND attname = 'lease_until') THEN
        ALTER TABLE log_head ADD COLUMN lease_holder text, ADD COLUMN lease_until timestamptz;
    END IF;
END $$;

CREATE TABLE IF NOT EXISTS claims (
    key      bytea    PRIMARY KEY,
    kind     smallint NOT NULL,
    owner    text     NOT NULL,
    sequence bigint   NOT NULL,
    position bigint   NOT NULL
);

CREATE TABLE IF NOT EXISTS contact_keys (
    contact text PRIMARY KEY,
    sealed  text NOT NULL
);

CREATE TABLE IF NOT EXISTS snapshots (
    aggregate_type text   NOT NULL,
    aggregate_id   text   NOT NULL,
    log_id         text   NOT NULL,
    sequence       bigint NOT NULL,
    fold_version   bigint NOT NULL,
    payload        text   NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id)
);

COMMENT ON TABLE events IS 'Everything that happened, in one total order. Written by the lane alone, through append_all and append_each.';
COMMENT ON COLUMN events.sequence IS 'The place in its stream: from 1, no gaps.';
COMMENT ON COLUMN events.payload IS 'The fact; its personal part is sealed under the contact''s key.';
COMMENT ON COLUMN events.position IS 'The place in the log: from 1, no gaps, visible in order.';
COMMENT ON TABLE log_head IS 'One row, locked by every append: the last position, and the fence that only the newest writer knows.';
COMMENT ON COLUMN log_head.lease_holder IS 'Names the data directory whose lock the writer has, if it has one.';
COMMENT ON COLUMN log_head.lease_until IS 'Until then no other server takes the log over, by this database''s clock. None: it was given up.';
COMMENT ON TABLE claims IS 'Unique things, claimed with the events that claim them. Keys are keyed hashes; kind 0 is a command that was done, 1 a thing that is owned by a stream (kind/id); nobody asks for a command''s owner.';
COMMENT ON TABLE contact_keys IS 'Contacts'' keys, sealed under the master key. Erasing a contact deletes the row.';

COMMENT ON TABLE snapshots IS 'What a stream folded to after its event `sequence`: a cache, one for each stream that is long enough.';
COMMENT ON COLUMN snapshots.log_id IS 'Of the log it was folded from.';
COMMENT ON COLUMN snapshots.fold_version IS 'Of the rules that folded it; no other can use it.';
COMMENT ON COLUMN snapshots.payload IS 'JSON; sealed under the contact''s key where it holds words.';

-- Whoever writes goes through the functions below, which do it as the owner: so a server's role can append, and cannot
-- insert, change or delete a row by hand, as it could with plain grants. They look for tables in the log's schema alone,
-- whatever search_path they are called under.

-- Locks the head, or says that another writer has taken over.
CREATE OR REPLACE FUNCTION lock_head(p_fence bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found_position bigint;
BEGIN
    SELECT h.position INTO found_position FROM log_head AS h WHERE h.one AND h.fence = p_fence FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'another process writes this log now' USING ERRCODE = 'GH001';
    END IF;
    RETURN found_position;
END $$;

-- The fast path: a whole batch, inserted without looking. Returns the position before it. A unique violation, or GH002
-- where a stream is not where its append expects it, stores nothing; then append_each looks at each append.
--
-- The planner settings keep the one look-up on its index, whatever a generic plan would make of it.
CREATE OR REPLACE FUNCTION append_all(
    p_fence bigint, p_at timestamptz,
    a_type text[], a_id text[], a_expected bigint[], n_type text[], n_id text[], n_next bigint[],
    e_type text[], e_id text[], e_sequence bigint[], e_name text[], e_version text[], e_payload text[], e_event uuid[],
    c_key bytea[], c_kind smallint[], c_owner text[], c_sequence bigint[], c_offset bigint[],
    k_contact text[], k_sealed text[]
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = gatehouse_log, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    base bigint := lock_head(p_fence);
BEGIN
    IF (SELECT count(*) FROM unnest(a_type, a_id, a_expected) AS a (t, i, s)
          JOIN events AS e ON e.aggregate_type = a.t AND e.aggregate_id = a.i AND e.sequence = a.s)
       <> cardinality(a_type)
       -- An append without events has no row that would collide.
       OR EXISTS (SELECT 1 FROM unnest(n_type, n_id, n_next) AS n (t, i, s)
                    JOIN events AS e ON e.aggregate_type = n.t AND e.aggregate_id = n.i AND e.sequence = n.s) THEN
        RAISE EXCEPTION 'a stream is not where it is expected' USING ERRCODE = 'GH002';
    END IF;
    INSERT INTO claims (key, kind, owner, sequence, position)
    SELECT c.key, c.kind, c.owner, c.sequence, base + c.off
      FROM unnest(c_key, c_kind, c_owner, c_sequence, c_offset) AS c (key, kind, owner, sequence, off);
    INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                        position, event_id, recorded_at)
    SELECT e.t, e.i, e.s, e.n, e.v, e.p::json, '{}', base + e.ord, e.event, p_at
      FROM unnest(e_type, e_id, e_sequence, e_name, e_version, e_payload, e_event)
           WITH ORDINALITY AS e (t, i, s, n, v, p, event, ord);
    INSERT INTO contact_keys SELECT * FROM unnest(k_contact, k_sealed) ON CONFLICT DO NOTHING;
    UPDATE log_head SET position = base + cardinality(e_type) WHERE one;
    RETURN base;
END $$;

-- The checked path: each append by itself, in order. Outcomes: 0 committed, 1 duplicate, 2 taken, 3 conflict.
CREATE OR REPLACE FUNCTION append_each(
    p_fence bigint, p_at timestamptz,
    a_type text[], a_id text[], a_expected bigint[], a_events_to int[], a_claims_to int[],
    e_sequence bigint[], e_name text[], e_version text[], e_payload text[], e_event uuid[],
    c_key bytea[], c_kind smallint[],
    k_append int[], k_contact text[], k_sealed text[],
    r_append int[], r_key bytea[], d_append int[], d_contact text[]
) RETURNS TABLE (outcome int, at_position bigint, at_sequence bigint, taken_by text) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = gatehouse_log, pg_temp
SET enable_seqscan = off AS $$
DECLARE
    head bigint := lock_head(p_fence);
    stream text;
    events_from int := 1;
    claims_from int := 1;
    events_count int;
    last_sequence bigint;
    done record;
BEGIN
    FOR a IN 1 .. cardinality(a_type) LOOP
        stream := a_type[a] || '/' || a_id[a];
        events_count := a_events_to[a] - events_from + 1;
        done := NULL;
        outcome := 0; at_position := 0; at_sequence := 0; taken_by := NULL;
        FOR c IN claims_from .. a_claims_to[a] LOOP
            SELECT k.owner, k.sequence, k.position INTO done FROM claims AS k WHERE k.key = c_key[c];
            IF NOT FOUND THEN
                CONTINUE;
            ELSIF c_kind[c] = 0 THEN
                outcome := 1; at_position := done.position; at_sequence := done.sequence;
                EXIT;
            ELSIF done.owner <> stream THEN
                outcome := 2; taken_by := done.owner;
                EXIT;
            END IF;
        END LOOP;
        IF outcome = 0 THEN
            SELECT max(e.sequence) INTO last_sequence FROM events AS e
             WHERE e.aggregate_type = a_type[a] AND e.aggregate_id = a_id[a];
            IF coalesce(last_sequence, 0) <> a_expected[a] THEN
                outcome := 3;
            ELSE
                at_position := head + events_count;
                at_sequence := a_expected[a] + events_count;
                -- One's own claim again is no violation.
                INSERT INTO claims (key, kind, owner, sequence, position)
                SELECT DISTINCT ON (c.key) c.key, c.kind, CASE c.kind WHEN 1 THEN stream ELSE '' END, at_sequence, at_position
                  FROM unnest(c_key[claims_from : a_claims_to[a]], c_kind[claims_from : a_claims_to[a]]) AS c (key, kind)
                    ON CONFLICT DO NOTHING;
                INSERT INTO events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                                    position, event_id, recorded_at)
                SELECT a_type[a], a_id[a], e_sequence[i], e_name[i], e_version[i], e_payload[i]::json, '{}',
                       head + i - events_from + 1, e_event[i], p_at
                  FROM generate_series(events_from, a_events_to[a]) AS i;
                INSERT INTO contact_keys
                SELECT k.contact, k.sealed FROM unnest(k_append, k_contact, k_sealed) AS k (append, contact, sealed)
                 WHERE k.append = a ON CONFLICT DO NOTHING;
                -- What the stream gives back, and the key of an erased contact.
                FOR r IN 1 .. cardinality(r_append) LOOP
                    DELETE FROM claims AS k
                     WHERE r_append[r] = a AND k.key = r_key[r] AND k.kind = 1 AND k.owner = stream;
                END LOOP;
                FOR d IN 1 .. cardinality(d_append) LOOP
                    DELETE FROM contact_keys AS k WHERE d_append[d] = a AND k.contact = d_contact[d];
                END LOOP;
                head := at_position;
            END IF;
        END IF;
        events_from := a_events_to[a] + 1;
        claims_from := a_claims_to[a] + 1;
        RETURN NEXT;
    END LOOP;
    UPDATE log_head SET position = head WHERE one;
END $$;

-- Keeps a snapshot in place of the one before. It may be lost in a crash, so nobody waits for the disk.
CREATE OR REPLACE FUNCTION keep_snapshot(
    p_type text, p_id text, p_log_id text, p_sequence bigint, p_fold_version bigint, p_payload text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = gatehouse_log, pg_temp AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO snapshots VALUES (p_type, p_id, p_log_id, p_sequence, p_fold_version, p_payload)
    ON CONFLICT (aggregate_type, aggregate_id)
    DO UPDATE SET log_id = excluded.log_id, sequence = excluded.sequence, fold_version = excluded.fold_version,
                  payload = excluded.payload;
END $$;

-- What a server needs that is not the owner: see deploy/postgres/roles.sql. Here, so that what an upgrade adds is granted
-- with it. Position and name of the log are not the server's to change.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA gatehouse_log FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gatehouse_server') THEN
        GRANT USAGE ON SCHEMA gatehouse_log TO gatehouse_server;
        GRANT SELECT ON events, log_head, claims, contact_keys, snapshots TO gatehouse_server;
        GRANT UPDATE (fence, lease_holder, lease_until) ON log_head TO gatehouse_server;
        GRANT EXECUTE ON FUNCTION append_all, append_each, keep_snapshot TO gatehouse_server;
    END IF;
END $$;
