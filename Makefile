# `make` alone lists the targets. Everything is made in .venv, from locked and hashed requirements. Debian packages
# that are missing are installed only when you are root; else the command to run is printed.
.ONESHELL:
.SHELLFLAGS := -euc
.DEFAULT_GOAL := help
.PHONY: help install demo double test lab faults fuzz bench lint words docs lock clean

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

# What `make test` runs: all of the first, and of the deep folders the tests marked `quick`.
WHOLE := tests/unit tests/conformance tests/docs tests/systemd tests/doubles tests/fuzz
DEEP  := tests/lab tests/faults

# $(call apt,PACKAGES): install them as root, else say how. Fails if they can't be had.
define apt
	if [ "$$(id -u)" != 0 ]; then echo "Missing. Run: sudo apt-get install $(1)" >&2; exit 1; fi
	echo "Installing: $(1)"
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(1) >/dev/null
endef

help:  ## List the targets.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/.run  ## Make .venv with the locked dependencies and .venv/bin/secondring.
	@# The service may not write beside its code, so it would compile everything at each start.
	$(BIN)/python -m compileall -q agent sms storage

.venv/bin/python:
	@find_python() {
	    for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do
	        if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then return 0; fi
	    done
	    return 1
	}
	# Debian 12 and 13 and Ubuntu 24.04 have a python3 that is new enough, Ubuntu 22.04 a package python3.11.
	if ! find_python; then
	    echo "Python 3.11 or later is needed."
	    wanted=python3
	    if [ "$$(. /etc/os-release; echo "$$VERSION_ID")" = 22.04 ]; then wanted=python3.11; fi
	    $(call apt,"$$wanted" "$$wanted-venv")
	    find_python || { echo "Still no Python 3.11: set PYTHON=/path/to/it" >&2; exit 1; }
	fi
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then
	    echo "The venv module of $$python is needed."
	    $(call apt,"$$("$$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')")
	fi
	"$$python" -m venv --clear .venv

.venv/.run: .venv/bin/python requirements/run.txt pyproject.toml
	@echo "Installing the locked dependencies"
	$(PIP) install --require-hashes --only-binary :all: -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --no-index -e .
	touch $@

# The sets for developers hold the run set too.
.venv/.dev .venv/.bench .venv/.fuzz: .venv/.%: requirements/%.txt .venv/.run
	@echo "Installing the locked tools of $<"
	$(PIP) install --require-hashes -r $<
	touch $@

# Peers of a bench, in an environment of their own: one wants versions that the project can't have.
.venv-peers/.done: requirements/peers.txt .venv/bin/python
	@echo "Installing the bench's peers"
	$(BIN)/python -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip --disable-pip-version-check --quiet --quiet install --require-hashes -r $<
	touch $@

demo: .venv/.run  ## Watch a day at a small office and play its callers (no PBX needed; PBX=freeswitch).
	@$(BIN)/python -m tests.doubles.demo --pbx $(or $(PBX),asterisk)

double: .venv/.run  ## A stand-in for Twilio, with a page on which you play the callers.
	@$(BIN)/python -m tests.doubles.twilio --page --port 8444

test: lint .venv/.packages  ## Everything that must hold, within 15 minutes.
	@$(BIN)/pytest -m 'quick or not deep' $(wildcard $(WHOLE) $(DEEP))

.venv/.packages: .venv/.dev
	@missing=
	command -v systemd-analyze >/dev/null || missing="$$missing systemd"
	# A box that can't have them still runs the other tests; those that need them say so and count as skipped.
	if [ -n "$$missing" ] && ! ( $(call apt,$$missing) ); then echo "Going on without: $$missing"; exit 0; fi
	touch $@

lab: .venv/.packages  ## Real Asterisk 22 and 16 with real SIP calls: every scenario.
	@$(BIN)/pytest tests/lab

faults: .venv/.dev  ## Kill the agent 200 times among a misbehaving provider and PBX; a storm of 10,000 misses.
	@$(BIN)/pytest tests/faults

fuzz: .venv/.fuzz  ## Ten minutes of hostile bytes, guided by coverage.
	@$(BIN)/python -m tests.fuzz

bench: .venv/.bench .venv-peers/.done  ## Measure what docs/performance.md claims.
	@$(BIN)/python -m tests.bench

lint: .venv/.dev  ## Style, types and the import rules.
	@bad=0
	$(BIN)/ruff check --quiet || bad=1
	$(BIN)/ruff format --quiet --check || bad=1
	$(BIN)/mypy || bad=1
	$(BIN)/mypy --explicit-package-bases tests training || bad=1
	$(BIN)/lint-imports --no-logo || bad=1
	exit $$bad

words: .venv/.run  ## Learn anew what callers mean in their own words (training/README.md).
	@$(BIN)/python -m training.learn

docs: .venv/.dev  ## Write anew what in docs/ is made from the code.
	@$(BIN)/python -m tests.docs.blocks
	$(BIN)/python -m agent.config.document > .venv/configuration.md
	mv .venv/configuration.md docs/configuration.md

lock: .venv/bin/python  ## Resolve requirements/*.txt anew from pyproject.toml, with hashes.
	@test -x .venv/lock/bin/pip-compile || { $(BIN)/python -m venv .venv/lock && .venv/lock/bin/pip -q install pip-tools; }
	compile() {
	    out=$$1; shift
	    .venv/lock/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header \
	        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$$@" -o "requirements/$$out.txt"
	}
	compile run pyproject.toml --extra build
	compile dev pyproject.toml --extra build --extra dev
	compile bench pyproject.toml --extra build --extra dev --extra bench
	compile fuzz pyproject.toml --extra build --extra dev --extra fuzz
	compile peers requirements/peers.in

clean:  ## Remove .venv and everything that was made here.
	@rm -rf .venv .venv-peers .lab bench-out fuzz-out dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find agent sms storage tests training -name __pycache__ -prune -exec rm -rf {} +
