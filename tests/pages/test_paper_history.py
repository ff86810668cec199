"""What became of a paper, revision by revision, for as long as its address stands."""

import re
from uuid import uuid4

import pytest

from catalog import publishing, review
from catalog.models import Paper
from catalog.records import Link
from tests.factories import make_paper, make_record


def sections(page):
    """The revisions by number, newest first."""
    return {int(number): text for number, text in re.findall(r'id="revision-(\d+)">(.*?)</section>', page, re.DOTALL)}


def changed(section):
    """What the table says: field, before, after."""
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="was"[^>]*>(.*?)</td><td[^>]*>(.*?)</td>', section, re.DOTALL)
    return {field: (" ".join(before.split()), " ".join(after.split())) for field, before, after in rows}


def revised(paper, title="Orca", **facts):
    return publishing.revise(Paper.objects.get(pk=paper.pk), make_record(title, **facts))


def approved(by, contributor, title="Orca", **more):
    submission = review.submit(make_record(title), by=contributor, why="It shows what nobody else has shown.", token=uuid4())
    return review.decide(submission, "approve", by=by, seen_version=1, **more)


def test_everyone_sees_the_revisions_newest_first_each_with_what_it_changed(db, anyone):
    paper = make_paper("Orka: Serving", year=2021, authors=["Ann", "Bob"])
    revised(paper, "Orca: Serving", year=2022, authors=["Bob", "Ann"])
    revised(paper, "Orca: Serving", year=2022, authors=["Bob", "Ann"], identifiers={"arxiv": "2401.00001"})
    page = anyone.get("/papers/orka-serving/history/").text
    found = sections(page)

    assert list(found) == [3, 2, 1]
    assert changed(found[3]) == {"arXiv": ('<span class="quiet">none</span>', "<bdi><ins>2401.00001</ins></bdi>")}
    assert changed(found[2])["Title"] == (
        '<p class="t" dir="auto"><del>Orka</del>: Serving</p>',
        '<p class="t" dir="auto"><ins>Orca</ins>: Serving</p>',
    )
    assert changed(found[2])["Year"] == ("<bdi><del>2021</del></bdi>", "<bdi><ins>2022</ins></bdi>")
    assert "<del>" in changed(found[2])["Authors"][0]
    assert changed(found[2]).keys() == {"Title", "Authors", "Year"}
    assert changed(found[1]) == {}
    assert "The first. It came with the catalogue." in found[1]


def test_a_first_revision_names_its_submission_and_who_approved_it(alice, mel, visitor):
    decision = approved(mel, alice, reason_code="belongs", reason="Read in full.", private_note="Between us.")
    page = visitor.get("/papers/orca/history/").text

    assert f"The first. It came by submission no. {decision.submission_id}." in page
    assert "proposed by <bdi>alice</bdi>" in page
    assert "Approved by <bdi>mel</bdi>" in page
    assert "Belongs, and its facts hold: “<bdi>Read in full.</bdi>”" in page
    assert "Between us." not in page
    assert "@example.org" not in page


def test_own_submissions_are_marked_and_people_who_left_are_not_named(mel, visitor, a_minute_passes):
    approved(mel, mel)
    assert "the maintainer’s own submission" in visitor.get("/papers/orca/history/").text
    mel.delete()
    a_minute_passes()

    page = visitor.get("/papers/orca/history/").text
    assert "Approved by <bdi>deleted user</bdi>" in page
    assert "proposed by <bdi>deleted user</bdi>" in page


def test_the_page_of_the_paper_leads_to_its_history(db, visitor):
    paper = make_paper("Orca")
    assert '<a href="/papers/orca/history/">History, 1 revision</a>' in visitor.get("/papers/orca/").text
    revised(paper, year=2022)

    assert '<a href="/papers/orca/history/">History, 2 revisions</a>' in visitor.get("/papers/orca/").text


def test_a_retracted_paper_keeps_its_history_and_its_page_leads_there(alice, mel, anyone):
    approved(mel, alice)
    revised(Paper.objects.get(), year=2022)
    publishing.retract(Paper.objects.get(), reason="The authors <b>withdrew</b> it.", by=mel)
    page = anyone.get("/papers/orca/history/").text

    assert '<a class="btn plain" href="/papers/orca/history/">' in anyone.get("/papers/orca/").text
    assert list(sections(page)) == [2, 1]
    assert "proposed by <bdi>alice</bdi>" in page
    assert "The authors &lt;b&gt;withdrew&lt;/b&gt; it." in page
    assert 'href="/papers/orca/"' not in page


def test_the_history_of_a_merged_paper_is_that_of_the_one_that_stays(db, anyone):
    survivor = make_paper("NanoFlow")
    publishing.retract(make_paper("NanoFlow"), reason="The same work.", by=None, into=survivor)
    response = anyone.get("/papers/nanoflow-2/history/")

    assert (response.status_code, response["Location"]) == (301, "/papers/nanoflow/history/")


def test_the_history_of_a_chain_is_that_of_its_last_even_when_it_was_retracted(db, visitor):
    for title in ("Ariel", "Boris", "Carla"):
        make_paper(title)
    for title, into in (("Ariel", "Boris"), ("Boris", "Carla")):
        publishing.retract(Paper.objects.get(title=title), reason="One.", by=None, into=Paper.objects.get(title=into))
    assert visitor.get("/papers/ariel/history/")["Location"] == "/papers/carla/history/"

    publishing.retract(Paper.objects.get(), reason="It was made up.", by=None)
    assert visitor.get("/papers/ariel/history/")["Location"] == "/papers/carla/history/"
    assert "It was made up." in visitor.get("/papers/carla/history/").text


