"""Reading lists: in the order of their owner, for everybody only where the owner says so, and to take away in every format."""

import json
import re

import pytest
from django.test import Client

from catalog import publishing, reading
from catalog.formats import FORMATS
from catalog.models import ReadingList
from tests.conftest import signed_in
from tests.factories import make_paper, make_papers

pytestmark = pytest.mark.django_db

HOSTILE = '"><script>alert(1)</script>\u05d0'


@pytest.fixture
def papers(db):
    return make_papers(3)


@pytest.fixture
def private(alice, papers):
    return reading.create(by=alice, name="Private thoughts", description="Nobody's.", papers=[paper.public_id for paper in papers])


@pytest.fixture
def public(alice, papers):
    ids = [paper.public_id for paper in papers]
    return reading.create(by=alice, name="Open thoughts", description="Everybody's.", is_public=True, papers=ids)


def address(list_, tail="/"):
    return f"/lists/{list_.public_id}{tail}"


def rows(page):
    return re.findall(r"<bdi>(Paper \d+)</bdi></a></h3>", page)


# -- Who sees what -------------------------------------------------------------------------------
TAILS = ["/", "/edit/", "/delete/", "/places/", *(f".{format_.EXTENSION}" for format_ in FORMATS)]
FIELDS = {"name": "Taken over", "is_public": "on", "act": "remove", "number": "1"}


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("who", ["visitor", "bruno_client", "mel_client", "root_client"])
def test_nobody_reads_or_changes_a_private_list_of_somebody_else(private, papers, who, method, request):
    client = request.getfixturevalue(who)
    for tail in TAILS:
        answer = getattr(client, method)(address(private, tail), {**FIELDS, "paper": papers[0].public_id} if method == "post" else {})
        said = answer.getvalue() if answer.streaming else answer.content
        assert b"thoughts" not in said and b"Nobody" not in said and papers[0].title.encode() not in said
        asks_to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
        assert answer.status_code in {404, 405} or (method == "options" and answer.status_code == 204) or asks_to_sign_in
        assert answer.status_code == 404 or who == "visitor" or method not in {"get", "head"}
    private.refresh_from_db()
    assert (private.name, private.is_public, private.places.count()) == ("Private thoughts", False, 3)
    for page in ("/lists/", "/people/alice/", "/reading/lists/", "/reading/import/"):
        assert "Private thoughts" not in client.get(page).text


def test_a_list_that_is_no_longer_public_is_gone_at_once(public, alice, visitor):
    assert visitor.get(address(public)).status_code == 200
    reading.describe(public, name="Mine again", description="", is_public=False)
    for tail in ("/", ".json", ".atom"):
        assert visitor.get(address(public, tail)).status_code == 404
    assert "Mine again" not in visitor.get("/lists/").text


def test_a_list_of_somebody_who_was_shut_out_is_gone(public, alice, visitor):
    alice.is_active = False
    alice.save()
    assert visitor.get(address(public)).status_code == 404


@pytest.mark.parametrize("who", ["bruno_client", "mel_client", "visitor"])
def test_a_public_list_is_read_by_everybody_and_changed_by_its_owner_alone(public, papers, who, request):
    client = request.getfixturevalue(who)
    page = client.get(address(public)).text
    assert rows(page) == [paper.title for paper in papers]
    assert "kept by <bdi>alice</bdi>" in page
    assert "/edit/" not in page and 'name="act"' not in page
    for tail in ("/edit/", "/delete/", "/places/"):
        client.post(address(public, tail), {**FIELDS, "paper": papers[0].public_id})
    public.refresh_from_db()
    assert (public.name, public.places.count()) == ("Open thoughts", 3)


@pytest.mark.parametrize("id_", ["0000000000000000", "%00", "x", "lllllllllllllllll", "..%2f"])
def test_there_is_nothing_at_other_addresses(alice_client, id_):
    for tail in ("/", "/edit/", ".json"):
        assert alice_client.get(f"/lists/{id_}{tail}").status_code == 404


def test_nothing_of_a_person_is_in_what_others_see_of_their_list(public, papers, alice, alice_client, visitor):
    reading.put(papers[0].public_id, by=alice, state="read", note="My secret.")
    assert "My secret." in alice_client.get(address(public)).text
    for tail in ("/", *(f".{format_.EXTENSION}" for format_ in FORMATS)):
        answer = visitor.get(address(public, tail))
        said = answer.getvalue() if answer.streaming else answer.content
        assert b"secret" not in said and b"example.org" not in said


def test_hostile_names_are_shown_harmless(alice, alice_client, visitor):
    list_ = reading.create(by=alice, name=HOSTILE, description=HOSTILE, is_public=True, papers=[make_paper().public_id])
    for page in (
        visitor.get("/lists/"),
        visitor.get(address(list_)),
        alice_client.get("/reading/lists/"),
        alice_client.get(address(list_, "/edit/")),
    ):
        assert "<script>alert" not in page.text
        assert "alert(1)" in page.text
    for format_ in FORMATS:
        answer = visitor.get(address(list_, f".{format_.EXTENSION}"))
        assert answer.status_code == 200
        assert b"<script>" not in answer.getvalue() or format_.EXTENSION in {"json", "bib"}


