# make demo, make test: each sets up what it needs, on a machine with Python 3.11 or newer and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: help setup demo test check coverage messages docs pictures integration clean

help:
	@echo "make demo         the whole chain on an invented newspaper: crawl, train, compare"
	@echo "make test         linter, type checker and tests"
	@echo "make coverage     the tests once more, with the branches they take counted, processes of their own included"
	@echo "make integration  tests against real servers (installs WordPress and Chromium packages on Debian)"
	@echo "make messages     bring the catalogues of messages up to date, after a message was changed"
	@echo "make docs         the documentation as a site, in build/site; a warning is an error"
	@echo "make pictures     the pictures in docs/images, anew: report, card and site in Chromium"
	@echo "make setup        the virtual environment alone"
	@echo "make clean        remove the virtual environment and what the demo made"

setup: $(READY)

# make.py says how, once, for machines without make too.
$(READY): setup.cfg constraints.txt
	@$(PYTHON) -m make setup

demo: $(READY)
	@$(PYTHON) -m make $@

check: $(READY)
	@$(PYTHON) -m make $@

test: $(READY)
	@$(PYTHON) -m make $@

coverage: $(READY)
	@$(PYTHON) -m make $@

docs: $(READY)
	@$(PYTHON) -m make $@

pictures: $(READY)
	@$(PYTHON) -m make $@

# What the code says to people, into the catalogues: looks for new messages, keeps the translations, compiles.
MESSAGES := aurora_crawl/locale
messages: $(READY)
	@mkdir -p build
	@$(BIN)/pybabel -q extract -k N_ -k Message -k info -k warning -k error --no-location --sort-output \
		--project aurora-br --copyright-holder "Aurora BR" -o build/aurora.pot aurora_crawl
	@$(BIN)/pybabel -q update -D aurora -i build/aurora.pot -d $(MESSAGES) -l pt_BR --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date -w 110
	@$(BIN)/pybabel -q compile -D aurora -d $(MESSAGES) -l pt_BR

# lm-eval is in no other extra: 250 MB, against which log-likelihoods are held.
integration: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[lm-eval]'
	$(BIN)/python -m pytest tests/integration

clean:
	rm -rf $(VENV) data/demo