def test_what_a_maintainer_edited_is_shown_while_the_approval_stands(alice, mel, visitor):
    decision = approved(mel, alice, "Orka", record=make_record("Orca", year=2022))
    section = sections(visitor.get("/papers/orca/history/").text)[1]
    assert "Approved with edits by <bdi>mel</bdi>" in section
    assert changed(section) == {
        "Title": ('<p class="t" dir="auto"><del>Orka</del></p>', '<p class="t" dir="auto"><ins>Orca</ins></p>'),
        "Year": ('<span class="quiet">none</span>', "<bdi><ins>2022</ins></bdi>"),
    }

    review.undo(decision, by=mel)
    page = visitor.get("/papers/orca/history/").text
    assert "Orka" not in page
    assert "It shows what nobody else has shown." not in page


def test_merges_and_what_was_undone_are_told_in_words(alice, mel, visitor):
    orca, twin = make_paper("Orca"), make_paper("Twin")
    correction = review.correct(orca, make_record("Orca", year=2022), by=alice, why="The year was missing.", token=uuid4())
    undone = review.decide(correction, "approve", by=mel, seen_version=1)
    review.undo(undone, by=mel, reason="Of the preprint.")
    merge = review.merge(twin, Paper.objects.get(pk=orca.pk), make_record("Orca"), by=mel, reason="One work.")
    review.undo(merge, by=mel)
    removal = review.remove(Paper.objects.get(pk=twin.pk), by=alice, why="It is gone from everywhere.", token=uuid4())
    review.undo(review.decide(removal, "approve", by=mel, seen_version=1), by=mel)
    survivor, other = (sections(visitor.get(f"/papers/{slug}/history/").text) for slug in ("orca", "twin"))

    assert "Undone by <bdi>mel</bdi> on" in survivor[2]
    assert f"The approval of correction no. {correction.pk} was undone by <bdi>mel</bdi>" in survivor[3]
    assert "“<bdi>Of the preprint.</bdi>”" in survivor[3]
    assert "“<bdi>Twin</bdi>” was merged into this paper by <bdi>mel</bdi>" in survivor[4]
    assert "“<bdi>One work.</bdi>”" in survivor[4]
    assert "The merge of “<bdi>Twin</bdi>” into this paper was undone by <bdi>mel</bdi>" in survivor[5]
    assert "Its merge into another paper was undone by <bdi>mel</bdi>" in other[2]
    assert "Its removal was undone by <bdi>mel</bdi>" in other[3]


@pytest.mark.parametrize("slug", ["nowhere", "orca%00", "%00", "x" * 5000, "%e2%80%ae"])
def test_an_unknown_address_has_no_history(db, visitor, slug):
    make_paper("Orca")

    assert visitor.get(f"/papers/{slug}/history/").status_code == 404


def test_a_long_history_is_paged_and_the_last_of_a_page_is_still_compared(db, visitor):
    paper = make_paper("Orca", year=2000)
    for year in range(2001, 2021):
        revised(paper, year=year)
    first, second = (sections(visitor.get(f"/papers/orca/history/?page={page}").text) for page in (1, 2))

    assert (list(first), list(second)) == (list(range(21, 1, -1)), [1])
    assert changed(first[2])["Year"] == ("<bdi><del>2000</del></bdi>", "<bdi><ins>2001</ins></bdi>")
    assert visitor.get("/papers/orca/history/?page=3").status_code == 404


def test_a_revision_that_changed_no_fact_says_so(db, visitor):
    revised(make_paper("Orca"))

    assert "No fact differs from the revision before." in sections(visitor.get("/papers/orca/history/").text)[2]


def test_hostile_words_stay_text_and_no_address_of_the_past_can_be_followed(db, visitor):
    paper = make_paper("Orca", links=["https://example.org/a"])
    link = Link(url="https://example.org/b", label='"><script>alert(1)</script>')
    revised(paper, "<script>alert(1)</script>", links=[link], abstract="<img src=x onerror=alert(1)>", authors=["<b>Ann</b>"])
    page = visitor.get("/papers/orca/history/").text

    for harm in ("<script>alert", "<img src=x", "<b>Ann", 'href="https://example.org'):
        assert harm not in page


def test_the_number_of_questions_does_not_grow_with_the_revisions(alice, mel, anyone, questions):
    approved(mel, alice)
    paper = Paper.objects.get()
    revised(paper, year=2001)
    edited = review.correct(Paper.objects.get(), make_record("Orca", year=2003), by=alice, why="It is of 2003.", token=uuid4())
    review.decide(edited, "approve", by=mel, seen_version=1, record=make_record("Orca", year=2004))
    few = questions(anyone, "/papers/orca/history/")
    for year in range(2002, 2012):
        revised(paper, year=year, authors=[f"Author {number}" for number in range(year - 1980)])

    assert questions(anyone, "/papers/orca/history/") == few


def test_htmx_gets_the_same_page_and_reading_leaves_no_cookie(db, visitor):
    make_paper("Orca")
    response = visitor.get("/papers/orca/history/", headers={"HX-Request": "true"})

    assert response.text.count("<h1") == 1
    assert not response.cookies
