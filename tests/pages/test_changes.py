"""The public log, as a page and as a feed: everything about the decision, nothing of what was not approved."""

import re
from datetime import timedelta
from uuid import uuid4
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import contributions, log, publishing, review
from catalog.models import Decision, Paper, Submission
from catalog.records import replace
from tests.factories import make_paper, make_record

WHY = "It shows what nobody else has shown so far."
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def propose(by, title="Orca", why=WHY, **facts):
    return review.submit(make_record(title, **facts), by=by, why=why, token=uuid4())


def decide(submission, verdict, by, **more):
    return review.decide(submission, verdict, by=by, seen_version=submission.version, **more)


def correct(by, paper, why=WHY, **facts):
    return review.correct(paper, replace(paper.record, **facts), by=by, why=why, token=uuid4())


def remove(by, paper, why="The authors withdrew it."):
    return review.remove(paper, by=by, why=why, token=uuid4())


def settle(by, contributor, number):
    """So many decisions, of each verdict that settles or sends back in turn."""
    for each in range(number):
        verdict = (review.APPROVE, review.REQUEST_CHANGES, review.REJECT)[each % 3]
        decide(propose(contributor, f"Paper {uuid4()}"), verdict, by, reason="Read it again.")


def line_of(page, decision):
    """The words of one decision's entry."""
    entry = page[page.index(f'id="decision-{decision.pk}"') :].split("</li>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", entry).split())


def feed_of(client):
    response = client.get("/changes.atom")
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)


def texts(feed, path):
    return [found.text for found in feed.findall(path, ATOM)]


def test_everyone_sees_an_approved_paper_with_who_when_and_why(alice, mel, anyone):
    submission = propose(alice, "Orca: Serving", short_name="Orca")
    decision = decide(submission, "approve", mel, reason_code="belongs", reason="Read in full.", private_note="Between us.")
    page = anyone.get("/changes/").text

    assert "<b>Approved</b> by <bdi>mel</bdi>" in page
    assert f'<time datetime="{decision.at.isoformat()}">' in page
    assert '<a href="/papers/orca-serving/"><bdi><b>Orca</b>: Serving</bdi></a>' in page
    assert f"Addition no. {submission.pk}, proposed by <bdi>alice</bdi>. Belongs, and its facts hold: “<bdi>Read in full.</bdi>”" in page
    assert WHY in page
    assert "own submission" not in page


@pytest.mark.parametrize(
    ("verdict", "code", "words", "label"),
    [
        ("reject", "out_of_scope", "Rejected", "Out of scope"),
        ("request_changes", "facts", "Changes requested", "A fact is wrong or missing"),
    ],
)
def test_of_what_was_not_approved_only_number_kind_verdict_and_reason_are_shown(alice, mel, anyone, verdict, code, words, label):
    submission = propose(alice, "A Secret Title", why="A secret sentence about what it adds.", authors=["Secret Author"])
    decide(submission, verdict, mel, reason_code=code, reason="Not about systems.", private_note="Secret note.")

    for address in ("/changes/", "/changes.atom"):
        answer = anyone.get(address).text
        assert words in answer
        assert f"Addition no. {submission.pk}" in answer
        assert label in answer
        assert "Not about systems." in answer
        assert "secret" not in answer.lower()
        assert "@example.org" not in answer


def test_what_was_sent_back_and_then_approved_shows_both_decisions(alice, mel, visitor):
    submission = propose(alice)
    decide(submission, "request_changes", mel, reason="Which venue?")
    submission = review.edit(submission, make_record("Orca"), by=alice, seen_version=1, why=WHY)
    decide(submission, "approve", mel)
    page = visitor.get("/changes/").text

    assert page.index("<b>Approved</b>") < page.index("<b>Changes requested</b>")
    assert page.count('href="/papers/orca/"') == 1


def test_a_maintainers_own_submission_is_marked_as_that(mel, visitor):
    decide(propose(mel), "approve", mel)

    assert "by <bdi>mel</bdi>, the maintainer’s own submission" in visitor.get("/changes/").text
    assert "The maintainer’s own submission." in visitor.get("/changes.atom").text


def test_people_who_left_are_not_named(alice, mel, visitor):
    decide(propose(alice), "approve", mel)
    alice.delete()
    mel.delete()
    page = visitor.get("/changes/").text

    assert "by <bdi>deleted user</bdi>" in page
    assert "proposed by <bdi>deleted user</bdi>" in page
    assert texts(feed_of(visitor), "a:entry/a:author/a:name") == ["deleted user"]


