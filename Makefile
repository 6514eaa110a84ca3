SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
BIN := .venv/bin
# The first that really runs and is new enough; a version manager may leave a name that does not.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	echo $$python; break; fi; done)

.PHONY: help install demo test lint openapi bench lock clean

help: ## what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/.synced ## make .venv with the pinned set

.venv/.synced: requirements-dev.txt requirements-bootstrap.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. Found: $$(python3 --version 2>&1 || echo none)." >&2; exit 1; }
	@test -x $(BIN)/pip || { echo "Making .venv with $$($(PYTHON) --version)"; $(PYTHON) -m venv .venv; } \
		|| { echo "No venv could be made. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing the pinned packages"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-bootstrap.txt
	@$(BIN)/uv pip sync -q --require-hashes requirements-dev.txt \
		|| { echo "uv could not; the same list with pip, which knows this machine's certificates"; \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt; }
	@touch $@

demo: .venv/.synced ## portal, worker and local Stripe server, with a practice in it
	@DEBUG=1 DEMO=1 $(BIN)/python manage.py demo $(ARGS)

test: .venv/.synced ## everything: checks, SQLite, and the rules again on PostgreSQL, side by side
	@$(if $(ARGS),$(BIN)/python -m pytest $(ARGS),$(BIN)/python -m tests.run_all)

lint: .venv/.synced ## the continuous checks alone
	@$(BIN)/python -m pytest tests/test_checks.py -q

openapi: .venv/.synced ## write docs/openapi.json anew, after a change on purpose
	@DEBUG=1 $(BIN)/python manage.py export_openapi_schema --api wagtail.api.v3.api.api --sorted --indent 1 --output docs/openapi.json

bench: .venv/.synced ## measure; see docs/performance.md
	@$(BIN)/python -m benchmarks $(ARGS)

lock: .venv/.synced ## pin again after a change to requirements*.in
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes -q --custom-compile-command "make lock" requirements-bootstrap.in -o requirements-bootstrap.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes -q --custom-compile-command "make lock" requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes -q --custom-compile-command "make lock" -c requirements.txt requirements-dev.in -o requirements-dev.txt

clean: ## forget the demo and what the tests left; .venv stays
	@rm -rf var static-collected .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
