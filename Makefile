PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test lint test-native test-gpu bench bench-gpu

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

# The kernel under the address and undefined behaviour sanitizers; needs no Python.
test-native:
	mkdir -p build
	$(CXX) -std=c++17 -O1 -g -Wall -Wextra -Werror -Wno-psabi -ffp-contract=fast \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-I spacy_lstm_sentiment/models/kernels tests/native/test_lstm.cpp -o build/test-native
	build/test-native
