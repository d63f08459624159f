# Tertulia. `make demo` starts it; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help demo install test test-all check fmt bench prove attack load backlog calendar pictures lock clean

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/run  ## start Tertulia with a made-up city; ARGS="--headless --people 300 --seed 7 --out DIR"
	@$(BIN)/tertulia demo $(ARGS)

install: $(VENV)/run  ## the environment only: tertulia is in .venv/bin

test: $(VENV)/dev  ## every test that needs Python packages only (at most 90 seconds)
	@$(BIN)/python -m pytest -q -n 2 -m "not browser and not slow" $(ARGS)
	@echo "Not run here: tests marked browser (Chromium) and slow. make test-all runs them."

test-all: test $(VENV)/browser  ## make test, then the slow tests, then those that drive Debian's Chromium
	@$(BIN)/python -m pytest -q -n 2 -m "slow and not browser" $(ARGS)
	@if command -v chromium >/dev/null; then $(BIN)/python -m pytest -q -m browser $(ARGS); \
	  else echo "NOT RUN: the browser tests. Chromium is missing: apt-get install chromium"; exit 1; fi

check: $(VENV)/dev  ## formatting, lint, types, imports
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

fmt: $(VENV)/dev  ## format and mend what can be mended by itself
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(VENV)/dev  ## CPU per answer, durable turns a second, start time, memory
	@$(BIN)/python -m benchmarks

prove: $(VENV)/dev  ## every proof of docs/reliability.md at full size (hours); ARGS="--size 0.01" is quick
	@$(BIN)/python -m benchmarks.prove $(ARGS)

load: $(VENV)/dev  ## 20,000 people on a loopback Telegram, with storms, an outage and five kills (an hour)
	@$(BIN)/python -m benchmarks.telegram $(ARGS)

backlog: $(VENV)/dev  ## 100,000 WhatsApp messages on virtual time: how much of the allowed pace is used (minutes)
	@$(BIN)/python -m benchmarks.backlog $(ARGS)

pictures: $(VENV)/browser  ## take the pictures of docs/guia-telegram.md anew
	@$(BIN)/python -m tests.browser.pictures

attack: $(VENV)/dev  ## 52 weekly public summaries against linear programming: no small row is solved
	@$(BIN)/python -m benchmarks.differencing

calendar: $(VENV)/dev  ## two waves with 5,000 people on six cities' clocks, virtual time, twice the same
	@$(BIN)/python -m benchmarks.calendar $(ARGS)

lock:  ## pin the current versions with hashes (needs uv)
	@for set in build run dev browser; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --upgrade requirements/$$set.in --output-file requirements/$$set.txt; done

clean:  ## remove the environment
	rm -rf $(VENV)

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Tertulia needs Python 3.11 or newer. Say which: make PYTHON=python3.12 demo"; exit 1; }
	@echo "Making $(VENV) (once) …"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run: $(VENV)/made requirements/build.txt requirements/run.txt pyproject.toml
	@$(PIP) -r requirements/build.txt -r requirements/run.txt
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements/dev.txt
	@$(PIP) -r requirements/dev.txt
	@touch $@

$(VENV)/browser: $(VENV)/dev requirements/browser.txt
	@$(PIP) -r requirements/browser.txt
	@touch $@
