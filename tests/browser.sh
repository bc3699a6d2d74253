#!/usr/bin/env bash
# The journey in a real browser against the real server and the sandbox: starts both on ports of their own with fresh
# data, runs the browser specs, stops both. Installs Chromium where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v chromium >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium fonts-noto-color-emoji fonts-dejavu-core
fi

WEB_ASSETS=require cargo build --bin gatehouse --package gatehouse --package gatehouse-sandbox --bin gatehouse-sandbox
target=${CARGO_TARGET_DIR:-target}/debug
server=127.0.0.1:${BROWSER_TEST_PORT:-18080}
sandbox=127.0.0.1:${BROWSER_TEST_SANDBOX_PORT:-18090}
data=$(mktemp -d)
export GATEHOUSE_ADMIN_PASSWORD=only-for-the-browser-test

pids=()
stop() {
    trap - EXIT INT TERM
    kill -TERM "${pids[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$data"
}
trap stop EXIT
trap 'exit 130' INT TERM

GATEHOUSE_OUTBOUND__ALLOW='["127.0.0.0/8"]' "$target/gatehouse" serve --data "$data" --listen "$server" \
    2>"$data/server.log" &
pids+=($!)
"$target/gatehouse-sandbox" serve --listen "$sandbox" 2>"$data/sandbox.log" &
pids+=($!)
demo=$("$target/gatehouse-sandbox" demo --server "http://$server" --sandbox "http://$sandbox" --state "$data/demo.json")

export DESK_URL=http://$server/desk
export PHONE_URL=$(grep -oE "http://$sandbox/[^ ]+" <<<"$demo" | head -n 1)
export AGENT_LOGIN=anna
export AGENT_PASSWORD=$(grep -oE '"anna_password": "[^"]+"' "$data/demo.json" | cut -d'"' -f4)
cd web
status=0
# One after the other: who is there for one of them would be offered the customers of the other.
npm run e2e -- e2e/first-light.spec.ts && npm run e2e -- e2e/board-live.spec.ts || status=$?
if [ "$status" -ne 0 ]; then
    tail -n 30 "$data/server.log" "$data/sandbox.log"
    exit "$status"
fi
# The states of the page that need no server of ours.
env -u DESK_URL npm run e2e -- states.spec.ts
