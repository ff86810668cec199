"""Many papers at once: the rows are those that publishing one by one would leave."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection

from catalog import publishing, records, shelving
from catalog.models import CatalogueState, Category, Paper, Posting, Revision
from catalog.records import Author, Link, Organization, Record, Venue
from catalog.verification import disagreements

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def some(count, **more):
    return [
        Record(
            title=f"System {number}: A Study of Sparrows",
            short_name=f"System {number}",
            year=2024,
            authors=(Author(name="Ann Bee", orcid="0000-0001-2345-6789"), Author(name=f"Cy Dee{number}")),
            organizations=(Organization(name="UCB"), Organization(name="UC Berkeley"), Organization(name="Nest Labs")),
            venue=Venue(name="osdi", year=2024, raw="OSDI' 24"),
            identifiers={"arxiv": f"2401.{number:05}"},
            links=(Link(url=f"https://arxiv.org/abs/2401.{number:05}"), Link(kind="code", url="https://github.com/a/b", label="Code")),
            categories=(records.Category(path="ml-systems", note="n"), records.Category(path="llm-systems/serving", primary=True)),
            **more,
        )
        for number in range(count)
    ]


def put(new, **more):
    with shelving.many(at=AT, **more) as shelf:
        return shelf.put(new)


def test_what_many_leave_agrees_with_their_rows(catalogue, monkeypatch):
    monkeypatch.setattr(shelving, "AT_ONCE", 3)
    monkeypatch.setattr(shelving, "TERMS_AT_ONCE", 20)
    put(some(8))
    assert list(disagreements()) == []
    assert CatalogueState.now().paper_count == Paper.objects.count() == 193


def test_many_are_what_one_by_one_would_be(catalogue):
    one = publishing.publish(some(1)[0], at=AT)
    expected = records.replace(one.record, id="", slug="", path="", citation_key="", categories=())
    publishing.retract(one, reason="To begin anew.", by=None)
    [many] = put(some(1))
    assert records.replace(many, id="", slug="", path="", citation_key="", categories=()) == expected
    assert [(place.path, place.primary, place.note) for place in many.categories] == [
        ("llm-systems/serving", True, ""),
        ("ml-systems", False, "n"),
    ]
    assert Paper.objects.get(public_id=many.id).record == many


def test_addresses_and_keys_are_nobody_elses(catalogue):
    gone = publishing.publish(Record(title="Same"), at=AT)
    publishing.retract(gone, reason="Gone.", by=None)
    first = put([Record(title="Same"), Record(title="Same"), Record(title="Other", slug="same", id="7Q4MHX2KD9RTW3VB")])
    again = put([Record(title="Same")])
    slugs = [record.slug for record in [*first, *again]]
    assert slugs == ["same-2", "same-3", "same-4", "same-5"]
    assert len({record.citation_key for record in [*first, *again]}) == 4


def test_positions_go_on_behind_the_last_unless_a_free_one_is_asked_for(catalogue):
    last = Category.objects.get(path="ml-systems").placements.count()
    places = [records.Category(path="ml-systems", position=position) for position in (0, 1, 500, 0)]
    put_there = put([Record(title=f"P{number}", categories=(place,)) for number, place in enumerate(places)])
    assert [record.categories[0].position for record in put_there] == [last + 1, last + 2, 500, 501]


def test_a_record_of_our_own_keeps_its_id_and_times(catalogue):
    record = Record(
        title="Kept", id="7Q4MHX2KD9RTW3VB", slug="kept-here", citation_key="key", added_at=AT.replace(year=2020), updated_at=AT
    )
    [served] = put([record])
    assert (served.id, served.slug, served.citation_key, served.added_at) == (record.id, "kept-here", "key", record.added_at)


def test_either_all_stand_there_or_none(catalogue):
    before = Posting.objects.count(), CatalogueState.now().version
    with pytest.raises(Category.DoesNotExist):
        put([*some(3), Record(title="Lost", categories=(records.Category(path="no/such"),))])
    assert Paper.objects.count() == 185
    assert (Posting.objects.count(), CatalogueState.now().version) == before


def test_each_has_a_revision_and_the_version_it_came_in(catalogue):
    [served] = put(some(1))
    paper = Paper.objects.get(public_id=served.id)
    assert paper.version == CatalogueState.now().version
    assert paper.served_at == AT
    assert Revision.objects.get(paper_public_id=served.id).record == served


def test_times_are_written_as_one_by_one(catalogue):
    """SQLite compares them as text."""
    [many] = put(some(1))
    one = publishing.publish(Record(title="By itself"), at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT added_at, updated_at, served_at FROM catalog_paper WHERE public_id IN (%s, %s)", [many.id, one.public_id])
        first, second = cursor.fetchall()
    assert first == second


def test_a_rebuild_changes_nothing(catalogue):
    put(some(3))
    stamp = CatalogueState.now().version
    call_command("rebuild_catalogue")
    assert CatalogueState.now().version == stamp


def test_few_questions_however_many_papers(catalogue, django_assert_max_num_queries):
    put(some(2))
    with django_assert_max_num_queries(75):
        put([records.replace(record, identifiers={}, title=f"B{record.title}") for record in some(300)])
