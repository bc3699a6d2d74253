#!/usr/bin/env bash
# Builds Gatehouse, starts it on SQLite together with the WhatsApp sandbox, sets both up, and says what to do next.
# Everything it makes is under data/; a second run finds it there. Ctrl-C stops both.
set -euo pipefail
cd "$(dirname "$0")/.."

need() { command -v "$1" >/dev/null || { echo "make run needs $2" >&2; exit 1; }; }
need cargo "Rust (https://rustup.rs)"
need npm "Node.js 20.19 or newer, with npm: it builds the pages"

server=${GATEHOUSE_LISTEN:-127.0.0.1:8080}
sandbox=${SANDBOX_LISTEN:-127.0.0.1:8090}
data=${GATEHOUSE_DATA:-data}

WEB_ASSETS=require cargo build --bin gatehouse --package gatehouse --package gatehouse-sandbox --bin gatehouse-sandbox
target=${CARGO_TARGET_DIR:-target}/debug

umask 077
mkdir -p "$data"
password_file=$data/admin.password
[ -s "$password_file" ] || head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$password_file"
GATEHOUSE_ADMIN_PASSWORD=$(cat "$password_file")
export GATEHOUSE_ADMIN_PASSWORD

pids=()
stop() {
    trap - EXIT INT TERM
    [ ${#pids[@]} -eq 0 ] || kill -TERM "${pids[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    echo "Stopped. Everything is kept in $data/; make run goes on from there."
}
trap stop EXIT
trap 'exit 0' INT TERM

# The sandbox is on this machine, which the server calls only because it is told to here.
GATEHOUSE_OUTBOUND__ALLOW='["127.0.0.0/8"]' setsid "$target/gatehouse" serve --data "$data" --listen "$server" \
    2>>"$data/server.log" &
pids+=($!)
setsid "$target/gatehouse-sandbox" serve --listen "$sandbox" 2>>"$data/sandbox.log" &
pids+=($!)

"$target/gatehouse-sandbox" demo --server "http://$server" --sandbox "http://$sandbox" --state "$data/demo.json"
echo "  The supervisors' board is http://$server/board, for the administrator."
echo "  The administrator is admin, password in $password_file; logs are $data/server.log and $data/sandbox.log."
echo "  Ctrl-C stops it."
# Until one of them ends or Ctrl-C comes.
wait -n "${pids[@]}" || { echo "One of the servers ended by itself: see $data/server.log and $data/sandbox.log" >&2; exit 1; }
