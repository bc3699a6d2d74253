-- Roles for Gatehouse on PostgreSQL, so that a server, or whoever gets hold of its password, cannot change history, and
-- whoever counts sees no words:
--
--   gatehouse_owner   makes and upgrades the schemas gatehouse_log and gatehouse_cabinet, and restores backups
--   gatehouse_server  reads, appends through the log's functions, keeps the cabinet, and owns the schemas work and
--                     reporting, whose tables are made from the log and can be made again; no more
--   gatehouse_analyst reads the reporting tables and nothing else
--
-- Run it in Gatehouse's database as somebody who may make roles and grant there: psql -d gatehouse -f roles.sql
-- It can be run again, and on a database with a log in it. docs/OPERATIONS.md says what comes next. A role is the whole
-- database server's, so installations in several of its databases share these.

DO $$
DECLARE
    role text;
    item record;
BEGIN
    FOREACH role IN ARRAY ARRAY['gatehouse_owner', 'gatehouse_server', 'gatehouse_analyst'] LOOP
        BEGIN
            -- Without a password: nobody gets in until you set one, or allow another way in pg_hba.conf.
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
    EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO gatehouse_owner', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO gatehouse_server', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO gatehouse_analyst', current_database());
    EXECUTE format('ALTER ROLE gatehouse_analyst IN DATABASE %I SET search_path = reporting', current_database());
    EXECUTE format('ALTER ROLE gatehouse_analyst IN DATABASE %I SET default_transaction_read_only = on',
                   current_database());

    -- A log that is there already gets the new owner, and no longer tells who made it: so the owner's next start goes
    -- through the schema again, and grants the server what this version needs.
    FOR item IN SELECT oid, nspname FROM pg_namespace WHERE nspname IN ('gatehouse_log', 'gatehouse_cabinet') LOOP
        EXECUTE format('ALTER SCHEMA %I OWNER TO gatehouse_owner', item.nspname);
        EXECUTE format('COMMENT ON SCHEMA %I IS NULL', item.nspname);
    END LOOP;
    FOR item IN
        SELECT 'TABLE' AS kind, oid::regclass::text AS name FROM pg_class
         WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('gatehouse_log', 'gatehouse_cabinet'))
           AND relkind = 'r'
        UNION ALL
        SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc
         WHERE pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('gatehouse_log', 'gatehouse_cabinet'))
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO gatehouse_owner', item.kind, item.name);
    END LOOP;

    -- The tables of read models are the server's, whoever starts it: each version makes those it needs.
    GRANT gatehouse_server TO gatehouse_owner;
    FOREACH role IN ARRAY ARRAY['work', 'reporting'] LOOP
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', role);
        EXECUTE format('ALTER SCHEMA %I OWNER TO gatehouse_server', role);
    END LOOP;
    FOR item IN
        SELECT relkind, oid::regclass::text AS name FROM pg_class
         WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('work', 'reporting'))
           AND relkind IN ('r', 'v')
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO gatehouse_server',
                       CASE item.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, item.name);
    END LOOP;

    -- Analysts read what the server shows; it grants them what it makes from now on.
    GRANT USAGE ON SCHEMA reporting TO gatehouse_analyst;
    FOR item IN
        SELECT oid::regclass::text AS name FROM pg_class
         WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'v'
    LOOP
        EXECUTE format('GRANT SELECT ON %s TO gatehouse_analyst', item.name);
    END LOOP;
END $$;
