# The few verbs of this repository. `make run` and `make test` set up everything they need on a fresh machine.

.PHONY: run test check advisories browser-test openapi metrics bench soak

# Installed here, once, by the verbs that need it.
CARGO_DENY := target/tools/cargo-deny-0.20.2/bin/cargo-deny

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
# stopped now and then, and the history judged; 20 times on each while it writes tables, and the tables verified; a desk
# cut off 200 times. Prints what was counted.
KILLS ?= 200
soak:
	WEB_ASSETS=skip KILLS=$(KILLS) tests/with_postgres.sh cargo nextest run --profile soak --no-fail-fast \
	    --package gatehouse -E 'test(again_and_again) | test(200_random_points)'

# How fast and how big, on SQLite and on a PostgreSQL of its own. Takes some minutes and wants a quiet machine.
bench:
	tests/bench.sh

# Formatting, lints, and what we build upon: its licences, its sources, one version of what must be one.
check: web/node_modules/.installed-lock $(CARGO_DENY)
	cargo fmt --all --check
	WEB_ASSETS=skip cargo clippy --workspace --all-targets -- -D warnings
	cd web && npm run check
	$(CARGO_DENY) --log-level error check licenses bans sources

# Known weaknesses in what we build upon, from the public database: it needs the network, and changes without us.
advisories: $(CARGO_DENY)
	$(CARGO_DENY) check advisories

# Unoptimised: building it takes longer than running it ever will.
$(CARGO_DENY):
	cargo install --locked --quiet --debug --no-default-features --root $(CARGO_DENY:/bin/cargo-deny=) \
		cargo-deny@0.20.2

# Writes the API's description anew; a test fails while it is stale.
openapi:
	WEB_ASSETS=skip cargo run --quiet -- openapi > docs/openapi.json

# The definition of every metric and reporting table, printed from the code.
metrics:
	WEB_ASSETS=skip cargo run --quiet -- metrics > docs/METRICS.md

# The same mark that web/build.rs leaves, so that neither installs what the other has.
web/node_modules/.installed-lock: web/package-lock.json
	cd web && npm ci && cp package-lock.json node_modules/.installed-lock
