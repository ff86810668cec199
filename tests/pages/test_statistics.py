"""The catalogue in pictures: every number is that of the list behind it, however much there is."""

import re
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from statistics import median
from uuid import uuid4

import pytest
import time_machine
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from catalog import arranging, publishing, review, statistics
from catalog.filters import PaperFilter
from catalog.models import Category, Decision, Paper, Submission
from catalog.templatetags import charts
from tests.conftest import make_user
from tests.factories import make_category, make_paper, make_papers, make_record

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def marks_in(value):
    """Every mark of the statistics, wherever it stands."""
    if isinstance(value, statistics.Mark):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from marks_in(getattr(value, field.name))
    elif isinstance(value, list):
        for each in value:
            yield from marks_in(each)


def length_of(client, address):
    """How many the list at this address holds."""
    path, _mark, query = address.partition("?")
    if path == "/papers/":
        papers = PaperFilter(QueryDict(query))
        assert papers.is_valid(), papers.errors
        return len(papers.selection)
    context = client.get(address).context
    if path == "/people/":
        return context["page"].paginator.count + context["ranking"].others
    if path.startswith("/people/"):
        return context["figures"].total
    return context["page"].paginator.count if "page" in context else len(context.get("shelves") or context.get("contents"))


def propose(by, title="Orca", **facts):
    return review.submit(make_record(f"{title} {uuid4()}", **facts), by=by, why="It adds what is not here.", token=uuid4())


def decide(by, contributor, *, at, hours=5, verdict="approve", **facts):
    with time_machine.travel(at - timedelta(hours=hours), tick=False):
        submission = propose(contributor, **facts)
    with time_machine.travel(at, tick=False):
        return review.decide(submission, verdict, by=by, seen_version=1, reason="Read it again.")


def test_everyone_sees_the_catalogue_in_pictures(catalogue, anyone):
    page = anyone.get("/statistics/").text

    assert page.count("<h1") == 1
    for title in ("By year", "By category and year", "By venue", "By organization", "By venue and edition", "Growth", "Decisions"):
        assert f"<h3>{title}</h3>" in page
    assert '<a href="/papers/">185</a>' in page
    assert '<a href="/venues/osdi/"><bdi>OSDI</bdi></a>' in page
    assert '<a href="/organizations/uc-berkeley/"><bdi>UC Berkeley</bdi></a>' in page
    assert "<bdi>Pre-Training</bdi></th>" in page
    assert 'aria-current="page">Statistics</a>' in page


def test_every_number_is_that_of_the_list_it_leads_to(catalogue, alice, bruno, mel, visitor):
    for day, person in enumerate([alice, alice, bruno]):
        decide(mel, person, at=timezone.now() - timedelta(days=40 * day), verdict=("approve", "reject", "request_changes")[day])
    shown = visitor.get("/statistics/").context["statistics"]
    # What others than those with a page did is told on the page of all, in words.
    others = [mark for mark in shown.by_contributor if mark.address == "/people/"]
    found = {(mark.address, mark.count) for mark in marks_in(shown) if mark.address and mark not in others}

    assert len(found) > 100
    assert found == {(address, length_of(visitor, address)) for address in dict(found)}


def test_every_mark_is_drawn_once_with_its_number_and_its_link(catalogue, visitor):
    page = visitor.get("/statistics/")
    main = unescape(page.text[page.text.index("<main") : page.text.index("</main>")])
    shown = page.context["statistics"]
    months = {mark.address for month in shown.months for mark in marks_in(month)}

    for mark in marks_in(shown):
        if mark.address and mark.address in months:
            assert f'<a href="{mark.address}"' in main
        elif mark.address:
            assert re.search(rf'<a href="{re.escape(mark.address)}"[^>]*>.*?\b{mark.count}<', main), mark


def test_no_mark_leads_to_an_empty_list(catalogue, visitor):
    shown = visitor.get("/statistics/").context["statistics"]

    assert all(bool(mark.address) == bool(mark.count) for mark in marks_in(shown))
    assert any(not mark.count for mark in marks_in(shown))


