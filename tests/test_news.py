"""New papers, told to those who follow: each once, in one letter a period or one line a day, whatever crashes in between."""

import json
import re
import smtplib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection, connections
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts import notify
from accounts.models import Digest, Notification, User
from catalog import arranging, following, news, publishing
from catalog.filters import PaperFilter
from catalog.models import Author, Category, Follow, Organization, Paper, Venue
from tests.conftest import make_user
from tests.factories import make_category, make_paper, make_papers

pytestmark = pytest.mark.django_db

MONDAY = datetime.fromisoformat("2026-11-23T07:00:00+00:00")


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY, tick=False):
        make_category("serving")
        make_category("training")
        yield


def follow(person, query="category=serving", how="daily"):
    papers = PaperFilter(QueryDict(query))
    assert papers.is_valid(), papers.errors
    return following.follow(person, following.selected(papers), how=how)


def send(*, at=MONDAY, **later):
    with time_machine.travel(at + timedelta(**later), tick=False):
        call_command("send_digests")


def titles_in(letter):
    """The titles of the papers: the lines before those that say where, or their address."""
    lines = letter.body.splitlines()
    papers = [at for at, line in enumerate(lines) if "/papers/" in line and "/following/" not in line]
    return [lines[at - 1] if not lines[at - 2] else lines[at - 2] for at in papers]


# -- The letter ----------------------------------------------------------------------------------
def test_the_letter_names_each_paper_once_under_what_is_followed_with_the_other_reasons(alice, mailoutbox, settings):
    for query in ("category=serving", "q=whale", "category=training"):
        follow(alice, query)
    make_paper("Orca <b>& friends", categories=["serving"], venue="OSDI", year=2022)
    make_paper("Whale", categories=["serving"], year=2024)
    make_paper("Elsewhere", categories=["theory"])
    make_paper("Megatron", categories=["training"])
    send()
    [letter] = mailoutbox

    assert letter.to == ["alice@example.org"]
    assert letter.subject == "3 new papers in what you follow"
    way_out = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert letter.body == (
        f"""Hello alice,

3 new papers came in that fit what you follow.

In Serving:

Whale
2024; also found by “whale”
{settings.SITE_URL}/papers/whale/

Orca <b>& friends
OSDI 2022
{settings.SITE_URL}/papers/orca-b-and-friends/

In Training:

Megatron
{settings.SITE_URL}/papers/megatron/

What you follow, and how you hear of it: {settings.SITE_URL}/following/

No more of these letters: {way_out}

--
{settings.SITE_NAME}
{settings.SITE_URL}/

"""
    )


def test_it_says_in_its_headers_how_to_have_no_more_of_them(alice, mailoutbox, settings):
    follow(alice)
    make_paper("Orca", categories=["serving"])
    send()
    sent = mailoutbox[0].message().as_bytes().decode()

    [way_out] = re.findall(r"^List-Unsubscribe: <(.*)>$", sent, re.MULTILINE)
    assert re.fullmatch(rf"{re.escape(settings.SITE_URL)}/unsubscribe/[\w.-]+/", way_out)
    assert re.findall(r"^List-Unsubscribe-Post: (.*)$", sent, re.MULTILINE) == ["List-Unsubscribe=One-Click"]


def test_one_paper_is_said_as_one(alice, mailoutbox):
    follow(alice)
    make_paper("Orca", categories=["serving"])
    send()

    assert mailoutbox[0].subject == "One new paper in what you follow"
    assert "One new paper came in that fits what you follow." in mailoutbox[0].body


def test_twenty_are_named_newest_first_and_the_others_counted(alice, mailoutbox, settings):
    follow(alice)
    for number in range(32):
        make_paper(f"No {number}", categories=["serving"])
    send()
    [letter] = mailoutbox

    assert titles_in(letter) == [f"No {number}" for number in reversed(range(12, 32))]
    assert f"And 12 more: {settings.SITE_URL}/following/" in letter.body


