"""The reasons that every site begins with."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from catalog import reasons
from catalog.models import Reason


@pytest.mark.django_db
def test_a_site_begins_with_reasons_for_every_verdict_and_kind_and_keeps_its_own():
    verdicts = {(verdict, kind) for verdict in ("approve", "request_changes", "reject") for kind in ("addition", "correction", "removal")}
    there = list(Reason.objects.values_list("verdict", "kind"))
    assert all({(verdict, kind), (verdict, "")} & set(there) for verdict, kind in verdicts)
    Reason.objects.exclude(code="belongs").delete()
    reasons.begin_with_defaults(using="default")
    assert Reason.objects.get().code == "belongs"


@pytest.mark.django_db
def test_migrating_back_to_before_there_were_reasons_asks_for_none():
    before = MigrationLoader(connection).project_state(("catalog", "0001_catalogue")).apps
    reasons.begin_with_defaults(using="default", apps=before)
