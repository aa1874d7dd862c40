SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
ROOMS := graph detectors alerts streams
# One version of a package for every Python and system (fewest), so that all of them say the same.
COMPILE = $(BIN)/uv pip compile pyproject.toml $(if $(UPGRADE),--upgrade) --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: help setup setup-kafka setup-tests page demo test lint format bench kafka lock clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make .venv as the lock says, with the command in .venv/bin/breakwater
	@deploy/setup.sh

setup-kafka:
	@deploy/setup.sh kafka

setup-tests:
	@deploy/setup.sh tests

page: setup ## build the console's page, if its sources changed
	@$(BIN)/python -m deploy.page

demo: setup ## play a day in which pile-ons happen, and watch them being caught
	@$(BIN)/breakwater demo

test: setup-tests ## run the tests, on a broker, a database and a browser of their own
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: setup ## check style, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict $(ROOMS) deploy
	@$(BIN)/python -m deploy.page check

format: setup ## put code into the project's format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: setup-kafka ## events a second, of the engine and through Kafka, beside bare decoding of the same bytes
	@$(BIN)/breakwater bench engine
	@$(BIN)/python -m deploy.kafka $(BIN)/breakwater bench pipeline

kafka: setup-kafka ## run a Kafka broker here until Ctrl-C (PORT=9092)
	@exec $(BIN)/python -m deploy.kafka $(if $(PORT),--port $(PORT))

lock: setup ## lock the dependencies of pyproject.toml anew (UPGRADE=1: at their newest)
	@$(COMPILE) --output-file requirements.lock >/dev/null
	@$(COMPILE) --group dev --constraints requirements.lock --output-file requirements-dev.lock >/dev/null

clean: ## remove what was built and cached; what is costly to fetch stays (.venv, .cache)
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find $(ROOMS) deploy tests -name __pycache__ -type d -prune -exec rm -rf {} +