def test_hostile_names_are_on_one_line_of_text(alice, mailoutbox):
    follow(alice, "q=x%0D%0ABcc:+evil@example.org%0D%0A")
    follow(alice)
    paper = make_paper("Orca", categories=["serving"])
    hostile = 'Orca\r\nBcc: evil@example.org\r\n\r\n\u202e{% debug %}<script>"'
    record_json = paper.record_json.replace('"Orca"', json.dumps(hostile))
    Paper.objects.filter(pk=paper.pk).update(record_json=record_json)
    send()
    [letter] = mailoutbox

    assert letter.subject == "One new paper in what you follow"
    assert letter.message()["Bcc"] is None
    assert titles_in(letter) == ['Orca Bcc: evil@example.org {% debug %}<script>"']


def test_the_feed_of_what_is_followed_begins_with_the_papers_of_the_letter(alice, visitor, mailoutbox):
    make_paper("Old whale", categories=["serving"])
    followed = [follow(alice, query) for query in ("category=serving", "q=whale")]
    with time_machine.travel(MONDAY + timedelta(minutes=1), tick=False):
        make_paper("Whale", categories=["serving"])
        make_paper("Orca", categories=["serving"])
        make_paper("Whale again", categories=["training"])
    send(hours=1)
    things = following.things(followed, stamp=None)
    told = set(titles_in(mailoutbox[0]))
    feeds = [re.findall(r"<entry>.*?<title>(.*?)</title>", visitor.get(thing.feed).getvalue().decode()) for thing in things.values()]

    assert feeds == [["Orca", "Whale", "Old whale"], ["Whale again", "Whale", "Old whale"]]
    assert told == {title for feed in feeds for title in feed} - {"Old whale"}


# -- To whom -------------------------------------------------------------------------------------
def test_nothing_new_is_no_letter_and_no_line(alice, mailoutbox):
    make_paper("Before", categories=["serving"])
    follow(alice, "category=serving")
    follow(alice, "q=whale", how="site")
    make_paper("Elsewhere", categories=["training"])
    send()

    assert mailoutbox == []
    assert not Notification.objects.exists()
    assert not Digest.objects.exists()


@pytest.mark.parametrize("why", ["closed", "unverified", "no address"])
def test_who_cannot_be_reached_gets_none_and_is_told_once_they_can(alice, mailoutbox, why):
    follow(alice)
    make_paper("Orca", categories=["serving"])
    if why == "closed":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    elif why == "unverified":
        EmailAddress.objects.update(verified=False)
    else:
        EmailAddress.objects.all().delete()
    send()
    assert mailoutbox == []
    assert not Digest.objects.exists()

    User.objects.update(is_active=True)
    EmailAddress.objects.update_or_create(user=alice, defaults={"email": alice.email, "verified": True, "primary": True})
    send(hours=2)
    assert titles_in(mailoutbox[0]) == ["Orca"]


def test_one_refused_address_stops_no_other_and_hears_of_it_the_next_day(alice, bruno, mailoutbox, monkeypatch, caplog):
    follow(alice)
    follow(bruno)
    make_paper("Orca", categories=["serving"])
    send_now = EmailMessage.send

    def refuse_alice(letter, **more):
        if letter.to == ["alice@example.org"]:
            raise smtplib.SMTPRecipientsRefused({letter.to[0]: (550, b"no such mailbox")})
        return send_now(letter, **more)

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse_alice)
        send()
    assert [letter.to for letter in mailoutbox] == [["bruno@example.org"]]
    assert "@example.org" not in caplog.text

    send(hours=3)
    assert len(mailoutbox) == 1
    send(days=1)
    assert [letter.to for letter in mailoutbox] == [["bruno@example.org"], ["alice@example.org"]]
    assert titles_in(mailoutbox[1]) == ["Orca"]


# -- How often -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("how", "letters"), [("daily", [1, 1, 2, 3, 4]), ("weekly", [1, 1, 1, 1, 2])])
def test_each_period_has_one_letter(alice, mailoutbox, how, letters):
    follow(alice, how=how)
    sent = []
    for later in ({}, {"hours": 16}, {"hours": 17}, {"days": 6}, {"days": 7}):
        make_paper(f"Paper {later}", categories=["serving"])
        send(**later)
        sent.append(len(mailoutbox))

    assert sent == letters


