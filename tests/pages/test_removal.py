"""Proposing that a paper goes: the public reason, what happens to the address, who may, and that no word is lost."""

import uuid
from html import unescape

import pytest
from django.test import Client

from catalog import publishing, review
from catalog.models import Decision, Paper, Submission, Tombstone
from tests.factories import make_paper, make_record

pytestmark = pytest.mark.django_db

WHY = "Its authors have withdrawn it; the arXiv page says so since October."


@pytest.fixture
def paper(db):
    return make_paper("HAP: Training on Mixed Clusters", short_name="HAP", categories=["training"])


def page_of(paper):
    return f"/papers/{paper.slug}/remove/"


def typed(**changes):
    return {"token": str(uuid.uuid4()), "why": WHY, **changes}


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


def test_the_page_shows_the_paper_and_says_what_becomes_of_its_address(paper, alice_client, mel_client, questions):
    for client in (alice_client, mel_client):
        questions(client, page_of(paper))
        page = text_of(client.get(page_of(paper)))
        assert "Training on Mixed Clusters" in page
        assert f"Its address, {paper.get_absolute_url()}, answers “gone” with the reason." in page


def test_the_reason_is_proposed_and_the_paper_stays(paper, alice, alice_client):
    response = alice_client.post(page_of(paper), typed(status="approved", contributor="7"))
    submission = Submission.objects.get()
    assert response["Location"] == submission.get_absolute_url()
    assert (submission.kind, submission.status, submission.contributor, submission.why) == ("removal", "pending", alice, WHY)
    assert Paper.objects.get() == paper


def test_a_form_sent_twice_is_one_submission(paper, alice_client):
    fields = typed()
    first, second = (alice_client.post(page_of(paper), fields) for _again in range(2))
    assert first["Location"] == second["Location"] == Submission.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("", "Say why it should go, in one sentence of at least 30 characters."),
        ("Withdrawn.", "Say why it should go, in one sentence of at least 30 characters."),
        ("x" * 281, "Shorten it to 280 characters; it has 281."),
        ("x" * 40 + "\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("x" * 40 + "\x00", "U+0000"),
    ],
)
def test_a_bad_reason_gets_a_sentence_beside_its_field(paper, alice_client, why, sentence):
    response = alice_client.post(page_of(paper), typed(why=why))
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert 'href="#id_why"' in response.text
    assert 'aria-invalid="true"' in response.text
    assert not Submission.objects.exists()


def test_what_somebody_has_asked_for_already_is_not_asked_for_twice(paper, alice, alice_client, bruno, bruno_client):
    review.remove(paper, by=bruno, why=WHY, token=uuid.uuid4())
    response = alice_client.post(page_of(paper), typed(why="Typed for an hour, and then somebody else was faster."))
    page = text_of(response)
    assert response.status_code == 409
    assert "Its removal is proposed already" in page
    assert "Typed for an hour" in page
    assert "bruno" not in page
    assert "/submissions/1" not in page
    mine = text_of(bruno_client.post(page_of(paper), typed()))
    assert f'href="{Submission.objects.get().get_absolute_url()}"' in mine


def test_a_paper_that_is_gone_answers_so_and_keeps_the_text(paper, mel, alice_client):
    publishing.retract(paper, reason="Its authors have withdrawn it.", by=mel)
    assert alice_client.get(page_of(paper)).status_code == 410
    response = alice_client.post(page_of(paper), typed(why="Typed for an hour."))
    assert response.status_code == 409
    assert "Its authors have withdrawn it." in text_of(response)
    assert "Typed for an hour." in text_of(response)


def test_a_merged_paper_leads_to_its_survivor(paper, mel, alice_client):
    survivor = make_paper("Whale")
    review.merge(paper, survivor, survivor.record, by=mel, reason="The same work.")
    response = alice_client.get(page_of(paper))
    assert (response.status_code, response["Location"]) == (301, "/papers/whale/remove/")


def test_an_address_that_never_was_is_no_page(alice_client):
    assert alice_client.get("/papers/nothing/remove/").status_code == 404


def test_a_maintainer_may_remove_at_once_with_a_decision_of_its_own(paper, mel_client, visitor):
    assert "Submit and publish at once" in mel_client.get(page_of(paper)).text
    mel_client.post(page_of(paper), typed(act="publish"))
    assert (Decision.objects.get().verdict, Decision.objects.get().is_own) == ("approve", True)
    assert Tombstone.objects.get().reason == WHY
    response = visitor.get(paper.get_absolute_url())
    assert response.status_code == 410
    assert WHY in text_of(response)


