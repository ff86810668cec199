"""The letter about what waits: to whom, how often, and never twice."""

import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import notify
from accounts.models import Digest, User
from catalog import review
from catalog.models import Submission
from tests.conftest import make_user
from tests.factories import make_category, make_record

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-11-23T07:00:00+00:00")
WHY = "It says something that no other paper says."


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


def propose(by, title="Orca", *, category="serving", hours=5):
    make_category(category)
    submission = review.submit(make_record(title, categories=[category]), by=by, why=WHY, token=uuid4())
    Submission.objects.filter(pk=submission.pk).update(submitted_at=timezone.now() - timedelta(hours=hours))
    return submission


def reject(submission, by):
    return review.decide(submission, review.REJECT, by=by, seen_version=1, reason="No.", private_note="between us")


def wants(user, often):
    User.objects.filter(pk=user.pk).update(review_digest=often)


def send(*, at=MONDAY):
    with time_machine.travel(at, tick=False):
        call_command("send_digests")


def test_a_maintainer_is_told_how_much_waits_how_long_and_where(alice, bruno, mel, mailoutbox, settings):
    reject(propose(bruno, "Walrus"), mel)
    older = propose(alice, "Whale & <friends>", hours=52)
    newer = propose(alice, "Orca")
    mailoutbox.clear()
    send()
    [letter] = mailoutbox

    assert letter.to == ["mel@example.org"]
    assert letter.subject == "2 proposals wait for you"
    assert "Hello mel," in letter.body
    assert "2 proposals wait that you may decide, the oldest for 2 days. 1 was decided since 22 November, 07:00 UTC." in letter.body
    lines = letter.body.splitlines()
    first = lines.index(f"No. {older.pk}, Addition, 2 days: Whale & <friends>")
    assert lines[first + 1] == f"{settings.SITE_URL}/admin/catalog/submission/{older.pk}/change/"
    assert lines[first + 3] == f"No. {newer.pk}, Addition, 5 hours: Orca"
    assert f"{settings.SITE_URL}/accounts/\n" in letter.body
    assert "between us" not in letter.body
    assert "@" not in letter.body


def test_ten_are_named_and_the_others_counted(alice, mel, mailoutbox):
    for number in range(12):
        propose(alice, f"Paper {number}")
    send()

    assert mailoutbox[-1].body.count("Addition, 5 hours") == 10
    assert "And 2 more." in mailoutbox[-1].body


def test_nothing_is_sent_while_nothing_waits_and_what_comes_later_that_day_is_told(alice, mel, mailoutbox):
    reject(propose(alice), mel)
    mailoutbox.clear()
    send()
    assert mailoutbox == []

    propose(alice, "Whale")
    send(at=MONDAY + timedelta(hours=3))
    assert len(mailoutbox) == 1


def test_a_category_maintainer_hears_of_what_is_theirs_to_decide(alice, bruno, mailoutbox):
    make_category("training").maintainers.add(bruno)
    propose(alice, "Secret", category="serving")
    propose(bruno, "Own", category="training")
    send()
    assert mailoutbox == []

    propose(alice, "Theirs", category="training/moe")
    send()
    [letter] = mailoutbox
    assert letter.to == ["bruno@example.org"]
    assert "One proposal waits that you may decide, for 5 hours now." in letter.body
    assert "Theirs" in letter.body
    assert "Secret" not in letter.body


@pytest.mark.parametrize(("rule", "letters"), [("maintainers", 1), ("nobody", 0)])
def test_ones_own_counts_where_one_may_decide_it(mel, mailoutbox, rule, letters):
    propose(mel)
    with override_settings(SELF_APPROVAL=rule):
        send()

    assert len(mailoutbox) == letters


def test_contributors_hear_nothing(alice, bruno, mailoutbox):
    propose(alice)
    send()

    assert mailoutbox == []


@pytest.mark.parametrize("why", ["closed", "unverified", "no address", "never"])
def test_who_cannot_or_does_not_want_to_be_reached_gets_none(alice, mel, mailoutbox, why):
    propose(alice)
    if why == "closed":
        User.objects.filter(pk=mel.pk).update(is_active=False)
    elif why == "unverified":
        EmailAddress.objects.filter(user=mel).update(verified=False)
    elif why == "no address":
        EmailAddress.objects.filter(user=mel).delete()
    else:
        wants(mel, "never")
    send()

    assert mailoutbox == []
    assert not Digest.objects.exists()