# -- Make, edit, delete --------------------------------------------------------------------------
def test_a_list_is_made_private_with_the_paper_one_came_from(papers, alice, alice_client):
    page = alice_client.get(f"/reading/lists/?paper={papers[0].public_id}").text
    assert f'name="paper" value="{papers[0].public_id}"' in page
    answer = alice_client.post("/reading/lists/", {"name": " A  list ", "description": "", "paper": papers[0].public_id})
    made = ReadingList.objects.get()
    assert (made.owner, made.name, made.is_public, made.places.count()) == (alice, "A list", False, 1)
    assert answer["Location"] == made.get_absolute_url()


def test_a_list_without_a_name_is_not_made(alice_client):
    answer = alice_client.post("/reading/lists/", {"name": " ", "description": "Kept words."})
    assert answer.status_code == 422
    assert "Give it a name." in answer.text and "Kept words.</textarea>" in answer.text
    assert not ReadingList.objects.exists()


def test_as_many_as_are_kept_is_said(alice, alice_client, monkeypatch):
    monkeypatch.setattr("catalog.reading.lists.LISTS_PER_PERSON", 0)
    answer = alice_client.post("/reading/lists/", {"name": "One more"})
    assert answer.status_code == 409
    assert "You have 0 lists, which is as many as are kept" in answer.text and 'value="One more"' in answer.text


def test_its_owner_says_what_it_is_called_and_who_may_see_it(private, alice_client, visitor):
    alice_client.post(address(private, "/edit/"), {"name": "Open now", "description": "Read on.", "is_public": "on"})
    assert "Open now" in visitor.get(address(private)).text


def test_a_list_is_deleted_after_one_was_asked(private, papers, alice, alice_client):
    reading.put(papers[0].public_id, by=alice, note="Stays.")
    assert "Delete this list?" in alice_client.get(address(private, "/delete/")).text
    assert ReadingList.objects.exists()
    alice_client.post(address(private, "/delete/"))
    assert not ReadingList.objects.exists()
    assert alice.readings.get().note == "Stays."


def test_papers_are_moved_and_taken_off(private, papers, alice_client):
    first, second, third = papers

    def act(paper, **fields):
        answer = alice_client.post(address(private, "/places/"), {"paper": paper.public_id, **fields})
        assert answer["Location"] == f"{address(private)}#row-{paper.public_id}"
        return rows(alice_client.get(address(private)).text)

    assert act(third, to="1") == [third.title, first.title, second.title]
    assert act(third, number="3", act="move") == [first.title, second.title, third.title]
    assert act(first, number="99", act="move") == [second.title, third.title, first.title]
    for nonsense in ("0", "-1", "x", "\u00b2", "9" * 400):
        assert act(first, number=nonsense, act="move") == [second.title, third.title, first.title]
    assert act(second, act="remove") == [third.title, first.title]
    assert alice_client.get(address(private, "/places/"))["Location"] == address(private)


def test_a_retracted_paper_keeps_its_place(public, papers, mel, alice_client, visitor):
    publishing.retract(papers[1], reason="Withdrawn.", by=mel)
    for client in (alice_client, visitor):
        page = client.get(address(public)).text
        assert papers[1].title in page and "No longer in the catalogue" in page
    assert visitor.get(address(public, ".json")).getvalue().count(b'"slug":"paper-') == 2


@pytest.mark.parametrize(("tail", "fields"), [("/reading/lists/", {"name": "Typed"}), ("edit", {"name": "Typed"})])
def test_nothing_that_was_typed_is_lost(private, alice, visitor, tail, fields):
    where = address(private, "/edit/") if tail == "edit" else tail
    visitor.post(where, fields)
    visitor.force_login(alice)
    page = visitor.get(where).text
    assert 'value="Typed"' in page and "Here is what you typed" in page
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    answer = strict.post(where, fields)
    assert answer.status_code == 403 and 'value="Typed"' in answer.text
    assert [list_.name for list_ in ReadingList.objects.all()] == ["Private thoughts"]


# -- Files ---------------------------------------------------------------------------------------
def test_a_public_list_is_had_in_every_format_in_its_order(public, papers, visitor):
    reading.move(public, papers[2].public_id, 1)
    expected = [papers[2].title, papers[0].title, papers[1].title]
    page = visitor.get(address(public)).text
    for format_ in FORMATS:
        assert f'type="{format_.MEDIA_TYPE}" href="{address(public, f".{format_.EXTENSION}")}"' in page
        answer = visitor.get(address(public, f".{format_.EXTENSION}"))
        body = answer.getvalue().decode()
        assert answer["Cache-Control"] == "public, no-cache"
        assert visitor.get(address(public, f".{format_.EXTENSION}"), headers={"If-None-Match": answer["ETag"]}).status_code == 304
        if format_.EXTENSION not in {"md", "atom"}:
            assert sorted(expected, key=body.index) == expected
    envelope = json.loads(visitor.get(address(public, ".json")).getvalue())
    assert (envelope["title"], envelope["count"]) == ("Open thoughts", 3)


