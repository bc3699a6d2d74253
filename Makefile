# The few verbs of this repository. `make run` and `make test` set up everything they need on a fresh machine.

.PHONY: run test check browser-test openapi bench soak

# Builds, starts the server and the sandbox, sets them up, prints where to go. Ctrl-C stops it.
run:
	deploy/run.sh

# Everything: Rust tests (real processes, real SQLite), page tests, the browser journey against the real server.
test: web/node_modules/.installed-lock
	WEB_ASSETS=require tests/with_postgres.sh cargo nextest run --workspace
	cd web && npm test
	$(MAKE) browser-test

browser-test: web/node_modules/.installed-lock
	tests/browser.sh

# The tests that are better the longer they take: the server killed 200 times on each store (KILLS), its database
# stopped now and then, and the history judged; a desk cut off 200 times. Prints what was counted.
KILLS ?= 200
soak:
	WEB_ASSETS=skip KILLS=$(KILLS) tests/with_postgres.sh cargo nextest run --profile soak --no-fail-fast \
	    --package gatehouse -E 'test(again_and_again) | test(200_random_points)'

# How fast and how big, on SQLite and on a PostgreSQL of its own. Takes some minutes and wants a quiet machine.
bench:
	tests/bench.sh

# Formatting, lints, and documents that are generated.
check: web/node_modules/.installed-lock
	cargo fmt --all --check
	WEB_ASSETS=skip cargo clippy --workspace --all-targets -- -D warnings
	cd web && npm run check

# Writes the API's description anew; a test fails while it is stale.
openapi:
	WEB_ASSETS=skip cargo run --quiet -- openapi > docs/openapi.json

# The same mark that web/build.rs leaves, so that neither installs what the other has.
web/node_modules/.installed-lock: web/package-lock.json
	cd web && npm ci && cp package-lock.json node_modules/.installed-lock
