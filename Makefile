# Casewright. `make` alone prints what can be made.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python on the PATH that is new enough.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$name" && break; done)
VENV := .venv/bin

run dev: export CASEWRIGHT_DEMO ?= 1

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: install
install: python ## install what running needs; does nothing the second time
	@$(PYTHON) casewright/install.py run
	@$(VENV)/python -m casewright.assets $(if $(CI),--strict)

.PHONY: install-test
install-test: python ## install what testing and checking need too
	@$(PYTHON) casewright/install.py test
	@$(VENV)/python -m casewright.assets $(if $(CI),--strict)

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo "Casewright needs Python 3.11 or newer on the PATH."; exit 1; }

.PHONY: run
run: install ## start web and worker with demo data in the foreground; Ctrl-C ends all
	@exec $(VENV)/python -m casewright run

.PHONY: dev
dev: install-test ## like run, but the web restarts when code changes
	@exec $(VENV)/python -m casewright run --reload

.PHONY: assets
assets: ## build scripts, styles and translations, if their sources changed
	@$(PYTHON) casewright/install.py run
	@$(VENV)/python -m casewright.assets $(if $(CI),--strict)

.PHONY: test
test: install-test ## run all tests, with real PostgreSQL, Redis and a browser
	@$(VENV)/python -m pytest $(if $(TESTS),$(TESTS),--numprocesses auto --maxprocesses 4 --dist worksteal --requirements)

CHECKS := "ruff format --check" "ruff check" lint-imports "djlint --quiet --lint webapp/templates" \
	"deptry ." mypy

.PHONY: check
check: install-test ## style, types, layers, templates, dependencies; runs all, then says if one failed
	@failed=; for check in $(CHECKS); do \
		echo "== $$check"; $(VENV)/$$check || failed="$$failed [$$check]"; done; \
	test -z "$$failed" || { echo "failed:$$failed"; exit 1; }

.PHONY: format
format: install-test ## put code into house style
	$(VENV)/ruff format
	$(VENV)/ruff check --fix

.PHONY: messages
messages: install-test ## collect the texts of pages into the nl and de catalogues
	@mkdir -p .cache
	$(VENV)/pybabel -q extract -F webapp/translations/babel.cfg -k lazy_gettext -k Sentence --no-location -o .cache/messages.pot .
	for language in nl de; do $(VENV)/pybabel -q update -i .cache/messages.pot -l $$language \
	  -o webapp/translations/$$language/LC_MESSAGES/messages.po --no-fuzzy-matching --ignore-obsolete; done

.PHONY: bench
bench: install-test ## measure; prints figures, passes no judgement
	@$(VENV)/python -m tests.bench

.PHONY: faults
faults: install-test ## harm the product in every way of the fault plan; PART=d1,d9 SEED=123
	@$(if $(SEED),SEED=$(SEED)) $(if $(PART),PART=$(PART)) $(VENV)/python -m tests.faults

.PHONY: lock
lock: python ## renew requirements.lock and package-lock.json with the newest versions
	@$(PYTHON) casewright/install.py test
	$(VENV)/pip install --quiet --upgrade --upgrade-strategy eager --editable '.[assets,test,check]' hatchling
	{ echo "# Exact versions of everything make installs; made by make lock."; \
	  $(VENV)/pip freeze --exclude-editable; } > requirements.lock
	$(VENV)/python -m casewright.assets --lock

.PHONY: clean
clean: ## remove what was built and installed; data in var/ stays
	rm -rf .venv node_modules webapp/static/dist .cache .mypy_cache .ruff_cache .pytest_cache
