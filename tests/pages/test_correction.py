"""Proposing other facts for a paper that is here: what counts as a change, what stands in the way, that no word is lost."""

import re
import uuid
from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from catalog import arranging, drafts, publishing, records, review
from catalog.forms import CorrectionForm, fields_of
from catalog.models import Category, Decision, Paper, Submission
from catalog.records import Link
from tests.conftest import signed_in
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

WHY = "The publisher’s page gives another year than the one that stands here."

DOI = "https://doi.org/10.1145/3627703.3629580"


@pytest.fixture
def paper(db):
    return make_paper(
        "HAP: Training on Mixed Clusters",
        short_name="HAP",
        authors=["Shiwei Zhang", "Chuan Wu"],
        venue="EuroSys",
        year=2024,
        categories=["training"],
        identifiers={"arxiv": "2401.05965", "doi": "10.1145/3627703.3629580"},
        links=[Link(url="https://example.org/hap", label="Read it"), Link(kind="code", url="https://example.org/code")],
    )


def page_of(paper):
    return f"/papers/{paper.slug}/correct/"


def typed(paper, **changes):
    """The form as it was opened, but for the changes."""
    fields = fields_of(paper.record)
    filled = {name: fields.getlist(name) for name in fields}
    return {**filled, "token": str(uuid.uuid4()), "revision": str(paper.revision), "why": WHY, **changes}


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


# -- Who -------------------------------------------------------------------------------------------
def test_a_visitor_is_shown_the_way_and_finds_every_word_again(paper, visitor, alice):
    response = visitor.post(page_of(paper), typed(paper, title="Typed for an hour"))
    assert response["Location"] == f"/accounts/login/?next={page_of(paper)}"
    assert not Submission.objects.exists()
    visitor.force_login(alice)
    page = text_of(visitor.get(page_of(paper)))
    assert "Here is what you typed" in page
    assert "Typed for an hour</textarea>" in page


def test_who_has_no_verified_address_cannot_correct(paper):
    user = User.objects.create_user("carol", "carol@example.org", "password")
    assert signed_in(user).post(page_of(paper), typed(paper, year="2023")).status_code == 302
    assert not Submission.objects.exists()


def test_the_form_holds_what_the_paper_says(paper, alice_client, questions):
    questions(alice_client, page_of(paper))
    page = alice_client.get(page_of(paper)).text
    assert "HAP: Training on Mixed Clusters</textarea>" in page
    assert 'value="https://example.org/hap"' in page
    assert 'value="https://doi.org/10.1145/3627703.3629580"' in page
    assert "Nothing changes yet" in page
    assert "Submit and publish at once" not in page


# -- What counts as a change ---------------------------------------------------------------------------
def test_what_was_changed_is_proposed_and_nothing_else(paper, alice, alice_client):
    response = alice_client.post(page_of(paper), typed(paper, year="2023"))
    submission = Submission.objects.get()
    assert response["Location"] == submission.get_absolute_url()
    assert (submission.kind, submission.contributor, submission.why, submission.paper) == ("correction", alice, WHY, paper)
    assert submission.base == paper.record
    assert submission.record == records.replace(paper.record, year=2023)
    assert Paper.objects.get().year == 2024


def test_a_form_sent_untouched_is_refused_with_a_sentence(paper, alice_client):
    response = alice_client.post(page_of(paper), typed(paper))
    assert response.status_code == 422
    assert "Every field says what the paper says already." in text_of(response)
    assert not Submission.objects.exists()


def test_an_untouched_form_changes_nothing_whatever_the_paper(catalogue):
    for paper in Paper.objects.all():
        form = CorrectionForm(fields_of(paper.record), base=paper.record)
        form.full_clean()
        assert form.record == paper.record


def test_a_new_identifier_is_no_new_link_and_a_new_link_leaves_the_labels_of_others(paper, alice_client):
    fields = typed(paper)
    fields["link_url"][fields["link_url"].index(DOI)] = "https://doi.org/10.1145/3627703.3650074"
    alice_client.post(page_of(paper), fields)
    record = Submission.objects.get().record
    assert record.identifiers["doi"] == "10.1145/3627703.3650074"
    assert record.links == paper.record.links
    fields = typed(paper)
    fields["link_url"].append("https://example.org/slides")
    fields["link_kind"].append("slides")
    alice_client.post(page_of(paper), fields)
    record = Submission.objects.exclude(record_json=record).latest("pk").record
    assert record.links == (*paper.record.links, Link(kind="slides", url="https://example.org/slides"))
    assert record.identifiers == paper.record.identifiers


