-- The cabinet on PostgreSQL, in a schema of its own (the connection's search_path). Every statement can be run again.
CREATE TABLE IF NOT EXISTS cabinet (
    kind  text        NOT NULL,
    key   text        NOT NULL,
    value text        NOT NULL,
    at    timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX IF NOT EXISTS cabinet_at ON cabinet (kind, at);
COMMENT ON TABLE cabinet IS 'Small things beside the log, hashed or sealed by whoever put them in.';

-- What a server needs that is not the owner: see deploy/postgres/roles.sql.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'gatehouse_server') THEN
        GRANT USAGE ON SCHEMA gatehouse_cabinet TO gatehouse_server;
        GRANT SELECT, INSERT, UPDATE, DELETE ON cabinet TO gatehouse_server;
    END IF;
END $$;