def test_a_contributor_who_forges_it_only_submits(paper, alice_client):
    assert "Submit and publish at once" not in alice_client.get(page_of(paper)).text
    alice_client.post(page_of(paper), typed(act="publish"))
    assert Submission.objects.get().status == "pending"
    assert Paper.objects.exists()


# -- Nothing is lost ---------------------------------------------------------------------------------------
def test_a_session_that_ended_loses_no_word(paper, visitor, alice):
    response = visitor.post(page_of(paper), typed(why="Typed for an hour."))
    assert response["Location"] == f"/accounts/login/?next={page_of(paper)}"
    visitor.force_login(alice)
    page = text_of(visitor.get(page_of(paper)))
    assert "Here is what you typed" in page
    assert "Typed for an hour." in page


def test_a_form_without_its_token_comes_back_with_every_word(paper, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(page_of(paper), typed(why="Typed for an hour.", csrfmiddlewaretoken="stale"))
    assert response.status_code == 403
    assert "This was not sent yet" in text_of(response)
    assert "Typed for an hour." in text_of(response)


def test_the_eleventh_in_an_hour_keeps_every_word(paper, alice, alice_client):
    for number in range(review.PER_HOUR):
        review.submit(make_record(f"Paper {number}"), by=alice, why=WHY, token=uuid.uuid4())
    response = alice_client.post(page_of(paper), typed())
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 3_000
    assert WHY in text_of(response)


def test_a_draft_of_it_is_kept_and_sending_it_throws_it_away(paper, alice, alice_client):
    fields = typed(why="Half a sen", act="save")
    address = alice_client.post(page_of(paper), fields)["Location"]
    page = text_of(alice_client.get(address))
    assert "Kept. Only you see it." in page
    assert "Half a sen" in page
    alice_client.post(page_of(paper), {**fields, "why": WHY, "act": ""})
    assert alice_client.get(address).status_code == 404


# -- Editing one -------------------------------------------------------------------------------------------
@pytest.fixture
def removal(paper, alice):
    return review.remove(paper, by=alice, why=WHY, token=uuid.uuid4())


def edit_of(submission):
    return f"/submissions/{submission.pk}/edit/"


def test_an_edit_gives_other_words_and_puts_it_in_the_queue_again(removal, paper, mel, alice_client, questions):
    review.decide(removal, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Which page says so?")
    questions(alice_client, edit_of(removal))
    assert WHY in text_of(alice_client.get(edit_of(removal)))
    other = "The publisher has retracted it; its DOI leads to the notice."
    assert alice_client.post(edit_of(removal), {"version": "1", "why": other, "title": "Forged"}).status_code == 302
    again = Submission.objects.get()
    assert (again.why, again.status, again.version, again.record) == (other, "pending", 2, paper.record)


def test_a_stale_edit_shows_both_and_loses_neither(removal, alice, alice_client):
    theirs = "Sent from the other window, and long enough to count."
    mine = "Typed in this window, and long enough to count."
    review.edit(removal, removal.record, by=alice, seen_version=1, why=theirs)
    response = alice_client.post(edit_of(removal), {"version": "1", "why": mine})
    page = text_of(response)
    assert response.status_code == 409
    assert theirs in page
    assert mine in page
    assert Submission.objects.get().why == theirs
    assert alice_client.post(edit_of(removal), {"version": "2", "why": mine}).status_code == 302


def test_an_edit_after_the_decision_keeps_every_word(removal, mel, alice_client):
    review.decide(removal, review.APPROVE, by=mel, seen_version=1)
    response = alice_client.post(edit_of(removal), {"version": "1", "why": "Typed too late, and long enough to count."})
    assert response.status_code == 409
    assert "It was settled while you were typing: approved" in text_of(response)
    assert "Typed too late" in text_of(response)


def test_an_edit_without_its_token_comes_back_with_every_word(removal, alice, bruno):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(edit_of(removal), {"version": "1", "why": "Typed for an hour."})
    assert response.status_code == 403
    assert "Typed for an hour." in text_of(response)
    client.force_login(bruno)
    assert client.post(edit_of(removal), {"version": "1", "why": WHY}).status_code == 404
