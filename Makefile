# Everything starts from a bare clone with Python 3.10 or newer and make: each target first sets up what it needs.
#
#   make demo    the example bank on SQLite: migrate it, run it, look at its history
#   make test    every test, on every database there is
#   make lint    ruff and mypy
#   make docs    the documentation, in docs/_build/html
#   make bench   measurements beside Alembic and Flask-Migrate (benchmarks/README.md)
#   make bench-histories   revisions of published projects, run by Alembic and by Flask-Schema
#   make clean   removes what the other targets made

VENV ?= .venv
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.10 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$name && break; done)
RUN := $(VENV)/bin/python
FLASK := $(RUN) -m flask --app example_app

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint format docs bench bench-histories imports clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/.has-demo
	$(FLASK) db upgrade
	$(FLASK) bank run
	$(FLASK) db current
	$(FLASK) db history

test: $(VENV)/.has-test
	$(RUN) -m pytest -n logical $(ARGS)

lint: $(VENV)/.has-lint $(VENV)/.has-test
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

format: $(VENV)/.has-lint
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

docs: $(VENV)/.has-docs
	$(RUN) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "The documentation is in docs/_build/html/index.html"

# Flask-Migrate has a command `db` too, so it lives in an environment of its own, which is made when it is missing.
# ARGS are for benchmarks: make bench ARGS="history --revisions 1000 --rounds 3"
bench: $(VENV)/.has-demo
	$(RUN) -m benchmarks $(ARGS)

# Downloads the packages; their revisions run on SQLite, and on PostgreSQL with ARGS="--postgresql URL".
bench-histories: $(VENV)/.has-demo
	$(RUN) -m benchmarks.real_histories $(ARGS)

# Imports every module of the package, to see whether this version of Python can.
imports: $(VENV)/.has-demo
	@$(RUN) -W error -c 'import pkgutil, importlib, flask_schema, sys; \
		names = [module.name for module in pkgutil.walk_packages(flask_schema.__path__, "flask_schema.")]; \
		[importlib.import_module(name) for name in names]; \
		print(f"Python {sys.version.split()[0]} imports {len(names)} modules")'

clean:
	rm -rf $(VENV) .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis docs/_build build dist instance
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each dependency group of pyproject.toml: a second run of a target installs nothing.
# `pip install --group` came with pip 25.1, and a new environment may have an older pip.
$(VENV)/.has-%: pyproject.toml | $(VENV)/.has-pip
	$(RUN) -m pip install --quiet --editable . --group $*
	@touch $@

$(VENV)/.has-pip:
	@test -n "$(PYTHON)" || { echo "Flask-Schema needs Python 3.10 or newer, and none was found" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@touch $@
