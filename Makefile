# `make` prints what it can do.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MEDIA_STAMP := $(VENV)/.installed-media
DEV_STAMP := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help install media demo test check bench mutations adversary test-faults gallery pictures messages lock frontend check-dist clean

help:  ## what this can do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

$(STAMP): requirements/core.lock pyproject.toml
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements/core.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

$(MEDIA_STAMP): requirements/media.lock $(STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/media.lock
	touch $@

$(DEV_STAMP): requirements/dev.lock $(MEDIA_STAMP)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	touch $@

install: $(STAMP)  ## make .venv with .venv/bin/vouchsafe

media: $(MEDIA_STAMP)  ## add the decoders for previews: the extra `media`

demo: $(MEDIA_STAMP)  ## a running, populated application on loopback; Ctrl-C stops it
	@$(BIN)/python -m app.demo

test: $(DEV_STAMP)  ## everything CI runs of the tests; says loudly what it skipped
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report= $(ARGS)
	$(BIN)/coverage report --fail-under=100 --skip-covered

check: $(DEV_STAMP)  ## style, types, import contracts, security lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r app

bench: $(DEV_STAMP)  ## measure; JSON under bench/results and a table
	$(BIN)/python -m bench $(ARGS)

mutations: $(DEV_STAMP)  ## take every refusal of the vault and the log away, one at a time: a test must notice
	$(BIN)/python -m tests.mutations

adversary: $(DEV_STAMP)  ## 2,000 walks of 50 steps with an adversary at every turn, and 200 on PostgreSQL
	$(BIN)/python -m tests.adversary $(ARGS)

test-faults: $(DEV_STAMP)  ## 100 rounds each: killed servers and workers, cut lines, crossed requests, full disks
	$(BIN)/python -m tests.faults $(ARGS)

gallery: $(DEV_STAMP)  ## every component in three widths, light and dark, both directions
	mkdir -p build/gallery
	$(BIN)/python -m tests.web.gallery build/gallery

pictures: $(DEV_STAMP)  ## every page of the demonstration, in three widths and three languages, into build/pictures
	$(BIN)/python -m tests.browser.pictures build/pictures

messages: $(DEV_STAMP)  ## collect and compile the languages' messages
	mkdir -p build
	$(BIN)/pybabel -q extract -F babel.cfg -k lazy -k lazy_gettext -k lazy_p:1c,2 -k lazy_pgettext:1c,2 --no-location --sort-output --project=Vouchsafe -o build/messages.pot .
	$(BIN)/pybabel -q update -N -w 110 --ignore-obsolete --ignore-pot-creation-date -i build/messages.pot -d app/translations
	$(BIN)/pybabel -q compile -d app/translations

frontend:  ## rebuild the scripts (needs Node; the built files are committed)
	cd frontend && npm ci --ignore-scripts=false --no-audit --no-fund && npm run build

check-dist:  ## build the scripts anew from the lock and compare: what is committed must be what the sources make
	rm -rf build/frontend
	cd frontend && npm ci --ignore-scripts=false --no-audit --no-fund && npm run check && npm run bundle -- --outdir=../build/frontend/pages && npm run bundle-tests -- --outdir=../build/frontend/tests
	diff -r build/frontend/pages app/web/static/dist
	diff -r build/frontend/tests tests/browser/dist

clean:  ## remove what was built, and the demonstration's data
	rm -rf build demo-data .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
