-- The log on SQLite. The columns are those of postgres-es, so that cqrs-es tools can read it, plus the total order.
CREATE TABLE IF NOT EXISTS events (
    position       INTEGER PRIMARY KEY,          -- one total order: from 1, no gaps
    aggregate_type TEXT    NOT NULL,
    aggregate_id   TEXT    NOT NULL,
    sequence       INTEGER NOT NULL,             -- the order within one stream: from 1, no gaps
    event_type     TEXT    NOT NULL,
    event_version  TEXT    NOT NULL,
    payload        TEXT    NOT NULL,             -- JSON; the personal part is sealed
    metadata       TEXT    NOT NULL,             -- JSON object with string values
    event_id       TEXT    NOT NULL,
    recorded_at    INTEGER NOT NULL,             -- microseconds since 1970, UTC
    -- The id first: it tells streams apart at the first comparison, where a kind is shared by most.
    UNIQUE (aggregate_id, aggregate_type, sequence)
);

CREATE TABLE IF NOT EXISTS log_head (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL,                   -- of the last event
    fence    INTEGER NOT NULL,                   -- raised by whoever takes over writing
    log_id   TEXT    NOT NULL,
    lease_holder TEXT,                           -- the data directory whose lock the writer has, if it has one
    lease_until  INTEGER                         -- microseconds since 1970, UTC; none: it was given up
);

-- Unique things, claimed in the transaction of the events that claim them. Keys are keyed hashes.
CREATE TABLE IF NOT EXISTS claims (
    key      BLOB PRIMARY KEY,
    kind     INTEGER NOT NULL,                   -- 0 a command that was done, 1 a thing that is owned
    owner    TEXT    NOT NULL,                   -- the stream: kind/id; empty for a command
    sequence INTEGER NOT NULL,                   -- of the stream's last event then
    position INTEGER NOT NULL
) WITHOUT ROWID;

-- Contacts' keys, sealed under the master key. Erasing a contact deletes the row. With rowids, so that a new key goes
-- to the end and none is moved: a page that is split keeps a copy of what moved, and a key must have no copies.
CREATE TABLE IF NOT EXISTS contact_keys (
    contact TEXT PRIMARY KEY,
    sealed  TEXT NOT NULL
);

-- What a stream folded to after its event `sequence`: a cache, one for each stream that is long enough.
CREATE TABLE IF NOT EXISTS snapshots (
    aggregate_type TEXT    NOT NULL,
    aggregate_id   TEXT    NOT NULL,
    log_id         TEXT    NOT NULL,             -- of the log it was folded from
    sequence       INTEGER NOT NULL,
    fold_version   INTEGER NOT NULL,             -- of the rules that folded it; no other can use it
    payload        TEXT    NOT NULL,             -- JSON; sealed under the contact's key where it holds words
    PRIMARY KEY (aggregate_type, aggregate_id)
);
