# Big Brother CNN. `make up` serves; `make test` proves.
.DEFAULT_GOAL := help
.PHONY: help up test test-parts test-stories test-slow bench lint docs lock clean

BIN := .venv/bin
# Arguments for the command behind a target, such as: make up ARGS=--detach
ARGS ?=

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## Build what is missing, start everything, recognise a first face; Ctrl-C stops it
	@scripts/bootstrap runtime
	@exec $(BIN)/bigbrother up $(ARGS)

# Stories wait for processes most of the time; beside them the other tests cost little.
test: lint ## Lint, types, import contracts, and all tests but the long loops
ifdef ARGS
	$(BIN)/pytest -m "not slow" $(ARGS)
else
	@echo "Two halves of the tests run side by side; each tells how it went at its end."
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-parts test-stories
endif

test-parts:
	$(BIN)/pytest -m "not slow" --ignore tests/scenarios --durations=40

test-stories:
	$(BIN)/pytest -m "not slow" tests/scenarios --durations=40

test-slow: ## The long loops: kills, floods, fresh clones
	@scripts/bootstrap dev
	$(BIN)/pytest -m slow $(ARGS)

lint: ## Style, types and import contracts
	@scripts/bootstrap dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: ## Print the tables of measured figures
	@scripts/bootstrap dev
	$(BIN)/python -m bench $(ARGS)

docs: ## Write docs/reference anew from the code
	@scripts/bootstrap dev
	$(BIN)/python -m scripts.render_reference $(ARGS)

# Needs uv (https://docs.astral.sh/uv). The files hold hashes and no index's address.
lock: ## Resolve the dependencies anew into requirements/*.lock
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --upgrade --output-file requirements/runtime.lock
	uv pip compile pyproject.toml --group build --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --constraints requirements/runtime.lock \
		--output-file requirements/dev.lock

clean: ## Remove what was built here; homes and their data stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +
