"""Following a submission, changing it, taking it back: who sees it, what it says, and that no text is lost."""

import re
import uuid
from html import unescape

import pytest
from django.test import Client

from catalog import arranging, records, review
from catalog.models import Category, Paper, Submission
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

WHY = "It says something that no other paper says."


@pytest.fixture
def submission(alice):
    make_category("serving")
    record = make_record(
        "Orca: A Distributed Serving System",
        short_name="Orca",
        authors=["Gyeong-In Yu"],
        identifiers={"arxiv": "2307.08691"},
        links=["https://arxiv.org/abs/2307.08691"],
        categories=["serving"],
    )
    return review.submit(record, by=alice, why=WHY, token=uuid.uuid4())


def page_of(submission, tail=""):
    return f"/submissions/{submission.pk}/{tail}"


def text_of(response):
    return " ".join(unescape(response.content.decode()).split())


def typed(submission, **changes):
    fields = {
        "version": str(submission.version),
        "title": submission.title,
        "short_name": "Orca",
        "kind": "paper",
        "year": "",
        "authors": "Gyeong-In Yu",
        "venue": "",
        "organizations": "",
        "categories": ["serving"],
        "link_url": ["https://arxiv.org/abs/2307.08691"],
        "link_kind": ["paper"],
        "why": WHY,
    }
    return {**fields, **changes}


# -- Who sees it -----------------------------------------------------------------------------------
@pytest.mark.parametrize("tail", ["", "edit/", "withdraw/"])
def test_it_is_nobody_elses_business(submission, visitor, bruno_client, tail):
    response = visitor.get(page_of(submission, tail))
    assert response["Location"].startswith(f"/accounts/login/?next=/submissions/{submission.pk}/")
    assert bruno_client.get(page_of(submission, tail)).status_code == 404
    assert bruno_client.post(page_of(submission, tail), typed(submission)).status_code in {404, 405}
    assert Submission.objects.get().version == 1


def test_a_maintainer_sees_it_and_changes_nothing_of_it(submission, mel_client):
    page = text_of(mel_client.get(page_of(submission)))
    assert "proposed by <bdi>alice</bdi>" in page
    assert "/edit/" not in page
    assert "You can" not in page
    for tail in ("edit/", "withdraw/"):
        assert mel_client.post(page_of(submission, tail), typed(submission)).status_code == 404
    assert Submission.objects.get().status == "pending"


@pytest.mark.parametrize("number", ["0", "99", "9" * 30])
def test_a_number_that_was_never_given_is_no_page(alice_client, number):
    assert alice_client.get(f"/submissions/{number}/").status_code == 404


def test_the_list_holds_ones_own_and_says_what_came_of_them(submission, alice, mel, alice_client, bruno_client):
    other = review.submit(make_record("Whale"), by=alice, why=WHY, token=uuid.uuid4())
    review.decide(other, review.APPROVE, by=mel, seen_version=1)
    page = text_of(alice_client.get("/submissions/"))
    assert page.index("Whale") < page.index("Distributed Serving")
    assert "Waiting" in page
    assert "Approved" in page
    assert 'href="/papers/whale/"' in page
    empty = text_of(bruno_client.get("/submissions/"))
    assert "You have not proposed anything yet" in empty
    assert "Orca" not in empty


def test_the_list_asks_few_questions(alice, alice_client, django_assert_max_num_queries):
    for number in range(12):
        review.submit(make_record(f"Paper {number}"), by=alice, why=WHY, token=uuid.uuid4())
    with django_assert_max_num_queries(6):
        alice_client.get("/submissions/")


# -- What it says ------------------------------------------------------------------------------------
def test_a_waiting_one_says_how_many_are_ahead_and_what_one_may_do(submission, bruno, alice, alice_client):
    second = review.submit(make_record("Whale"), by=alice, why=WHY, token=uuid.uuid4())
    page = text_of(alice_client.get(page_of(second)))
    assert "It is waiting for a maintainer" in page
    assert "One is waiting ahead of you." in page
    assert f'href="/submissions/{second.pk}/edit/"' in page
    assert f'href="/submissions/{second.pk}/withdraw/"' in page


