"""Papers are brought by a text or a file: shown first, then put where they were meant to go, and nowhere else."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog import reading
from catalog.models import ListPlace, Reading
from tests.factories import make_paper

pytestmark = pytest.mark.django_db

PAGE = "/reading/import/"


@pytest.fixture
def orca(db):
    return make_paper("Orca: A Distributed Serving System", identifiers={"arxiv": "2205.14135"})


@pytest.fixture
def whale(db):
    return make_paper("Whale", identifiers={"doi": "10.1145/3600006"})


def look(client, text, **more):
    return client.post(PAGE, {"act": "look", "text": text, **more})


def shown(answer):
    return re.search('name="papers" value="(.*?)"', answer.text)[1]


def test_what_is_found_is_shown_before_anything_is_put_anywhere(orca, whale, alice, alice_client):
    reading.put(orca.public_id, by=alice, state="read")
    answer = look(alice_client, "2205.14135\n10.1145/3600006\n2301.00001\n<script>alert(1)</script>:@@\n@@@")
    page = unescape(answer.text)
    assert "2 papers are in the catalogue" in page
    assert "1 of 2 are new to" in page
    assert "there already" in page
    assert "<script>alert" not in answer.text
    assert Reading.objects.count() == 1
    proposed = next(urlsplit(found) for found in re.findall('href="(/submissions/new/.paste=.*?)"', page))
    assert parse_qs(proposed.query) == {"paste": ["https://arxiv.org/abs/2301.00001"]}
    assert "2301.00001" in alice_client.get(proposed.geturl()).text
    assert "was not understood" in page or "were not understood" in page


def test_it_is_put_on_what_is_to_be_read(orca, whale, alice, alice_client):
    reading.put(orca.public_id, by=alice, state="read", note="Mine.")
    papers = shown(look(alice_client, "2205.14135\n10.1145/3600006"))
    answer = alice_client.post(PAGE, {"act": "put", "papers": papers, "into": ""}, follow=True)
    assert "1 paper was added. 1 was there already." in answer.text
    assert {row.paper_public_id: row.state for row in Reading.objects.all()} == {orca.public_id: "read", whale.public_id: "to_read"}


def test_it_is_put_on_a_list_of_ones_own_in_its_order(orca, whale, alice, bruno, alice_client):
    mine, theirs = reading.create(by=alice, name="Mine"), reading.create(by=bruno, name="Theirs")
    papers = shown(look(alice_client, "10.1145/3600006\n2205.14135", into=mine.public_id))
    for _twice in range(2):
        alice_client.post(PAGE, {"act": "put", "papers": papers, "into": mine.public_id})
    assert list(mine.places.values_list("paper_public_id", flat=True)) == [whale.public_id, orca.public_id]
    alice_client.post(PAGE, {"act": "put", "papers": papers, "into": theirs.public_id})
    assert not theirs.places.exists()


def test_a_file_is_read_by_its_name_or_by_what_it_says(orca, alice_client):
    bib = b"@article{orca, title={Orca: A Distributed Serving System}}"
    for name in ("mine.bib", "mine.txt", "mine", "../../etc/passwd.bib"):
        answer = alice_client.post(PAGE, {"act": "look", "file": SimpleUploadedFile(name, bib)})
        assert shown(answer) == orca.public_id


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x" * 1_000_001, "The file is too large: at most 1 MB are read."),
        (b"\x00", "NUL"),
        (b"\xff\xfe", "UTF-16"),
        (b"", "nothing in this file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(alice_client, content, why):
    answer = alice_client.post(PAGE, {"act": "look", "file": SimpleUploadedFile("x.bib", content)})
    assert answer.status_code == 422 and why in answer.text


def test_nothing_is_asked_for_twice(alice_client):
    assert "Paste what you have, or choose a file." in look(alice_client, " ").text
    both = alice_client.post(PAGE, {"act": "look", "text": "x", "file": SimpleUploadedFile("x.bib", b"x")})
    assert "Bring one, and then the other." in both.text


def test_ids_that_somebody_made_up_put_nothing_anywhere(orca, alice_client):
    papers = f"0000000000000000 {orca.public_id} ' {orca.public_id} <script> \u00e9 " + "A" * 4_000
    answer = alice_client.post(PAGE, {"act": "put", "papers": papers})
    assert answer.status_code == 302
    assert [row.paper_public_id for row in Reading.objects.all()] == [orca.public_id]


def test_a_list_that_is_full_is_said_and_what_was_found_stays(orca, whale, alice, alice_client, monkeypatch):
    monkeypatch.setattr("catalog.reading.lists.PAPERS_PER_LIST", 1)
    list_ = reading.create(by=alice, name="Small")
    answer = alice_client.post(PAGE, {"act": "put", "papers": f"{orca.public_id} {whale.public_id}", "into": list_.public_id})
    assert answer.status_code == 409
    assert "That would be more than the 1 that are kept" in answer.text
    assert shown(answer) == f"{orca.public_id} {whale.public_id}"
    assert not ListPlace.objects.exists()


def test_nothing_that_was_typed_or_shown_is_lost(orca, alice, visitor):
    for fields, there in [
        ({"act": "look", "text": "Typed words"}, "Typed words</textarea>"),
        ({"act": "put", "papers": orca.public_id}, orca.title),
    ]:
        client = Client()
        assert client.post(PAGE, fields)["Location"] == f"/accounts/login/?next={PAGE}"
        client.force_login(alice)
        page = client.get(PAGE).text
        assert there in page and "Here is what you typed" in page
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(alice)
        answer = strict.post(PAGE, fields)
        assert answer.status_code == 403 and there in answer.text and "This was not sent yet" in answer.text
    assert not Reading.objects.exists()
