#!/usr/bin/env bash
# Measures a release build on SQLite, and on a PostgreSQL server of its own that waits for the disk as a real one does.
set -euo pipefail
cd "$(dirname "$0")/.."

measure() { # store, further arguments
    for what in append ingest memory project board search; do
        echo "== $what on $1"
        RUST_LOG=${RUST_LOG:-error} "${CARGO_TARGET_DIR:-target}/release/gatehouse" bench "$what" --store "$@" --json
    done
}

if [ "${1:-}" = postgres ]; then
    measure postgres --database-url "$TEST_POSTGRES_URL/postgres"
else
    WEB_ASSETS=skip cargo build --release --package gatehouse
    measure sqlite
    target="${CARGO_TARGET_DIR:-target}/release/gatehouse"
    echo "== route"; "$target" bench route --json
    POSTGRES_DURABLE=1 tests/with_postgres.sh tests/bench.sh postgres
fi
