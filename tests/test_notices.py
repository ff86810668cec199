"""The letters: to whom, with which words, and what never stands in them."""

import uuid

import pytest

from catalog import notices, review
from catalog.models import Decision, Submission
from tests.factories import make_category, make_record

pytestmark = pytest.mark.django_db

WHY = "It says something that no other paper says."


@pytest.fixture
def submission(alice):
    make_category("serving")
    record = make_record("Orca & <friends>", identifiers={"arxiv": "2307.08691"}, categories=["serving"])
    return review.submit(record, by=alice, why=WHY, token=uuid.uuid4())


def decide(submission, verdict, by, **more):
    review.decide(submission, verdict, by=by, seen_version=1, **more)


def test_the_contributor_is_told_that_it_arrived_and_where_it_stands(alice, bruno, submission, mailoutbox, settings):
    other = review.submit(make_record("Whale", categories=["serving"]), by=bruno, why=WHY, token=uuid.uuid4())
    mailoutbox.clear()
    notices.submission_received(submission)
    notices.submission_received(other)
    first, second = mailoutbox
    assert first.to == ["alice@example.org"]
    assert first.subject == "Received: Orca & <friends>"
    assert "Hello alice," in first.body
    assert "“Orca & <friends>” is in the review queue" in first.body
    assert "Nothing is waiting ahead of you. A maintainer decides" in first.body
    assert f"{settings.SITE_URL}/submissions/{submission.pk}/\n" in first.body
    assert "One is waiting ahead of you." in second.body


def test_a_letter_waits_for_the_commit(alice, mailoutbox, django_capture_on_commit_callbacks):
    make_category("serving")
    with django_capture_on_commit_callbacks(execute=True):
        review.submit(make_record("Orca", categories=["serving"]), by=alice, why=WHY, token=uuid.uuid4())
        assert mailoutbox == []
    assert len(mailoutbox) == 1


def test_a_letter_that_cannot_go_out_undoes_nothing(alice, mel, submission, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(notices, "send_mail", lambda *_args: 1 / 0)
    with django_capture_on_commit_callbacks(execute=True):
        decide(submission, review.APPROVE, mel)
    assert Submission.objects.get().status == "approved"


def test_an_approval_leads_to_the_paper(mel, submission, mailoutbox, settings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        decide(submission, review.APPROVE, mel)
    [letter] = mailoutbox
    assert letter.subject == "Approved: Orca & <friends>"
    assert f"{settings.SITE_URL}/papers/orca-and-friends/" in letter.body
    assert f"{settings.SITE_URL}/submissions/{submission.pk}/" in letter.body


@pytest.mark.parametrize(
    ("verdict", "subject"),
    [(review.REQUEST_CHANGES, "Your turn: Orca & <friends>"), (review.REJECT, "Not taken: Orca & <friends>")],
)
def test_the_reason_stands_in_the_letter_exactly_as_it_was_given(
    mel, submission, mailoutbox, settings, django_capture_on_commit_callbacks, verdict, subject
):
    reason = "Two things:\n\n1. Link the <ICLR> page.\n2. “Princeton” & more; 100 % {{ of }} it."
    with django_capture_on_commit_callbacks(execute=True):
        decide(submission, verdict, mel, reason=reason, private_note="between us")
    [letter] = mailoutbox
    assert letter.subject == subject
    assert reason in letter.body
    assert f"{settings.SITE_URL}/submissions/{submission.pk}/" in letter.body
    assert letter.to == ["alice@example.org"]


@pytest.mark.parametrize("verdict", Decision.Verdict.values)
def test_no_letter_holds_the_private_note_or_an_address(mel, submission, mailoutbox, django_capture_on_commit_callbacks, verdict):
    with django_capture_on_commit_callbacks(execute=True):
        decide(submission, verdict, mel, reason="A reason.", private_note="between us")
    [letter] = mailoutbox
    assert "between us" not in letter.body + letter.subject
    assert "@" not in letter.body
    assert letter.alternatives == []


def test_a_subject_is_one_line_however_long_the_title(alice, mailoutbox):
    make_category("serving")
    record = make_record("Word " * 90 + "end", categories=["serving"])
    notices.submission_received(review.submit(record, by=alice, why=WHY, token=uuid.uuid4()))
    subject = mailoutbox[-1].subject
    assert len(subject) < 80
    assert subject.endswith("…")
    assert "\n" not in subject


def test_nobody_is_written_to_when_the_account_is_gone(submission, mailoutbox):
    submission.contributor = None
    notices.submission_received(submission)
    assert mailoutbox == []
