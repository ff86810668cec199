"""The fixed cast: alice and bruno contribute, mel maintains, root owns the site, visitor is nobody."""

import gc
from time import monotonic

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import settings

from accounts.models import MAINTAINERS, User
from catalog import keeping
from catalog.models import Misspelling, Reason, Visit

# The same examples in every run, however slow the machine is.
settings.register_profile("openshelf", deadline=None, derandomize=True)
settings.load_profile("openshelf")


def pytest_collection_modifyitems(items):
    """What asks no database is run once by `make test`, on the first."""
    for item in items:
        if not (item.get_closest_marker("django_db") or {"db", "transactional_db", "live_server"}.intersection(item.fixturenames)):
            item.add_marker("once")


def pytest_collection_finish():
    """What was imported and collected stays to the end: the collector of garbage looks through it no more, and seldom through the rest."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite in a file: one in memory is shared by threads in a way that the real one never is."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """PostgreSQL drops no database that somebody is in: the pool may just be opening a connection when it is closed."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            everybody_else = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {everybody_else}")


@pytest.fixture(autouse=True)
def _limits_begin_anew(request, django_db_blocker):
    """The cache is a table that no model owns, so the flush after a transactional test does not empty it."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if {"transactional_db", "live_server"} & set(request.fixturenames) or (marker and marker.kwargs.get("transaction")):
        with django_db_blocker.unblock():
            cache.clear()


@pytest.fixture(autouse=True)
def _nothing_is_kept_from_test_to_test(monkeypatch):
    """The default catalogue has the same stamp in every test, and some change rows behind its back."""
    monkeypatch.setattr(keeping, "answers", keeping.Store(most=keeping.MOST_ANSWERS))
    monkeypatch.setattr(keeping, "parts", keeping.Store(most=keeping.MOST_PARTS))


@pytest.fixture
def a_minute_passes(monkeypatch):
    """For what is kept: what no stamp tells of a change is made anew."""

    def wait():
        later = monotonic() + keeping.LONGEST
        monkeypatch.setattr(keeping, "monotonic", lambda: later)

    return wait


def make_user(username, **more):
    """An account with a verified address and the password `password`."""
    user = User.objects.create_user(username, f"{username}@example.org", "password", **more)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def signed_in(user):
    """A browser of theirs, in the midst of a visit: only the page that begins one writes it down."""
    now = timezone.now()
    Visit.objects.get_or_create(user=user, defaults={"began_at": now, "seen_at": now})
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice(db):
    return make_user("alice")


@pytest.fixture
def bruno(db):
    return make_user("bruno")


@pytest.fixture
def mel(db):
    user = make_user("mel", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=MAINTAINERS)[0])
    return user


@pytest.fixture
def root(db):
    return make_user("root", is_staff=True, is_superuser=True)


@pytest.fixture
def visitor():
    return Client()


@pytest.fixture
def alice_client(alice):
    return signed_in(alice)


@pytest.fixture
def bruno_client(bruno):
    return signed_in(bruno)


@pytest.fixture
def mel_client(mel):
    return signed_in(mel)


@pytest.fixture
def root_client(root):
    return signed_in(root)


@pytest.fixture(scope="session")
def catalogue_copies(django_db_setup, django_db_blocker):
    """The default catalogue, loaded once and kept in tables of its own: of each table of the catalogue, its copy."""
    copies = {}
    tables = [model._meta.db_table for model in apps.get_app_config("catalog").get_models(include_auto_created=True)]
    with django_db_blocker.unblock(), connection.cursor() as cursor, transaction.atomic():
        call_command("load_catalogue")
        # As on a site that runs: a planner that knows nothing of the rows takes ways that cost a hundred times as much.
        cursor.execute("ANALYZE")
        for table in tables:
            # What was there before, such as the reasons that every site begins with, is there for every test.
            if table != Reason._meta.db_table:
                copies[table] = f"copy_of_{table}"
                cursor.execute(f"CREATE TABLE {copies[table]} AS SELECT * FROM {table}")
                cursor.execute(f"DELETE FROM {table}")
    return copies


@pytest.fixture
def slips():
    """The catalogue also knows how its words may be misspelled: many rows, that few tests look at."""


@pytest.fixture
def catalogue(db, request, catalogue_copies):
    """The default catalogue; without the misspellings of its words, unless `slips` asks for them."""
    left_out = set() if "slips" in request.fixturenames else {Misspelling._meta.db_table}
    with transaction.atomic(), connection.cursor() as cursor:
        for table, copy in catalogue_copies.items():
            if table not in left_out:
                cursor.execute(f"INSERT INTO {table} SELECT * FROM {copy}")
        models = list(apps.get_app_config("catalog").get_models(include_auto_created=True))
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
