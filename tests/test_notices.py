"""Letters and notifications: to whom, with which words, and what never stands in them."""

import uuid

import pytest
from allauth.account.models import EmailAddress

from accounts.models import Notification, User
from catalog import notices, review
from catalog.models import Reason, Submission
from catalog.records import replace
from tests.conftest import make_user
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

WHY = "It says something that no other paper says."


@pytest.fixture
def submission(alice):
    make_category("serving")
    record = make_record("Orca & <friends>", identifiers={"arxiv": "2307.08691"}, categories=["serving"])
    return review.submit(record, by=alice, why=WHY, token=uuid.uuid4())


def decide(submission, verdict, by, **more):
    return review.decide(submission, verdict, by=by, seen_version=submission.version, **more)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Do it, and all that waits for the commit: `committed(review.submit, record, by=...)`."""

    def do(act, *args, **more):
        with django_capture_on_commit_callbacks(execute=True):
            return act(*args, **more)

    return do


@pytest.fixture
def paper():
    return make_paper("Orca & <friends>", categories=["serving"], year=2021, short_name="Orka")


@pytest.fixture
def correction(alice, paper):
    record = replace(paper.record, year=2022, short_name="Orca", identifiers={"doi": "10.1000/182"})
    return review.correct(paper, record, by=alice, why=WHY, token=uuid.uuid4())


@pytest.fixture
def removal(alice, paper):
    return review.remove(paper, by=alice, why="The authors withdrew it.", token=uuid.uuid4())


def told(user):
    return [(each.text, each.url) for each in user.notifications.all()]


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


def undone(submission, by):
    approved = decide(submission, review.APPROVE, by, reason="A reason.", private_note="between us")
    return review.undo(approved, by=by, reason="A reason.")


ACTS = {
    "approve": lambda submission, by: decide(submission, review.APPROVE, by, reason="A reason.", private_note="between us"),
    "take": lambda submission, by: decide(submission, review.APPROVE, by, fields=["year"], reason="A reason.", private_note="between us"),
    "request_changes": lambda submission, by: decide(submission, review.REQUEST_CHANGES, by, reason="A reason.", private_note="between us"),
    "reject": lambda submission, by: decide(submission, review.REJECT, by, reason="A reason.", private_note="between us"),
    "undo": undone,
    "comment": lambda submission, by: (
        review.leave_note(submission, "between us", by=by),
        review.comment(submission, "A reason.", by=by),
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_no_letter_and_no_notification_holds_the_private_note_or_an_address(alice, mel, correction, mailoutbox, committed, act):
    committed(ACTS[act], correction, mel)
    text = " ".join([*(letter.subject + letter.body for letter in mailoutbox), *(text for text, _url in told(alice))])

    assert "A reason." in text
    assert "between us" not in text
    assert "@" not in text
    assert all(letter.alternatives == [] for letter in mailoutbox)


# -- Every verdict, on each kind of submission -------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "verdict", "subject", "words"),
    [
        ("submission", "approve", "Approved: {}", "mel approved “{}”. It stands in the catalogue now."),
        ("correction", "approve", "Approved: your correction to {}", "your correction to “{}” is now in the catalogue."),
        ("removal", "approve", "Removed as you proposed: {}", "“{}” was removed as you proposed."),
        ("submission", "request_changes", "Your turn: {}", "mel asks for changes to “{}”."),
        ("correction", "request_changes", "Your turn: your correction to {}", "mel asks for changes to your correction to “{}”."),
        ("removal", "request_changes", "Your turn: the removal of {}", "mel asks for other words about the removal of “{}”."),
        ("submission", "reject", "Not taken: {}", "mel did not take “{}”."),
        ("correction", "reject", "Not taken: your correction to {}", "mel did not take your correction to “{}”."),
        ("removal", "reject", "Not taken: the removal of {}", "mel decided that “{}” stays in the catalogue."),
    ],
)
def test_letter_and_notification_fit_what_was_proposed(request, alice, mel, mailoutbox, settings, committed, kind, verdict, subject, words):
    submission = request.getfixturevalue(kind)
    committed(decide, submission, verdict, mel, reason="Read it again.", reason_code="not_serious")
    [letter] = mailoutbox

    assert letter.subject == subject.format("Orca & <friends>")
    assert words.format("Orca & <friends>") in letter.body
    assert "The reason given:" in letter.body
    assert "\n\nRead it again.\n\n" in letter.body
    assert f"{settings.SITE_URL}/submissions/{submission.pk}/" in letter.body
    assert told(alice) == [(letter.subject, f"/submissions/{submission.pk}/")]


def test_the_reasons_wording_is_the_one_that_maintainers_gave_it(mel, submission, mailoutbox, committed):
    Reason.objects.filter(verdict="reject", code="out_of_scope").update(label="Beyond this list")
    committed(decide, submission, review.REJECT, mel, reason_code="out_of_scope", reason="No systems in it.")

    assert "The reason given: Beyond this list.\n\nNo systems in it.\n" in mailoutbox[0].body


def test_an_approval_without_a_reason_names_none(mel, submission, mailoutbox, committed):
    committed(decide, submission, review.APPROVE, mel)

    assert "reason" not in mailoutbox[0].body
    assert "\n\n\n" not in mailoutbox[0].body


def test_an_approval_with_edits_says_so(alice, mel, submission, mailoutbox, committed):
    committed(decide, submission, review.APPROVE, mel, record=replace(submission.record, year=2022))

    assert mailoutbox[0].subject == told(alice)[0][0] == "Approved with edits: Orca & <friends>"
    assert "The maintainer edited it first" in mailoutbox[0].body


def test_an_approval_in_part_says_what_was_taken_and_what_stays_open(alice, mel, correction, mailoutbox, committed):
    committed(decide, correction, review.APPROVE, mel, fields=["year", "identifiers.doi"], reason="Half of it.")
    [letter] = mailoutbox

    assert letter.subject == told(alice)[0][0] == "Approved in part: your correction to Orca & <friends>"
    assert "In the catalogue now: year, DOI." in letter.body
    assert "Still open, and waiting for a maintainer: short name." in letter.body


@pytest.mark.parametrize(
    ("kind", "act", "words"),
    [
        ("submission", "approve", "took back the approval of “{}”: it is out of the catalogue again."),
        ("submission", "reject", "took back the rejection of “{}”."),
        ("submission", "request_changes", "took back the request for changes to “{}”."),
        ("correction", "approve", "took back the approval of your correction to “{}”: the catalogue says again what it said before."),
        ("correction", "take", "took back what was taken of your correction to “{}”"),
        ("removal", "approve", "took back the removal of “{}”: it stands in the catalogue again."),
    ],
)
def test_who_was_told_of_a_decision_is_told_that_it_was_undone(request, alice, mel, root, mailoutbox, committed, kind, act, words):
    decision = ACTS[act](request.getfixturevalue(kind), mel)
    mailoutbox.clear()
    committed(review.undo, decision, by=root, reason="Decided too soon.")
    [letter] = mailoutbox

    assert letter.subject.startswith("Waits again: ")
    assert "root " + words.format("Orca & <friends>") in letter.body
    assert "waits for a maintainer again" in letter.body
    assert "Decided too soon." in letter.body
    assert told(alice)[0][0] == letter.subject


def test_nobody_is_told_of_what_they_decided_themselves(mel, mailoutbox, committed):
    make_category("serving")
    own = review.submit(make_record("Orca", categories=["serving"]), by=mel, why=WHY, token=uuid.uuid4())
    committed(review.undo, committed(decide, own, review.APPROVE, mel), by=mel)

    assert mailoutbox == []
    assert told(mel) == []


def test_what_maintainers_do_to_papers_is_told_to_nobody(alice, mel, submission, mailoutbox, committed):
    committed(decide, submission, review.APPROVE, mel)
    mailoutbox.clear()
    survivor, loser = make_paper("Whale"), submission.decisions.get().revisions.get().paper_public_id
    paper = Submission.objects.get(pk=submission.pk).paper
    merged = committed(review.merge, paper, survivor, survivor.record, by=mel, reason="The same.")
    committed(review.undo, merged, by=mel)

    assert loser == merged.paper_public_id
    assert mailoutbox == []


def test_no_maintainer_gets_a_letter_for_each_submission(alice, mel, root, mailoutbox, committed):
    make_category("serving")
    committed(review.submit, make_record("Orca", categories=["serving"]), by=alice, why=WHY, token=uuid.uuid4())

    assert [letter.to for letter in mailoutbox] == [["alice@example.org"]]
    assert told(mel) == told(root) == []


# -- Where letters do not go -------------------------------------------------------------------------
@pytest.mark.parametrize("why", ["closed", "unverified"])
def test_an_address_that_may_not_be_written_to_gets_no_letter(alice, mel, submission, mailoutbox, committed, why):
    if why == "closed":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        EmailAddress.objects.filter(user=alice).update(verified=False)
    committed(decide, submission, review.APPROVE, mel)

    assert mailoutbox == []
    assert len(told(alice)) == 1


def test_a_letter_that_cannot_go_out_is_still_told_on_the_site(alice, mel, submission, monkeypatch, committed):
    monkeypatch.setattr(notices, "send_mail", lambda *_args: 1 / 0)
    committed(decide, submission, review.APPROVE, mel)

    assert told(alice) == [("Approved: Orca & <friends>", f"/submissions/{submission.pk}/")]


# -- Comments ----------------------------------------------------------------------------------------
def test_what_a_maintainer_writes_is_told_to_the_contributor(alice, mel, submission, mailoutbox, settings, committed):
    words = "Is this <the> ICLR version?\n\n“Yes” & {{ no }}."
    committed(review.comment, submission, words, by=mel)
    [letter] = mailoutbox

    assert letter.to == ["alice@example.org"]
    assert letter.subject == "mel wrote about Orca & <friends>"
    assert words in letter.body
    assert f"{settings.SITE_URL}/submissions/{submission.pk}/" in letter.body
    assert told(alice) == [(letter.subject, f"/submissions/{submission.pk}/")]
    assert told(mel) == []


def test_an_answer_is_told_on_the_site_to_the_maintainers_who_took_part(alice, mel, root, submission, mailoutbox, committed):
    decider, opener, speaker = mel, root, make_user("speaker", is_superuser=True)
    bystander = make_user("bystander", is_superuser=True)
    decide(submission, review.REQUEST_CHANGES, decider, reason="Which venue?")
    submission = review.edit(Submission.objects.get(), submission.record, by=alice, seen_version=1, why=WHY)
    review.open_item(submission, by=opener)
    review.comment(submission, "Look again.", by=speaker)
    mailoutbox.clear()
    Notification.objects.all().delete()
    committed(review.comment, Submission.objects.get(), "I did.", by=alice)

    expected = [(f"alice wrote about no. {submission.pk}: Orca & <friends>", f"/admin/catalog/submission/{submission.pk}/change/")]
    assert told(decider) == told(opener) == told(speaker) == expected
    assert told(bystander) == told(alice) == []
    assert mailoutbox == []


def test_who_may_not_see_it_any_more_is_not_told_its_title(alice, bruno, mel, submission, committed):
    make_category("serving").maintainers.add(bruno)
    review.comment(submission, "Look again.", by=bruno)
    review.comment(submission, "Yes.", by=mel)
    make_category("serving").maintainers.remove(bruno)
    mel.groups.clear()
    committed(review.comment, submission, "I did.", by=alice)

    assert told(bruno) == told(mel) == []


def test_of_many_who_took_part_the_latest_ten_are_told(alice, submission, committed):
    people = [make_user(f"person{number}", is_superuser=True) for number in range(notices.MOST_TOLD + 1)]
    for person in people:
        review.comment(submission, "Look again.", by=person)
    committed(review.comment, submission, "I did.", by=alice)

    assert [len(told(person)) for person in people] == [0] + [1] * notices.MOST_TOLD


# -- Letters that arrive -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "words"), [("correction", "Your correction to “Orca & <friends>” is"), ("removal", "The removal of “Orca & <friends>” is")]
)
def test_what_arrived_is_called_by_what_it_is(request, mailoutbox, kind, words):
    notices.submission_received(request.getfixturevalue(kind))

    assert words in mailoutbox[0].body


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