def test_a_week_is_counted_as_iso_8601_counts_it(alice, mailoutbox):
    follow(alice, how="weekly")
    for day in ("2026-12-31", "2027-01-03", "2027-01-04"):
        make_paper(f"Paper of {day}", categories=["serving"])
        send(at=datetime.fromisoformat(f"{day}T07:00:00+00:00"))

    assert sorted(Digest.objects.values_list("period", flat=True)) == ["2026-W53", "2027-W01"]
    assert [titles_in(letter) for letter in mailoutbox] == [["Paper of 2026-12-31"], ["Paper of 2027-01-04", "Paper of 2027-01-03"]]


def test_daily_and_weekly_are_letters_of_their_own(alice, mailoutbox):
    follow(alice)
    follow(alice, "category=training", how="weekly")
    make_paper("Orca", categories=["serving"])
    make_paper("Megatron", categories=["training"])
    send()

    assert [titles_in(letter) for letter in mailoutbox] == [["Orca"], ["Megatron"]]
    assert set(Digest.objects.values_list("kind", "period")) == {("following-daily", "2026-11-23"), ("following-weekly", "2026-W48")}


def test_no_paper_is_left_out_or_told_twice_over_many_days(alice, mailoutbox):
    follow(alice)
    came = []
    for day in range(6):
        for hour in (0, 11, 23):
            title = f"Paper {day} {hour}"
            came.append(title)
            with time_machine.travel(MONDAY.replace(hour=hour) + timedelta(days=day), tick=False):
                make_paper(title, categories=["serving"])
            if (day, hour) != (2, 11):
                send(at=MONDAY.replace(hour=hour, minute=30), days=day)
    send(days=9)
    told = [title for letter in mailoutbox for title in titles_in(letter)]

    assert sorted(told) == sorted(came)


def test_whoever_changes_how_they_hear_is_told_nothing_twice_and_misses_nothing(alice, mailoutbox):
    followed = follow(alice)
    make_paper("Orca", categories=["serving"])
    send()
    following.hear(alice, followed.pk, how="weekly")
    make_paper("Whale", categories=["serving"])
    send(days=1)
    following.hear(alice, followed.pk, how="site")
    make_paper("Walrus", categories=["serving"])
    send(days=2)

    assert [titles_in(letter) for letter in mailoutbox] == [["Orca"], ["Whale"]]
    assert [each.text for each in alice.notifications.all()] == ["1 new paper in what you follow"]


# -- On the site -----------------------------------------------------------------------------------
def test_what_is_heard_on_the_site_is_one_line_a_day_that_leads_to_it(alice, mailoutbox):
    follow(alice, how="site")
    follow(alice, "q=whale", how="site")
    follow(alice, "category=training")
    make_paper("Orca", categories=["serving"])
    make_paper("Whale", categories=["serving"])
    make_paper("Megatron", categories=["training"])
    send()
    make_paper("Walrus", categories=["serving"])
    send(hours=3)
    assert [(each.text, each.url) for each in alice.notifications.all()] == [("2 new papers in what you follow", "/following/")]
    assert len(mailoutbox) == 1

    send(days=1)
    assert alice.notifications.first().text == "1 new paper in what you follow"


