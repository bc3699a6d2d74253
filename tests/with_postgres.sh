#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server of its own, in a temporary directory, as an unprivileged user. The command
# finds it in TEST_POSTGRES_URL (a URL without database) and may make and drop databases. A test that wants to stop a
# server makes another with TEST_POSTGRES_BINARIES, as TEST_POSTGRES_USER where that is set. Installs the server where
# there is none.
set -euo pipefail

binaries() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
if [ -z "$(binaries)" ]; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends postgresql
fi
bin=$(binaries)
home=$(mktemp -d)
as_user=()
if [ "$(id -u)" -eq 0 ]; then
    # PostgreSQL refuses to run as root.
    chown postgres "$home"
    as_user=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
stop() {
    trap - EXIT INT TERM
    "${as_user[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT TERM

# A port nobody listens on; two runs at once take different ones.
port=$((20000 + RANDOM % 20000))
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done

# No test pulls the power, so nothing waits for the disk; what is committed survives every kill all the same. Only a
# measurement wants a server as it comes: POSTGRES_DURABLE=1.
initdb=(--no-sync --wal-segsize=1)
settings="-c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
if [ -n "${POSTGRES_DURABLE:-}" ]; then
    initdb=() settings=""
fi
cd "$home"
"${as_user[@]}" "$bin/initdb" -D "$home/data" -U gatehouse -A trust "${initdb[@]}" >/dev/null
"${as_user[@]}" "$bin/pg_ctl" -D "$home/data" -w -l "$home/log" \
    -o "-p $port -k $home -c listen_addresses=127.0.0.1 -c max_connections=300 $settings" start >/dev/null
cd - >/dev/null
export TEST_POSTGRES_URL=postgres://gatehouse@127.0.0.1:$port TEST_POSTGRES_BINARIES=$bin
if [ ${#as_user[@]} -gt 0 ]; then export TEST_POSTGRES_USER=postgres; fi
"$@"
