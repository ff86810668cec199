"""What somebody reads: said and changed on their pages, on the paper's, and in lists; and seen by nobody else."""

import re

import pytest
from django.test import Client

from catalog import publishing, reading
from catalog.models import Reading
from tests.factories import make_paper, make_papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def orca(db):
    return make_paper("Orca: A Distributed Serving System", short_name="Orca", categories=["serving"], year=2022)


def page_of(paper):
    return f"/reading/papers/{paper.public_id}/"


@pytest.mark.parametrize("address", ["/", "/papers/", "/papers/?q=orca", "/categories/serving/"])
def test_lists_say_how_far_their_reader_is(orca, alice, alice_client, bruno_client, visitor, address):
    assert "To read" in alice_client.get(address).text
    reading.put(orca.public_id, by=alice, state="reading")

    assert '<span class="state">Reading</span>' in alice_client.get(address).text
    assert 'value="to_read"' in bruno_client.get(address).text
    for page in (bruno_client.get(address).text, visitor.get(address).text):
        assert '<span class="state">Reading</span>' not in page
    assert "to_read" not in visitor.get(address).text


def test_it_is_put_on_what_is_to_be_read_in_one_click(orca, alice, alice_client):
    answer = alice_client.post(page_of(orca), {"state": "to_read", "back": "/papers/?page=1", "mark": "1"})
    assert answer["Location"] == f"/papers/?page=1#reading-{orca.public_id}"
    assert Reading.objects.get(user=alice).state == "to_read"

    part = alice_client.post(page_of(orca), {"state": "read", "mark": "1"}, headers={"HX-Request": "true"})
    assert part.text == '<span class="state" tabindex="-1" data-said="Read: Orca">Read</span>'


# -- One paper -----------------------------------------------------------------------------------
def test_the_page_of_a_paper_has_a_small_form_for_its_reader_and_a_way_in_for_others(orca, alice, alice_client, visitor):
    reading.put(orca.public_id, by=alice, state="reading", note="Section <b>4</b> & more.")
    page = alice_client.get(orca.get_absolute_url()).text
    assert f'id="reading-{orca.public_id}"' in page
    assert 'value="reading" aria-pressed="true"' in page
    assert "Section &lt;b&gt;4&lt;/b&gt; &amp; more." in page
    nobody = visitor.get(orca.get_absolute_url()).text
    assert "Sign in to keep it on a reading list" in nobody
    assert "Section" not in nobody and "reading.css" not in nobody and 'name="state"' not in nobody


def test_a_note_is_kept_with_whatever_button_is_pressed(orca, alice, alice_client):
    answer = alice_client.post(page_of(orca), {"state": "read", "note": "Two\r\nlines.", "back": orca.get_absolute_url()})
    assert answer["Location"] == f"{orca.get_absolute_url()}#reading-{orca.public_id}"
    row = Reading.objects.get(user=alice)
    assert (row.state, row.note) == ("read", "Two\nlines.")


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""])
def test_the_way_back_stays_here(orca, alice_client, back):
    assert alice_client.post(page_of(orca), {"state": "read", "back": back})["Location"] == page_of(orca)


def test_what_cannot_be_kept_comes_back_with_every_word(orca, alice, alice_client):
    for note, why in [("x" * 5_001, "Shorten it to 5000"), ("hid\u202eden", "RIGHT-TO-LEFT OVERRIDE")]:
        answer = alice_client.post(page_of(orca), {"act": "note", "note": note})
        assert answer.status_code == 422
        assert why in answer.text and note in answer.text
    assert not Reading.objects.exists()


def test_a_note_changed_in_another_window_is_shown_beside_what_was_typed(orca, alice, alice_client):
    old = reading.put(orca.public_id, by=alice, note="First.").note_mark
    reading.put(orca.public_id, by=alice, note="Theirs.", made_from=old)
    answer = alice_client.post(page_of(orca), {"act": "note", "note": "Mine.", "made_from": old})
    assert answer.status_code == 409
    assert "Theirs." in answer.text and "Mine.</textarea>" in answer.text
    mark = re.search('name="made_from" value="(.*?)"', answer.text)[1]
    alice_client.post(page_of(orca), {"act": "note", "note": "Mine.", "made_from": mark})
    assert Reading.objects.get().note == "Mine."


def test_a_note_is_not_removed_unasked(orca, alice, alice_client):
    reading.put(orca.public_id, by=alice, note="Mine.")
    asked = alice_client.post(page_of(orca), {"act": "forget"})
    assert "Its note goes with it" in asked.text and Reading.objects.exists()
    alice_client.post(page_of(orca), {"act": "forget", "sure": "1"})
    assert not Reading.objects.exists()