def test_it_goes_to_the_first_address(alice, mel, mailoutbox):
    EmailAddress.objects.create(user=mel, email="another@example.org", verified=True)
    propose(alice)
    send()

    assert [letter.to for letter in mailoutbox] == [["mel@example.org"]]


@pytest.mark.parametrize(("often", "letters"), [("daily", [1, 1, 2, 3, 4]), ("weekly", [1, 1, 1, 1, 2])])
def test_each_period_has_one_letter(alice, mel, mailoutbox, often, letters):
    wants(mel, often)
    propose(alice)
    sent = []
    for later in ({}, {"hours": 16}, {"hours": 17}, {"days": 6}, {"days": 7}):
        send(at=MONDAY + timedelta(**later))
        sent.append(len(mailoutbox))

    assert sent == letters


def test_a_week_is_counted_as_iso_8601_counts_it(alice, mel, mailoutbox):
    wants(mel, "weekly")
    propose(alice)
    send(at=datetime.fromisoformat("2026-12-31T07:00:00+00:00"))
    send(at=datetime.fromisoformat("2027-01-03T07:00:00+00:00"))
    send(at=datetime.fromisoformat("2027-01-04T07:00:00+00:00"))

    assert sorted(Digest.objects.values_list("period", flat=True)) == ["2026-W53", "2027-W01"]


def test_what_was_decided_is_counted_from_the_last_letter(alice, mel, mailoutbox):
    propose(alice, "Orca")
    early, late = propose(alice, "Whale"), propose(alice, "Walrus")
    reject(early, mel)
    send()
    with time_machine.travel(MONDAY + timedelta(hours=1), tick=False):
        reject(late, mel)
    send(at=MONDAY + timedelta(days=2))

    assert "1 was decided since 23 November, 07:00 UTC." in mailoutbox[-1].body


def test_one_refused_address_stops_no_other_and_is_not_tried_again(alice, mel, root, mailoutbox, monkeypatch, caplog):
    propose(alice)
    send_now = EmailMessage.send

    def refuse_mel(letter, **more):
        if letter.to == ["mel@example.org"]:
            raise smtplib.SMTPRecipientsRefused({letter.to[0]: (550, b"no such mailbox")})
        return send_now(letter, **more)

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse_mel)
        send()
    assert [letter.to for letter in mailoutbox] == [["root@example.org"]]
    assert "@example.org" not in caplog.text

    send()
    assert len(mailoutbox) == 1


def test_whoever_dies_between_the_row_and_the_letter_never_sends_two(alice, mel, mailoutbox, monkeypatch):
    propose(alice)

    def die(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", die)
        with pytest.raises(KeyboardInterrupt):
            send()
    assert Digest.objects.get().user == mel

    send()
    assert mailoutbox == []


def test_the_command_is_silent_in_a_pipe(alice, mel, capsys):
    propose(alice)
    send()

    assert capsys.readouterr() == ("", "")


def test_the_number_of_questions_does_not_grow_with_the_queue(alice, mel):
    def asked():
        Digest.objects.all().delete()
        with CaptureQueriesContext(connection) as questions:
            send()
        return len(questions)

    propose(alice)
    few = asked()
    for number in range(15):
        propose(alice, f"Paper {number}")

    assert asked() == few


@pytest.mark.django_db(transaction=True)
def test_of_runs_at_the_same_moment_each_person_hears_once(alice, mel, root, monkeypatch):
    """Real threads with connections of their own. Each sees that somebody is still to be written to before any begins."""
    propose(alice)
    sent, together = [], Barrier(4, timeout=30)
    begin_digest = notify.begin_digest

    def begin_together(reviewer, kind, period):
        together.wait()
        return begin_digest(reviewer, kind, period)

    def run(_number):
        try:
            call_command("send_digests")
        finally:
            connections.close_all()

    monkeypatch.setattr(notify, "begin_digest", begin_together)
    monkeypatch.setattr(EmailMessage, "send", lambda self, **_more: sent.append(self.to))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, range(4)))

    assert sorted(sent) == [["mel@example.org"], ["root@example.org"]]
    assert Digest.objects.count() == 2


def test_the_same_person_in_two_roles_hears_once(alice, mailoutbox):
    both = make_user("both", is_superuser=True)
    make_category("serving").maintainers.add(both)
    make_category("training").maintainers.add(both)
    propose(alice)
    send()

    assert len(mailoutbox) == 1
