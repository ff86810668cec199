"""Save and finish later: where one finds it again, and that nobody else does."""

import re
import uuid
from html import unescape

import pytest

from catalog import drafts
from catalog.models import Draft, Submission
from tests.factories import make_category, make_paper

pytestmark = pytest.mark.django_db

PAGE = "/submissions/new/"
WHY = "It says something that no other paper says."


@pytest.fixture(autouse=True)
def _serving(db):
    make_category("serving")


def typed(**changes):
    fields = {
        "token": str(uuid.uuid4()),
        "paste": "https://example.org/orca",
        "title": "Orca, half typed",
        "kind": "paper",
        "authors": "Gyeong-In Yu\r\nJoo",
        "link_url": ["https://example.org/orca", ""],
        "link_kind": ["paper", "pdf"],
        "why": "short",
        "act": "save",
    }
    return {**fields, **changes}


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


def test_a_form_is_kept_with_its_errors_and_comes_back_as_it_was(alice_client):
    fields = typed()
    response = alice_client.post(PAGE, fields)
    assert response["Location"] == f"{PAGE}?draft={fields['token']}"
    assert not Submission.objects.exists()
    page = text_of(alice_client.get(response["Location"]))
    assert "Kept. Only you see it." in page
    assert "Orca, half typed</textarea>" in page
    assert page.count('name="link_url"') == 2
    assert 'id="errors"' not in page
    assert fields["token"] in page


def test_it_is_listed_with_the_way_back_and_can_be_thrown_away(alice_client, bruno_client):
    paper = make_paper("Whale")
    kept = [typed(), typed(title="Whale, corrected"), typed(why="Half a reason")]
    for address, fields in zip((PAGE, f"{paper.get_absolute_url()}correct/", f"{paper.get_absolute_url()}remove/"), kept, strict=True):
        alice_client.post(address, fields)
    page = text_of(alice_client.get("/submissions/"))
    assert page.index("Removal, kept on") < page.index("Correction, kept on") < page.index("Addition, kept on")
    assert f'href="{PAGE}?draft={kept[0]["token"]}"' in page
    assert "Orca, half typed" not in text_of(bruno_client.get("/submissions/"))
    discard = f"/submissions/drafts/{kept[0]['token']}/discard/"
    assert bruno_client.post(discard).status_code == 302
    assert Draft.objects.count() == 3
    assert alice_client.get(discard).status_code == 302
    assert Draft.objects.count() == 3
    assert "The draft is thrown away." in text_of(alice_client.post(discard, follow=True))
    assert Draft.objects.count() == 2


def test_a_draft_of_somebody_else_or_of_nobody_is_no_page(alice_client, bruno_client, visitor):
    address = alice_client.post(PAGE, typed())["Location"]
    assert bruno_client.get(address).status_code == 404
    assert visitor.get(address).status_code == 302
    for token in (uuid.uuid4(), "x", "%00", "1" * 300):
        assert alice_client.get(f"{PAGE}?draft={token}").status_code == 404


def test_a_draft_opens_in_its_own_form_only(alice_client):
    paper = make_paper("Whale")
    token = alice_client.post(PAGE, typed())["Location"].partition("=")[2]
    assert alice_client.get(f"{paper.get_absolute_url()}correct/?draft={token}").status_code == 404


def test_sending_it_throws_it_away_and_keeping_it_again_replaces_it(alice_client):
    fields = typed()
    alice_client.post(PAGE, fields)
    alice_client.post(PAGE, {**fields, "title": "Orca, longer"})
    assert Draft.objects.get().title == "Orca, longer"
    whole = {"year": "2022", "authors": "A", "categories": ["serving"], "why": WHY, "act": ""}
    response = alice_client.post(PAGE, {**fields, **whole})
    assert Submission.objects.get().get_absolute_url() == response["Location"]
    assert not Draft.objects.exists()


def test_the_twenty_first_says_what_to_do_and_loses_no_word(alice, alice_client):
    for _number in range(drafts.PER_PERSON):
        alice_client.post(PAGE, typed())
    response = alice_client.post(PAGE, typed(title="One too many"))
    page = text_of(response)
    assert response.status_code == 422
    assert "You have 20 drafts already. Discard one" in page
    assert "One too many</textarea>" in page
    assert Draft.objects.count() == drafts.PER_PERSON


def test_what_is_too_long_to_keep_is_said_and_not_lost(alice_client):
    response = alice_client.post(PAGE, typed(abstract="x" * drafts.LONGEST))
    assert response.status_code == 422
    assert "This is more than a draft can hold." in text_of(response)
    assert "x" * drafts.LONGEST in response.text


def test_a_draft_saved_while_signed_out_is_not_lost(visitor, alice):
    response = visitor.post(PAGE, typed())
    assert response["Location"].startswith("/accounts/login/")
    assert not Draft.objects.exists()
    visitor.force_login(alice)
    assert "Orca, half typed</textarea>" in text_of(visitor.get(PAGE))


def test_the_list_with_drafts_asks_few_questions(alice_client, questions):
    for _number in range(5):
        alice_client.post(PAGE, typed())
    assert questions(alice_client, "/submissions/") <= 6


def test_a_title_is_text_in_the_list(alice_client):
    alice_client.post(PAGE, typed(title="<script>alert(1)</script>"))
    assert b"<script>alert" not in alice_client.get("/submissions/").content


def test_the_form_tells_this_browser_whose_words_it_may_keep(alice_client, bruno_client):
    for client, name in ((alice_client, "alice"), (bruno_client, "bruno")):
        page = client.get(PAGE).text
        assert re.search(rf'<form[^>]*data-keeps="{name}"', page)
        assert "hidden" in re.search(r"<div[^>]*data-kept[^>]*>", page)[0]