def test_papers_without_a_fact_are_said_and_counted_nowhere(db, visitor):
    make_paper("With", year=2024, venue="OSDI", organizations=["FriendliAI", "Seoul National University"], categories=["serving"])
    make_paper("Without")
    shown = visitor.get("/statistics/").context["statistics"]

    assert (shown.with_year, shown.with_venue, shown.with_organization) == (1, 1, 1)
    assert "1 of 2 papers name one." in visitor.get("/statistics/").text


def test_of_many_years_and_names_a_part_is_drawn_and_what_is_left_is_one_mark(db, visitor):
    for year in range(1996, 1996 + 2 * statistics.YEARS):
        make_paper(f"Of {year}", year=year, venue=f"Venue {year}", categories=["serving"])
    shown = visitor.get("/statistics/").context["statistics"]

    assert [mark.label for mark in shown.years[:2]] == ["2019", "2018"]
    assert (shown.years[-1].label, shown.years[-1].count, len(shown.years)) == ("≤ 2008", 13, 12)
    assert length_of(visitor, shown.years[-1].address) == 13
    grid = shown.by_category
    assert (grid.columns[0], grid.rows[0].cells[0].count) == ("≤ 2013", 18)
    assert length_of(visitor, grid.rows[0].cells[0].address) == 18
    assert len(shown.by_venue) == statistics.NAMES
    assert '<a href="/venues/">All 24</a>' in visitor.get("/statistics/").text


def test_of_a_large_tree_the_largest_categories_are_drawn_in_their_order(db, visitor, monkeypatch):
    monkeypatch.setattr(statistics, "CATEGORIES", 2)
    for path, number in {"a": 1, "b": 3, "c": 2}.items():
        make_papers(number, categories=[path], year=2024)
    make_category("empty")
    grid = visitor.get("/statistics/").context["statistics"].by_category

    assert [row.every.label for row in grid.rows] == ["B", "C"]
    assert "The 2 largest." in visitor.get("/statistics/").text


@pytest.mark.parametrize(("most", "unit"), [(0, 1), (1, 1), (80, 1), (81, 2), (160, 2), (161, 5), (401, 10), (1_000_000, 20_000)])
def test_strokes_stand_for_no_more_papers_than_they_must(most, unit):
    assert charts.unit_of([statistics.Mark(label="2024", count=most), statistics.Mark(label="2023", count=1)]) == unit


def test_one_stroke_stands_for_so_many_papers_as_is_said(db, visitor, monkeypatch):
    make_papers(5, year=2024)
    make_papers(1, year=2023)
    assert "One stroke a paper." in visitor.get("/statistics/").text
    monkeypatch.setattr(charts, "STROKES", 3)
    make_papers(1)
    page = visitor.get("/statistics/").text

    assert "One stroke for 2 papers, or for what is left of them." in page
    drawn = re.findall(r'<td class="s">.*?<path d="([^"]*)"', page)
    assert [path.count("M") for path in drawn] == [3, 1]


def test_growth_is_told_by_months_in_utc_up_to_the_one_that_has_begun(db, visitor):
    make_paper("Long ago", at=datetime(2020, 1, 1, tzinfo=UTC))
    make_paper("First", at=datetime(2025, 12, 1, tzinfo=UTC))
    make_papers(2, at=datetime(2026, 11, 1, tzinfo=UTC))
    with time_machine.travel(NOW, tick=False):
        months = visitor.get("/statistics/").context["statistics"].months

    assert [month.period for month in months] == ["2025-12", *(f"2026-{number:02}" for number in range(1, 12))]
    assert [month.added.count for month in months] == [1, *[0] * 10, 2]
    assert [month.papers for month in months] == [2] * 11 + [4]


