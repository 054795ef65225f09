# The words of this project. `make demo` and `make test` are all that a newcomer needs.

.DEFAULT_GOAL := help
.PHONY: help install dev demo check test sim screens crash fuzz bench system-packages
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# The first interpreter that is there; its version is checked before it is used. Choose another with `make PYTHON=…`.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3,$(shell command -v $(name))))
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq

# A stamp says that .venv holds what the files it depends on ask for, so a later `make demo` starts at once.
RUN_STAMP := $(VENV)/.run-time-is-installed
DEV_STAMP := $(VENV)/.everything-is-installed

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# pip is the last thing that venv writes, so a folder whose making was cut short is made again.
$(BIN)/pip:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "Zhanggui needs Python 3.11 or newer; found: $$($(or $(PYTHON),false) --version 2>/dev/null || echo none)."; \
	    echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.11"; \
	    exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	    echo "Python could not make a virtual environment. Debian, Ubuntu: apt-get install python3-venv"; exit 1; }

# The project itself goes in last and needs no network: the build backend stands in the lock, so pip builds with it
# (--no-build-isolation), looks for nothing (--no-deps, --no-index) and writes one .pth file and the `zhanggui` command.
define install-from
	@echo "Installing the packages of $(1) (about a minute the first time)"
	@$(PIP) install --require-hashes -r $(1)
	@$(PIP) install --no-index --no-deps --no-build-isolation --editable .
endef

$(RUN_STAMP): requirements.lock pyproject.toml | $(BIN)/pip
	$(call install-from,requirements.lock)
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml | $(BIN)/pip
	$(call install-from,requirements-dev.lock)
	@touch $@ $(RUN_STAMP)

install: $(RUN_STAMP) ## install what running needs into .venv

dev: $(DEV_STAMP) ## install what development needs into .venv

demo: $(RUN_STAMP) ## start terminal, host and bank with demo data; Ctrl-C ends them
	@exec $(BIN)/python tools/in_foreground.py $(BIN)/zhanggui up

check: $(DEV_STAMP) ## lint, format, types, laws of imports, dead names, examples in docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/pytest -q --doctest-modules src --ignore-glob='*/migrations/*' -p no:xdist

# Two processes: the browser's driver keeps an event loop running, and asyncio tests cannot run beside one.
# Real processes, databases and ports are each test's own, so the first part runs on two workers.
test: $(DEV_STAMP) system-packages ## every test, and drawn shares of what is long; about twenty minutes on two cores
	@echo "1/2 everything but the browser"
	$(BIN)/pytest -n 2 --dist worksteal --durations 10 --ignore tests/browser
	@echo "2/2 the browser"
	$(BIN)/pytest -n 2 --dist loadfile --durations 5 tests/browser

sim: $(DEV_STAMP) ## a shop's day in leaping time, all its shares, of which make test draws a few; some minutes
	TESTS_WHOLE=1 $(BIN)/pytest -n 2 --dist worksteal --durations 10 tests/properties/test_shop_day.py

screens: $(DEV_STAMP) system-packages ## screens of the terminal: every model, language and size, of which make test draws a few; some minutes
	TESTS_WHOLE=1 $(BIN)/pytest -n 2 --dist worksteal --durations 10 tests/unit/terminal_page

crash: $(DEV_STAMP) ## kills, power cuts and faults at each effect, with a second one while a terminal comes back; some minutes
	TESTS_WHOLE=1 ZHANGGUI_CRASH_TWICE=1 $(BIN)/pytest -n 2 --dist worksteal --timeout 1800 --durations 10 tests/crash

FUZZ_S ?= 300

fuzz: $(DEV_STAMP) ## any bytes into each parser, five minutes each (FUZZ_S=…); what breaks one is kept and replayed by make test
	$(BIN)/python -m tools.fuzz --seconds $(FUZZ_S)

bench: $(DEV_STAMP) ## speed of the codec and of the host
	$(BIN)/zhanggui bench codec
	$(BIN)/zhanggui bench host

# The browser tests drive Chromium, and slips and pages need a Chinese face.
system-packages:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v fc-list >/dev/null || missing="$$missing fontconfig"; \
	fc-list :lang=zh 2>/dev/null | grep -q . || missing="$$missing fonts-noto-cjk"; \
	[ -n "$$missing" ] || exit 0; \
	if ! command -v apt-get >/dev/null; then \
	    echo "The tests need these system packages (Debian's names):$$missing. Install them and try again."; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as_root=""; \
	elif sudo -n true 2>/dev/null; then as_root="sudo -n"; \
	else echo "The tests need system packages. Run: sudo apt-get install$$missing"; exit 1; fi; \
	echo "Installing system packages:$$missing"; \
	{ $$as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -y -qq --no-install-recommends $$missing; } \
	    >/dev/null </dev/null || { echo "apt-get failed. Install these by hand:$$missing"; exit 1; }
