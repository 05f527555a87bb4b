# The two commands that matter: `make try` and `make test`. Both install what they need on a fresh Debian 12.
.DEFAULT_GOAL := help
.PHONY: help try test build dev asan tsan bench bench-solver live live-projects faults fuzz fuzz-solver format tidy clean packages

help: ## list the targets
	@echo "hod: a package manager for Node.js. Targets:"
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

packages:
	@cmake/install_packages.sh

try: packages ## set up, build, install and run a real Express app
	@tests/live/try.sh

test: packages ## set up, build, run every hermetic test
	@tests/run_all.sh

build: packages ## the release binary: build/release/cli/hod
	@cmake --preset release >/dev/null && cmake --build --preset release --target hod

dev: packages ## the debug build of everything, for daily work
	@cmake --preset dev >/dev/null && cmake --build --preset dev

asan: packages ## every test under the address and undefined-behaviour sanitizers
	@HOD_PRESET=asan tests/run_all.sh

tsan: packages ## every test under the thread sanitizer
	@HOD_PRESET=tsan tests/run_all.sh

bench: build ## compare with the peers on this machine (root, npm registry): see docs/performance.md
	@tests/bench/run.sh

bench-solver: packages ## what resolving costs; the bench's project `alotta` too where tests/bench/setup.sh was run
	@cmake --preset release >/dev/null && cmake --build --preset release --target hod solver_bench
	@tests/bench/solver.sh

live: build ## install and run the example apps with the real npm registry
	@node tests/live/run.mjs

live-projects: build ## resolve the projects of a folder (PROJECTS=...) with the real npm registry, beside npm (and PEERS=...)
	@node tests/live/projects.mjs "$(PROJECTS)" $(if $(PEERS),--peers="$(PEERS)")

faults: dev build ## every call to the disk fails once, power cuts, and the scenarios of tests/faults
	@tests/faults/run_all.sh

fuzz: ## each fuzz target for a minute (clang)
	@cmake/install_packages.sh clang libclang-rt-14-dev
	@tests/fuzz/run.sh

fuzz-solver: packages ## 20,000 random universes against a second, slow solver; again for the fewest packages
	@cmake --preset release >/dev/null && cmake --build --preset release --target fuzz_solver
	@build/release/tests/resolution/fuzz_solver 1 20000
	@build/release/tests/resolution/fuzz_solver 1 20000 --fewest

format: ## clang-format over all sources
	@cmake/install_packages.sh clang-format
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

tidy: dev ## clang-tidy over all sources (slow)
	@cmake/install_packages.sh clang-tidy
	@git ls-files '*.cc' | grep -v _test.cc | xargs -P 2 -n 4 clang-tidy -p build/dev --quiet

clean: ## remove everything that was built
	@rm -rf build