def test_a_summary_of_what_changes_follows_the_typing(paper, alice_client):
    fields = typed(paper, year="2023", authors="Shiwei Zhang\nLansong Diao", act="check")
    page = text_of(alice_client.post(page_of(paper), fields, headers={"HX-Request": "true"}))
    assert page.startswith('<section id="checks"')
    assert "2 of 13 fields change" in page
    assert "<ins>2023</ins>" in page
    assert "<del>Chuan Wu</del>" in page
    assert "<html" not in page
    assert not Submission.objects.exists()


def test_without_script_the_summary_comes_with_the_page(paper, alice_client):
    response = alice_client.post(page_of(paper), typed(paper, year="2023", why="short"))
    assert response.status_code == 422
    assert "1 of 13 fields changes" in text_of(response)
    assert "in at least 30 characters." in text_of(response)


def test_fields_nobody_offers_are_not_taken(paper, alice_client, bruno):
    forged = {"status": "approved", "contributor": str(bruno.pk), "paper_id": "7", "base_json": "{}", "slug": "x", "id": "x"}
    alice_client.post(page_of(paper), typed(paper, year="2023", **forged))
    submission = Submission.objects.get()
    assert (submission.status, submission.kind, submission.contributor.username, submission.version) == (
        "pending",
        "correction",
        "alice",
        1,
    )
    assert (submission.record.id, submission.record.slug) == (paper.public_id, paper.slug)


def test_a_form_sent_twice_is_one_submission(paper, alice_client):
    fields = typed(paper, year="2023")
    first, second = (alice_client.post(page_of(paper), fields) for _again in range(2))
    assert first["Location"] == second["Location"] == Submission.objects.get().get_absolute_url()


# -- What stands in the way ------------------------------------------------------------------------------
def test_an_identifier_of_another_paper_is_refused_with_the_way_to_it(paper, alice_client):
    make_paper("Whale", identifiers={"doi": "10.1145/77.1"})
    fields = typed(paper)
    fields["link_url"][fields["link_url"].index(DOI)] = "https://doi.org/10.1145/77.1"
    response = alice_client.post(page_of(paper), fields)
    page = text_of(response)
    assert response.status_code == 422
    assert "“Whale” has this identifier, and no two papers share one." in page
    assert 'href="/papers/whale/"' in page


def test_an_identifier_that_somebody_else_proposes_meanwhile_keeps_every_word(paper, alice_client, bruno):
    record = records.replace(paper.record, identifiers={**paper.record.identifiers, "doi": "10.1145/77.2"})
    review.correct(paper, record, by=bruno, why=WHY, token=uuid.uuid4())
    fields = typed(paper, title="HAP, typed for an hour", short_name="")
    fields["link_url"][fields["link_url"].index(DOI)] = "https://doi.org/10.1145/77.2"
    response = alice_client.post(page_of(paper), fields)
    assert response.status_code == 409
    assert "HAP, typed for an hour</textarea>" in text_of(response)
    assert "bruno" not in text_of(response)
    assert Submission.objects.count() == 1


def test_a_paper_is_asked_about_only_where_the_correction_makes_it_alike(paper, alice_client):
    near = make_paper("Orca: A Distributed Serving System", short_name="Orca")
    assert alice_client.post(page_of(paper), typed(paper, year="2023")).status_code == 302
    fields = typed(paper, title="Orca: Something else", short_name="Orca")
    response = alice_client.post(page_of(paper), fields)
    assert response.status_code == 422
    assert "One paper here looks close to this one" in text_of(response)
    answer = {"answer": "different", "asked": near.public_id, "because": "Another system of the same name."}
    assert alice_client.post(page_of(paper), {**fields, **answer}).status_code == 302
    submission = Submission.objects.latest("pk")
    assert list(submission.different_from.all()) == [near]
    assert submission.because == "Another system of the same name."


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_merged_paper_leads_to_the_one_that_took_it_in(paper, mel, alice_client, method):
    survivor = make_paper("Whale")
    fields = typed(paper, title="Typed for an hour")
    review.merge(paper, survivor, survivor.record, by=mel, reason="The same work.")
    if method == "get":
        response = alice_client.get(page_of(paper))
        assert (response.status_code, response["Location"]) == (301, "/papers/whale/correct/")
        return
    response = alice_client.post(page_of(paper), fields)
    page = text_of(response)
    assert response.status_code == 409
    assert "This paper was merged into another" in page
    assert 'href="/papers/whale/correct/"' in page
    assert "Typed for an hour</textarea>" in page
    assert "Submit for review</button></div>" not in page
    assert not Submission.objects.exists()


