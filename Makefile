# Run `make help` for the list. Everything that is installed goes into .lab, everything that is made into reports.
SHELL := bash
PYTHON ?= python3
LAB_PYTHON := .lab/venv/bin/python
export PYTHONPATH := $(CURDIR)/notebooks
TABLE := lab-core/benches/table
PIP_EXACTLY := --disable-pip-version-check --no-cache-dir --require-hashes
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := reports
.PHONY: reports report module new outputs check-outputs git-filter lab test fuzz test-browser bench bench-peers bench-spark bench-kernel bench-live lint doctor setup browser pdf clean help

reports: module ## run the notebooks that changed and write reports/*.html (the default)
	@$(LAB_PYTHON) -m tools.report

report: module ## run one notebook, your own too, and write its page: make report NAME=experiment
	@$(LAB_PYTHON) -m tools.report $(NAME)

module: setup ## build lab-core as pages run it into .lab/module (only when it has changed)
	@$(LAB_PYTHON) -m tools.setup.module

new: setup ## begin a notebook of your own: make new NAME=experiment
	@$(LAB_PYTHON) -m tools.report.new $(NAME)

outputs: reports ## write the outputs of the last run into notebooks/, as they are committed
	@$(LAB_PYTHON) -m tools.report.outputs write

check-outputs: reports ## fail where a committed output is not what the last run gives
	@$(LAB_PYTHON) -m tools.report.outputs check

git-filter: setup ## let git leave out what JupyterLab writes into notebooks and nobody commits
	git config filter.lab-notebook.clean ".lab/venv/bin/python -m tools.report.outputs clean %f"

lab: setup ## open JupyterLab with the Rust kernel
	@$(LAB_PYTHON) -m tools.setup.open_lab

test: reports ## run all tests, those of the kernel and of the executed notebooks included
	@$(LAB_PYTHON) -m pytest -q -p no:cacheprovider tests/tools
	@set -o pipefail; cargo test --workspace --all-features 2>&1 | awk '{ print; fflush() } \
		/^test result:/ { passed += $$4; failed += $$6 } END { print passed + 0 " tests passed, " failed + 0 " failed" }'

bench: ## time the numerics beside the peers that bench-peers has installed
	LAB_PEERS=$(CURDIR)/.lab/peers/bin/python cargo bench -p lab-core

bench-peers: ## install PyTorch, JAX, numba, NumPy, SciPy, scikit-learn and LIBMF for bench (5 GB on Linux: CUDA's libraries come along)
	$(PYTHON) -m venv --clear .lab/peers
	.lab/peers/bin/python -m pip install $(PIP_EXACTLY) --no-deps --only-binary=:all: -r $(TABLE)/requirements.txt
	.lab/peers/bin/python -m pip download $(PIP_EXACTLY) --no-deps --no-binary=:all: -d .lab/peers/src -r $(TABLE)/libmf-requirements.txt
	tar -xzf .lab/peers/src/libmf-*.tar.gz -C .lab/peers/src
	$(CXX) -O3 -march=native -fopenmp -DUSEOMP $(if $(shell grep -om1 avx /proc/cpuinfo 2>/dev/null),-DUSEAVX) -w \
		-I .lab/peers/src/libmf-*/src_cpp -o .lab/peers/bin/libmf $(TABLE)/libmf.cpp .lab/peers/src/libmf-*/src_cpp/mf.cpp

bench-spark: ## complete the bench's large file with Spark's ALS, and write data/large_completion.csv (needs Java 17)
	@java -version >/dev/null 2>&1 || { echo "bench-spark needs Java 17 or newer on the PATH"; exit 1; }
	@test -x .lab/spark/bin/python || $(PYTHON) -m venv .lab/spark
	.lab/spark/bin/python -m pip install $(PIP_EXACTLY) -q -r $(TABLE)/spark-requirements.txt
	LAB_PEERS=$(CURDIR)/.lab/peers/bin/python cargo bench -q -p lab-core --bench table -- large
	.lab/spark/bin/python $(TABLE)/spark.py .lab/bench data/large_completion.csv

bench-kernel: setup ## time the kernels beside a plain set-up (its first run builds that: some minutes)
	@$(LAB_PYTHON) tests/bench/bench_kernel.py

bench-live: reports browser ## time what the pages compute in a headless Chromium
	@.lab/browser/bin/python tests/browser/bench_live.py

lint: setup ## formatting, clippy, docs and the Python tools
	cargo fmt --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps
	.lab/venv/bin/ruff check -q .
	.lab/venv/bin/mypy

doctor: ## say what is installed, what is missing and how to mend it
	@$(PYTHON) -m tools.setup.doctor

setup: ## install what the notebooks need into .lab (only what is missing)
	@$(PYTHON) -m tools.setup

fuzz: ## mangle files and arguments for some minutes; `make test` does it briefly
	PROPTEST_CASES=50000 cargo test -p lab-tests --test fuzz

browser:
	@test -x .lab/browser/bin/python || $(PYTHON) -m venv .lab/browser
	@.lab/browser/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r tests/browser/requirements.txt

test-browser: reports browser ## open the reports and JupyterLab in a headless Chromium
	.lab/browser/bin/python -m pytest -q -rs -p no:cacheprovider tests/browser

pdf: reports ## print the reports to reports/*.pdf with Chromium
	@$(LAB_PYTHON) -m tools.report.pdf

clean: ## delete .lab, reports and target
	rm -rf .lab reports target

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
