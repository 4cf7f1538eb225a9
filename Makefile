# The commands of this project. `make demo` shows it, `make test` proves it, `make lint` reads it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_READY := $(VENV)/.demo-ready
BENCH := .venv-bench
BENCH_READY := $(BENCH)/.ready
BENCH_INSTALL := $(BENCH)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps
PEER := .venv-pylti1p3
PEER_READY := $(PEER)/.ready
RALPH := .venv-ralph
RALPH_READY := $(RALPH)/.ready
DISCLOSURE := .venv-disclosure
DISCLOSURE_READY := $(DISCLOSURE)/.ready
DISCLOSURE_INSTALL := $(DISCLOSURE)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps
HEART := lti_tool/domain/*,lti_tool/measurement/*,lti_tool/use_cases/*,lti_tool/lti/*,xapi/*

.PHONY: help demo test lint format env bench bench-lrs bench-reports prove-launches prove-disclosure prove-faults prove-access prove-packages screenshots lock clean

help:
	@echo "make demo            start portal, tool, worker and LRS; prints one address (PEOPLE=0: without colleagues)"
	@echo "make demo CHECK=1    start it, walk through it over HTTP, stop it; exit 0 or 1"
	@echo "make test            all tests, browser and PostgreSQL included"
	@echo "make lint            ruff, mypy, import contracts"
	@echo "make bench           speed and quality of the engine next to its peers; QUICK=1: at most 60 seconds"
	@echo "make bench-lrs       the built-in LRS beside Ralph, and its filters at a million statements; QUICK=1: a small run"
	@echo "make prove-launches  bad launches, replays and what a launch costs, beside PyLTI1p3; QUICK=1: a small run"
	@echo "make prove-disclosure  attacks on a thousand organisations' published figures; QUICK=1: a small run"
	@echo "make prove-faults    killed workers, LRSs and databases: nothing lost, nothing twice; QUICK=1: a small run"
	@echo "make prove-access    every type of question and every page with content, by keyboard and by axe; QUICK=1: a small run"
	@echo "make screenshots     ten questions and three trainings as pictures, in build/screenshots/content"
	@echo "make prove-packages  hostile packages refused, large ones read, one file and back; QUICK=1: a small run"
	@echo "make bench-reports   an LRS's statements to tables and figures; QUICK=1: a small run"
	@echo "make lock            compile the hash-locked requirements anew"

$(DEMO_READY): requirements.txt setup.cfg
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.txt
	@touch $@

$(READY): requirements-dev.txt requirements.txt setup.cfg
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(DEMO_READY)

env: $(READY)

demo: $(DEMO_READY)
	@$(BIN)/python -m lti_tool.demo $(if $(CHECK),--check) $(if $(PEOPLE),--people $(PEOPLE))

test: $(READY)
	@$(BIN)/python tests/chromium.py
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --cov --cov-report=
	@$(BIN)/coverage report --include='$(HEART)' --fail-under=100
	@$(BIN)/coverage report --omit='$(HEART)' --fail-under=95

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# Without the peers our own engine is measured all the same; each of them is then a figure that is short.
$(BENCH_READY): benchmarks/requirements.txt
	@test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	@if $(BENCH_INSTALL) -r benchmarks/requirements.txt; then touch $@; else $(BENCH_INSTALL) -r requirements.txt; fi

bench: $(BENCH_READY)
	@PYTHONPATH=. QUICK=$(QUICK) OPENBLAS_NUM_THREADS=1 $(BENCH)/bin/python -m benchmarks

# Without the peer everything else is measured all the same; the peer's figure is then short.
$(PEER_READY): benchmarks/launches/peer_requirements.txt
	@test -x $(PEER)/bin/python || $(PYTHON) -m venv $(PEER)
	@$(PEER)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $< || rm -f $(PEER)/bin/python
	@touch $@

$(RALPH_READY): benchmarks/lrs/peer_requirements.txt
	@test -x $(RALPH)/bin/python || $(PYTHON) -m venv $(RALPH)
	@$(RALPH)/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $< || rm -f $(RALPH)/bin/python
	@touch $@

bench-lrs: $(READY) $(RALPH_READY)
	@PYTHONPATH=. QUICK=$(QUICK) PEER_PYTHON=$(RALPH)/bin/python $(BIN)/python -m benchmarks.lrs

prove-launches: $(READY) $(PEER_READY)
	@PYTHONPATH=. QUICK=$(QUICK) PEER_PYTHON=$(PEER)/bin/python $(BIN)/python -m benchmarks.launches

# Without acro and the solver the figures that need them are short.
$(DISCLOSURE_READY): benchmarks/disclosure/requirements.txt
	@test -x $(DISCLOSURE)/bin/python || $(PYTHON) -m venv $(DISCLOSURE)
	@if $(DISCLOSURE_INSTALL) -r $<; then touch $@; else $(DISCLOSURE_INSTALL) -r requirements.txt; fi

prove-disclosure: $(DISCLOSURE_READY)
	@PYTHONPATH=. QUICK=$(QUICK) OPENBLAS_NUM_THREADS=1 $(DISCLOSURE)/bin/python -m benchmarks.disclosure

prove-faults: $(READY)
	@PYTHONPATH=. QUICK=$(QUICK) $(BIN)/python -m benchmarks.faults

prove-access: $(READY)
	@$(BIN)/python tests/chromium.py
	@PYTHONPATH=. QUICK=$(QUICK) $(BIN)/python -m benchmarks.access

prove-packages: $(READY)
	@PYTHONPATH=. QUICK=$(QUICK) $(BIN)/python -m benchmarks.packages

screenshots: $(READY)
	@$(BIN)/python tests/chromium.py
	@$(BIN)/python -m tests.browser.content_shots

bench-reports: $(READY)
	@PYTHONPATH=. QUICK=$(QUICK) $(BIN)/python -m benchmarks.reports

lock:
	@uv pip compile --quiet --custom-compile-command "make lock" --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		setup.cfg -o requirements.txt
	@uv pip compile --quiet --custom-compile-command "make lock" --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		-c requirements.txt --extra analyst setup.cfg requirements-dev.in -o requirements-dev.txt
	@uv pip compile --quiet --custom-compile-command "make lock" --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		-c requirements.txt benchmarks/requirements.in -o benchmarks/requirements.txt
	@uv pip compile --quiet --custom-compile-command "make lock" --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		-c requirements.txt benchmarks/launches/peer_requirements.in -o benchmarks/launches/peer_requirements.txt
	@uv pip compile --quiet --custom-compile-command "make lock" --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		benchmarks/lrs/peer_requirements.in -o benchmarks/lrs/peer_requirements.txt
	@uv pip compile --quiet --custom-compile-command "make lock" --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		-c requirements.txt setup.cfg benchmarks/disclosure/requirements.in -o benchmarks/disclosure/requirements.txt

clean:
	@rm -rf $(VENV) $(BENCH) $(PEER) $(RALPH) $(DISCLOSURE) build var .coverage .coverage.* .mypy_cache .ruff_cache