def test_a_paper_that_was_retracted_later_keeps_its_title_and_loses_its_link(alice, mel, visitor):
    decide(propose(alice, "Aviary: Serving", short_name="Aviary"), "approve", mel)
    publishing.retract(Paper.objects.get(), reason="The authors withdrew it.", by=mel)
    page = visitor.get("/changes/").text

    assert "<bdi><b>Aviary</b>: Serving</bdi>" in page
    assert "no longer on the shelf" in page
    assert "/papers/aviary-serving/" not in page
    assert texts(feed_of(visitor), "a:entry/a:title") == ["Approved: Aviary: Serving"]


def test_the_title_is_the_papers_own_also_after_a_correction(alice, mel, visitor):
    decide(propose(alice, "Orka"), "approve", mel)
    publishing.revise(Paper.objects.get(), make_record("Orca"), by=mel)

    assert '<a href="/papers/orka/"><bdi>Orca</bdi></a>' in visitor.get("/changes/").text


def test_the_newest_come_first_fifty_a_page_and_no_page_is_past_the_last(alice, mel, visitor):
    settle(mel, alice, 51)
    first, second = visitor.get("/changes/"), visitor.get("/changes/?page=2")
    shown = [change.number for response in (first, second) for _day, changes in response.context["days"] for change in changes]

    assert shown == sorted(shown, reverse=True)
    assert len(shown) == 51
    assert len([change for _day, changes in first.context["days"] for change in changes]) == 50
    for page in ("3", "0", "-1", "x", "9" * 5000, "%00"):
        assert visitor.get(f"/changes/?page={page}").status_code == 404


def test_decisions_stand_under_their_days(alice, mel, visitor):
    for day, number in (("2026-11-02", 1), ("2026-11-04", 2)):
        with time_machine.travel(f"{day}T12:00:00Z"):
            settle(mel, alice, number)

    assert [len(changes) for _day, changes in visitor.get("/changes/").context["days"]] == [2, 1]


def test_without_decisions_the_page_says_so(db, anyone):
    assert "Nothing has been decided yet" in anyone.get("/changes/").text


def test_htmx_gets_the_same_page(db, visitor):
    assert visitor.get("/changes/", headers={"HX-Request": "true"}).text.count("<h1") == 1


def test_the_feed_is_found_from_the_page_and_from_every_foot(db, visitor):
    page = visitor.get("/changes/").text

    assert '<link rel="alternate" type="application/atom+xml" href="/changes.atom"' in page
    assert '<a href="/changes.atom">Atom feed</a>' in page
    assert '<a href="/changes.atom">Atom feed of changes</a>' in visitor.get("/about/").text
    assert '<a href="/changes/" aria-current="page">Changes</a>' in page


def every_kind_of_change(alice, mel, root):
    """One of each that the log can hold, with what it was about both here and gone."""
    edited = propose(alice, f"Edited {uuid4()}")
    decide(edited, "approve", mel, record=replace(edited.record, year=2022))
    decide(propose(alice, f"Gone {uuid4()}"), "approve", mel)
    publishing.retract(Paper.objects.latest("id"), reason="Withdrawn.", by=mel)
    review.undo(decide(propose(alice, f"Undone {uuid4()}"), "approve", mel), by=mel)
    paper, other, survivor = (make_paper(f"Paper {uuid4()}", year=2020) for _each in range(3))
    decide(correct(alice, paper, year=2021, abstract="Words."), "approve", mel, fields=["year"])
    decide(remove(alice, make_paper(f"Removed {uuid4()}")), "approve", mel)
    review.merge(other, survivor, survivor.record, by=mel, reason="The same.")
    review.undo(review.merge(paper, survivor, survivor.record, by=mel, reason="The same."), by=mel)
    notice = review.propose_notice(paper, "concern", "Its publisher looks into it.", by=mel)
    review.confirm_notice(notice, by=root)
    review.lift_notice(notice, by=mel, reason="It was settled.")
    review.log_arrangement("Serving", "Renamed from “Inference”.", by=mel)


def test_the_number_of_questions_does_not_grow_with_the_decisions(alice, mel, root, anyone, questions):
    settle(mel, alice, 3)
    every_kind_of_change(alice, mel, root)
    few = questions(anyone, "/changes/"), questions(anyone, "/changes.atom")
    settle(mel, alice, 15)
    every_kind_of_change(alice, mel, root)

    assert (questions(anyone, "/changes/"), questions(anyone, "/changes.atom")) == few