def test_decisions_are_told_by_months_with_their_median(alice, bruno, mel, visitor):
    waits = {3: (1, 9, 40), 5: (2, 8), 11: (7,)}
    for month, hours in waits.items():
        for place, each in enumerate(hours):
            decide(mel, (alice, bruno)[place % 2], at=datetime(2026, month, 3 + place, tzinfo=UTC), hours=each)
    decide(mel, alice, at=datetime(2026, 3, 20, tzinfo=UTC), hours=900, verdict="request_changes")
    with time_machine.travel(datetime(2026, 5, 30, tzinfo=UTC), tick=False):
        review.undo(decide(mel, bruno, at=datetime(2026, 5, 29, tzinfo=UTC), hours=500, verdict="reject"), by=mel)
    with time_machine.travel(NOW, tick=False):
        months = {month.period: month for month in visitor.get("/statistics/").context["statistics"].months}

    assert months["2026-03"].decided.count == 4
    assert months["2026-05"].decided.count == 3
    assert months["2026-04"].decided == statistics.Mark(label="April 2026", count=0)
    for number, hours in waits.items():
        assert months[f"2026-{number:02}"].wait == timedelta(hours=median(hours))
    assert months["2026-04"].wait is None


def test_what_is_not_about_a_proposal_is_no_decision_here(alice, mel, root, visitor):
    decide(mel, alice, at=timezone.now())
    review.log_arrangement("Serving", "Renamed from “Inference”.", by=root)
    survivor = make_paper("Orca")
    review.merge(make_paper("Orka"), survivor, survivor.record, by=root)
    (latest,) = [month.decided for month in visitor.get("/statistics/").context["statistics"].months if month.decided.count]

    assert latest.count == 1
    assert length_of(visitor, latest.address) == 1
    assert length_of(visitor, "/changes/") == Decision.objects.count() == 3


def test_contributors_are_named_where_they_chose_to_have_a_page_and_the_others_counted_together(alice, bruno, mel, root, visitor):
    for person, number in ((alice, 2), (bruno, 3)):
        for _each in range(number):
            decide(mel, person, at=timezone.now())
    decide(root, bruno, at=timezone.now(), verdict="reject")
    User.objects.filter(pk=bruno.pk).update(is_public=True, display_name="Bruno <b>Bardi</b>")
    User.objects.filter(pk=root.pk).update(is_public=True)
    page = visitor.get("/statistics/")
    shown = page.context["statistics"]

    assert [(mark.label, mark.count) for mark in shown.by_contributor] == [("Bruno <b>Bardi</b>", 3), ("root", 1), ("2 others", 7)]
    assert [length_of(visitor, mark.address) for mark in shown.by_contributor[:2]] == [3, 1]
    ranking = visitor.get("/people/").context["ranking"]
    assert (shown.by_contributor[-1].count, shown.contributors.count) == (ranking.theirs.total, 4)
    assert "Bruno &lt;b&gt;Bardi&lt;/b&gt;" in page.text
    assert not {"alice", "mel"} & set(re.findall(r"\w+", page.text))


def test_of_many_contributors_the_most_active_are_named(mel, visitor, monkeypatch):
    monkeypatch.setattr(statistics, "NAMES", 1)
    for number in (1, 2):
        person = make_user(f"person{number}", is_public=True)
        for _each in range(number):
            decide(mel, person, at=timezone.now())
    shown = visitor.get("/statistics/").context["statistics"]

    assert [(mark.label, mark.count) for mark in shown.by_contributor] == [("person2", 2), ("2 others", 4)]


def test_each_chart_has_its_table_and_its_words(catalogue, visitor):
    main = visitor.get("/statistics/").text
    for table in re.findall(r"<table.*?</table>", main, re.DOTALL):
        assert "<caption" in table
        assert 'scope="col"' in table
        assert 'scope="row"' in table
    for svg in re.findall(r'<svg viewBox="0 0 640.*?</svg>', main, re.DOTALL):
        assert 'role="group" aria-label="' in svg
        assert all("aria-label" in link for link in re.findall(r"<a [^>]*>", svg))
    assert "<style" not in main
    assert "style=" not in main


