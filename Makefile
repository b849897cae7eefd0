# Two commands matter: `make run` starts the desk, `make test` checks everything.
# Both need Python 3.11 or newer and make; the rest they fetch themselves. With npm, pages are lighter.
#
# There are two environments because dash[testing] holds urllib3 at 1.26 while the desk runs on 2:
#   .venv      what runs, exactly requirements.lock
#   .venv-dev  what tests, exactly requirements-dev.lock

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)
WORKERS ?= 4

RUN := .venv
DEV := .venv-dev
PROJECT := --no-deps --no-build-isolation --editable .
COMPILE := pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-annotate --no-header

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check browser lock audit bench screenshots clean

help:
	@echo "make run     start the desk with a simulated broker on 127.0.0.1:8050"
	@echo "make test    lint, types, import contracts and every test"
	@echo "make check   lint, types and import contracts alone"
	@echo "make bench   measure the speed of what must be fast"
	@echo "make screenshots  take the pictures in docs/screenshots anew"
	@echo "make lock    resolve the dependencies anew (UPGRADE=--upgrade for newer versions)"
	@echo "make audit   known vulnerabilities in the locked dependencies"
	@echo "make clean   remove the environments and caches; data/ stays"

run: $(RUN)/.project
	$(RUN)/bin/bellwether db upgrade
	$(RUN)/bin/bellwether serve

# The tests come last, so that the last line of the output is pytest's own. They are left in their
# order: by the number of tests in a file, the single one of three minutes would begin at the end.
test: browser check
	$(DEV)/bin/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(PYTEST)

check: $(DEV)/.project
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/mypy
	$(DEV)/bin/lint-imports
	$(DEV)/bin/deptry .

bench: $(DEV)/.project
	$(DEV)/bin/pytest -m bench -s tests/bench $(PYTEST)

screenshots: browser $(DEV)/.project
	$(DEV)/bin/python -m tests.screenshots

lock: $(DEV)/.project
	$(DEV)/bin/uv --no-config $(COMPILE) $(UPGRADE) --output-file requirements.lock
	$(DEV)/bin/uv --no-config $(COMPILE) $(UPGRADE) --group dev --output-file requirements-dev.lock

audit: $(DEV)/.project
	$(DEV)/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock

clean:
	rm -rf $(RUN) $(DEV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A new lock file means a new environment: nothing of the old one stays behind.
# uv installs three times faster than pip; its version and hash come from the development lock.
# It does not read pip's settings, so where only pip knows the way to the packages, pip goes on.
define environment
	@test -n "$(PYTHON)" || { echo "Bellwether needs Python 3.11 or newer." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(1)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock > $(1)/uv.txt
	$(1)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $(1)/uv.txt
	$(1)/bin/uv --no-config pip install --quiet --compile-bytecode --python $(1)/bin/python --require-hashes -r $(2) \
		|| $(1)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $(2)
	@touch $@
endef

$(RUN)/.locked: requirements.lock
	$(call environment,$(RUN),requirements.lock)

$(DEV)/.locked: requirements-dev.lock
	$(call environment,$(DEV),requirements-dev.lock)

# The charts need a quarter of Plotly, which npm has; pip has all of it, and that serves as well.
%/.scripts: assets/package-lock.json %/.locked
	@mkdir -p $*/share/bellwether
	@cp assets/package.json assets/package-lock.json $*/share/bellwether
	@npm ci --silent --ignore-scripts --fetch-retries=1 --fetch-timeout=30000 \
		--prefix $*/share/bellwether \
		|| echo "That part did not come by npm: charts load all of Plotly, 4.8 MB instead of 1.3."
	@touch $@

%/.project: %/.locked %/.scripts pyproject.toml
	$*/bin/pip install --quiet --disable-pip-version-check $(PROJECT)
	$*/bin/python -m engine.market_hours
	$*/bin/python -m compileall -q models engine dashboard wsgi.py
	@touch $@

# Keeps the stamps, which make would take for temporary files.
.SECONDARY: $(RUN)/.locked $(DEV)/.locked $(RUN)/.scripts $(DEV)/.scripts

browser:
	@sh .ci/browser
