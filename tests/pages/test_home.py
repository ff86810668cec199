from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import review
from catalog.checks import CHECKS
from catalog.formats import FORMATS
from catalog.models import CatalogueState, Paper, Submission
from tests.factories import make_paper, make_papers, make_record


def propose(by, title, token="0f8fad5b-d9cb-469f-a165-70867728950e", **facts):
    return review.submit(make_record(title, **facts), by=by, why="It shows what nobody else has shown so far.", token=token)


def test_everyone_sees_the_catalogue_and_how_to_add_to_it(catalogue, anyone):
    page = anyone.get("/").text

    assert "<h1>Awesome LLM Systems Papers</h1>" in page
    assert "185 papers in 14 categories" in page
    assert f"version {CatalogueState.now().version}" in page
    assert 'action="/papers/"' in page
    assert 'href="/submissions/new/"' in page


def test_htmx_gets_the_same_page(catalogue, visitor):
    assert visitor.get("/", headers={"HX-Request": "true"}).text.count("<h1>") == 1


def test_contents_are_the_tree_in_its_order_with_counts_of_all_below(catalogue, visitor):
    page = visitor.get("/").text
    contents = page[page.index('<ul class="contents">') :]
    names = ["LLM Systems", "Pre-Training", "Serving", "Fine-tuning Systems", "Multi-Model Systems", "LLM for Systems", "Other Reading"]
    places = [contents.index(f"<bdi>{name}</bdi>") for name in names]

    assert places == sorted(places)
    assert '<span class="n">98<span' in contents
    assert '<span class="n">63<span' in contents


def test_a_shelf_has_one_stroke_a_paper_up_to_its_bound(db, visitor):
    make_papers(64, categories=["serving"], year=2024)
    assert "Of a long shelf" not in visitor.get("/").text

    make_papers(6, categories=["serving"], year=2024)
    make_papers(3, categories=["courses"], year=2024)
    shelves = {each.of.slug: each for each in visitor.get("/").context["contents"]}

    assert (shelves["serving"].count, len(shelves["serving"].years)) == (70, 64)
    assert len(shelves["courses"].years) == 3
    assert "Of a long shelf, the beginning." in visitor.get("/").text


@pytest.mark.parametrize("query", ["q=kv-cache", "q=speculative+decoding", "q=osdi+2024", "q=uc+berkeley"])
def test_every_hint_finds_something(catalogue, visitor, query):
    assert query.replace("&", "&amp;") in visitor.get("/").text
    assert visitor.get(f"/papers/?{query}").context["page"].paginator.count > 0


def test_the_newest_papers_say_who_proposed_them_where_that_is_known(alice, mel, visitor):
    make_paper("From the beginning")
    review.decide(propose(alice, "Proposed"), "approve", by=mel, seen_version=1)
    page = visitor.get("/").text

    assert "proposed by <bdi>alice</bdi>" in page
    assert page.index("Proposed") < page.index("From the beginning")
    assert page.count("proposed by") == 1


def test_only_the_five_newest_are_shown(db, visitor):
    for number in range(7):
        make_paper(f"Number {number}", at=timezone.now() - timedelta(days=number))
    page = visitor.get("/").text

    assert [number for number in range(7) if f"Number {number}" in page] == [0, 1, 2, 3, 4]


def test_what_came_in_the_last_seven_days_is_counted_in_front_and_over_the_list(db, visitor):
    for days in (0, 6, 8, 30):
        make_paper(f"{days} days old", at=timezone.now() - timedelta(days=days))
    page = visitor.get("/").text

    assert '<dt>New this week</dt><dd><a href="#newest">2 papers</a></dd>' in page
    assert '<section class="section" id="newest"><header><h2>New this week</h2><p>2 papers came in the last seven days.</p>' in page
    assert "All 4 papers" in page


def test_a_week_in_which_nothing_came_is_said_to_be_one(db, visitor):
    make_paper("Old", at=timezone.now() - timedelta(days=8))
    page = visitor.get("/").text

    assert "<h2>Newest</h2><p>None came in the last seven days.</p>" in page
    assert "New this week" not in page
    assert "The one paper" in page


def test_what_is_counted_leads_to_where_it_is_told(catalogue, visitor):
    facts = visitor.get("/").text.split('<dl class="facts">')[1].split("</dl>")[0]

    assert '<a href="/statistics/">185 papers in 14 categories</a>' in facts
    assert '<a href="/changes/">' in facts
    assert '<a href="/queue/">' in facts


def test_how_a_proposal_becomes_an_entry_is_told_in_four_steps_with_their_numbers(catalogue, alice, visitor):
    propose(alice, "A proposal")
    steps = visitor.get("/").text.split('<ol class="steps plain">')[1].split("</ol>")[0]

    assert steps.count("<li>") == 4
    assert f"{sum('addition' in check.KINDS for check in CHECKS)} of them: is it here already?" in steps
    assert "1 is waiting." in steps
    assert f"in {len(FORMATS)} formats" in steps


def test_the_queue_is_counted_and_what_waits_is_not_shown(alice, mel, visitor):
    propose(alice, "A secret proposal")
    page = visitor.get("/").text

    assert "1 waiting" in page
    assert "A secret proposal" not in page
    assert "1 maintainer, 1 contributor" in page


def test_how_long_half_of_the_decisions_took_is_said(alice, mel, visitor):
    for number, hours in enumerate((3, 31, 40)):
        submission = propose(alice, f"Paper {number}", token=f"0f8fad5b-d9cb-469f-a165-7086772895{number:02}")
        Submission.objects.filter(pk=submission.pk).update(submitted_at=timezone.now() - timedelta(hours=hours))
        review.decide(submission, "approve", by=mel, seen_version=1)

    assert "half decided in 31 hours" in visitor.get("/").text


def test_every_format_can_be_taken_along(catalogue, visitor):
    page = visitor.get("/").text

    for format_ in FORMATS:
        assert f'href="/papers.{format_.EXTENSION}"' in page


def test_an_empty_catalogue_has_a_home_too(db, anyone):
    page = anyone.get("/").text

    assert "0 papers in 0 categories" in page
    assert "Nothing stands here yet" in page
    assert 'class="help hints"' not in page


def test_markup_in_a_title_stays_text(db, visitor):
    make_paper("<script>alert(1)</script> & <b>more</b>")

    assert "<script>alert" not in visitor.get("/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;more&lt;/b&gt;" in visitor.get("/").text


def test_the_number_of_questions_does_not_grow_with_the_papers(anyone, questions):
    make_papers(5, categories=["systems/serving"], venue="OSDI", year=2024)
    few = questions(anyone, "/")
    make_papers(20, categories=["systems/serving", "courses"], venue="OSDI", year=2024)

    assert questions(anyone, "/") == few


def test_reading_leaves_no_cookie(catalogue, visitor):
    assert not visitor.get("/").cookies
    assert Paper.objects.count() == 185
