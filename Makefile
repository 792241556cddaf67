PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test lint test-gpu bench bench-gpu

$(BIN)/installed: setup.py pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

demo: $(BIN)/installed
	$(BIN)/spacy-lstm-sentiment score corpus/test.jsonl --output output/demo.csv --prefix predicted_ --force
	head -n 6 output/demo.csv

test: lint
	$(BIN)/pytest

lint: $(BIN)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test-gpu: $(BIN)/installed
	$(BIN)/pytest -m gpu -rs

bench: $(BIN)/installed
	$(BIN)/python benchmarks/pipe.py

bench-gpu: $(BIN)/installed
	$(BIN)/python benchmarks/gpu.py
