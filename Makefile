# Everything is done in .venv with the versions of requirements.lock; nothing but python3 and a package registry is needed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup run test lint bench pictures compose-check lock clean

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Sanjian needs Python 3.11 or newer: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch .venv/ready

run: setup
	$(BIN)/sanjian up --demo

test: setup lint
	$(BIN)/python -m pytest --numprocesses=auto --no-loadscope-reorder

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m benchmarks.pipeline
	$(BIN)/python -m benchmarks.alert_latency
	$(BIN)/python -m benchmarks.fanout
	$(BIN)/python -m benchmarks.queries
	$(BIN)/python -m benchmarks.console
	$(BIN)/python -m benchmarks.boards
	$(BIN)/python -m benchmarks.front_page

pictures: setup
	$(BIN)/python -m tests.browser.pictures

# docker-compose.yml, its overrides and what they mount, checked without Docker
compose-check: setup
	$(BIN)/python -m docker.check

lock: setup
	$(BIN)/python -m pip install --quiet --upgrade --editable '.[dev]'
	$(BIN)/python -m pip freeze --exclude-editable | grep -v -E '^(pip|setuptools|wheel)==' > requirements.lock

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache
