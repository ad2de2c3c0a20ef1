# The same few words for a person and for CI. PYTHON picks the interpreter that makes the environment.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# files keep the order that tests/conftest.py gives them: those with slow tests first
PYTEST = $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

# one process a core: their libraries' own threads would only wait for each other
quick test coverage: export OMP_NUM_THREADS = 1
quick test coverage: export OPENBLAS_NUM_THREADS = 1
# those of every tier often wait, for servers, clusters and browsers: a process more than there are cores has the time
test: export PYTEST_XDIST_AUTO_NUM_WORKERS = $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 1)")

.PHONY: setup style check quick test coverage mutation corpus snapshots docs demo page site

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

style: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# types are checked as on every system that we support, wherever this runs
check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell README.md CONTRIBUTING.md CHANGELOG.md docs src
	$(BIN)/python .ci/check_types.py
	$(BIN)/lint-imports

# the unit tests: seconds to two minutes
quick: setup
	$(PYTEST) -m unit

# every tier; the page for browsers is built where Node is there, and its tests say that they are skipped where not
test: setup
	if command -v npm >/dev/null; then $(MAKE) page && npm test; fi
	$(PYTEST) --durations=25

# what the unit tests reach; fails under the floor of pyproject.toml
coverage: setup
	$(PYTEST) -m unit --cov --cov-report=term --cov-report=xml

# changes the code of some packages and looks whether a test notices; hours, MODULES='photochrom.color.hex*' for a part
mutation: setup
	$(BIN)/python -m pip install --quiet -e '.[mutation]'
	$(BIN)/mutmut run $(if $(MODULES),'$(MODULES)')
	$(BIN)/mutmut results

# colours Pillow's test pictures and compares them with what other readers see; minutes, PART=0/8 for an eighth
corpus: setup
	$(BIN)/python benchmarks/corpus.py $(if $(PART),--part $(PART))

# writes down anew: the public signatures, the shrinking lists of tests/architecture, the drawings of the docs
snapshots: setup
	UPDATE_SNAPSHOTS=1 $(BIN)/python -m pytest tests/architecture tests/golden tests/web/test_api_manners.py
	$(BIN)/python docs/draw_architecture.py

docs: setup
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[docs]'
	$(BIN)/mkdocs build --strict

# the page that colours in the browser, and the package it is made of; needs Node 20
page: src/photochrom/private_edition/page/index.html

src/photochrom/private_edition/page/index.html: node_modules/.ready $(shell find packages/core/src site/src site/assets src/photochrom/web/static -type f) site/index.html site/vite.config.ts site/prepare.mjs site/service_page.mjs
	npm run build

node_modules/.ready: package-lock.json
	npm ci
	touch $@

# a folder for any static host
site: setup page
	$(BIN)/photochrom site build/site --overwrite

demo: setup
	$(BIN)/photochrom colorize docs/photos/astronaut_gray.jpg -o astronaut.color.jpg --overwrite
