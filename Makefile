# Every target installs what it needs; a second run installs nothing again.

bin := .venv/bin
vendor := src/frontdesk/console/static/vendor
inputs := pyproject.toml constraints.txt hatch_build.py package.json package-lock.json \
          src/frontdesk/console/icons.txt $(wildcard src/frontdesk/locale/*/LC_MESSAGES/*.po)
pip_install := $(bin)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

export DJANGO_SETTINGS_MODULE := frontdesk.config.settings

.PHONY: help demo test bench mutants lint format migrations messages upgrade assets
.NOTPARALLEL: # never two installs into one .venv

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

demo: .venv/runtime assets ## try it: a server with invented people on 127.0.0.1:8000 (PORT)
	@$(bin)/frontdesk demo

test: .venv/dev .venv/fakes assets ## all tests on SQLite and in Chromium, then those of the database on PostgreSQL
	@scripts/ensure-chromium
	$(bin)/pytest -n logical --maxprocesses 4
	FRONTDESK_TEST_DATABASE=postgres $(bin)/pytest -n logical --maxprocesses 4

bench: .venv/dev assets ## measure, and write docs/benchmarks.md
	$(bin)/python -m bench

mutants: .venv/mutmut assets ## do tests notice changed code? LAYER=gate, or LAYER=gate MODULE=blocks
	@scripts/mutants "$(LAYER)" "$(MODULE)"

# Loading the settings writes a secret key into the home: not into the developer's own.
lint migrations: export FRONTDESK_HOME := $(CURDIR)/.venv/home
lint: .venv/dev ## style, types, missing migrations
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/python -m django makemigrations --check --dry-run

format: .venv/dev ## let ruff fix what it can
	$(bin)/ruff check --fix
	$(bin)/ruff format

migrations: .venv/dev ## write the missing migrations
	$(bin)/python -m django makemigrations

messages: export FRONTDESK_HOME := $(CURDIR)/.venv/home
messages: .venv/dev ## collect all texts into the catalogs of src/frontdesk/locale
	$(bin)/python scripts/messages.py

upgrade: .venv/dev ## write the newest versions that pyproject.toml allows to constraints.txt
	$(bin)/python -m pip install --upgrade --upgrade-strategy eager -e '.[dev]'
	$(bin)/python -m pip freeze --exclude-editable > constraints.txt

# --- prerequisites of the targets above ---

assets: $(vendor)/.stamp

.venv/runtime: $(inputs)
	@scripts/bootstrap
	@echo 'frontdesk: installing'
	@$(pip_install) -e .
	@touch $@

.venv/dev: $(inputs)
	@scripts/bootstrap
	@echo 'frontdesk: installing, with the development tools'
	@$(pip_install) -e '.[dev]'
	@touch $@ .venv/runtime

# Only for `make mutants`, so it is not among the tools for development.
.venv/mutmut: | .venv/dev
	@echo 'frontdesk: installing mutmut'
	@$(pip_install) 'mutmut==3.8.1'
	@touch $@

# Servers that the tests use instead of OpenAI and Telegram.
.venv/fakes: tests/fakes/package-lock.json | .venv/dev
	@scripts/fakes
	@touch $@

# The build hook makes the front-end files on installation; this is for when they were deleted.
$(vendor)/.stamp: | .venv/runtime
	@$(pip_install) --no-deps -e .
