# `make` alone says what there is. Everything runs in .venv, which the first call makes and later calls find ready.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Ready means: made for this folder, this Python, this lock. The stamp is written last, so an interrupted set-up leaves none.
READY := $(VENV)/ready-$(shell { cat requirements.lock pyproject.toml; echo '$(CURDIR) $(PYTHON)'; } | cksum | tr ' ' '-')
CLIENTS := $(VENV)/clients/ready-$(shell cat tests/clients/node/package-lock.json tests/clients/python_old/requirements.txt tests/clients/pythons/*.txt | cksum | tr ' ' '-')
PEERS := $(VENV)/bench/ready-$(shell cksum < tests/bench/localstripe.txt | tr ' ' '-')
UNFINISHED := $(VENV)/unfinished
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
# The suite's own plugins (conftest.py above tests/) certify tills; they have no part in testing the harness.
# What is skipped for want of an interpreter is named at the end, with what would bring it.
PYTEST := $(BIN)/python -m pytest -q -rs --durations=10 --confcutdir tests
PAGES := test_*page*.py
MEASURES := tests/load/test_open_model.py
# Compiled once here, or every process of every run would do it again where Python may not write bytecode.
UV := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python

MAKEFLAGS += --no-print-directory
.SILENT:
.DEFAULT_GOAL := help
.PHONY: help setup certify test clients interpreters fuzz lint prove kill-matrix schema bench fidelity wheel-check clean

help:
	echo 'cardpresent certifies that a point of sale takes in-person card payments correctly with Stripe Terminal.'
	echo
	echo '  make certify      the whole checklist, on the embedded emulator, against the reference POS'
	echo '  make test         everything the project promises, proven'
	echo "  make fuzz         50,000 requests drawn from Stripe's document, thrown at the emulator"
	echo '  make lint         style, types, imports, and what pytest-bdd lets pass in silence'
	echo '  make prove        the suite against every seeded defect: which does it refuse, and for the right reason?'
	echo '  make kill-matrix  the same, and docs/kill-matrix.md written from it'
	echo '  make schema       docs/cardpresent.schema.json, which editors check an integration file with'
	echo '  make bench        the budgets, measured; reports/out/bench.json'
	echo '  make fidelity     the emulator held against Stripe test mode; needs STRIPE_SECRET_KEY=sk_test_…'
	echo '  make wheel-check  install the wheel in an empty environment and certify from an empty folder'
	echo '  make clean        delete what these commands made, .venv too'
	echo
	echo 'No account, no hardware, nothing to install first but Python 3.11 or newer (PYTHON=python3.13 picks one).'
	echo 'Arguments go through ARGS:'
	echo
	echo '  make certify ARGS="--select FD-26"        one requirement'
	echo '  make certify ARGS="--help"                your own till, a seed, an output folder'
	echo '  make test ARGS="-k decline"               some tests'

# The certificate this run wrote is opened for a person at a terminal, never in CI.
certify: setup
	touch $(VENV)/began; status=0; \
	$(BIN)/cardpresent certify $(ARGS) || status=$$?; \
	page=$$(find reports/out -name certificate.html -newer $(VENV)/began 2>/dev/null | head -n 1); \
	if [ -n "$$page" ]; then $(BIN)/python -m cardpresent.launch.browser --show "$$page"; fi; \
	exit $$status

# A browser's event loop stays with its process, so the tests of pages are in processes of their own, beside those of load; and
# what measures time has the machine for itself. A test waits for its till a third of the time: three keep two cores busy.
test: setup clients
ifeq ($(ARGS),)
	$(PYTEST) -n 3 --dist worksteal tests --ignore-glob='*/$(PAGES)' --ignore=tests/load
	$(PYTEST) -n 2 --dist worksteal $$(find tests -name '$(PAGES)') tests/load --ignore=$(MEASURES)
	$(PYTEST) $(MEASURES)
else
	$(PYTEST) $(ARGS)
endif

# Stripe's own clients for tests/clients and tests/redirect. Where they cannot be had, a sentence says why, and those
# tests fail with it.
# Not `npm ci`: it wants the Stripe CLI for every other platform in the lock, too.
clients: setup $(CLIENTS) interpreters

# For tests/redirect. Fetched where that needs nobody's leave; without them those tests say that they were left out.
interpreters:
	if command -v ruby >/dev/null && command -v php >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then exit 0; fi; \
	echo 'set-up: Ruby and PHP' >&2; \
	timeout 120 apt-get update -qq >/dev/null 2>&1; \
	DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends \
	  ruby php-cli php-curl >/dev/null 2>&1 || echo 'set-up: Ruby and PHP cannot be had here' >&2

$(CLIENTS):
	rm -rf $(VENV)/clients && mkdir -p $(VENV)/clients
	echo "set-up: Stripe's own clients" >&2
	if ! command -v npm >/dev/null; then \
	  echo 'tests/clients needs npm with Node.js 20 or newer, and there is none; on Debian and Ubuntu: apt-get install npm' >&2; \
	else \
	  $(PIP) --require-hashes --no-deps --target $(VENV)/clients/python-old -r tests/clients/python_old/requirements.txt && \
	  (for list in tests/clients/pythons/*.txt; do \
	    $(PIP) --require-hashes --no-deps --target $(VENV)/clients/pythons/$$(basename $$list .txt) -r $$list || exit 1; done) && \
	  cp -R tests/clients/node $(VENV)/clients/node && \
	  (cd $(VENV)/clients/node && npm install --no-save --silent --no-audit --no-fund --ignore-scripts) && touch $(CLIENTS) || \
	  echo 'set-up: the clients cannot be had here; the tests in tests/clients will fail' >&2; \
	fi

fuzz: setup
	$(BIN)/python -m tests.emulator.fuzz $(ARGS)

# All four are run, so that one call shows everything there is to mend.
lint: setup
	status=0; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/mypy || status=1; \
	$(BIN)/lint-imports || status=1; \
	$(BIN)/python -m cardpresent.cli.gherkin_lint . || status=1; \
	exit $$status

prove: setup
	$(BIN)/cardpresent prove $(ARGS)

# The page is written whatever was found: what survives has to be seen.
kill-matrix: setup
	status=0; $(BIN)/cardpresent prove $(ARGS) || status=$$?; \
	$(BIN)/python -m tests.ground.kill_matrix; exit $$status

schema: setup
	$(BIN)/python -m tests.ground.schema

bench: setup $(PEERS)
	$(BIN)/python -m tests.bench $(ARGS)

# What the emulator is measured beside, in a folder of its own: nothing of the project uses it.
$(PEERS):
	rm -rf $(VENV)/bench && mkdir -p $(VENV)/bench
	echo 'set-up: localstripe, to measure beside' >&2
	$(PIP) --require-hashes --no-deps --target $(VENV)/bench/localstripe -r tests/bench/localstripe.txt && touch $(PEERS)

# Opt-in, and the only command here that speaks to Stripe: it needs a test-mode key, and refuses every other.
fidelity: setup
	$(BIN)/python -m tests.fidelity $(ARGS)

wheel-check: setup
	$(BIN)/python -m tests.ground.wheel_certifies $(ARGS)

clean:
	rm -rf $(VENV) reports/out dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: $(READY)

# An environment that was left unfinished, or made in another folder or by another Python, is thrown away first.
$(READY):
	command -v $(PYTHON) >/dev/null || { \
	  echo 'cardpresent needs Python 3.11 or newer, and there is no $(PYTHON); name one, as in: make PYTHON=python3.12' >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "cardpresent needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1); name a newer one, as in: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo 'cardpresent needs the venv module, which $(PYTHON) lacks; on Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	if [ -e $(UNFINISHED) ]; then rm -rf $(VENV); fi
	case "$$($(BIN)/pip --version 2>/dev/null)" in \
	  "pip "*" from $(CURDIR)/$(VENV)/"*"(python $$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))") ;; \
	  *) rm -rf $(VENV) ;; \
	esac
	mkdir -p $(VENV) && touch $(UNFINISHED) && rm -f $(VENV)/ready-*
	echo 'set-up: environment in $(VENV)' >&2
	$(PYTHON) -m venv $(VENV)
	echo 'set-up: packages of requirements.lock' >&2
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.txt
	sed '/^uv==/,/[^\\]$$/d' requirements.lock > $(VENV)/without-uv.txt
	$(PIP) --require-hashes --no-deps -r $(VENV)/uv.txt 2>/dev/null && $(UV) --require-hashes -r requirements.lock 2>/dev/null || { \
	  echo 'set-up: uv cannot be had here; pip does it too and takes a minute' >&2; $(PIP) --require-hashes -r $(VENV)/without-uv.txt >&2; }
	$(PIP) --no-deps --no-build-isolation --editable . >&2
	rm -f $(UNFINISHED)
	echo 'set-up: browser' >&2
	$(BIN)/python -m cardpresent.launch.browser --install
	touch $(READY)
