# churnmodel: the few commands there are. Each sets up what it needs.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
PROJECT ?= var/demo
PORT   ?= 3000
# telemetry of MLflow and BentoML is off, here and in the package's own entry points
export MLFLOW_DISABLE_TELEMETRY = true
export BENTOML_DO_NOT_TRACK = true
# idle threads of LightGBM sleep: spinning ones slow everything down where cores are shared
export OMP_WAIT_POLICY = PASSIVE

.PHONY: help demo test serve mlflow proof bench lint docs clean

help:
	@echo "make demo    simulate a company and run everything on it (starts here)"
	@echo "make serve   the endpoint on 127.0.0.1:$(PORT) with the demo's champion"
	@echo "make mlflow  MLflow's pages on 127.0.0.1:5000 with the demo's runs"
	@echo "make test    everything CI checks: lint, types, import contract, tests"
	@echo "make lint    only ruff, mypy and the import contract"
	@echo "make proof   the laws at full size (long)"
	@echo "make bench   ratios against peers, written to benchmarks/results"
	@echo "make docs    write docs/features.md from the catalog"
	@echo "make clean   remove the environment and everything that was generated"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "churnmodel needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 2; }

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "installing churnmodel (about 1.2 GB, once)"
	$(PIP) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@echo "installing what the tests need"
	$(PIP) -e '.[dev,postgres,spark,tune,profit,alerts]'
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/churnmodel demo --folder $(PROJECT)

serve: $(VENV)/.installed
	@test -f $(PROJECT)/models/champion.json || \
	  { echo "no champion in $(PROJECT): run 'make demo' first, or name a project's output folder with PROJECT=..."; exit 2; }
	CHURNMODEL_HOME=$(PROJECT) $(BIN)/bentoml serve serving.service:ChurnmodelService --host 127.0.0.1 --port $(PORT)

mlflow: $(VENV)/.installed
	$(BIN)/mlflow ui --backend-store-uri sqlite:///$(abspath $(PROJECT))/mlflow.db --host 127.0.0.1 --port 5000

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 40

proof: $(VENV)/.dev
	CHURNMODEL_PROFILE=proof $(BIN)/python -m pytest tests/laws tests/snapshots tests/features

bench: $(VENV)/.dev
	$(PIP) -e '.[bench]'
	$(BIN)/python benchmarks/features.py
	$(BIN)/python benchmarks/backtests.py --others
	$(BIN)/python benchmarks/small_books.py
	$(BIN)/python benchmarks/peers.py --name peers_as_they_come
	$(BIN)/python benchmarks/explanations.py
	$(BIN)/python benchmarks/ceiling.py
	$(BIN)/python benchmarks/form.py
	$(BIN)/python benchmarks/reasons.py

docs: $(VENV)/.installed
	$(BIN)/python -m churnmodel.features.dictionary > docs/features.md

clean:
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
