# Every command a developer needs. `make` alone shows today's demo.
.PHONY: demo test lint fix chaos audit constraints

demo: .venv/.installed
	.venv/bin/undertow note --demo

test: .venv/.installed
	.venv/bin/pytest -m "not slow" -n auto

lint: .venv/.installed
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

fix: .venv/.installed
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# kill -9 over and over on SQLite and PostgreSQL; prints what was lost and doubled.
KILLS ?= 400
chaos: .venv/.installed
	@.venv/bin/python -m benchmarks.chaos --kills $(KILLS)

# Known holes in what we depend on: asks pypi.org, so it needs a network that lets it through.
# A package that could not be looked up fails the step too; see SECURITY.md.
audit:
	python3 -m venv .audit
	.audit/bin/pip install -q . pip-audit
	.audit/bin/pip-audit --local --strict --desc

# Pin everything we depend on, with hashes and without any address, for SECURITY.md's way to install.
constraints:
	python3 -m venv .audit
	.audit/bin/pip install -q "pip<26" pip-tools
	.audit/bin/pip-compile -q --generate-hashes --strip-extras --extra scale --extra dkim --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host -o constraints.txt pyproject.toml

.venv/.installed: pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install -q -e ".[dev]"
	.venv/bin/python -m compileall -q analysis bot templates undertow
	touch $@