# -- More than approving and rejecting ---------------------------------------------------------------
def test_an_approval_with_edits_says_so_and_leads_to_them(alice, mel, visitor):
    submission = propose(alice)
    decision = decide(submission, "approve", mel, record=replace(submission.record, year=2022))
    page = visitor.get("/changes/").text

    assert "<b>Approved, with the maintainer’s edits</b> by <bdi>mel</bdi>" in page
    assert '<a href="/papers/orca/history/">What the maintainer changed</a>' in page
    assert texts(feed_of(visitor), "a:entry/a:title") == ["Approved, with the maintainer’s edits: Orca"]
    assert decision.record_json


def test_an_approval_in_part_names_the_fields_and_nothing_of_the_rest(alice, mel, visitor):
    paper = make_paper("Orca", year=2020)
    submission = correct(alice, paper, year=2021, abstract="Secret words.", identifiers={"doi": "10.1000/182"}, why="Secret sentence.")
    decision = decide(submission, "approve", mel, fields=["year", "identifiers.doi"], reason="The rest cannot be checked.")

    line = line_of(visitor.get("/changes/").text, decision)
    assert line.startswith("Approved in part by mel")
    assert "Orca Taken: year, DOI. The other fields stayed open." in line
    assert "The rest cannot be checked." in line
    [title], [summary] = texts(feed_of(visitor), "a:entry/a:title"), texts(feed_of(visitor), "a:entry/a:summary")
    assert title == "Approved in part: Orca"
    assert "Taken: year, DOI." in summary
    assert "secret" not in (line + summary).lower()


def test_a_correction_and_a_removal_are_known_by_their_paper(alice, mel, visitor):
    paper, other = make_paper("Orca"), make_paper("Whale")
    corrected = decide(correct(alice, paper, title="Orca II"), "approve", mel)
    removed = decide(remove(alice, other), "approve", mel)
    page = visitor.get("/changes/").text

    assert "Orca II Correction no." in line_of(page, corrected)
    assert "Whale no longer on the shelf Removal no." in line_of(page, removed)
    assert "The authors withdrew it." in line_of(page, removed)


@pytest.mark.parametrize("verdict", ["reject", "request_changes"])
def test_of_a_correction_or_removal_that_was_not_approved_not_even_the_paper_is_named(alice, mel, visitor, verdict):
    paper = make_paper("Secret Paper")
    for submission in (correct(alice, paper, title="Secret Title", why="Secret why."), remove(alice, paper, why="Secret why.")):
        decide(submission, verdict, mel, reason="Read it again.", private_note="Secret note.")

    for address in ("/changes/", "/changes.atom"):
        assert "secret" not in visitor.get(address).text.lower()


def test_an_addition_that_was_taken_back_is_known_by_its_number_alone(alice, mel, anyone):
    submission = propose(alice, "A Secret Title", why="A secret sentence.")
    approval = decide(submission, "approve", mel, reason="Read in full.")
    undoing = review.undo(approval, by=mel, reason="Approved too soon.")
    page, feed = anyone.get("/changes/").text, feed_of(anyone)

    assert "secret" not in page.lower()
    assert "secret" not in anyone.get("/changes.atom").text.lower()
    number = f"Addition no. {submission.pk}"
    assert line_of(page, undoing).endswith(f"{number}, proposed by alice : approval taken back. “ Approved too soon. ”")
    assert line_of(page, approval).endswith(f"“ Read in full. ” Undone on {undoing.at:%-d %B %Y}")
    assert texts(feed, "a:entry/a:title") == [f"Undone: {number}: approval taken back", f"Approved: {number}"]
    assert "Undone on" in texts(feed, "a:entry/a:summary")[1]
    assert texts(feed, "a:entry/a:updated")[1] == texts(feed, "a:entry/a:updated")[0]


def test_approved_anew_it_has_its_name_again(alice, mel, visitor):
    review.undo(decide(propose(alice), "approve", mel), by=mel)
    decide(Submission.objects.get(), "approve", mel)

    assert texts(feed_of(visitor), "a:entry/a:title") == ["Approved: Orca", "Undone: Orca: approval taken back", "Approved: Orca"]
    publishing.retract(Paper.objects.get(), reason="Withdrawn.", by=mel)
    assert texts(feed_of(visitor), "a:entry/a:title")[0] == "Approved: Orca"


