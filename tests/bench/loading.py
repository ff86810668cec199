"""Fill an empty database with a corpus, by the quickest way there is.

Rows are made by several processes and given to the database in bulk, past publishing. What publishing would have laid
down is computed as it does; `manage.py verify_catalogue` proves that nothing differs.
"""

import multiprocessing
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice, product, starmap

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from catalog import bulk, index, taxonomy
from catalog.models import CatalogueState, Category, Edition, Organization, Paper, Venue
from tests.bench import postgres
from tests.bench.papers import CATEGORIES, FIRST_ADDED, NEWEST_YEAR, ORGANIZATIONS, VENUES, YEARS, Corpus
from tests.bench.rows import COLUMNS, Names, Row, rows_of

MODELS: dict[str, type[Model]] = {name: apps.get_model("catalog", name) for name in COLUMNS}

type Task = tuple[Corpus, int, Names, dict[str, int]]


def load(corpus: Corpus, *, processes: int = 1, step: Callable[[str], None] = lambda what: None) -> None:
    """The whole corpus, and all that is made of it for readers. Memory does not grow with its size. `step` hears what is next."""
    step("names")
    names = _add_names()
    step(f"{corpus.size} papers")
    with _in_order(_tasks(corpus, names), processes=processes) as chunks, _unhindered(is_much=processes > 1):
        _write(chunks)
        step("indexes of the database")
    _set_state(corpus)
    step("index of the catalogue")
    index.rebuild()
    step("statistics")
    with connection.cursor() as cursor:
        # A vacuum also notes which pages need no look at their rows; it runs in no transaction.
        is_free = connection.vendor == "postgresql" and not connection.in_atomic_block
        cursor.execute("VACUUM ANALYZE" if is_free else "ANALYZE")
    step("done")


def _add_names() -> Names:
    """Categories, venues and organizations as the curators would have named them, and the editions."""
    for path, name in CATEGORIES:
        above, _slash, slug = path.rpartition("/")
        taxonomy.add_category(name, slug=slug, parent=Category.objects.get(path=above) if above else None)
    for name in VENUES:
        taxonomy.add_venue(name)
    for name in ORGANIZATIONS:
        taxonomy.add_organization(name)
    years = range(NEWEST_YEAR - YEARS + 1, NEWEST_YEAR + 1)
    Edition.objects.bulk_create(Edition(venue=venue, year=year) for venue, year in product(Venue.objects.all(), years))
    return Names(
        categories={each.path: (each.pk, each.name, each.tree_position) for each in Category.objects.all()},
        organizations={each.name: (each.pk, each.slug) for each in Organization.objects.all()},
        venues=dict(Venue.objects.values_list("name", "slug")),
        editions={(each.venue.name, each.year): each.pk for each in Edition.objects.select_related("venue")},
    )


def _tasks(corpus: Corpus, names: Names) -> Iterator[Task]:
    taken: Counter[str] = Counter()
    for chunk in corpus.chunks:
        yield corpus, chunk, names, dict(taken)
        taken.update(path for paths in corpus.places(chunk) for path in paths)


@contextmanager
def _in_order(tasks: Iterator[Task], *, processes: int) -> Iterator[Iterator[dict[str, list[Row]]]]:
    """The rows of each chunk, made a few chunks ahead."""
    if processes == 1:
        yield starmap(rows_of, tasks)
        return
    # The processes inherit what is loaded, but share no connection, and no thread goes along.
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()
    with multiprocessing.get_context("fork").Pool(processes) as pool:

        def results() -> Iterator[dict[str, list[Row]]]:
            ahead = deque(pool.apply_async(rows_of, task) for task in islice(tasks, processes * 2))
            while ahead:
                made = ahead.popleft().get()
                ahead.extend(pool.apply_async(rows_of, task) for task in islice(tasks, 1))
                yield made

        yield results()


@contextmanager
def _unhindered(*, is_much: bool) -> Iterator[None]:
    """Without the indexes meanwhile, where that is worth it."""
    if not is_much or connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor, postgres.without_indexes(cursor, [model._meta.db_table for model in MODELS.values()]):
        yield


def _write(chunks: Iterable[dict[str, list[Row]]]) -> None:
    with transaction.atomic():
        for chunk in chunks:
            for name, rows in chunk.items():
                bulk.insert(MODELS[name], COLUMNS[name], rows)


def _set_state(corpus: Corpus) -> None:
    Edition.objects.filter(papers=None).delete()
    at = FIRST_ADDED + timedelta(minutes=corpus.size)
    # The rules of the index are for whoever makes it.
    CatalogueState.objects.update_or_create(id=1, defaults={"version": corpus.size, "paper_count": corpus.size, "updated_at": at})
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Paper]):
            cursor.execute(statement)