def test_its_feed_has_first_what_was_put_there_last(public, visitor):
    late = make_paper("Late", at=None)
    reading.add(public, [late.public_id])
    reading.move(public, late.public_id, 2)
    feed = visitor.get(address(public, ".atom")).getvalue().decode()
    assert "<title>Open thoughts</title>" in feed
    assert re.findall("<entry>.*?<title>(.*?)</title>", feed)[0] == "Late"
    assert 'rel="self" href="http' in feed and f"{address(public, '.atom')}" in feed
    assert visitor.get(address(public, ".atom?page=2")).status_code == 404


def test_an_etag_changes_with_the_order(public, papers, visitor):
    before = visitor.get(address(public, ".bib"))["ETag"]
    reading.move(public, papers[2].public_id, 1)
    assert visitor.get(address(public, ".bib"))["ETag"] != before


def test_files_of_a_private_list_are_for_the_session_of_its_owner(private, alice, visitor):
    client = signed_in(alice)
    for tail in (".json", ".atom"):
        answer = client.get(address(private, tail))
        assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
        assert "Access-Control-Allow-Origin" not in answer
        again = client.get(address(private, tail), headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again["Cache-Control"]) == (304, "private, no-store")
        assert visitor.get(address(private, tail), headers={"If-None-Match": answer["ETag"]}).status_code == 404
    page = client.get(address(private)).text
    assert 'rel="alternate"' not in page and 'content="noindex"' in page


@pytest.mark.parametrize("query", ["q=1", "page=1", "state=read"])
def test_files_of_lists_refuse_what_they_do_not_know(public, visitor, query):
    assert visitor.get(f"{address(public, '.bib')}?{query}").status_code == 400


def test_what_one_reads_is_a_file_for_oneself(papers, alice, alice_client, bruno_client, visitor):
    reading.put_to_read([paper.public_id for paper in papers[:2]], by=alice)
    reading.put(papers[2].public_id, by=alice, state="read", note="My secret.")
    answer = alice_client.get("/reading.jsonl?state=to_read")
    body = answer.getvalue().decode()
    assert re.findall(r'"title":"(Paper \d+)"', body) == [papers[0].title, papers[1].title]
    assert answer["Cache-Control"] == "private, no-store"
    assert alice_client.get("/reading.json").getvalue().count(b'"slug":"paper-') == 3
    assert b"secret" not in alice_client.get("/reading.json").getvalue()
    assert b"paper-" not in bruno_client.get("/reading.json").getvalue()
    refused = visitor.get("/reading.json")
    assert (refused.status_code, refused["Cache-Control"]) == (403, "private, no-store")
    assert alice_client.get("/reading.json?state=burnt").status_code == 400
    assert alice_client.get("/reading.exe").status_code == 404


# -- Few questions -------------------------------------------------------------------------------
def test_lists_ask_few_questions_however_long_they_are(public, alice, alice_client, visitor, questions):
    def counts():
        mine = [questions(alice_client, where) for where in (address(public), "/reading/lists/", "/reading/import/", "/lists/")]
        return [*mine, *(questions(visitor, where) for where in (address(public), "/lists/"))]

    few = counts()
    reading.add(public, [paper.public_id for paper in make_papers(120)])
    for number in range(20):
        reading.create(by=alice, name=f"List {number}", is_public=True)
    assert counts() == few


def test_its_owner_looks_at_the_papers_of_one_state_and_nobody_else_does(alice, alice_client, bruno_client, visitor):
    papers = make_papers(3)
    list_ = reading.create(by=alice, name="Seminar", is_public=True, papers=[paper.public_id for paper in papers])
    assert "?state=" not in alice_client.get(list_.get_absolute_url()).text
    for paper, state in zip(papers, ("to_read", "read", "read"), strict=True):
        reading.put(paper.public_id, by=alice, state=state)
    address = f"{list_.get_absolute_url()}?state=read"

    def shown(client):
        page = client.get(address).text
        return [paper.title for paper in papers if paper.title in page]

    page = alice_client.get(address).text
    assert shown(alice_client) == [paper.title for paper in papers[1:]]
    assert re.findall(r'<span class="no" aria-hidden="true">(\d)</span>', page) == ["2", "3"]
    assert re.findall(r'<span class="n">(\d)</span>', page) == ["3", "1", "0", "2"]
    assert "3 papers</span>" in page
    assert 'value="move"' not in page
    assert "Show all of them" in alice_client.get(f"{list_.get_absolute_url()}?state=reading").text
    assert shown(visitor) == shown(bruno_client) == [paper.title for paper in papers]
    assert "?state=" not in visitor.get(address).text