def test_a_correction_that_was_taken_back_is_known_by_what_the_paper_says(alice, mel, visitor):
    paper = make_paper("Orca")
    approval = decide(correct(alice, paper, title="A Secret Title", why="A secret sentence."), "approve", mel)
    undoing = review.undo(approval, by=mel)
    page = visitor.get("/changes/").text

    assert "Orca Correction no." in line_of(page, undoing)
    assert "approval taken back" in line_of(page, undoing)
    assert "Orca Correction no." in line_of(page, approval)
    assert "secret" not in page.lower()


@pytest.mark.parametrize(("verdict", "words"), [("reject", "rejection taken back"), ("request_changes", "request for changes taken back")])
def test_what_was_not_approved_stays_unnamed_when_that_is_undone(alice, mel, visitor, verdict, words):
    undoing = review.undo(decide(propose(alice, "A Secret Title"), verdict, mel, reason="Not about systems."), by=mel)
    page = visitor.get("/changes/").text

    assert words in line_of(page, undoing)
    assert "secret" not in page.lower()


def test_a_merge_names_both_papers_and_leads_to_the_survivor(mel, visitor):
    loser, survivor = make_paper("Orka"), make_paper("Orca")
    merged = review.merge(loser, survivor, survivor.record, by=mel, reason="The same work.")
    page = visitor.get("/changes/").text

    assert "Orka into Orca" in line_of(page, merged)
    assert "“ The same work. ”" in line_of(page, merged)
    assert 'into <a href="/papers/orca/">' in page
    assert "/papers/orka/" not in page
    assert texts(feed_of(visitor), "a:entry/a:title") == ["Merged: Orka into Orca"]

    review.undo(merged, by=mel, reason="Two works after all.")
    page = visitor.get("/changes/").text
    assert '<a href="/papers/orka/"><bdi>Orka</bdi></a> into <a href="/papers/orca/">' in page
    assert "Merge taken back. “<bdi>Two works after all.</bdi>”" in page
    assert texts(feed_of(visitor), "a:entry/a:title") == ["Undone: Orka into Orca: merge taken back", "Merged: Orka into Orca"]


def test_a_notice_and_its_lifting_are_told_with_their_words(mel, root, visitor):
    notice = review.propose_notice(make_paper("Orca"), "concern", "Its publisher looks into it.", by=mel)
    assert "Orca" not in visitor.get("/changes/").text
    placed = review.confirm_notice(notice, by=root)
    lifted = review.lift_notice(notice, by=mel, reason="It was settled.")
    page = visitor.get("/changes/").text

    assert "Orca Its publisher has expressed a concern: “ Its publisher looks into it. ”" in line_of(page, placed)
    assert line_of(page, placed).startswith("Notice placed by root")
    assert "“ It was settled. ”" in line_of(page, lifted)
    assert texts(feed_of(visitor), "a:entry/a:title") == ["Notice lifted: Orca", "Notice placed: Orca"]


def test_names_and_order_have_a_line_of_their_own(mel, visitor):
    arranged = review.log_arrangement("Serving", "Renamed from “Inference”.", by=mel)

    assert line_of(visitor.get("/changes/").text, arranged).endswith("UTC Serving Renamed from “Inference”.")
    assert texts(feed_of(visitor), "a:entry/a:title") == ["Arranged: Serving"]
    assert texts(feed_of(visitor), "a:entry/a:summary") == ["Renamed from “Inference”."]


def test_private_notes_and_proposed_records_are_not_even_read(alice, mel, root, visitor):
    settle(mel, alice, 3)
    every_kind_of_change(alice, mel, root)
    with CaptureQueriesContext(connection) as asked:
        visitor.get("/changes/")
        visitor.get("/changes.atom")
    sql = "\n".join(query["sql"] for query in asked)

    assert "private_note" not in sql
    assert not re.search(r'(?:submission|decision|T\d+)"."record_json" ?(?:,|FROM|AS)', sql)
    assert '"catalog_submission"."title"' not in sql
    assert '"email"' not in sql


@pytest.mark.parametrize(
    "harm", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 98765|add:1 }}", "]]>&amp;", "a\x01\x0b\u202e\ufffeb"]
)
def test_hostile_words_stay_text(alice, mel, visitor, harm):
    decide(propose(alice, harm, why=harm), "approve", mel, reason=harm)
    decide(propose(alice, "Other"), "reject", mel, reason=harm)
    page, feed = visitor.get("/changes/"), feed_of(visitor)

    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "98766" not in page.text
    assert all(summary.get("type") == "text" and len(summary) == 0 for summary in feed.findall("a:entry/a:summary", ATOM))


