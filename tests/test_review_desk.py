"""Leases, comments and notes: what goes on around a submission, and decisions on many."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from catalog import records, review
from catalog.models import Comment, DeskNote, Paper, Submission
from catalog.review import APPROVE, REJECT
from tests.factories import make_category, make_paper, make_record

WHY = "It says something that no other paper says."


def propose(by, title="Orca", **facts):
    make_category("serving")
    return review.submit(make_record(title, categories=["serving"], **facts), by=by, why=WHY, token=uuid.uuid4())


# -- Leases ------------------------------------------------------------------------------------
def test_opening_leases_for_a_quarter_of_an_hour_and_again_while_it_is_ones_own(alice, mel):
    submission = propose(alice)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        opened = review.open_item(submission, by=mel).submission
        assert (opened.opened_by, opened.opened_version, opened.leased_until) == (mel, 1, timezone.now() + review.LEASE)
        clock.shift(timedelta(minutes=10))
        assert review.open_item(submission, by=mel).submission.leased_until == timezone.now() + review.LEASE


def test_a_lease_is_respected_until_it_ends(alice, mel, root):
    submission = propose(alice)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        review.open_item(submission, by=mel)
        assert review.open_item(submission, by=root).submission.opened_by == mel
        clock.shift(review.LEASE)
        assert not Submission.objects.get().is_leased
        assert review.open_item(submission, by=root).submission.opened_by == root


def test_a_lease_is_taken_over_with_a_note_only(alice, mel, root):
    submission = propose(alice)
    review.open_item(submission, by=mel)
    with pytest.raises(review.ReasonMissing):
        review.take_over(submission, by=root, note=" ")
    taken = review.take_over(submission, by=root, note="mel is away today.")
    assert (taken.opened_by, DeskNote.objects.get().text, DeskNote.objects.get().by) == (root, "mel is away today.", root)


def test_a_lease_is_a_mark_and_no_lock_and_ends_with_the_decision(alice, mel, root):
    submission = propose(alice)
    review.open_item(submission, by=mel)
    review.decide(submission, REJECT, by=root, seen_version=1, reason="Out of scope.")
    assert not Submission.objects.get().is_leased
    with pytest.raises(review.NotPending):
        review.take_over(submission, by=mel, note="Mine.")


def test_contributors_lease_nothing(alice, bruno):
    submission = propose(alice)
    for person in (alice, bruno):
        assert review.open_item(submission, by=person).submission.opened_by is None
        with pytest.raises(review.NotAllowed):
            review.take_over(submission, by=person, note="Mine.")


def test_whoever_had_it_open_is_told_of_an_edit(alice, mel, root):
    submission = propose(alice)
    review.open_item(submission, by=mel)
    review.edit(submission, records.replace(submission.record, title="Whale"), by=alice, seen_version=1, why=WHY)
    assert Submission.objects.get().is_leased
    again = review.open_item(submission, by=mel)
    assert (again.since_opened_by, again.since_version) == (mel, 1)
    assert review.open_item(submission, by=mel).since_version is None


# -- What is said ------------------------------------------------------------------------------
def test_the_contributor_and_reviewers_talk_and_others_do_not(alice, bruno, mel):
    submission = propose(alice)
    review.comment(submission, "Which page?", by=mel)
    review.comment(submission, " The third. ", by=alice)
    assert list(Comment.objects.values_list("by__username", "text")) == [("mel", "Which page?"), ("alice", "The third.")]
    with pytest.raises(review.NotAllowed):
        review.comment(submission, "Me too.", by=bruno)
    with pytest.raises(review.ReasonMissing):
        review.comment(submission, "\n", by=alice)


def test_an_hour_takes_thirty_comments(alice):
    submission = propose(alice)
    for number in range(review.COMMENTS_PER_HOUR):
        review.comment(submission, f"Word {number}.", by=alice)
    with pytest.raises(review.LimitReached):
        review.comment(submission, "One more.", by=alice)


def test_notes_are_for_the_desk(alice, mel):
    submission = propose(alice)
    review.leave_note(submission, "Looks like an advertisement.", by=mel)
    with pytest.raises(review.NotAllowed):
        review.leave_note(submission, "Hello.", by=alice)


# -- Many at once ------------------------------------------------------------------------------
def test_one_bad_row_stops_none_of_the_others(alice, mel):
    good = [propose(alice, f"Paper {number}") for number in range(3)]
    bad = propose(alice, "Bad", identifiers={"doi": "10.1145/1"})
    make_paper("Whale", identifiers={"doi": "10.1145/1"})
    edited = propose(alice, "Edited")
    review.edit(edited, edited.record, by=alice, seen_version=1, why=WHY)
    items = [(each.pk, 1) for each in [*good, bad, edited]] + [(10**9, 1)]
    outcomes = {each.number: each for each in review.decide_each(items, APPROVE, by=mel)}
    assert all(outcomes[each.pk].decision for each in good)
    assert [type(outcomes[number].refusal).__name__ for number in (bad.pk, edited.pk, 10**9)] == [
        "AlreadyCatalogued",
        "ChangedSinceSeen",
        "NotAllowed",
    ]
    assert Paper.objects.count() == 4
    assert Submission.objects.awaiting_review().count() == 2


def test_the_same_many_again_decide_nothing_more(alice, mel):
    items = [(propose(alice, f"Paper {number}").pk, 1) for number in range(2)]
    assert all(each.decision for each in review.decide_each(items, APPROVE, by=mel))
    assert {type(each.refusal) for each in review.decide_each(items, APPROVE, by=mel)} == {review.NotPending}
    assert Paper.objects.count() == 2