def test_a_retracted_paper_is_gone_and_what_was_typed_is_there_to_copy(paper, mel, alice_client):
    fields = typed(paper, title="Typed for an hour")
    publishing.retract(paper, reason="Its authors have withdrawn it.", by=mel)
    assert alice_client.get(page_of(paper)).status_code == 410
    response = alice_client.post(page_of(paper), fields)
    assert response.status_code == 409
    assert "Its authors have withdrawn it." in text_of(response)
    assert "Typed for an hour</textarea>" in text_of(response)


def test_a_paper_that_goes_while_the_form_is_read_is_gone_too(paper, mel, alice_client, monkeypatch):
    grave = publishing.retract(paper, reason="Its authors have withdrawn it.", by=mel)
    again = publishing.bring_back(publishing.newest_revision(grave.public_id))

    def too_late(*_args, **_facts):
        raise review.PaperGone(grave)

    monkeypatch.setattr(review, "correct", too_late)
    response = alice_client.post(page_of(again), typed(again, year="2023", title="Typed for an hour", short_name=""))
    assert response.status_code == 409
    assert "Typed for an hour</textarea>" in text_of(response)


def test_an_address_that_never_was_is_no_page(alice_client):
    assert alice_client.get("/papers/nothing/correct/").status_code == 404
    assert alice_client.get("/papers/a\x00b/correct/").status_code == 404


# -- The paper changed meanwhile -------------------------------------------------------------------------
def test_a_paper_changed_meanwhile_shows_what_changed_and_keeps_both(paper, alice_client, mel):
    opened = typed(paper, title="HAP: My title")
    publishing.revise(paper, records.replace(paper.record, year=2023), by=mel)
    response = alice_client.post(page_of(paper), opened)
    page = text_of(response)
    assert response.status_code == 409
    assert "The paper was changed while you were typing: revision 2" in page
    assert "<ins>2023</ins>" in page
    assert "HAP: My title</textarea>" in page
    assert not Submission.objects.exists()
    form = response.context["form"]
    again = {name: form.data.getlist(name) for name in form.data}
    assert alice_client.post(page_of(paper), again).status_code == 302
    record = Submission.objects.get().record
    assert (record.title, record.year) == ("HAP: My title", 2023)


def test_a_field_that_both_changed_is_named_and_stays_as_typed(paper, alice_client, mel):
    opened = typed(paper, title="HAP: My title")
    publishing.revise(paper, records.replace(paper.record, title="HAP: Their title"), by=mel)
    page = text_of(alice_client.post(page_of(paper), opened))
    assert "You and somebody else changed the same, each otherwise: Title." in page
    assert "HAP: My title</textarea>" in page


@pytest.mark.parametrize("revision", ["", "x", "-1", "٣", "9" * 40, "7"])
def test_a_form_without_a_usable_revision_is_sent_again_with_every_word(paper, alice_client, revision):
    response = alice_client.post(page_of(paper), typed(paper, year="2023", title="Typed for an hour", short_name="", revision=revision))
    assert response.status_code == 409
    assert "Typed for an hour</textarea>" in text_of(response)
    assert 'name="revision" value="1"' in text_of(response)


# -- Publish at once ---------------------------------------------------------------------------------------
def test_a_maintainer_may_publish_at_once_with_a_decision_of_its_own(paper, mel_client):
    assert "Submit and publish at once" in mel_client.get(page_of(paper)).text
    fields = typed(paper, year="2023", act="publish")
    response = mel_client.post(page_of(paper), fields)
    decision = Decision.objects.get()
    assert (Paper.objects.get().year, Paper.objects.get().revision) == (2023, 2)
    assert (decision.verdict, decision.is_own, decision.submission.status) == ("approve", True, "approved")
    assert mel_client.post(page_of(paper), fields)["Location"] == response["Location"]
    assert Decision.objects.count() == 1


def test_a_contributor_who_forges_it_only_submits(paper, alice_client):
    alice_client.post(page_of(paper), typed(paper, year="2023", act="publish"))
    assert Submission.objects.get().status == "pending"
    assert Paper.objects.get().year == 2024


def test_where_nobody_decides_their_own_it_is_not_offered_and_only_submits(paper, mel_client, settings):
    settings.SELF_APPROVAL = "nobody"
    assert "Submit and publish at once" not in mel_client.get(page_of(paper)).text
    mel_client.post(page_of(paper), typed(paper, year="2023", act="publish"))
    assert Submission.objects.get().status == "pending"


def test_a_category_maintainer_does_not_publish_their_own(paper, alice, alice_client):
    Category.objects.get(path="training").maintainers.add(alice)
    assert "Submit and publish at once" not in alice_client.get(page_of(paper)).text
    alice_client.post(page_of(paper), typed(paper, year="2023", act="publish"))
    assert Submission.objects.get().status == "pending"