def test_reading_it_leaves_no_cookie(alice, mel, visitor):
    settle(mel, alice, 3)

    assert not visitor.get("/changes/").cookies
    assert not visitor.get("/changes.atom").cookies


# -- The feed ----------------------------------------------------------------------------------------
@override_settings(SITE_URL="https://openshelf.example")
def test_the_feed_is_atom_with_lasting_ids_and_its_own_address(alice, mel, visitor):
    approved = decide(propose(alice), "approve", mel, reason_code="belongs")
    rejected = decide(propose(alice, "Walrus"), "reject", mel, reason="Not about systems.")
    Decision.objects.filter(pk=rejected.pk).update(at=approved.at + timedelta(seconds=1))
    rejected.refresh_from_db()
    response = visitor.get("/changes.atom")
    feed = ElementTree.fromstring(response.content)

    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert {link.get("rel"): link.get("href") for link in feed.findall("a:link", ATOM)} == {
        "self": "https://openshelf.example/changes.atom",
        "alternate": "https://openshelf.example/changes/",
    }
    assert texts(feed, "a:entry/a:id") == [
        f"tag:openshelf.example,{each.at:%Y-%m-%d}:/changes//decision-{each.pk}" for each in (rejected, approved)
    ]
    assert texts(feed, "a:entry/a:title") == [f"Rejected: Addition no. {rejected.submission_id}", "Approved: Orca"]
    assert [link.get("href") for link in feed.findall("a:entry/a:link", ATOM)] == [
        f"https://openshelf.example/changes/#decision-{rejected.pk}",
        "https://openshelf.example/papers/orca/",
    ]
    assert texts(feed, "a:entry/a:author/a:name") == ["mel", "mel"]
    assert texts(feed, "a:updated") == texts(feed, "a:entry/a:updated")[:1]
    assert texts(feed, "a:entry/a:summary")[1] == (
        f"Addition no. {approved.submission_id}, proposed by alice. Belongs, and its facts hold. “{WHY}”"
    )


def test_the_feed_holds_the_newest_hundred(alice, mel, visitor):
    settle(mel, alice, 102)
    ids = texts(feed_of(visitor), "a:entry/a:id")

    assert [int(each.rpartition("-")[2]) for each in ids] == list(Decision.objects.order_by("-id").values_list("pk", flat=True)[:100])


def test_who_has_the_feed_is_told_so_until_something_is_decided(alice, mel, anyone):
    settle(mel, alice, 2)
    first = anyone.get("/changes.atom")
    again = anyone.get("/changes.atom", headers={"If-None-Match": first["ETag"]})

    assert not first["ETag"].startswith("W/")
    assert (again.status_code, again.content) == (304, b"")
    assert anyone.get("/changes.atom").content == first.content
    settle(mel, alice, 1)
    assert anyone.get("/changes.atom", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_the_feed_changes_when_a_name_in_it_does(alice, mel, visitor, a_minute_passes):
    settle(mel, alice, 1)
    known = visitor.get("/changes.atom")["ETag"]
    alice.delete()
    a_minute_passes()

    assert visitor.get("/changes.atom", headers={"If-None-Match": known}).status_code == 200


def test_an_empty_feed_is_the_same_each_time(db, visitor):
    make_paper("Orca")

    assert texts(feed_of(visitor), "a:updated") == ["1970-01-01T00:00:00Z"]
    assert visitor.get("/changes.atom").content == visitor.get("/changes.atom").content


def test_the_log_can_only_be_read(db, mel_client):
    assert mel_client.post("/changes/").status_code == 405
    assert mel_client.post("/changes.atom").status_code == 405
    assert mel_client.head("/changes.atom").status_code == 200


def test_a_page_of_a_long_log_reads_no_other_decision_also_where_nothing_was_ever_undone(mel):
    at = timezone.now()
    Decision.objects.bulk_create(
        Decision(at=at - timedelta(minutes=minutes), verdict="merge", by=mel, subject="Orca") for minutes in range(3_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    for page in (log.decisions()[:50], contributions.reviews(contributions.reviewed_by(mel)[:50])):
        # As either database says that it looks into an index for one decision.
        assert re.search(r"\(undoes_id ?=", page.explain())