def test_it_shows_what_was_proposed_and_what_the_checks_said(submission, alice_client):
    page = text_of(alice_client.get(page_of(submission)))
    for words in ("Gyeong-In Yu", "https://arxiv.org/abs/2307.08691", WHY, "Checks ran", "Links answer", "Serving"):
        assert words in page


def test_asked_for_changes_it_is_the_contributors_turn(submission, mel, alice_client):
    review.decide(submission, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Name <all> authors.\nAll of them.")
    page = text_of(alice_client.get(page_of(submission)))
    assert "Your turn: <bdi>mel</bdi> asks for changes" in page
    assert "Name <all> authors.<br>All of them." in page
    assert "Submitting again puts it back where it stood in the queue." in page
    assert "Edit and submit again" in page


@pytest.mark.parametrize(("verdict", "words"), [(review.APPROVE, "Approved by"), (review.REJECT, "Not taken:")])
def test_a_decision_is_shown_with_its_reason_and_can_be_argued_no_more(submission, mel, alice_client, verdict, words):
    review.decide(submission, verdict, by=mel, seen_version=1, reason="Because of section 4.")
    page = text_of(alice_client.get(page_of(submission)))
    assert words in page
    assert "Because of section 4." in page
    assert "/edit/" not in page
    assert ('href="/papers/orca-a-distributed-serving-system/"' in page) == (verdict == review.APPROVE)


def test_a_private_note_is_on_no_page_of_the_site(submission, mel, alice_client, mel_client, visitor):
    review.decide(submission, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.", private_note="hush-hush")
    review.edit(submission, submission.record, by=submission.contributor, seen_version=1, why=WHY)
    review.decide(submission, review.APPROVE, by=mel, seen_version=2, reason="Fine.", private_note="hush-hush")
    paper = Paper.objects.get().get_absolute_url()
    for client in (alice_client, mel_client, visitor):
        for page in (page_of(submission), "/submissions/", "/", "/papers/", paper, "/api/v1/export/"):
            assert b"hush-hush" not in client.get(page).getvalue()


def test_a_decision_outlives_the_maintainers_account(submission, mel, alice_client):
    review.decide(submission, review.REJECT, by=mel, seen_version=1, reason="Out of scope.")
    mel.delete()
    page = text_of(alice_client.get(page_of(submission)))
    assert "Not taken" in page
    assert "Out of scope." in page


def test_a_submission_outlives_the_contributors_account(submission, alice, mel, mel_client):
    alice.delete()
    page = text_of(mel_client.get(page_of(submission)))
    assert "Orca" in page
    assert "alice" not in page
    review.decide(Submission.objects.get(), review.APPROVE, by=mel, seen_version=1)


# -- Changing it ---------------------------------------------------------------------------------------
def test_the_form_holds_what_was_proposed(submission, alice_client):
    page = alice_client.get(page_of(submission, "edit/")).text
    assert "Orca: A Distributed Serving System</textarea>" in page
    assert 'value="https://arxiv.org/abs/2307.08691"' in page
    assert re.search(r'value="serving"[^>]* checked', page)
    assert WHY in page
    assert 'name="version" value="1"' in page


def test_the_form_knows_a_category_that_was_renamed_meanwhile(submission, alice_client):
    arranging.rename_category(Category.objects.get(path="serving"), name="Inference", slug="inference")
    page = alice_client.get(page_of(submission, "edit/")).text
    assert re.search(r'value="inference"[^>]* checked', page)


def test_a_form_sent_back_unchanged_changes_nothing_but_the_version(submission, alice, alice_client):
    rich = records.replace(
        submission.record,
        authors=(records.Author(name="Gyeong-In Yu", orcid="0000-0001-2345-6789"),),
        venue=records.Venue(name="OSDI", year=2022, track="Industry", raw="OSDI' 22"),
        year=2022,
        abstract="One.\n\nTwo.",
        note="See section 4.",
        organizations=(records.Organization(name="Princeton"),),
        identifiers={"arxiv": "2307.08691", "doi": "10.1145/1.2"},
    )
    review.edit(submission, rich, by=alice, seen_version=1, why=WHY)
    page = alice_client.get(page_of(submission, "edit/"))
    form = page.context["form"]
    alice_client.post(page_of(submission, "edit/"), {name: form.data.getlist(name) for name in form.data})
    again = Submission.objects.get()
    assert again.version == 3
    linked = records.replace(rich, links=again.record.links, categories=again.record.categories)
    assert again.record == linked
    assert "https://doi.org/10.1145/1.2" in [link.url for link in again.record.links]


def test_an_edit_is_a_new_version(submission, alice_client):
    response = alice_client.post(page_of(submission, "edit/"), typed(submission, title="Orca, edited", short_name=""))
    assert response["Location"] == page_of(submission)
    again = Submission.objects.get()
    assert (again.title, again.version, again.status) == ("Orca, edited", 2, "pending")


def test_an_edit_is_held_to_the_rules_of_a_new_one(submission, alice_client):
    make_paper("Whale", identifiers={"arxiv": "2205.14135"})
    for changes in ({"title": ""}, {"why": "short"}, {"link_url": ["https://arxiv.org/abs/2205.14135"]}, {"categories": ["nowhere"]}):
        assert alice_client.post(page_of(submission, "edit/"), typed(submission, **changes)).status_code == 422
    assert Submission.objects.get().version == 1


def test_editing_what_was_sent_back_puts_it_in_the_queue_again(submission, mel, alice_client):
    review.decide(submission, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.")
    assert "Submit again" in alice_client.get(page_of(submission, "edit/")).text
    alice_client.post(page_of(submission, "edit/"), typed(submission))
    assert Submission.objects.get().status == "pending"


def test_a_stale_edit_shows_both_versions_and_keeps_the_typed_text(submission, alice, alice_client):
    review.edit(submission, records.replace(submission.record, title="Sent from the other window"), by=alice, seen_version=1, why=WHY)
    fields = typed(submission, title="Typed in this window", short_name="")
    response = alice_client.post(page_of(submission, "edit/"), fields)
    page = text_of(response)
    assert response.status_code == 409
    assert "It was changed while you were typing" in page
    assert "Sent from the other window" in page
    assert "Typed in this window</textarea>" in page
    assert Submission.objects.get().title == "Sent from the other window"
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    assert alice_client.post(page_of(submission, "edit/"), {**fields, "version": version}).status_code == 302
    assert Submission.objects.get().title == "Typed in this window"


@pytest.mark.parametrize("version", ["", "x", "-1", "٣", "9" * 40])
def test_an_edit_without_a_usable_version_is_stale(submission, alice_client, version):
    assert alice_client.post(page_of(submission, "edit/"), typed(submission, version=version)).status_code == 409


def test_an_edit_after_the_decision_changes_nothing_and_keeps_the_typed_text(submission, mel, alice_client):
    review.decide(submission, review.REJECT, by=mel, seen_version=1, reason="Out of scope.")
    response = alice_client.post(page_of(submission, "edit/"), typed(submission, title="Typed too late", short_name=""))
    page = text_of(response)
    assert response.status_code == 409
    assert "It was settled while you were typing: rejected" in page
    assert "Typed too late</textarea>" in page
    assert Submission.objects.get().title != "Typed too late"


def test_the_form_of_a_settled_one_leads_to_its_page(submission, alice, alice_client):
    review.withdraw(submission, by=alice)
    response = alice_client.get(page_of(submission, "edit/"), follow=True)
    assert response.redirect_chain == [(page_of(submission), 302)]
    assert "This submission is settled and stays as it is." in text_of(response)


def test_an_edit_typed_while_signed_out_is_kept(submission, alice, visitor):
    visitor.post(page_of(submission, "edit/"), typed(submission, title="Typed for an hour"))
    visitor.force_login(alice)
    assert "Typed for an hour</textarea>" in visitor.get(page_of(submission, "edit/")).text


# -- Taking it back --------------------------------------------------------------------------------------
def test_withdrawing_asks_first_and_then_does_it(submission, alice_client):
    assert "Withdraw this submission?" in alice_client.get(page_of(submission, "withdraw/")).text
    assert Submission.objects.get().status == "pending"
    response = alice_client.post(page_of(submission, "withdraw/"), follow=True)
    assert Submission.objects.get().status == "withdrawn"
    assert "It was withdrawn" in text_of(response)


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_settled_cannot_be_taken_back(submission, mel, alice_client, method):
    review.decide(submission, review.APPROVE, by=mel, seen_version=1)
    response = getattr(alice_client, method)(page_of(submission, "withdraw/"), follow=True)
    assert response.redirect_chain[-1][0] == page_of(submission)
    assert Submission.objects.get().status == "approved"


# -- The conversation --------------------------------------------------------------------------------------
def said(text="Which section says so?", **more):
    return {"token": str(uuid.uuid4()), "text": text, **more}


def test_contributor_and_reviewer_talk_and_both_read_it(submission, alice_client, mel_client):
    response = mel_client.post(page_of(submission, "comment/"), said("Which section says so?"))
    assert response["Location"] == f"{page_of(submission)}#conversation"
    alice_client.post(page_of(submission, "comment/"), said("Section 4.\n\nSee also <b>5</b>."))
    for client in (alice_client, mel_client):
        page = text_of(client.get(page_of(submission)))
        assert page.index(WHY) < page.index("Which section says so?") < page.index("Section 4.<br><br>See also <b>5</b>.")
    assert b"<b>5" not in alice_client.get(page_of(submission)).content


def test_nobody_else_says_anything(submission, bruno_client, visitor):
    assert bruno_client.post(page_of(submission, "comment/"), said()).status_code == 404
    assert visitor.post(page_of(submission, "comment/"), said()).status_code == 302
    assert not submission.comments.exists()


def test_a_category_maintainer_reads_and_talks_where_they_may_review(submission, bruno, bruno_client):
    Category.objects.get(path="serving").maintainers.add(bruno)
    assert "Orca" in text_of(bruno_client.get(page_of(submission)))
    assert bruno_client.post(page_of(submission, "comment/"), said()).status_code == 302
    assert submission.comments.get().by == bruno
    other = review.submit(make_record("Whale", categories=["elsewhere"]), by=submission.contributor, why=WHY, token=uuid.uuid4())
    assert bruno_client.get(page_of(other)).status_code == 404
    assert bruno_client.post(page_of(other, "comment/"), said()).status_code == 404


def test_a_comment_sent_twice_is_said_once_and_the_same_words_may_be_said_again(submission, alice_client):
    fields = said("Yes.")
    for again in (fields, fields, said("Yes."), {"text": "Yes."}, {"text": "Yes.", "token": "broken"}):
        assert alice_client.post(page_of(submission, "comment/"), again).status_code == 302
    assert submission.comments.count() == 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write what you want to say."),
        (" \n ", "Write what you want to say."),
        ("x" * 2_001, "Shorten it to 2000 characters; it has 2001."),
        ("Yes\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("Yes\x00", "U+0000"),
    ],
)
def test_a_bad_comment_gets_a_sentence_beside_its_field(submission, alice_client, text, sentence):
    response = alice_client.post(page_of(submission, "comment/"), said(text))
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert 'href="#id_text"' in response.text
    assert not submission.comments.exists()


def test_addresses_in_a_comment_become_links_and_nothing_else_does(submission, alice_client):
    text = (
        'See https://arxiv.org/abs/2307.08691v2), javascript:alert(1), https://me:pw@evil.org/ and http://a.org/"><script>alert(1)</script>'
    )
    alice_client.post(page_of(submission, "comment/"), said(text))
    page = alice_client.get(page_of(submission)).text
    address = "https://arxiv.org/abs/2307.08691v2"
    assert f'<a href="{address}" rel="nofollow ugc noopener noreferrer">{address}</a>)' in page
    assert '<a href="http://a.org/"' in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert 'href="https://me' not in page


def test_the_thirty_first_comment_in_an_hour_waits_and_is_kept(submission, alice, alice_client):
    for number in range(review.COMMENTS_PER_HOUR):
        review.comment(submission, f"{number}", by=alice)
    fields = said("Typed for an hour.")
    response = alice_client.post(page_of(submission, "comment/"), fields)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 3_000
    assert "Typed for an hour.</textarea>" in text_of(response)
    submission.comments.all().delete()
    assert alice_client.post(page_of(submission, "comment/"), fields).status_code == 302
    assert submission.comments.get().text == "Typed for an hour."


def test_a_comment_typed_while_signed_out_is_kept(submission, alice, visitor):
    response = visitor.post(page_of(submission, "comment/"), said("Typed for an hour."))
    assert response["Location"] == f"/accounts/login/?next={page_of(submission, 'comment/')}"
    visitor.force_login(alice)
    page = text_of(visitor.get(page_of(submission, "comment/")))
    assert "Here is what you typed" in page
    assert "Typed for an hour.</textarea>" in page
    assert visitor.get(page_of(submission, "comment/"))["Location"] == page_of(submission)


def test_a_comment_without_its_token_comes_back_with_every_word(submission, alice, bruno):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(page_of(submission, "comment/"), said("Typed for an hour."))
    assert response.status_code == 403
    assert "This was not sent yet" in text_of(response)
    assert "Typed for an hour.</textarea>" in text_of(response)
    client.force_login(bruno)
    assert client.post(page_of(submission, "comment/"), said()).status_code == 404


# -- What became of it -------------------------------------------------------------------------------------
def test_what_the_desk_tells_itself_is_not_here(submission, mel, alice_client, mel_client):
    review.leave_note(submission, "hush-hush", by=mel)
    review.decide(submission, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Name them.", private_note="hush-hush")
    for client in (alice_client, mel_client):
        assert b"hush-hush" not in client.get(page_of(submission)).content


def test_a_reason_is_shown_with_its_label_and_word_for_word(submission, mel, alice_client):
    review.decide(submission, review.REJECT, by=mel, seen_version=1, reason_code="out_of_scope", reason="Good, <but> elsewhere.")
    page = text_of(alice_client.get(page_of(submission)))
    assert "Out of scope" in page
    assert "Good, <but> elsewhere." in page


def test_approved_with_edits_shows_what_the_maintainer_changed(submission, mel, alice_client):
    edited = records.replace(submission.record, authors=(records.Author(name="Gyeong-In Yu"), records.Author(name="Joo Seong Jeong")))
    review.decide(submission, review.APPROVE, by=mel, seen_version=1, record=edited)
    page = text_of(alice_client.get(page_of(submission)))
    assert "approved it with edits" in page
    assert "<ins>Joo Seong Jeong</ins>" in page


def test_a_decision_taken_back_is_marked_and_the_page_waits_again(submission, mel, root, alice_client):
    decision = review.decide(submission, review.REJECT, by=mel, seen_version=1, reason="Out of scope.")
    review.undo(decision, by=root, reason="It is in scope.")
    page = text_of(alice_client.get(page_of(submission)))
    assert "It is waiting for a maintainer" in page
    assert "taken back by <bdi>root</bdi>" in page
    assert "It is in scope." in page
    assert "Version 2, open again" in page


def test_where_it_stands_is_told_in_order(submission, alice, mel, alice_client):
    review.open_item(submission, by=mel)
    review.decide(submission, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.")
    review.edit(submission, records.replace(submission.record, year=2022), by=alice, seen_version=1, why=WHY)
    page = text_of(alice_client.get(page_of(submission)))
    trail = page[page.index("Where it stands") :]
    events = ["Submitted", "Checks ran", "Opened by <bdi>mel</bdi>", "Changes requested", "Back in the queue", "Waiting", "Decision"]
    assert [trail.index(event) for event in events] == sorted(trail.index(event) for event in events)
    assert "Version 2, edited" in page
    assert "<ins>2022</ins>" in page


def test_a_correction_is_shown_as_what_it_changes_and_what_was_taken_of_it(alice, mel, alice_client):
    paper = make_paper("Whale", year=2022, note="Old.", categories=["serving"])
    record = records.replace(paper.record, year=2023, note="New.")
    correction = review.correct(paper, record, by=alice, why=WHY, token=uuid.uuid4())
    page = text_of(alice_client.get(page_of(correction)))
    assert "2 of 11 fields change" in page
    assert "<del>2022</del>" in page
    assert "<ins>2023</ins>" in page
    review.decide(correction, review.APPROVE, by=mel, seen_version=1, fields=["year"])
    page = text_of(alice_client.get(page_of(correction)))
    assert "took year; the other fields stay open" in page
    assert "1 of 11 fields changes" in page
    assert "Version 2, what was left open" in page


def test_a_removal_is_shown_as_the_paper_and_the_reason(alice, mel, alice_client):
    paper = make_paper("Whale", categories=["serving"])
    removal = review.remove(paper, by=alice, why=WHY, token=uuid.uuid4())
    page = text_of(alice_client.get(page_of(removal)))
    assert "The paper that should go" in page
    assert f"“<bdi>{WHY}</bdi>”" in page
    assert 'href="/papers/whale/"' in page
    review.decide(removal, review.APPROVE, by=mel, seen_version=1)
    assert "The paper left the list; its address says why." in text_of(alice_client.get(page_of(removal)))


def test_why_it_is_not_the_near_one_is_shown_and_asked_once(alice, alice_client):
    near = make_paper("DéjàVu: KV-cache Streaming for Fast Serving", short_name="DéjàVu", categories=["serving"])
    record = make_record("Deja Vu: Contextual Sparsity", short_name="Deja Vu", categories=["serving"], links=["https://a.org/1"])
    told = {"different_from": [near], "because": "Sparsity, not streaming."}
    submission = review.submit(record, by=alice, why=WHY, token=uuid.uuid4(), **told)
    assert "Sparsity, not streaming." in text_of(alice_client.get(page_of(submission)))
    page = alice_client.get(page_of(submission, "edit/"))
    assert "One paper here looks close to this one" not in page.text
    form = page.context["form"]
    fields = {name: form.data.getlist(name) for name in form.data}
    assert alice_client.post(page_of(submission, "edit/"), {**fields, "year": "2023"}).status_code == 302
    again = Submission.objects.get()
    assert (list(again.different_from.all()), again.because, again.version) == ([near], "Sparsity, not streaming.", 2)


@pytest.mark.parametrize("who", ["alice_client", "mel_client"])
def test_a_page_with_a_history_asks_few_questions(submission, alice, mel, request, questions, who):
    review.open_item(submission, by=mel)
    for number in range(3):
        review.comment(submission, f"Word {number}", by=mel)
        review.comment(submission, f"Answer {number}", by=alice)
    review.decide(submission, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.")
    review.edit(submission, submission.record, by=alice, seen_version=1, why=WHY)
    client = request.getfixturevalue(who)
    client.get(page_of(submission))
    questions(client, page_of(submission))


def test_the_edit_form_asks_few_questions(submission, alice_client, questions):
    questions(alice_client, page_of(submission, "edit/"))
