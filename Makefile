# Two commands do everything: `make demo` and `make test`. Both set up .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/sh
# Tests that share long fixtures stay together: tests/support/schedule.py.
PYTEST := $(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder

.PHONY: demo test quick test-all evidence lint docs setup check-tools clean

demo: setup
	@$(BIN)/macsmith demo

# Types take one core for half a minute: the tests begin beside them.
test: $(VENV)/dev
	@$(MAKE) --no-print-directory --jobs 2 quick lint

quick: $(VENV)/dev
	@$(PYTEST) -m "not slow"

# All tests, or those of the folders or files in TESTS; what an interrupted run has ended counts. The
# record, tests/full_run.json, is for the next commit.
test-all: $(VENV)/dev lint
	@$(PYTEST) --record-full-run $(TESTS)

# Hours: all that docs/evidence.md shows, made anew; the page and docs/data/evidence are for the
# next commit. Netlists need the libraries of PDK_ROOT.
evidence: test-all
	@$(BIN)/macsmith evidence --take suite=tests/full_run.json \
		$(foreach what,specifications verilog-macs verilog-arrays verilog-others commands,--take fuzz=build/evidence/fuzz-$(what).json)
	@$(BIN)/macsmith evidence --run

lint: $(VENV)/dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo

docs: $(VENV)/dev
	@$(BIN)/mkdocs build --strict

setup: $(VENV)/run

check-tools:
	@command -v $(PYTHON) >/dev/null || { echo "macsmith needs Python 3.11 or newer: $(PYTHON) was not found" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "macsmith needs Python 3.11 or newer: $(PYTHON) is $$($(PYTHON) -V 2>&1)" >&2; exit 2; }
	@command -v perl >/dev/null || { echo "macsmith needs perl, which starts Verilator: perl was not found" >&2; exit 2; }
	@command -v $${CXX:-c++} >/dev/null || { echo "macsmith needs a C++ compiler for its simulators: $${CXX:-c++} was not found" >&2; exit 2; }

$(BIN)/pip: | check-tools
	@$(PYTHON) -m venv $(VENV)

# requirements.lock holds the versions that the published figures were made with.
$(VENV)/run: pyproject.toml requirements.lock | $(BIN)/pip
	@$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	@touch $@

$(VENV)/dev: pyproject.toml requirements.lock | $(BIN)/pip
	@$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev]'
	@touch $@ $(VENV)/run

clean:
	@rm -rf build dist $(VENV)
