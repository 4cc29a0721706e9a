# One target for each task. Everything happens in .venv, which the first target makes.
#     make demo PYTHON=/path/to/python3.12     chooses the Python of a new environment

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PYTHON
# Where `make lab` and `make app` keep the assessment.
DIR ?= assessment
# Tests that drive a browser, a kernel or a server stay together on one worker; see tests/conftest.py.
PYTEST ?= -n 2 --dist loadgroup

BIN := .venv/bin

.PHONY: help demo lab app test test-live docs lint format bench constraints clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## the report of the bundled demonstration cluster; needs Python 3.11+ and nothing else
	@scripts/bootstrap
	@$(BIN)/readiness demo

lab: ## the notebooks in JupyterLab, on the assessment in DIR (default: assessment)
	@scripts/bootstrap lab
	@$(BIN)/readiness lab $(DIR)

app: ## the notebooks as an app without code cells (Voilà), on the assessment in DIR
	@scripts/bootstrap app
	@$(BIN)/readiness lab $(DIR) --prepare-only
	@READINESS_DIR=$(abspath $(DIR)) $(BIN)/voila --strip_sources=True $(DIR)/notebooks

test: lint ## everything: what it needs it gets, then linters and all tests
	@scripts/system_parts
	@READINESS_REQUIRE_PARTS=$(if $(filter true,$(CI)),1,) $(BIN)/python -m pytest $(PYTEST)

test-live: ## the kit against real Weaviate and Kubernetes servers, which Go builds here first (ten minutes each, once)
	@scripts/bootstrap test
	@scripts/build_weaviate
	@scripts/build_apiserver
	@READINESS_LIVE=1 $(BIN)/python -m pytest tests/live

docs: ## build the documentation into build/docs; warnings are errors
	@scripts/bootstrap docs
	@$(BIN)/python -m sphinx -W --keep-going -n -q -b html docs build/docs
	@echo "Documentation: $(abspath build/docs/index.html)"

lint: ## ruff, mypy and the layers
	@scripts/bootstrap test
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: ## ruff's formatting and its safe repairs
	@scripts/bootstrap test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: ## the numbers to hold, measured here and now
	@scripts/bootstrap test
	@command -v go >/dev/null && scripts/build_apiserver || true
	@$(BIN)/python -m benchmarks.run

constraints: ## constraints.txt anew, from a fresh environment
	@scripts/constraints

clean: ## the environment, caches and build products; assessments stay
	@rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +
	@find . -name .ipynb_checkpoints -prune -exec rm -rf {} +
