# Safar. `make help` is the manual.
SHELL := /bin/sh
PYTHON := .venv/bin/python
LAUNCHER := $(PYTHON) -m deploy.local
TESTS := unit architecture contracts integration journeys chaos

# Settings of `make run`; give them on the command line.
COUNTRIES ?= kz,uz
PORT ?= 8400
IDENTITY ?= nanoidp
FORMAT ?= table
C ?=
LANE ?=
FROM ?=
VOLUME ?= 0
export COUNTRIES PORT IDENTITY FORMAT C LANE FROM VOLUME
# What a machine lacks is said loudly and left out; .ci/run sets both, so there nothing is left out.
KEYCLOAK ?= $(shell command -v java >/dev/null && command -v mvn >/dev/null && echo 1)
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
MARKERS := $(if $(KEYCLOAK),,not keycloak)$(if $(or $(KEYCLOAK),$(CHROMIUM)),, and )$(if $(CHROMIUM),,not browser)
# Compiled code is kept: starting twenty Python processes without it costs half a minute.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run demo stop reset status logs trace client parked unpark forget check journey lint test chaos bench fmt screenshots contracts

help: ## this text
	@echo "Safar: referrals between agencies that protect migrants and victims of trafficking"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  COUNTRIES=kz,uz (the default) | all | any of kz kg tj tm uz"
	@echo "  PORT=8400       base port; every other port is derived from it"
	@echo "  IDENTITY=nanoidp (the default) | keycloak (needs Java 17+ and Maven)"
	@echo "  DEMO=0          do not play the crossing at the end of 'make run'"
	@echo "  VOLUME=150      so many more referrals in 'make demo', for the coordinators' view"
	@echo "  FORMAT=json     for 'make status'      C=kz.referrals  for 'make logs'"

setup: ## make .venv from the hashed lock (only when the lock has changed)
	@deploy/local/setup.sh

run: setup ## start the hub, the region and the countries, play a crossing, stay until Ctrl-C
	@$(LAUNCHER) run

demo: setup ## the live crossing again, against what is running
	@$(LAUNCHER) demo

stop: setup ## end everything, also what a killed launcher left
	@$(LAUNCHER) stop

reset: setup ## stop, and remove state, data and the system user we made
	@$(LAUNCHER) reset

status: setup ## health of each component, backlog of each stream, links to the hub
	@$(LAUNCHER) status

logs: setup ## follow one component: make logs C=kz.referrals
	@$(LAUNCHER) logs

client: setup ## an agency's API client, as a shell takes it in: make client C=kz.sapar-demo
	@$(LAUNCHER) client

parked: setup ## the lanes that a service has parked, and why: make parked C=kz.referrals
	@$(LAUNCHER) parked

unpark: setup ## try them again: make unpark C=kz.referrals, or LANE=… of them
	@$(LAUNCHER) unpark

forget: setup ## give up what can never be opened of a partner: make forget C=kz.notifications FROM=uz
	@$(LAUNCHER) forget

trace: setup ## the latest crossing as its spans: one trace per country, linked
	@$(LAUNCHER) trace

check: lint ## formats, lint, types, import laws, then every test
	@test -n "$(KEYCLOAK)" || echo "!!! NOT TESTED: Keycloak. It needs Java 17+ and Maven; .ci/run has them." >&2
	@test -n "$(CHROMIUM)" || echo "!!! NOT TESTED: the portal in a browser. It needs Chromium; .ci/run has it." >&2
	$(PYTHON) -m pytest -m "$(MARKERS)" $(addprefix tests/,$(TESTS))

journey: setup ## the story over the API alone, on IDENTITY=keycloak if you like
	$(PYTHON) -m pytest tests/journeys/test_crossing.py

lint: setup
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports

test: setup ## the tests that need no running parts
	$(PYTHON) -m pytest tests/unit tests/architecture tests/contracts

chaos: setup ## 200 referrals while links are cut and nodes are killed
	$(PYTHON) -m pytest tests/chaos

bench: setup ## three ratios, measured in one run
	$(PYTHON) -m tests.bench

fmt: setup ## format, and mend what lint can mend
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

screenshots: setup ## pictures of the running portal, 360 and 1280 px, light and dark
	$(PYTHON) -m tests.support.screenshots

contracts: setup ## write the generated schemas and documents again
	$(PYTHON) -m contracts.generate