def test_a_publication_that_fails_leaves_no_submission(paper, mel_client, monkeypatch):
    def refused(*_args, **_facts):
        raise review.PaperChanged(paper)

    monkeypatch.setattr(review, "decide", refused)
    assert mel_client.post(page_of(paper), typed(paper, year="2023", act="publish")).status_code == 409
    assert not Submission.objects.exists()


# -- Editing one -------------------------------------------------------------------------------------------
@pytest.fixture
def correction(paper, alice):
    return review.correct(paper, records.replace(paper.record, year=2023), by=alice, why=WHY, token=uuid.uuid4())


def edit_of(submission):
    return f"/submissions/{submission.pk}/edit/"


def sent_back(response, **changes):
    form = response.context["form"]
    return {**{name: form.data.getlist(name) for name in form.data}, **changes}


def test_the_edit_form_holds_what_was_proposed_against_what_it_was_made_from(correction, alice_client, questions):
    questions(alice_client, edit_of(correction))
    page = text_of(alice_client.get(edit_of(correction)))
    assert re.search(r'name="year" value="2023"', page)
    assert "1 of 13 fields changes" in page


def test_an_edit_is_a_new_version_and_an_edit_back_to_the_paper_is_none(correction, paper, alice_client):
    page = alice_client.get(edit_of(correction))
    assert alice_client.post(edit_of(correction), sent_back(page, year="2022")).status_code == 302
    again = Submission.objects.get()
    assert (again.record, again.version, again.base) == (records.replace(paper.record, year=2022), 2, paper.record)
    response = alice_client.post(edit_of(correction), sent_back(page, year="2024", version="2"))
    assert response.status_code == 422
    assert "Every field says what the paper says already." in text_of(response)


def test_asked_for_changes_an_edit_puts_it_in_the_queue_again(correction, mel, alice_client):
    review.decide(correction, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Which page?")
    page = alice_client.get(edit_of(correction))
    assert "Submit again" in page.text
    alice_client.post(edit_of(correction), sent_back(page, year="2022"))
    assert Submission.objects.get().status == "pending"


def test_an_edit_after_the_decision_keeps_every_word(correction, mel, alice_client):
    page = alice_client.get(edit_of(correction))
    review.decide(correction, review.REJECT, by=mel, seen_version=1, reason="It is right.")
    response = alice_client.post(edit_of(correction), sent_back(page, title="Typed for an hour", short_name=""))
    assert response.status_code == 409
    assert "Typed for an hour</textarea>" in text_of(response)


def test_a_form_without_its_token_comes_back_with_every_word(paper, alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(page_of(paper), typed(paper, title="Typed for an hour", csrfmiddlewaretoken="stale"))
    assert response.status_code == 403
    assert "This was not sent yet" in text_of(response)
    assert "Typed for an hour</textarea>" in text_of(response)


def test_the_eleventh_in_an_hour_keeps_every_word(paper, alice, alice_client):
    for number in range(review.PER_HOUR):
        review.submit(make_record(f"Paper {number}"), by=alice, why=WHY, token=uuid.uuid4())
    response = alice_client.post(page_of(paper), typed(paper, title="Typed for an hour", short_name=""))
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 3_000
    assert "Typed for an hour</textarea>" in text_of(response)


def test_a_category_that_was_renamed_since_is_no_change(paper, alice_client):
    make_category("elsewhere")
    arranging.rename_category(Category.objects.get(path="training"), name="Tuning", slug="tuning")
    paper = Paper.objects.get()
    assert alice_client.post(page_of(paper), typed(paper)).status_code == 422


def test_sending_it_throws_its_draft_away(paper, alice, alice_client):
    fields = typed(paper, year="2023", act="save")
    response = alice_client.post(page_of(paper), fields)
    assert response["Location"] == f"{page_of(paper)}?draft={fields['token']}"
    assert re.search(r'name="year" value="2023"', alice_client.get(response["Location"]).text)
    alice_client.post(page_of(paper), {**fields, "act": ""})
    assert Submission.objects.exists()
    assert drafts.fields_of(fields["token"], by=alice, path=page_of(paper)) is None


def test_a_draft_of_a_paper_that_changed_since_says_so(paper, alice_client, mel):
    fields = typed(paper, title="HAP: My title", act="save")
    address = alice_client.post(page_of(paper), fields)["Location"]
    publishing.revise(paper, records.replace(paper.record, year=2023), by=mel)
    page = text_of(alice_client.get(address))
    assert "The paper was changed while you were typing: revision 2" in page
    assert "HAP: My title</textarea>" in page
