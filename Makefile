# Kesto in two commands: `make demo` shows it, `make test` proves it.
# Needs Python 3.11 or newer and nothing else; PYTHON=python3.13 chooses another interpreter,
# which gets a virtual environment of its own (.venv-3.13) beside the usual .venv.

ifeq ($(PYTHON),)
venv := .venv
else
venv := .venv-$(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
endif

# Tests run in one process a core, and in at most four: each has a database of its own.
workers := --numprocesses logical --maxprocesses 4

# What reads or takes in usage. Left out is what looks into PostgreSQL's own tables of it.
usage_tests := $(addprefix tests/contracts/,$(addsuffix _test.py,clickhouse event_store usage_book \
	usage_unpriced entitlement_usage usage_alerts rollups api_events portal_usage office_usage \
	dead_letters))

.PHONY: help setup demo up test soak fuzz clients clickhouse mutation check bench bench-page reference schema
.DEFAULT_GOAL := help

help:
	@echo 'make demo    7,043 subscriptions priced, invoiced, paid through a bank file and proved'
	@echo 'make test    every test; ARGS="-k money" hands words on to pytest'
	@echo 'make up      the database, the web and the workers, until ctrl-C'
	@echo 'make check   ruff, mypy and the import rules'
	@echo 'make bench   the speed figures, each beside its baseline; ROWS="a a2" picks some,'
	@echo '             ARGS="--keep" adds them to bench/history'
	@echo 'make bench-page  the page of these figures with its charts, written again from there'
	@echo 'make soak    the long fault tests, 50 million events, then make fuzz, clients, clickhouse and mutation'
	@echo 'make fuzz    made requests to every address of the API; EXAMPLES=500 sends more'
	@echo 'make clients  the published clients of CloudEvents and OpenMeter send events'
	@echo 'make clickhouse  usage in ClickHouse: its contracts, then EVENTS=10000000 brought into both stores'
	@echo 'make mutation  whether the tests see each small change of kesto/core; FILES="..." a part'
	@echo 'make reference  the page of the API, written again from its description'
	@echo 'make schema  the tables of an empty database, written down from the migrations'
	@echo 'make setup   only the virtual environment, which each of these makes by itself'
	@echo 'PYTHON=python3.13 with any of them takes that interpreter'

setup:
	@sh scripts/setup $(venv) "$(PYTHON)"

demo: setup
	@$(venv)/bin/kesto demo $(ARGS)

up: setup
	@$(venv)/bin/kesto up $(ARGS)

test: setup
	@$(venv)/bin/python scripts/browser.py
	@$(venv)/bin/python -m pytest $(workers) $(ARGS)

soak: setup
	@$(venv)/bin/python -m pytest -m soak $(ARGS)
	@$(MAKE) --no-print-directory fuzz
	@$(MAKE) --no-print-directory clients
	@$(MAKE) --no-print-directory clickhouse
	@$(MAKE) --no-print-directory mutation

fuzz:
	@sh scripts/setup $(venv)-fuzz "$(PYTHON)" requirements-fuzz.lock
	@DJANGO_SETTINGS_MODULE=kesto.ops.settings $(venv)-fuzz/bin/python -m scripts.fuzz --examples $(or $(EXAMPLES),100)

clients:
	@sh scripts/setup $(venv)-clients "$(PYTHON)" requirements-clients.lock
	@DJANGO_SETTINGS_MODULE=kesto.ops.settings $(venv)-clients/bin/python -m scripts.clients

# The tests of usage run once more with every event in ClickHouse's own engine; its package is large.
clickhouse:
	@sh scripts/setup $(venv)-clickhouse "$(PYTHON)" requirements-chdb.lock
	@KESTO_TEST_CLICKHOUSE=1 $(venv)-clickhouse/bin/python -m pytest $(workers) $(usage_tests)
	@KESTO_EVENTS=$(or $(EVENTS),10000000) $(venv)-clickhouse/bin/python -m pytest -s -m soak tests/contracts/two_stores_test.py

mutation:
	@sh scripts/setup $(venv)-mutation "$(PYTHON)" requirements-mutation.lock
	@$(venv)-mutation/bin/python -m scripts.mutation $(FILES)

check: setup
	$(venv)/bin/ruff check
	$(venv)/bin/ruff format --check
	$(venv)/bin/mypy
	$(venv)/bin/lint-imports

bench: setup
	@$(venv)/bin/kesto bench $(ROWS) $(ARGS)

bench-page: setup
	@DJANGO_SETTINGS_MODULE=kesto.ops.settings $(venv)/bin/python -m scripts.bench_page

schema: setup
	@$(venv)/bin/python -m scripts.fresh_schema

reference: setup
	@DJANGO_SETTINGS_MODULE=kesto.ops.settings $(venv)/bin/python -m scripts.api_reference
