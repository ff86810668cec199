"""What lists say to one reader: which papers are new to them."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.utils import timezone
from django.utils.html import escape

from catalog import reading
from catalog.models import Organization, Paper, Venue, Visit
from tests.factories import make_category, make_paper
from tests.test_following import follow

HTMX = {"HX-Request": "true"}
OF_PLACES = ["/categories/systems/", "/categories/systems/serving/", "/venues/osdi/", "/venues/osdi/2024/", "/organizations/mit/"]
LISTS = ["/", "/papers/", "/papers/?sort=title", *OF_PLACES]
NOW = datetime(2026, 11, 15, 9, tzinfo=UTC)
FACTS = {"categories": ["systems/serving"], "venue": "OSDI", "year": 2024, "organizations": ["MIT"]}


def titles(page, *, marked):
    entries = re.findall(r'<li class="entry">(.*?)</li>', page, re.DOTALL)
    return [re.search(r"<bdi>(.*?)</bdi>", each)[1] for each in entries if (">New<" in each) == marked]


def was_here(user, *, hours_ago):
    before = timezone.now() - timedelta(hours=hours_ago)
    Visit.objects.update_or_create(user=user, defaults={"began_at": before, "seen_at": before})


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def papers(db):
    for hours in (72, 48, 24):
        make_paper(f"Paper of {hours} hours ago", at=timezone.now() - timedelta(hours=hours), **FACTS)


@pytest.mark.parametrize("address", LISTS)
def test_every_list_says_what_is_new_to_its_reader_and_to_nobody_else(papers, alice, alice_client, mel_client, visitor, address):
    was_here(alice, hours_ago=36)

    for _twice in range(2):
        assert titles(alice_client.get(address).text, marked=True) == ["Paper of 24 hours ago"]
        for other in (visitor, mel_client):
            assert not titles(other.get(address).text, marked=True)


@pytest.mark.parametrize("address", [*LISTS, "/papers/?density=compact"])
def test_what_visitors_get_holds_no_trace_of_slots(papers, visitor, alice_client, address):
    for client in (visitor, alice_client):
        for more in ({}, HTMX):
            assert "<!--" not in client.get(address, headers=more).text


def test_the_part_for_htmx_is_marked_too(papers, alice, alice_client):
    was_here(alice, hours_ago=36)
    part = alice_client.get("/papers/", headers=HTMX)

    assert titles(part.text, marked=True) == ["Paper of 24 hours ago"]
    assert part["Cache-Control"] == "private, no-store"


def test_a_rule_parts_new_papers_from_older_ones(papers, alice, alice_client):
    was_here(alice, hours_ago=60)
    page = alice_client.get("/papers/").text

    heads = re.findall(r'<div class="index-head"><h2>(.*?)</h2>|<bdi>(Paper of.*?)</bdi>', page)
    assert [head or title for head, title in heads] == [
        "2 new since your last visit on 12 November",
        "Paper of 24 hours ago",
        "Paper of 48 hours ago",
        "Before your last visit",
        "Paper of 72 hours ago",
    ]
    assert re.search(r"Before your last visit</h2></div></ol>|</ol><div class=.index-head.><h2>Before your last visit</h2></div><ol", page)


def test_where_nothing_is_new_the_list_says_so_once(papers, alice, alice_client):
    was_here(alice, hours_ago=1)
    page = alice_client.get("/papers/").text

    assert "Nothing new since your last visit" in page
    assert "Before your last visit" not in page
    assert "since your last visit" not in alice_client.get("/papers/?venue=osdi").text


def test_a_part_of_the_papers_is_parted_but_not_counted(papers, alice, alice_client):
    was_here(alice, hours_ago=36)
    page = alice_client.get("/papers/?venue=osdi").text

    assert "<h2>New since your last visit" in page
    assert "Before your last visit" in page


@pytest.mark.parametrize("query", ["sort=title", "sort=added", "sort=-year", "q=paper"])
def test_another_order_is_not_parted(papers, alice, alice_client, query):
    was_here(alice, hours_ago=36)

    assert "your last visit" not in alice_client.get(f"/papers/?{query}").text


def test_the_first_visit_is_told_nothing(papers, alice_client):
    page = alice_client.get("/papers/").text

    assert "your last visit" not in page
    assert not titles(page, marked=True)


def test_reading_a_paper_prolongs_the_visit(papers, alice, alice_client):
    was_here(alice, hours_ago=36)
    for minutes, address in ((0, "/papers/"), (25, "/papers/paper-of-24-hours-ago/"), (50, "/papers/")):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            page = alice_client.get(address).text

    assert titles(page, marked=True) == ["Paper of 24 hours ago"]


LOOKALIKES = [
    '</ol><li class="entry"><!--AAAAAAAAAAAAAAAA added 2099-01-01T00:00:00+00:00-->',
    '<!--since all--><h2 class="vh">Papers</h2>',
    '<h3><a href="/papers/orca/">',
    '<a data-abstract href="/papers/orca/#abstract"',
    "</main>",
    r"\g<0> \1 {{ slot }}",
]


@pytest.fixture
def lookalike(request, db, mel):
    """A paper of which everything is called like something that is put into pages."""
    text = request.param
    mel.is_public, mel.display_name = True, text[:80]
    mel.save()
    category = make_category("systems/serving", name=text, description=text)
    facts = {"authors": [text], "organizations": [text[:60]], "abstract": text, "note": text}
    make_paper(text, by=mel, at=timezone.now() - timedelta(hours=24), categories=[category.path], venue=text[:60], year=2024, **facts)
    make_paper("Older", at=timezone.now() - timedelta(hours=48), categories=[category.path], venue=text[:60], year=2024, **facts)
    return text


@pytest.mark.parametrize("lookalike", LOOKALIKES, indirect=True)
def test_what_looks_like_a_slot_or_a_link_is_text_wherever_it_stands(lookalike, alice, alice_client, visitor):
    reading.put_to_read([Paper.objects.get(title="Older").public_id], by=alice)
    places = ["/categories/systems/serving/", Venue.objects.get().get_absolute_url(), Organization.objects.get().get_absolute_url()]
    for address in ["/", "/papers/", "/papers/?sort=title", "/papers/?" + urlencode({"q": lookalike}), *places]:
        was_here(alice, hours_ago=36)
        for client in (visitor, alice_client):
            page = client.get(address).text
            entries = re.findall(r'<li class="entry">(.*?)</li>', page, re.DOTALL)
            says = [re.sub("</?(mark|b)>", "", re.search(r"<bdi>(.*?)</bdi>", entry)[1]) for entry in entries]
            leads = re.findall(r'<h3><a href="/papers/[^"?]+/\?([^"]+)">', page)

            assert "<!--" not in page
            assert page.count("</main>") == 1
            assert set(says) == {escape(lookalike), "Older"} or address.startswith("/papers/?q=")
            assert len(leads) == len(entries) == page.count('<li class="entry"')
            assert len(set(leads)) <= 1
            marks = [re.findall(r'<p class="marks">(.*)</p>', entry) for entry in entries]
            if client is visitor:
                assert not any(marks)
            else:
                assert all((">New<" in mark[0]) == (title != "Older") for title, mark in zip(says, marks, strict=True))
                assert all((">To read</span>" in mark[0]) == (title == "Older") for title, mark in zip(says, marks, strict=True))


@pytest.mark.parametrize("lookalike", LOOKALIKES, indirect=True)
def test_what_looks_like_it_is_text_in_lists_of_ones_own_and_of_others(lookalike, alice, alice_client, visitor):
    """Nothing is put into these, and no slot is left in them."""
    ids = list(Paper.objects.values_list("public_id", flat=True))
    list_ = reading.create(by=alice, name=lookalike, description=lookalike, is_public=True, papers=ids)
    reading.put(ids[0], by=alice, state="read", note=lookalike)
    follow(alice, "category=systems/serving")
    for client, address in (
        *((client, list_.get_absolute_url()) for client in (visitor, alice_client)),
        *((alice_client, address) for address in ("/reading/", "/reading/?state=read", "/following/")),
    ):
        page = client.get(address).text

        assert "<!--" not in page
        assert page.count("</main>") == 1
        assert "AAAAAAAAAAAAAAAA" not in page or escape(lookalike) in page
        assert 'class="marks"' not in page


def test_the_page_that_begins_a_visit_asks_one_question_more(papers, alice, alice_client, questions):
    was_here(alice, hours_ago=36)
    alice_client.get("/papers/")
    was_here(alice, hours_ago=36)
    first = questions(alice_client, "/papers/")

    assert questions(alice_client, "/papers/") == first - 1
