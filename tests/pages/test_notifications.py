"""What a person was told, on the site: in the head of every page, and on a page of its own."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import notify
from accounts.models import Notification
from tests.factories import make_paper

PAGE = "/accounts/notifications/"


@pytest.fixture(autouse=True)
def _a_catalogue(db):
    make_paper("Orca")


def tell(user, text="Approved: Orca", url="/submissions/1/", times=1):
    return [notify.notify(user, f"{text} {each}" if times > 1 else text, url=url) for each in range(times)][-1]


def head_of(client):
    return client.get("/about/").text.split("</header>")[0]


def is_read(notification):
    return Notification.objects.get(pk=notification.pk).read_at is not None


# -- The head of every page --------------------------------------------------------------------------
def test_the_head_says_how_many_are_unread_in_words_and_leads_to_them(alice, bruno_client, alice_client, visitor):
    tell(alice, times=3)
    head = head_of(alice_client)

    assert f'<a class="state pass" href="{PAGE}">3<span class="vh"> unread notifications</span></a>' in head
    assert "<span>3 unread</span>" in head
    for other in (bruno_client, visitor):
        assert "unread" not in head_of(other)


def test_the_head_costs_no_question_more(alice, alice_client):
    with CaptureQueriesContext(connection) as none:
        alice_client.get("/about/")
    tell(alice, times=3)
    with CaptureQueriesContext(connection) as some:
        alice_client.get("/about/")

    assert len(some) == len(none)
    assert [query["sql"] for query in some if "accounts_notification" in query["sql"]] == [
        query["sql"] for query in some if "catalog_cataloguestate" in query["sql"]
    ]


def test_what_was_read_is_not_counted(alice, alice_client):
    tell(alice)
    notify.mark_read(alice)

    assert "unread" not in head_of(alice_client)


# -- The page ----------------------------------------------------------------------------------------
def test_it_is_for_the_signed_in_and_shows_each_their_own(alice, alice_client, bruno_client, visitor):
    tell(alice, "Approved: Orca & <friends>")

    assert visitor.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
    assert '<a href="/submissions/1/"><bdi>Approved: Orca &amp; &lt;friends&gt;</bdi></a>' in alice_client.get(PAGE).text
    assert "Orca &amp;" not in bruno_client.get(PAGE).text
    assert "Nothing has happened yet" in bruno_client.get(PAGE).text


def test_the_newest_comes_first_and_what_is_unread_says_so(alice, alice_client):
    first = tell(alice, "First")
    notify.mark_read(alice)
    tell(alice, "Second")
    page = alice_client.get(PAGE).text

    assert page.index("Second") < page.index("First")
    assert page.count("<b>Unread</b>") == 1
    assert page.count("Mark as read") == 1
    assert "1 is unread" in page
    assert is_read(first)


def test_reading_the_page_changes_nothing(alice, alice_client):
    told = tell(alice)
    alice_client.get(PAGE)

    assert not is_read(told)
    for address in ("read/", f"{told.pk}/read/"):
        assert alice_client.get(PAGE + address).status_code == 405
    assert not is_read(told)


def test_a_button_marks_one_and_another_marks_all(alice, bruno, alice_client):
    others, first, second, third = tell(bruno), tell(alice), tell(alice), tell(alice)
    assert alice_client.post(f"{PAGE}{second.pk}/read/")["Location"] == f"{PAGE}?page=1#notification-{second.pk}"
    assert [is_read(each) for each in (first, second, third)] == [False, True, False]

    assert alice_client.post(f"{PAGE}read/")["Location"] == PAGE
    assert all(is_read(each) for each in (first, second, third))
    assert not is_read(others)


def test_nobody_marks_what_others_were_told(alice, bruno_client, visitor):
    told = tell(alice)

    assert bruno_client.post(f"{PAGE}{told.pk}/read/").status_code == 404
    assert bruno_client.post(f"{PAGE}{9**30}/read/").status_code == 404
    assert visitor.post(f"{PAGE}{told.pk}/read/").status_code == 302
    assert not is_read(told)


def test_a_time_of_reading_stays(alice, alice_client):
    told = tell(alice)
    alice_client.post(f"{PAGE}{told.pk}/read/")
    read_at = Notification.objects.get().read_at
    alice_client.post(f"{PAGE}{told.pk}/read/")

    assert Notification.objects.get().read_at == read_at


def test_there_are_pages_of_thirty_and_none_past_the_last(alice, alice_client):
    tell(alice, times=31)
    first, second = alice_client.get(PAGE), alice_client.get(f"{PAGE}?page=2")

    assert (first.text.count("<b>Unread</b>"), second.text.count("<b>Unread</b>")) == (30, 1)
    last = second.context["page"].object_list[0]
    assert f'action="{PAGE}{last.pk}/read/?page=2"' in second.text
    assert alice_client.post(f"{PAGE}{last.pk}/read/?page=2")["Location"] == f"{PAGE}?page=2#notification-{last.pk}"
    for page in ("3", "0", "-1", "x", "9" * 5000, "%00"):
        assert alice_client.get(f"{PAGE}?page={page}").status_code == 404


def test_the_number_of_questions_does_not_grow(alice, alice_client, questions):
    tell(alice)
    few = questions(alice_client, PAGE)
    tell(alice, times=29)

    assert questions(alice_client, PAGE) == few


def test_it_has_one_heading_and_every_button_a_name_of_its_own(alice, alice_client):
    tell(alice, times=2)
    page = alice_client.get(PAGE).text
    names = re.findall(r"<button class=\"textbtn\">(.*?)</button>", page)

    assert page.count("<h1") == 1
    assert "style=" not in page
    assert len(set(names)) == 2
    assert alice_client.get(PAGE)["Cache-Control"].count("no-store")


# -- Writing them ------------------------------------------------------------------------------------
def test_the_newest_two_hundred_of_each_person_are_kept(alice, bruno):
    tell(bruno)
    tell(alice, times=notify.KEPT + 2)

    assert alice.notifications.count() == notify.KEPT
    assert alice.notifications.last().text == "Approved: Orca 2"
    assert bruno.notifications.count() == 1


def test_a_long_text_is_cut(alice):
    assert len(tell(alice, "x" * 5000).text) == 200


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""])
def test_none_leads_to_another_site(alice, address):
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(alice, url=address)
