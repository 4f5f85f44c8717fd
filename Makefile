# The one door. Needs Rust and Python 3, for test-clients also Node 20; everything else is fetched into .tools.
# Settings come from the environment or the command line, and are handed on as they are:
#   make smoke SPEED=10x EXIT_EXECUTOR_MODE=LIVE EXIT_BRAIN_V3_LIVE_ROLLOUT=ENABLED

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help tools build run flags smoke test test-clients chaos crashes rollbacks hostile fuzz sim sim-mutants bench check freeze clean-run paper

# dev or release; the services, `run` and `smoke` use the same.
PROFILE ?= dev
CARGO ?= cargo
PAPER ?=
export SEEDS ?= 2000
export FROM ?= 1
PAPER_LISTEN ?= 127.0.0.1:9080
ifeq ($(PROFILE),dev)
out := debug
else
out := $(PROFILE)
endif
CARGO_TARGET_DIR ?= target
local := $(CARGO_TARGET_DIR)/$(out)/local

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  DATA      synthetic (default) or recorded market data: a file or a folder'
	@echo '  SPEED     market time against real time, default 60x, smoke 3600x'
	@echo '  DURATION  how long smoke runs, default 40s'
	@echo '  SEED      of the synthetic market and the stand-in strategy, default 1'
	@echo '  EXIT_MODE EXIT_EXECUTOR_MODE EXIT_BRAIN_V3_LIVE_ROLLOUT   run and smoke default to SHADOW'
	@echo '  INCUMBENTS  of the legacy service, with commas between; default: what ships'
	@echo '  POLICY    a policy file instead of what ships (see deploy/config/policy.toml)'
	@echo '  SUITES    of test-clients, with spaces between; default: all (see tests/clients/README.md)'
	@echo '  SCRIPTED_ORDERS, SCRIPTED_SEED   how many orders chaos plays (10000), and from which seed'
	@echo '  FUZZ_SECONDS, FUZZ_SEED   how long fuzz drives each parser (10), and from which seed'
	@echo '  ROUNDS    of rollbacks: how often each goes down, default 100'
	@echo '  SEEDS, FROM   of sim: how many seeds (2000), and the first one (1); REPORT: a file for its report'
	@echo '  ONLY      which benches, with commas between: book executor xp1 intent memory plans wire'
	@echo '  PAPER     options of the paper exchange, e.g. PAPER="--live-market --symbols BTCUSDT"'
	@echo '  PROFILE   dev (default) or release'

tools: ## fetch nats-server into .tools, unless one is on PATH
	@deploy/tools/fetch-nats

build: ## build all binaries
	$(CARGO) build --workspace --bins --profile $(PROFILE)

run: tools build ## the whole system on a paper venue, until Ctrl-C
	@exec $(local) run

flags: ## other flags for what `run` runs, with a restart: make flags EXIT_MODE=LEGACY
	@$(local) flags

smoke: tools build ## the same for DURATION; the last line of stdout is one JSON object
	@exec $(local) smoke

# The tests of whole processes start the binaries, so those come first.
test: tools ## all tests
	@deploy/tools/fetch-kubectl >/dev/null && deploy/tools/fetch-schemas >/dev/null
	$(CARGO) build --workspace --bins
	@if $(CARGO) nextest --version >/dev/null 2>&1; \
	then set -x; $(CARGO) nextest run --workspace --no-fail-fast; \
	else set -x; $(CARGO) test --workspace --no-fail-fast; fi

paper: ## the paper exchange alone; its addresses and keys are in the log; PAPER adds options
	$(CARGO) build -p paper-exchange --bins --profile $(PROFILE)
	@exec $(CARGO_TARGET_DIR)/$(out)/paper-exchange --listen $(PAPER_LISTEN) \
		--keys-dir .run/paper --strategy off $(PAPER)

test-clients: ## unmodified third-party clients against the paper exchange
	$(CARGO) build --package paper-exchange --bins
	@tests/clients/run $(SUITES)

chaos: ## scripted orders with a fault on each, alone, with the table
	$(CARGO) test -q -p gateway --test actor scripted -- --nocapture

crashes: tools ## blows on real processes, the long ones too, with the table in docs/evidence
	@PROFILE=$(PROFILE) CARGO=$(CARGO) tests/crashes/run

rollbacks: tools ## rollbacks A, B, C and the kill, ROUNDS times each, with the table in docs/evidence
	@PROFILE=$(PROFILE) CARGO=$(CARGO) tests/rollbacks/run

hostile: tools ## an incumbent that tries everything on the bus, with the tables in docs/evidence
	@CARGO=$(CARGO) tests/hostile/run

fuzz: ## every parser against mutants, FUZZ_SECONDS each (FUZZ_DRIVER=libfuzzer: guided by coverage)
	@tests/fuzz/run

sim: ## SEEDS seeds of the whole system from FROM on, on all cores; interrupted, it goes on where it was
	$(CARGO) build --profile sim --package tests --bin sim
	@$(CARGO_TARGET_DIR)/sim/sim run --state .run/sim/$(FROM)-$(SEEDS).json \
		--seeds-file tests/seeds.txt

sim-mutants: ## planted bugs, each of which the simulation must find, with the table in docs/evidence
	@CARGO=$(CARGO) tests/mutants/run

# Only the wire needs the services.
bench_of = $(if $(ONLY),$(if $(findstring wire,$(ONLY)),--workspace --bins,--package bench),--workspace --bins)

bench: tools ## how fast it is, as lines of JSON; ONLY=book,xp1: some of it (see docs/performance.md)
	$(CARGO) build --profile sim $(bench_of)
	@$(CARGO_TARGET_DIR)/sim/bench

check: ## formatting and lints, as CI sees them
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings

freeze: ## keep what this version says on the wire, in proto/releases; once, when the version is set
	$(CARGO) test -q -p proto --test neighbours -- --ignored --exact freeze
	$(CARGO) test -q -p tests --test released_formats -- --ignored --exact freeze

clean-run: ## remove what runs have left in .run
	rm -rf .run
