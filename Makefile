.DEFAULT_GOAL := help
SHELL := bash
PY := .venv/bin/python
STAMP := .venv/.ready
JS_LINT := node_modules/.bin/biome
TEST_TIME := timeout -k 10 2100
# A file of tests is run by one worker, which has its own browser and servers. A browser test keeps a core busy
# for about 80 % of its time, so there is one worker more than cores. In the order of the folders the short files
# of tests/unit come last, and the workers end together; xdist would begin with the files of many tests and end
# with a few long ones.
CORES := $(shell getconf _NPROCESSORS_ONLN)
WORKERS := -n $(shell expr $(CORES) + 1) --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# These wait for containers more than they compute.
CONTAINERS := -n 3 --dist worksteal

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

setup: $(STAMP) ## virtual environment, Chromium and fonts

$(STAMP): requirements.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh
	@touch $@

capture: setup ## capture URL= (or a bundled page) to OUT=, with ARGS=
	@.venv/bin/stillframe capture $(if $(URL),'$(URL)',examples/page.html) $(if $(OUT),-o '$(OUT)') $(ARGS)

serve: setup ## the whole service on localhost, PORT=8080
	@.venv/bin/stillframe serve $(if $(PORT),--port $(PORT)) $(ARGS)

$(JS_LINT): package-lock.json
	@command -v npm >/dev/null || { echo 'The JavaScript linter needs npm (Node.js 18 or later).' >&2; exit 1; }
	@npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

check: check-style check-types check-derived ## format, lint, types, import rules, template lint, generated docs

check-style: setup $(JS_LINT)
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	$(JS_LINT) check --error-on-warnings
	.venv/bin/lint-imports

check-types: setup
	.venv/bin/mypy

# What was generated from the code, and what describes it to others.
check-derived: setup
	.venv/bin/cfn-lint template.yaml infra/*.yaml
	.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows examples/github-actions/*.yml
	$(PY) docs/tools/tables.py --check
	$(PY) docs/tools/devices.py --check
	$(PY) scripts/bulk_plan.py --check
	$(PY) scripts/client_options.py --check
	tests/lambda/chromium.sh check

fix: setup $(JS_LINT) ## format and mend what can be mended by itself
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	$(JS_LINT) check --write

test: setup ## everything that needs no SAM CLI and no container engine
	$(TEST_TIME) .venv/bin/pytest tests --ignore=tests/lambda --ignore=tests/faults --ignore=tests/bench -q $(WORKERS) $(ARGS)

test-unit: setup ## seconds, no sockets, no browser
	.venv/bin/pytest tests/unit tests/infra $(ARGS)

test-lambda: setup ## the real runtime client and emulator, on this machine
	tests/lambda/host.sh $(ARGS)

image: ## build the image of the browser functions
	tests/lambda/image.sh

test-image: image ## the image, confined like Lambda, and its faults
	STILLFRAME_IMAGE_BUILT=1 tests/lambda/confined.sh $(CONTAINERS) $(ARGS)

test-sam: image ## sam validate, build, local invoke, start-api
	STILLFRAME_IMAGE_BUILT=1 tests/lambda/sam.sh $(ARGS)

local-api: image ## the API Gateway door on localhost, through SAM
	tests/lambda/tools.sh >/dev/null && .tools/sam/bin/sam build && .tools/sam/bin/sam local start-api --skip-pull-image

bench: setup ## ours against the floor, in minutes
	$(PY) -m tests.bench --quick $(ARGS)

bench-full: setup ## the same, with more pages and rounds
	$(PY) -m tests.bench $(ARGS)

docs: setup ## write the generated tables
	$(PY) docs/tools/tables.py
	$(PY) docs/tools/devices.py
	$(PY) scripts/bulk_plan.py --write
	$(PY) scripts/client_options.py --write

lock: ## renew requirements.lock and what is exported from it
	scripts/lock.sh

preflight: setup ## what would stop a deployment, with ARGS="Parameter=value"
	@$(PY) scripts/preflight.py $(ARGS)

bulk-failed: setup ## a manifest of what failed in a bulk run, ARGS="RUN"
	@$(PY) scripts/bulk_failed.py $(ARGS)

redrive: setup ## put back what waits in the dead-letter queues, ARGS="--dry-run" to look first
	@$(PY) scripts/redrive.py $(ARGS)

deploy: ## build and deploy with SAM
	sam build && sam deploy

.PHONY: help setup capture serve check check-style check-types check-derived fix test test-unit test-lambda image test-image test-sam local-api bench bench-full docs lock preflight bulk-failed redrive deploy
