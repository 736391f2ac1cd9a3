# The front door. `make demo` and `make test` need nothing but a Swift toolchain: they install what is missing.

PACKAGES := git libgit2-dev libcurl4-openssl-dev libyaml-dev qemu-system-x86 qemu-utils
PREFIX ?= /usr/local
SWIFT ?= swift
# Hundreds of tests at once starve those that wait for a program. Swift 6.3 has an option for fewer.
WIDTH_OPTION = $(shell $(SWIFT) test --help-hidden 2>/dev/null | grep -o -m 1 -e '--experimental-maximum-parallelization-width')
TEST_FLAGS = --disable-xctest $(WIDTH_OPTION:%=% 12)

# How long the simulator, or each fuzz target, goes on.
SECONDS ?= 60

.PHONY: help setup build test demo lint format check check-deep trials simulate replay compare-traces explore mutants reliability-report soak fuzz bench install clean

help: ## What there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the system packages that are missing
	@scripts/setup $(PACKAGES)

build: setup ## Build the binary at .build/release/operator
	$(SWIFT) build -c release --product operator

test: setup ## Run all tests
	$(SWIFT) build --product operator
	@scripts/test .build/test.log $(SWIFT) test $(TEST_FLAGS)

demo: build ## The whole story in a minute: start, stop, start again
	@scripts/demo .build/release/operator

lint: ## Formatting and house rules, warnings are errors
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Fuzzing
	@scripts/tidy
	@scripts/escapes-test

format: ## Format all sources
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Fuzzing

check: lint test ## Lint and tests

# The suppressions are names of functions: without a symbolizer none of them counts.
check-deep: setup ## All tests under the address and thread sanitizers, and the simulator's traces under the latter
	ASAN_SYMBOLIZER_PATH=$(shell command -v llvm-symbolizer) \
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/leak-sanitizer.supp:print_suppressions=0 \
		$(SWIFT) test $(TEST_FLAGS) --sanitize=address --scratch-path .build-address
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp \
		$(SWIFT) test $(TEST_FLAGS) --sanitize=thread --scratch-path .build-thread
	$(SWIFT) build -c release --product simulate
	$(SWIFT) build --product simulate --sanitize=thread --scratch-path .build-thread
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/thread-sanitizer.supp \
		scripts/compare-traces .build/release/simulate .build-thread/debug/simulate

trials: build ## Kill the built binary at every request and push, and the local provider at every step, or where a failure said: ONLY='stop: killAfter at push #2'
	$(SWIFT) build --build-tests
	OPERATOR_BINARY=.build/release/operator OPERATOR_TRIALS='$(or $(ONLY),all)' OPERATOR_TEST_DEEP=1 \
		$(SWIFT) test --skip-build $(TEST_FLAGS) \
		--filter 'ScalewayTrialTests$(if $(ONLY),,.*killed|LocalTrialTests|LocalProviderTests.CrashTests)'

fuzz: setup ## Bytes into every parser, and as schedules into the planner: SECONDS=60 each
	OPERATOR_FUZZ=1 $(SWIFT) build -c release -Xswiftc -enable-testing --sanitize=fuzzer --product fuzz --scratch-path .build-fuzz
	@scripts/fuzz .build-fuzz/release/fuzz $(SECONDS) $(SEED)

simulate: setup ## A minute of worlds in which everything goes wrong, or SEEDS=2600 of them
	$(SWIFT) run -c release simulate $(if $(SEEDS),--seeds $(SEEDS),--seconds $(SECONDS))

replay: setup ## What happens in the world of one seed: make replay SEED=7
	$(SWIFT) run -c release simulate --replay $(SEED)

compare-traces: setup ## The same seeds take the same course in a debug as in a release build
	$(SWIFT) build -c release --product simulate
	$(SWIFT) build --product simulate
	@scripts/compare-traces .build/release/simulate .build/debug/simulate

soak: setup ## A night: worlds none of which was lived through before, the explorer's deep ones, every fault and every death
	$(SWIFT) run -c release simulate --seconds 21600 --from $$(date +%s)000000
	$(MAKE) explore DEEP=1
	$(SWIFT) build --product operator
	$(SWIFT) build --product scaleway-emulator
	OPERATOR_TRIALS=all OPERATOR_TEST_DEEP=1 $(SWIFT) test $(TEST_FLAGS) \
		--filter 'ScalewayTrialTests|ScalewayDayTests|LocalTrialTests|LocalProviderTests.CrashTests'

explore: setup ## Every interleaving of small worlds, or of those that take long, too: DEEP=1
	$(SWIFT) run -c release explore $(if $(DEEP),--deep)

mutants: setup ## Take every safeguard out in its turn; the explorer or the simulator has to come to harm
	OPERATOR_MUTANTS=1 $(SWIFT) build -c release --product mutants --scratch-path .build-mutants
	.build-mutants/release/mutants

reliability-report: setup ## Run all three, a minute of worlds or SECONDS, and write the figures into docs/reliability.md
	@SWIFT=$(SWIFT) scripts/reliability-report $(SECONDS)

bench: build ## Speed and memory as ratios to a floor measured in the same run
	@scripts/bench .build/release/operator

install: build ## Install the binary and its completions below PREFIX
	install -D -m 755 .build/release/operator $(DESTDIR)$(PREFIX)/bin/operator
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	.build/release/operator --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/operator

clean: ## Remove what was built
	rm -rf .build .build-*
