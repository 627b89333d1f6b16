# Each line is a command one could type.  Needs Python 3.11 with venv, git and make; npm where there is one.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PO := $(wildcard leadhub/translations/*/LC_MESSAGES/messages.po)
JOBS ?= auto
# of the folders that tests wrote into, those of tests that failed are kept
SPARE := -o tmp_path_retention_policy=failed -o tmp_path_retention_count=1

.PHONY: run install pdf test test-long check assets translations lock bench clean

run: install assets
	$(BIN)/leadhub serve

install: $(VENV)/.installed translations

pdf: $(VENV)/.installed
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-pdf.lock

test: $(VENV)/.installed-dev translations
	$(BIN)/pytest -n $(JOBS) --dist worksteal $(SPARE)

test-long: $(VENV)/.installed-dev translations
	$(BIN)/pytest -n $(JOBS) --dist worksteal $(SPARE) --full-size

check: $(VENV)/.installed-dev translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint leadhub/templates --lint --quiet
	$(BIN)/python tools/assets.py --check
	$(BIN)/python tools/translations.py check
	$(BIN)/python tools/migrations.py

assets:
	$(BIN)/python tools/assets.py

translations: $(PO:.po=.mo)

%.mo: %.po
	$(BIN)/pybabel -q compile -i $< -o $@

bench: $(VENV)/.installed-dev translations
	$(BIN)/python -m tests.bench.list_pages
	$(BIN)/python -m tests.bench.sales_cards
	$(BIN)/python -m tests.bench.throughput
	$(BIN)/python tests/bench/import_rate.py
	$(BIN)/python tests/bench/import_page.py
	$(BIN)/python -m tests.bench.status_deletion
	$(BIN)/python -m tests.bench.counters
	$(BIN)/python -m tests.bench.listeners

lock:
	$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install -q uv
	$(VENV)-lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade -q pyproject.toml --extra build -o requirements.lock
	$(VENV)-lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade -q pyproject.toml --extra build --extra pdf -c requirements.lock -o requirements-pdf.lock
	$(VENV)-lock/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade -q pyproject.toml --extra build --extra pdf --extra dev -c requirements-pdf.lock -o requirements-dev.lock
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) node_modules leadhub/static/vendor

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@