def test_a_line_that_could_not_be_written_is_written_the_next_time(alice, monkeypatch):
    follow(alice, how="site")
    make_paper("Orca", categories=["serving"])
    with monkeypatch.context() as patch:
        patch.setattr(notify, "notify", lambda *_args, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send()
    assert not Digest.objects.exists()

    send()
    assert alice.notifications.count() == 1


# -- What is no longer here --------------------------------------------------------------------------
def test_a_paper_that_is_retracted_or_merged_meanwhile_is_never_mentioned(alice, mailoutbox, monkeypatch):
    follow(alice)
    follow(alice, "category=training", how="weekly")
    kept, gone = make_paper("Orca", categories=["serving"]), make_paper("Secret", categories=["serving"])
    alone = make_paper("Alone", categories=["training"])
    people_with_news = news._people_with_news

    def retract_between(how):
        for person in people_with_news(how):
            for paper in Paper.objects.filter(pk__in=[gone.pk, alone.pk]):
                publishing.retract(paper, reason="Withdrawn.", by=None, into=kept if paper == gone else None)
            yield person

    monkeypatch.setattr(news, "_people_with_news", retract_between)
    send()

    assert [titles_in(letter) for letter in mailoutbox] == [["Orca"]]
    assert mailoutbox[0].subject == "One new paper in what you follow"
    assert "more" not in mailoutbox[0].body.replace("No more of these letters", "")
    assert not Digest.objects.filter(kind="following-weekly").exists()


def test_whoever_leaves_meanwhile_stops_no_other(alice, bruno, mailoutbox, monkeypatch):
    carl = make_user("carl")
    for person in (alice, bruno, carl):
        follow(person)
    make_paper("Orca", categories=["serving"])
    people_with_news = news._people_with_news

    def leave_between(how):
        for person, *more in people_with_news(how):
            if person == alice:
                User.objects.get(pk=alice.pk).delete()
            elif person == bruno:
                User.objects.filter(pk=bruno.pk).update(is_active=False)
            yield person, *more

    monkeypatch.setattr(news, "_people_with_news", leave_between)
    send()

    assert [letter.to for letter in mailoutbox] == [["carl@example.org"]]


def test_what_is_followed_and_gone_stops_neither_the_rest_nor_others(alice, bruno, mailoutbox):
    make_paper("Soon gone", venue="GoneConf", authors=["Nobody Else"])
    for query in ("venue=goneconf", "author=nobody-else", "q=orca&venue=goneconf", "category=serving"):
        follow(alice, query)
    follow(bruno)
    Venue.objects.update(is_confirmed=False)
    publishing.retract(Paper.objects.get(), reason="Withdrawn.", by=None)
    assert not Author.objects.exists()
    make_paper("Orca", categories=["serving"])
    send()

    assert [titles_in(letter) for letter in mailoutbox] == [["Orca"], ["Orca"]]


def test_what_was_merged_is_told_of_under_the_name_it_has_now(alice, mailoutbox):
    follow(alice)
    make_paper("Orca", categories=["serving"])
    arranging.merge_category(Category.objects.get(path="serving"), Category.objects.get(path="training"))
    send()

    assert "In Training:\n\nOrca\n" in mailoutbox[0].body


@pytest.mark.parametrize(("both", "others"), [("category", "training"), ("venue", "sosp"), ("organization", "mit")])
def test_where_two_that_are_heard_of_at_different_times_are_merged_no_paper_is_left_out(alice, mailoutbox, both, others):
    """The letter of the week is not out yet, and that of the day has told of a later paper."""
    facts = {
        "category": ("categories", ["serving"], ["training"]),
        "venue": ("venue", "OSDI", "SOSP"),
        "organization": ("organizations", ["UCB"], ["MIT"]),
    }
    name, staying, going = facts[both]
    make_paper("Old", **{name: staying})
    make_paper("Old, too", **{name: going})
    model = {"category": Category, "venue": Venue, "organization": Organization}[both]
    here = model.objects.exclude(slug=others).filter(slug__in=["serving", "osdi", "ucb"]).get()
    follow(alice, f"{both}={here.slug}")
    follow(alice, f"{both}={others}", how="weekly")
    make_paper("Told by the week", **{name: going})
    send()
    make_paper("Told by the day", **{name: staying})
    make_paper("Not told", **{name: going})
    make_paper("Told by the day again", **{name: staying})
    send(days=1)
    getattr(arranging, f"merge_{both}")(model.objects.get(slug=others), here)
    send(days=2)

    assert [titles_in(letter) for letter in mailoutbox] == [
        ["Told by the week"],
        ["Told by the day again", "Told by the day"],
        ["Told by the day again", "Not told"],
    ]


def test_where_all_was_told_of_what_is_merged_nothing_is_told_again(alice, mailoutbox):
    follow(alice)
    follow(alice, "category=training", how="weekly")
    make_paper("Megatron", categories=["training"])
    make_paper("Orca", categories=["serving"])
    send()
    arranging.merge_category(Category.objects.get(path="training"), Category.objects.get(path="serving"))
    send(days=7)

    assert [titles_in(letter) for letter in mailoutbox] == [["Orca"], ["Megatron"]]


# -- Whatever crashes ------------------------------------------------------------------------------
def die(*_args, **_more):
    raise KeyboardInterrupt


def test_whoever_dies_between_the_row_and_the_letter_sends_no_second_and_loses_no_paper(alice, mailoutbox, monkeypatch):
    follow(alice)
    make_paper("Orca", categories=["serving"])
    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", die)
        with pytest.raises(KeyboardInterrupt):
            send()
    assert Digest.objects.get().user == alice
    send(hours=5)
    assert mailoutbox == []

    make_paper("Whale", categories=["serving"])
    send(days=1)
    assert [titles_in(letter) for letter in mailoutbox] == [["Whale", "Orca"]]


def test_whoever_dies_before_the_row_is_written_leaves_the_letter_to_the_next(alice, mailoutbox, monkeypatch):
    follow(alice)
    make_paper("Orca", categories=["serving"])
    with monkeypatch.context() as patch:
        patch.setattr(notify, "begin_digest", die)
        with pytest.raises(KeyboardInterrupt):
            send()
    send()

    assert [titles_in(letter) for letter in mailoutbox] == [["Orca"]]


def test_a_run_inside_another_sends_nothing_that_the_other_is_sending(alice, bruno, monkeypatch):
    """The second run begins while the first holds its letter, and once more when the next period has begun meanwhile."""
    follow(alice)
    follow(bruno)
    make_paper("Orca", categories=["serving"])
    sent, late = [], MONDAY.replace(hour=23, minute=59)

    def send_slowly(letter, **_more):
        sent.append(letter.to[0])
        if len(sent) == 1:
            send(at=late)
            send(at=late, minutes=2)

    monkeypatch.setattr(EmailMessage, "send", send_slowly)
    send(at=late)
    send(days=1, hours=5)

    assert sorted(sent) == ["alice@example.org", "bruno@example.org"]


@pytest.mark.django_db(transaction=True)
def test_of_runs_at_the_same_moment_each_person_hears_once(alice, bruno, monkeypatch):
    """Real threads with connections of their own. Each sees that everybody is still to be told before any begins."""
    follow(alice)
    follow(bruno, how="weekly")
    make_user("carl")
    follow(User.objects.get(username="carl"), how="site")
    make_paper("Orca", categories=["serving"])
    sent, together = [], Barrier(4, timeout=30)
    people_with_news = news._people_with_news

    def look_together(how):
        found = list(people_with_news(how))
        together.wait()
        return iter(found)

    def run(_number):
        try:
            call_command("send_digests")
        finally:
            connections.close_all()

    monkeypatch.setattr(news, "_people_with_news", look_together)
    monkeypatch.setattr(EmailMessage, "send", lambda self, **_more: sent.append(self.to))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(run, range(4)))

    assert sorted(sent) == [["alice@example.org"], ["bruno@example.org"]]
    assert Digest.objects.count() == 3
    assert Notification.objects.count() == 1


