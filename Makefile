# make run     serves the portal on http://127.0.0.1:8000/, or on the port that PORT= names
# make test    every test, on SQLite and on PostgreSQL, and in a browser
# make bench   the portal beside what one would put up instead; SIZES=1m for a million papers, KEEP=1 to use what is loaded
# make bench-files   its downloads, exports and imports beside theirs; SIZE=1m IMPORT=100k
# make check   lint, format, types, migrations, deployment
# make screenshots   docs/screenshots/ anew, in Chromium
#
# Any python3 from 3.9 on is enough to begin with: it only brings uv, which brings the rest. Everything made lies in .venv/ and var/.

PYTHON ?= python3
PORT ?= 8000
SIZES ?=
SIZE ?=
IMPORT ?=
DATABASE ?=
ROUNDS ?= 5
KEEP ?=
UV_VERSION := 0.13.9

uv_home := var/uv-$(UV_VERSION)
uv := $(uv_home)/bin/uv
python := .venv/bin/python
ready := .venv/.ready

export UV_PROJECT_ENVIRONMENT := .venv
unexport VIRTUAL_ENV PYTHONPATH DJANGO_SETTINGS_MODULE

.PHONY: run test bench bench-files check screenshots
.DELETE_ON_ERROR:

run: export DEBUG ?= on
run: export SITE_URL ?= http://127.0.0.1:$(PORT)
run: $(ready)
	@$(python) manage.py migrate --verbosity 0
	@$(python) manage.py createcachetable --verbosity 0
	@$(python) manage.py load_catalogue
	@$(python) manage.py rebuild_catalogue --if-outdated
	@$(python) manage.py ensure_maintainer
	@exec $(python) manage.py runserver 127.0.0.1:$(PORT)

test: $(ready)
	@$(python) -m tests.run

# Peers come into an environment of their own; without them, where they cannot be had, the portal is measured alone.
bench_environment := var/bench/environment

bench: $(ready)
	@export UV_PROJECT_ENVIRONMENT=$(bench_environment); \
	$(uv) sync --frozen --quiet --no-dev --group bench --python $(python) || $(uv) sync --frozen --quiet --no-dev --python $(python)
	@$(bench_environment)/bin/python -m tests.bench --rounds $(ROUNDS) \
		$(if $(SIZES),--sizes $(SIZES)) $(if $(DATABASE),--database $(DATABASE)) $(if $(KEEP),--keep)

bench-files: $(ready)
	@export UV_PROJECT_ENVIRONMENT=$(bench_environment); \
	$(uv) sync --frozen --quiet --no-dev --group bench --python $(python) || $(uv) sync --frozen --quiet --no-dev --python $(python)
	@$(bench_environment)/bin/python -m tests.bench.transfer $(if $(SIZE),--size $(SIZE)) $(if $(IMPORT),--import $(IMPORT))

screenshots: $(ready)
	@$(python) -m pytest -q tests/browser/screenshots.py tests/browser/identity.py

check: export SECRET_KEY := not-a-secret-but-long-enough-for-a-check-of-0123456789
check: export DEBUG := off
check: export SITE_URL := https://papers.example.org
check: export DATABASE_URL := sqlite://:memory:
check: $(ready)
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(python) -m mypy .
	@$(python) manage.py makemigrations --check --dry-run
	@$(python) manage.py check --deploy --fail-level WARNING

# -- The environment -----------------------------------------------------------------------
# The Python that .python-version names where it is at hand, else another that works, else the one uv fetches.
$(ready): pyproject.toml uv.lock .python-version $(uv)
	@wanted="$$(cat .python-version)"; \
	found="$$($(uv) python find --system --no-python-downloads "$$wanted" 2>/dev/null \
		|| $(uv) python find --system --no-python-downloads '>=3.12,<3.15' 2>/dev/null || echo "$$wanted")"; \
	$(uv) sync --frozen --quiet --python "$$found" \
		|| { echo "The dependencies are missing: uv could not fetch them, or Python $$wanted, from the network." >&2; exit 1; }
	@touch $@

$(uv):
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.9 or newer." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 9))' || { echo "$(PYTHON) is too old: Python 3.9 or newer is needed." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing: install python3-venv." >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(uv_home)
	@$(uv_home)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) \
		|| { echo "uv $(UV_VERSION) is missing: pip could not fetch it from the network." >&2; exit 1; }
	@touch $@