def test_what_a_part_of_a_page_removes_can_be_put_back_at_once(orca, alice, alice_client):
    mark = reading.put(orca.public_id, by=alice, state="read", note="Mine.").note_mark
    fields = {"act": "forget", "note": "Mine.", "made_from": mark}
    part = alice_client.post(page_of(orca), fields, headers={"HX-Request": "true"}).text
    assert not Reading.objects.exists()
    assert "Mine.</textarea>" in part and 'aria-pressed="true"' not in part
    mark = re.search('name="made_from" value="(.*?)"', part)[1]
    alice_client.post(page_of(orca), {"state": "read", "note": "Mine.", "made_from": mark}, headers={"HX-Request": "true"})
    assert Reading.objects.get().note == "Mine."


def test_a_paper_is_put_on_a_list_from_its_page(orca, alice, bruno, alice_client):
    mine, theirs = reading.create(by=alice, name="Mine"), reading.create(by=bruno, name="Theirs")
    assert "Theirs" not in alice_client.get(orca.get_absolute_url()).text
    for list_ in (mine, theirs):
        alice_client.post(page_of(orca), {"act": "add", "list": list_.public_id})
    assert (mine.places.count(), theirs.places.count()) == (1, 0)
    assert not Reading.objects.exists()
    assert "On your lists:" in alice_client.get(orca.get_absolute_url()).text


def test_a_retracted_paper_is_still_there_for_who_kept_it(orca, alice, mel, alice_client, bruno_client):
    reading.put(orca.public_id, by=alice, note="Mine.")
    publishing.retract(orca, reason="Withdrawn.", by=mel)
    for address in ("/reading/", page_of(orca)):
        page = alice_client.get(address).text
        assert orca.title in page and "No longer in the catalogue" in page and "Mine." in page
    assert "Mine." not in bruno_client.get(page_of(orca)).text
    assert alice_client.get("/reading/papers/0000000000000000/").status_code == 404


# -- All -----------------------------------------------------------------------------------------
def test_papers_stand_by_how_far_one_is(alice, alice_client):
    papers = make_papers(3)
    for paper, state in zip(papers, Reading.State.values, strict=True):
        reading.put(paper.public_id, by=alice, state=state, note=f"About {state}.")
    for state, paper in zip(["", "reading", "read"], papers, strict=True):
        page = alice_client.get(f"/reading/?state={state}").text
        assert [each for each in papers if each.title in page] == [paper]
    assert papers[0].title in alice_client.get("/reading/?state=burnt").text
    assert papers[1].title in alice_client.get("/reading/?state=reading&q=about+READING").text
    assert papers[1].title in alice_client.get(f"/reading/?state=reading&q={papers[1].title.lower()}").text
    assert "Nothing here has" in alice_client.get("/reading/?state=reading&q=<script>").text
    assert alice_client.get("/reading/?page=2").status_code == 404


def test_who_keeps_nothing_is_told_how_to_begin(alice_client):
    page = alice_client.get("/reading/").text
    assert "You keep no paper yet" in page and 'href="/reading/import/"' in page


def test_what_one_reads_asks_few_questions_however_much_it_is(alice, alice_client, questions):
    def counts():
        return [questions(alice_client, address) for address in ("/reading/", "/reading/?q=paper")]

    reading.put_to_read([paper.public_id for paper in make_papers(2)], by=alice)
    few = counts()
    reading.put_to_read([paper.public_id for paper in make_papers(60)], by=alice)
    assert counts() == few
    questions(alice_client, "/papers/")


def test_the_page_of_a_paper_asks_two_more_questions_of_who_keeps_anything(orca, alice, alice_client, django_assert_max_num_queries):
    reading.put(orca.public_id, by=alice, note="Mine.")
    reading.create(by=alice, name="L", papers=[orca.public_id])
    alice_client.get(orca.get_absolute_url())
    with django_assert_max_num_queries(11):
        alice_client.get(orca.get_absolute_url())


# -- Nothing that was typed is lost --------------------------------------------------------------
def test_a_note_typed_while_signed_out_is_there_behind_the_sign_in(orca, alice, visitor):
    answer = visitor.post(page_of(orca), {"act": "note", "note": "Typed."})
    assert answer["Location"] == f"/accounts/login/?next={page_of(orca)}"
    visitor.force_login(alice)
    page = visitor.get(page_of(orca)).text
    assert "Typed.</textarea>" in page and "Here is what you typed" in page
    assert not Reading.objects.exists()


def test_a_part_asked_for_while_signed_out_leads_the_page_to_the_sign_in(orca, visitor):
    for client in (visitor, Client(enforce_csrf_checks=True)):
        answer = client.post(page_of(orca), {"act": "note", "note": "Typed."}, headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == f"/accounts/login/?next={page_of(orca)}"


def test_a_note_without_its_token_comes_back(orca, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(page_of(orca), {"act": "note", "note": "Typed."})
    assert answer.status_code == 403
    assert "Typed.</textarea>" in answer.text and "This was not sent yet" in answer.text
    assert not Reading.objects.exists()
