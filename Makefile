# Every target sets up what it needs first; a second run costs nothing. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
VENV := $(or $(CSBOT_VENV),.venv)
PYTHON := $(VENV)/bin/python
PORT ?= 8000
PYTEST ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-services lint types bench bench-short screenshots messages wheel clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup:  ## everything: site, models, speech, tests
	@scripts/setup all

demo:  ## set up the text demo and serve it at http://127.0.0.1:8000 (PORT=… for another)
	@scripts/setup demo
	@$(PYTHON) manage.py csbot_demo --port $(PORT)

test: setup  ## the tests, embedded: SQLite, in-process turns, in-memory live events
	@$(PYTHON) -m pytest $(PYTEST)

test-services: setup  ## the core's tests on PostgreSQL, channels_redis and Celery (over Redis, then over RabbitMQ)
	@scripts/test-services $(PYTEST)

lint: setup  ## ruff and mypy
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

bench: setup  ## the figures of docs/performance.md, as JSON under var/benchmarks
	@scripts/bench

bench-short: setup  ## the same in a minute, to see that they run
	@scripts/bench --short

screenshots: setup  ## the README's pictures, from the running demo
	@$(PYTHON) -m scripts.screenshots

messages: setup  ## refresh and compile the Chinese catalogues (needs Debian's gettext)
	@scripts/messages

wheel: setup  ## the installable package, under dist
	@$(PYTHON) -m build --wheel

clean:  ## remove what was built and the demo's data; .venv stays
	@rm -rf build dist var *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