# -- At any size -----------------------------------------------------------------------------------
def test_the_number_of_questions_grows_with_letters_alone(alice, monkeypatch):
    def asked():
        with CaptureQueriesContext(connection) as questions:
            send(hours=len(Follow.objects.all()))
        return len(questions)

    quiet = [make_user(f"reader{number}") for number in range(12)]
    for person in quiet[:3]:
        follow(person, "category=training")
    make_papers(5, categories=["serving"])
    few = asked()
    for number, person in enumerate(quiet):
        follow(person, "category=training", how="weekly")
        follow(person, "q=megatron", how="weekly")
        Follow.objects.filter(user=person).update(told_through=number % 5)
    assert asked() <= few + 12

    Follow.objects.all().delete()
    for query in ("category=serving", "category=training", "author=tri-dao", "q=paper"):
        if query != "author=tri-dao":
            follow(alice, query)
    make_papers(3, categories=["serving"])
    before = asked()
    Digest.objects.all().delete()
    make_papers(30, categories=["serving", "training"])
    assert asked() == before


def test_people_are_gone_through_in_parts(alice, bruno, mailoutbox, monkeypatch):
    monkeypatch.setattr(news, "PEOPLE_AT_ONCE", 1)
    for person in (alice, bruno, make_user("carl")):
        follow(person)
    make_paper("Orca", categories=["serving"])
    send()

    assert [letter.to[0] for letter in mailoutbox] == ["alice@example.org", "bruno@example.org", "carl@example.org"]
