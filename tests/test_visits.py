from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from catalog import visits
from catalog.models import Visit
from tests.factories import make_paper

NINE = datetime(2026, 11, 12, 9, tzinfo=UTC)


def note_at(user, minutes):
    """The visit, as a page sees it that was asked for so long after nine."""
    with time_machine.travel(NINE + timedelta(minutes=minutes), tick=False):
        return visits.note(user, Visit.objects.filter(user=user).first())


def test_in_the_first_visit_nothing_came_before(alice):
    assert note_at(alice, 0).before is None
    assert note_at(alice, 20).before is None


def test_a_visit_lasts_while_pages_come_within_half_an_hour(alice):
    for minutes in range(0, 120, 20):
        visit = note_at(alice, minutes)

    assert visit.began_at == NINE
    assert visit.before is None


def test_after_half_an_hour_without_a_page_another_one_begins(alice):
    note_at(alice, 0)
    note_at(alice, 10)
    visit = note_at(alice, 41)

    assert visit.began_at == NINE + timedelta(minutes=41)
    assert visit.before == NINE + timedelta(minutes=10)
    assert note_at(alice, 50).before == visit.before


def test_it_is_written_down_at_most_once_in_five_minutes(alice, django_assert_num_queries):
    visit = note_at(alice, 0)

    with time_machine.travel(NINE + timedelta(minutes=4), tick=False), django_assert_num_queries(0):
        visits.note(alice, visit)
    with time_machine.travel(NINE + timedelta(minutes=6), tick=False), django_assert_num_queries(1):
        visits.note(alice, visit)


def test_everyone_has_visits_of_their_own(alice, bruno):
    note_at(alice, 0)
    note_at(bruno, 60)

    assert note_at(alice, 61).before == NINE
    assert note_at(bruno, 61).before is None


def test_of_two_pages_that_begin_a_visit_one_does(alice):
    note_at(alice, 0)
    last = Visit.objects.get()
    begun = note_at(alice, 60)

    with time_machine.travel(NINE + timedelta(minutes=61), tick=False):
        visit = visits.note(alice, last)

    assert (visit.began_at, visit.before) == (begun.began_at, begun.before)


@pytest.mark.django_db(transaction=True)
def test_many_first_pages_at_once_make_one_visit(alice):
    together, found = Barrier(4), []

    def page():
        together.wait()
        found.append(visits.note(alice, None))
        connection.close()

    pages = [Thread(target=page) for _each in range(4)]
    for each in pages:
        each.start()
    for each in pages:
        each.join()

    assert len(found) == 4
    assert all(found)
    assert Visit.objects.count() == 1


def test_reading_goes_on_where_nothing_can_be_written_down(alice, monkeypatch):
    def full(*_args, **_kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr(Visit.objects, "bulk_create", full)

    assert visits.note(alice, None) is None


def test_a_visit_cannot_end_before_it_began(alice):
    for wrong in ({"seen_at": NINE - timedelta(1)}, {"seen_at": NINE, "before": NINE + timedelta(1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Visit.objects.create(user=alice, began_at=NINE, **wrong)


def test_what_is_new_is_counted_up_to_a_limit(db, monkeypatch):
    for hour in range(4):
        make_paper(f"Paper {hour}", at=NINE + timedelta(hours=hour))

    assert visits.count_of_new(since=NINE + timedelta(hours=1)) == 2
    monkeypatch.setattr(visits, "COUNTED", 2)
    assert visits.count_of_new(since=NINE - timedelta(1)) == 3


def test_a_visit_goes_with_its_person(alice):
    note_at(alice, 0)
    alice.delete()

    assert not Visit.objects.exists()
