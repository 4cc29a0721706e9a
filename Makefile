# One target for each task. All targets use .venv, which the first one creates.
#     make demo PYTHON=/path/to/python3.12     selects the Python for a new environment

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export PYTHON
# The assessment folder of `make lab` and `make app`.
DIR ?= assessment
# Tests that use a browser, a kernel or a server run on the same worker; see tests/conftest.py.
PYTEST ?= -n 2 --dist loadgroup --no-loadscope-reorder
# Branch coverage: the total is printed, the report is written, and a total below the floor in pyproject.toml fails.
COVERAGE ?= --cov --cov-report=xml:build/coverage.xml

BIN := .venv/bin

.PHONY: help demo lab app test test-live docs lint format bench constraints clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## create the report of the bundled demonstration cluster; needs only Python 3.11 to 3.14
	@scripts/bootstrap
	@$(BIN)/readiness demo

lab: ## open the notebooks in JupyterLab, for the assessment in DIR (default: assessment)
	@scripts/bootstrap lab
	@$(BIN)/readiness lab -d $(DIR)

app: ## serve the notebooks as an app without code cells (Voilà), for the assessment in DIR
	@scripts/bootstrap app
	@$(BIN)/readiness lab -d $(DIR) --prepare-only
	@READINESS_DIR=$(abspath $(DIR)) $(BIN)/voila --strip_sources=True $(DIR)/notebooks

test: lint ## install what the tests need, then run the linters and all tests
	@scripts/system_parts
	@READINESS_REQUIRE_PARTS=$(if $(filter true,$(CI)),1,) $(BIN)/python -m pytest $(PYTEST) $(COVERAGE)

test-live: ## run the tests against real Weaviate and Kubernetes servers; the first run builds them with Go (ten minutes each)
	@scripts/bootstrap test
	@scripts/build_weaviate
	@scripts/build_apiserver
	@READINESS_LIVE=1 $(BIN)/python -m pytest tests/live

docs: ## build the documentation into build/docs; warnings are errors
	@scripts/bootstrap docs
	@$(BIN)/python -m sphinx -W --keep-going -n -q -b html docs build/docs
	@echo "Documentation: $(abspath build/docs/index.html)"

lint: ## run ruff, codespell, mypy and the check of the layers
	@scripts/bootstrap test
	@$(BIN)/ruff check .
	@$(BIN)/codespell
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: ## format the code with ruff and apply its safe fixes
	@scripts/bootstrap test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: ## measure performance and compare it with the limits
	@scripts/bootstrap test
	@command -v go >/dev/null && scripts/build_apiserver || true
	@$(BIN)/python -m benchmarks.run

constraints: ## regenerate constraints.txt from a new environment
	@scripts/constraints

clean: ## delete the environment, caches and build output; assessments are kept
	@rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +
	@find . -name .ipynb_checkpoints -prune -exec rm -rf {} +