def test_names_are_shown_harmless(db, visitor):
    make_paper("Orca", venue="<b>OSDI</b>", organizations=['"><script>alert(1)</script>'], year=2024)
    arranging.rename_category(make_category("serving"), name="<i>Serving</i>")
    make_paper("Whale", categories=[Category.objects.get().path], year=2024)
    page = visitor.get("/statistics/").text

    assert not {"<b>OSDI", "<script>alert", "<i>Serving"} & {found for found in ("<b>OSDI", "<script>alert", "<i>Serving") if found in page}
    assert "&lt;b&gt;OSDI&lt;/b&gt;" in page


def test_an_empty_catalogue_has_nothing_to_draw_and_says_so(db, anyone):
    page = anyone.get("/statistics/").text

    assert "There is nothing to draw yet" in page
    assert 'href="/submissions/new/"' in page
    assert "<table" not in page


def test_one_paper_that_says_nothing_of_itself_is_drawn_too(db, anyone):
    make_paper("Orca")
    page = anyone.get("/statistics/").text

    assert '<a href="/papers/">1</a>' in page
    assert "<h3>Growth</h3>" in page
    assert "By venue and edition" not in page


def test_nothing_of_what_waits_is_shown_but_how_much(alice, visitor):
    make_paper("Orca")
    propose(alice, "A secret proposal", venue="Secret Venue")
    page = visitor.get("/statistics/").text

    assert "1 proposal is waiting." in page
    assert "secret" not in page.lower()
    assert "alice" not in page


def test_a_change_of_the_catalogue_shows_at_once(catalogue, visitor, alice_client):
    for client in (visitor, alice_client):
        assert '<a href="/papers/">185</a>' in client.get("/statistics/").text
    publishing.publish(make_record("One more"), by=None, decision=None)
    for client in (visitor, alice_client):
        assert '<a href="/papers/">186</a>' in client.get("/statistics/").text


def test_the_number_of_questions_grows_with_nothing(alice, mel, anyone, questions):
    make_paper("Orca", categories=["systems/serving"], venue="OSDI", year=2024, organizations=["FriendliAI"])
    few = questions(anyone, "/statistics/")
    for number in range(15):
        make_paper(f"Paper {number}", categories=[f"c{number}"], venue=f"V{number}", year=2000 + number, organizations=[f"O{number}"])
        decide(mel, alice, at=timezone.now() - timedelta(days=20 * number))

    assert questions(anyone, "/statistics/") == few


def test_it_can_only_be_read_and_leaves_no_cookie(db, visitor, mel_client):
    assert mel_client.post("/statistics/").status_code == 405
    assert not visitor.get("/statistics/").cookies
    assert Paper.objects.count() == Submission.objects.count() == 0


# -- What was decided in a month ---------------------------------------------------------------
def test_the_log_can_be_read_by_the_month_of_its_decisions(alice, mel, visitor):
    for month in (9, 10, 10):
        decide(mel, alice, at=datetime(2026, month, 30, 23, 59, tzinfo=UTC))
    page = visitor.get("/changes/?decided=2026-10")

    assert page.context["page"].paginator.count == 2
    assert "<h1>Decided in October 2026</h1>" in page.text
    assert '<link rel="canonical" href="http://testserver/changes/?decided=2026-10">'.replace("http://testserver", "") in page.text.replace(
        "http://127.0.0.1:8000", ""
    )
    assert visitor.get("/changes/?decided=2026").context["page"].paginator.count == 3
    assert "Nothing was decided in this time" in visitor.get("/changes/?decided=2026-01").text


@pytest.mark.parametrize("decided", ["2026-13", "26-10", "2026-1", "x", "%00", "9999", "２０２６", "2026-10-01"])
def test_what_is_no_month_is_no_page(db, visitor, decided):
    assert visitor.get(f"/changes/?decided={decided}").status_code == 404
