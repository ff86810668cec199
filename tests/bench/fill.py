"""Let the database that DATABASE_URL names have a corpus: `python -m tests.bench.fill 100000`. What it has is kept."""

import os
import sys
import time

import django
from django.core.management import call_command

from tests.bench.papers import corpus_of


def main(size: int) -> None:
    django.setup()
    from catalog import index, terms
    from catalog.models import CatalogueState, Paper
    from tests.bench.loading import load

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    state = CatalogueState.now()
    if not Paper.objects.exists():
        load(corpus_of(size), processes=os.cpu_count() or 1, step=say)
    elif state.paper_count != size:
        sys.exit(f"There are {state.paper_count} papers, not {size}.")
    elif state.rules != terms.RULES:
        say("index of the catalogue, by newer rules")
        index.rebuild()


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
