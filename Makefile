# Each target sets up what it needs in .venv first, once. `make help` lists the targets.
# Another Python than python3: make run PYTHON=python3.12
PYTHON ?= python3
PORT ?= 8000
READY := .venv/ready
VENV_PYTHON := .venv/bin/python
SITE_PYTHON := .venv-site/bin/python
# One process for each core, four at most; a file stays in one of them, since a notebook's cells need each other.
SHARED_OUT := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help run lab check test test-portable test-twice test-studies test-browser test-site notebooks studies bench readme badges class site site-serve

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY)  ## the whole story: train on odd digits, transfer to even ones, report in output/
	$(VENV_PYTHON) main.py

lab: $(READY)  ## open JupyterLab on the first notebook
	$(VENV_PYTHON) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks/00_in_ten_minutes.ipynb

check: $(READY)  ## style and the quick tests, in a minute or so: while you work
	$(VENV_PYTHON) -m ruff check
	$(VENV_PYTHON) -m ruff format --check
	$(VENV_PYTHON) -m pytest $(SHARED_OUT) -m "not slow and not needs_tensorflow" tests

test: $(READY)  ## all tests and all notebooks
	$(VENV_PYTHON) -m pytest $(SHARED_OUT)

test-portable: $(READY)  ## the notebooks, with the arithmetic of another processor (Intel and AMD)
	OPENBLAS_CORETYPE=Haswell OPENBLAS_NUM_THREADS=1 $(VENV_PYTHON) -m pytest $(SHARED_OUT) notebooks

test-twice: $(READY)  ## the notebooks as people run them: each cell twice, and the second half once more
	$(VENV_PYTHON) -m pytest $(SHARED_OUT) -p tests.notebooks_twice notebooks

test-studies: .venv/studies-ready  ## the studies on a cluster: a real one on this machine, which loses a worker
	$(VENV_PYTHON) -m pytest tests/test_studies_cluster.py

test-browser: .venv/browser-ready  ## the widgets and figures in a real JupyterLab, by this machine's Chromium
	$(VENV_PYTHON) -m pytest tests/browser

test-site: site  ## the site in Chromium: links, search, luck, the laboratory; nothing fetched from elsewhere
	$(SITE_PYTHON) -m pytest site

notebooks: badges  ## run every notebook and store its outputs cleanly
	$(VENV_PYTHON) -m tools.execute_notebooks

studies: $(READY)  ## compute what is missing of the studies (all of them: some hours), then the README's tables and figures
	$(VENV_PYTHON) -m studies
	$(VENV_PYTHON) -m studies --all
	$(VENV_PYTHON) -m tools.readme
	$(VENV_PYTHON) -m tools.findings

bench: .venv/bench-ready  ## race the frameworks, on one core and on all (half an hour), then the README's tables and chart
	$(VENV_PYTHON) -m benchmarks
	$(VENV_PYTHON) -m tools.readme

readme: $(READY)  ## the README's tables and figures, and the findings, from results/
	$(VENV_PYTHON) -m tools.readme
	$(VENV_PYTHON) -m tools.findings

badges: $(READY)  ## the badges everywhere; to set the address: make badges REPOSITORY=owner/name
	$(VENV_PYTHON) -m tools.badges $(REPOSITORY)

class: $(READY)  ## pack the series for a class: output/class/students.zip and teachers.zip
	$(VENV_PYTHON) -m tools.class_kit

site: .venv-site/ready  ## build the web site and its laboratory, site/_build/html (the first time 252 networks are trained: some minutes)
	$(SITE_PYTHON) site/build.py

site-serve: site  ## serve the site to this machine and to others in the same network (PORT=8000)
	$(SITE_PYTHON) site/serve.py --port $(PORT)

# Always from nothing (--clear): pip takes a package that an interrupted run left half-installed for complete.
$(READY): requirements.txt
	@$(PYTHON) -m tools.check_python
	@echo "Setting up .venv with $$($(PYTHON) --version): this happens once and takes a few minutes."
	$(PYTHON) -m venv --clear .venv
	$(VENV_PYTHON) -m pip install --disable-pip-version-check --requirement requirements.txt
	@touch $@
	@echo "The set-up is complete."

.venv/studies-ready: $(READY)
	$(VENV_PYTHON) -m pip install --disable-pip-version-check "dask[distributed]>=2024.8"
	@touch $@

.venv/browser-ready: site/requirements.txt $(READY)
	$(VENV_PYTHON) -m pip install --disable-pip-version-check playwright --constraint $<
	@touch $@

# One by one, so that a framework which cannot be installed here does not keep the others out.
.venv/bench-ready: benchmarks/requirements.txt $(READY)
	@grep -v '^#' $< | xargs -n 1 $(VENV_PYTHON) -m pip install --disable-pip-version-check && touch $@ \
		|| echo "Not everything could be installed; what is missing is skipped."

.venv-site/ready: site/requirements.txt
	@$(PYTHON) -m tools.check_python
	$(PYTHON) -m venv --clear .venv-site
	$(SITE_PYTHON) -m pip install --disable-pip-version-check --requirement $<
	@touch $@
