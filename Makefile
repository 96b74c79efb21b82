# Every target does the set-up it needs by itself, in one line each, and is quick when there is nothing to do.
# `make demo` and `make test` are all a newcomer needs; `make` lists the rest.

SEEDS   ?= 20000
SECONDS ?= 60

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: ## install the Debian packages that are missing
	@tools/setup

.PHONY: build
build: build-release ## build the program, build/release/davy, and all its tests

.PHONY: test
test: build-release build-fuzz ## build, then the tests that need no server: simulated world, contracts, commands, 5 s of each fuzzer
	@echo "davy: testing build/release"
	@ctest --preset release -LE real

.PHONY: test-real
test-real: build-release ## real servers, real kills, bad days
	@echo "davy: testing build/release with real servers"
	@ctest --preset release -L real

.PHONY: acceptance
acceptance: build-release ## before an issue is closed: examples, all kills, 100,000 seeds, benches (an hour; log: build/acceptance.log)
	@tools/acceptance 2>&1 | tee build/acceptance.log

.PHONY: demo
demo: build/release/build.ninja ## ship a good version, catch a bad one, take it back
	@echo "davy: building build/release (the programs only)"
	@cmake --build --preset release --target programs
	@examples/storefront/demo

.PHONY: bench
bench: build-release ## measure what docs/performance.md promises
	@tools/setup bench
	@bench/run

.PHONY: format
format: setup ## lay out the sources with clang-format
	@tools/files '*.cc' '*.h' | xargs -0 -r clang-format-19 -i

.PHONY: lint
lint: setup ## layout, purity, who may know whom, shell scripts, sizes
	@tools/lint

.PHONY: tidy
tidy: build-release ## clang-tidy over src and apps (minutes)
	@run-clang-tidy-19 -quiet -p build/release "^$(CURDIR)/(src|apps)/" 2> build/tidy.log

.PHONY: asan
asan: build-asan ## all tests with address and undefined-behaviour sanitizers
	@echo "davy: testing build/asan"
	@ctest --preset asan

# What reads hostile input and decides, in minutes: CI's part of `make asan`.
SANITIZED := spec_test run_test watch_test plan_test rollout_test view_test ports_test signals_test store_test
.PHONY: asan-quick
asan-quick: build/asan/build.ninja ## the tests of what parses and decides, with the same sanitizers
	@cmake --build --preset asan --target $(SANITIZED)
	@ctest --preset asan -R "^($(subst $(eval) ,|,$(SANITIZED)))$$"

.PHONY: tsan
tsan: build-tsan ## all tests with the thread sanitizer
	@echo "davy: testing build/tsan"
	@ctest --preset tsan

.PHONY: fuzz
fuzz: build-fuzz ## run every fuzzer for SECONDS=60
	@tools/fuzz $(SECONDS)

.PHONY: simulate
simulate: build-release ## the simulated world, SEEDS=20000
	@build/release/simulate --seeds $(SEEDS)

.PHONY: crash
crash: build-release ## kill -9 at every journal event of every strategy
	@tests/crash/run --all

.PHONY: docs
docs: build-release ## write docs/plan-reference.md from the field tables
	@build/release/davy schema --markdown > build/plan-reference.md
	@mv build/plan-reference.md docs/plan-reference.md

.PHONY: clean
clean: ## remove build/
	@rm -rf build

# build-release, build-asan …: configure once (ninja configures again by itself when CMake files change), then build.
.PHONY: build-release build-asan build-tsan build-fuzz
build-release build-asan build-tsan build-fuzz: build-%: build/%/build.ninja
	@echo "davy: building build/$*"
	@cmake --build --preset $*

build/%/build.ninja: CMakePresets.json | setup
	@echo "davy: configuring build/$* (log: build/configure-$*.log)"
	@mkdir -p build
	@cmake --preset $* > build/configure-$*.log 2>&1 || { cat build/configure-$*.log; exit 1; }
	@touch $@
.PRECIOUS: build/%/build.ninja
