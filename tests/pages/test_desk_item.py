"""One submission on the desk, beyond approve and reject: corrections, removals, edits, leases, talk and undo."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from catalog import publishing, records, review, taxonomy
from catalog.models import Comment, Decision, DeskNote, Paper, Submission, Tombstone
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record

QUEUE = "/admin/catalog/submission/"
WHY = "It serves a thousand adapters from one copy of the base model."
LINK = "https://example.org/orca"
SECRET = "Between us: third of its kind."


@pytest.fixture
def sol(mel):
    user = make_user("sol", is_staff=True)
    user.groups.set(mel.groups.all())
    return user


@pytest.fixture
def sol_client(sol):
    return signed_in(sol)


@pytest.fixture
def keeper(db):
    """Keeps the category `serving`."""
    user = make_user("kim")
    taxonomy.name_maintainers(make_category("serving"), [user])
    return user


@pytest.fixture
def addition(alice):
    make_category("serving")
    return propose(alice)


@pytest.fixture
def paper(db):
    return make_paper("Orca", year=2022, authors=["Gyeong-In Yu"], categories=["serving"], links=[LINK])


@pytest.fixture
def correction(alice, paper):
    """Two fields."""
    proposed = records.replace(paper.record, year=2023, identifiers={"doi": "10.5555/orca"})
    return review.correct(paper, proposed, by=alice, why=WHY, token=uuid4())


@pytest.fixture
def removal(alice, paper):
    return review.remove(paper, by=alice, why="Its page is gone, and nobody has a copy of it.", token=uuid4())


def propose(by, title="Splitwise", **facts):
    record = make_record(title, **{"categories": ["serving"], "links": ["https://example.org/paper"], **facts})
    return review.submit(record, by=by, why=WHY, token=uuid4())


def address(submission, page="change"):
    return f"{QUEUE}{submission.pk}/{page}/"


CODES = {
    "addition": {"approve": "belongs", "reject": "out_of_scope"},
    "correction": {"approve": "checked", "reject": "is_right"},
    "removal": {"approve": "removed", "reject": "stays"},
}


def decide(client, submission, verdict="approve", **told):
    code = "facts" if verdict == "request_changes" else CODES[submission.kind][verdict]
    revision = submission.paper.revision if submission.paper else ""
    data = {"verdict": verdict, "version": submission.version, "revision": revision, "reason_code": code, "reason": ""}
    return client.post(address(submission), {**data, **told})


def fresh(submission):
    return Submission.objects.select_related("paper").get(pk=submission.pk)


def now(paper):
    return Paper.objects.get(pk=paper.pk).record


def facts():
    return {paper.public_id: paper.record_json for paper in Paper.objects.all()}


# -- A correction ------------------------------------------------------------------------------
BOTH = ["year", "identifiers.doi"]


def test_a_correction_shows_what_it_changes_each_field_ticked_and_the_rest_apart(mel_client, correction, paper):
    response = mel_client.get(address(correction))
    text = response.text
    assert f"2 of {response.context['total']} fields change" in text
    assert f"{response.context['total'] - 2} fields stay as they are" in text
    assert "Now, revision 1" in text
    assert "<del>2022</del>" in text
    assert "<ins>2023</ins>" in text
    for name in BOTH:
        assert f'name="field" value="{name}" form="decision" checked' in text
    assert f'href="{paper.get_absolute_url()}"' in text
    assert "came with the catalogue" in text
    assert "This correction" in text


def test_all_fields_ticked_approve_it_whole(mel_client, correction, paper):
    assert decide(mel_client, correction, field=BOTH).status_code == 302
    assert Decision.objects.get().verdict == "approve"
    assert fresh(correction).status == "approved"
    assert (now(paper).year, now(paper).identifiers) == (2023, {"doi": "10.5555/orca"})


def test_a_part_is_taken_and_the_answer_says_what_stays_open(mel_client, correction, paper):
    response = decide(mel_client, correction, field=["year"])
    decision = Decision.objects.get()
    assert (decision.verdict, decision.fields, decision.reason_code) == ("take", ["year"], "in_part")
    assert (now(paper).year, now(paper).identifiers) == (2023, {})
    assert (fresh(correction).status, fresh(correction).version) == ("pending", 2)
    assert response["Location"].partition("?")[0] == QUEUE
    assert "Approved in part: Year of" in mel_client.get(response["Location"]).text
    page = mel_client.get(address(correction)).text
    assert "1 of" in page
    assert 'value="identifiers.doi"' in page
    assert 'value="year"' not in page


def test_no_field_ticked_is_refused_and_the_ticks_and_words_stay(mel_client, correction):
    response = decide(mel_client, correction, reason="Fine with me.", private_note=SECRET)
    assert response.status_code == 409
    assert "No field is chosen" in response.text
    assert "Fine with me.</textarea>" in response.text
    for name in BOTH:
        assert f'value="{name}" form="decision">' in response.text
    assert fresh(correction).status == "pending"


def test_fields_that_it_does_not_change_are_nobody_s_to_take(mel_client, correction):
    before = facts()
    assert decide(mel_client, correction, field=["title", "revision", "\x00", "nonsense"]).status_code == 409
    assert facts() == before


def test_a_paper_that_changed_meanwhile_is_shown_anew_with_what_was_typed(mel, mel_client, correction, paper):
    publishing.revise(paper, records.replace(paper.record, year=2021), by=mel)
    response = decide(mel_client, correction, revision=1, field=["year"], reason="Checked at the source.", private_note=SECRET)
    assert response.status_code == 409
    text = response.text
    assert "The entry has changed since you looked" in text
    assert "Now, revision 2" in text
    assert "<del>2021</del>" in text
    assert "Changed since it was proposed" in text
    assert "Checked at the source.</textarea>" in text
    assert f"{SECRET}</textarea>" in text
    assert 'value="year" form="decision" checked' in text
    assert 'value="identifiers.doi" form="decision">' in text
    assert 'name="revision" value="2"' in text
    assert not Decision.objects.exists()


def test_what_others_made_of_it_already_is_said_in_words(mel, mel_client, correction, paper):
    publishing.revise(paper, records.replace(paper.record, year=2023), by=mel)
    assert "It says so already" in mel_client.get(address(correction)).text


def test_a_correction_of_a_paper_that_is_gone_says_where_it_went(mel, mel_client, correction, paper):
    other = make_paper("Orca, printed", categories=["serving"])
    review.merge(paper, other, other.record, by=mel, reason="The same work, printed later.", seen_revisions=(1, 1))
    Submission.objects.filter(pk=correction.pk).update(paper=None)
    response = mel_client.post(address(correction), {"verdict": "approve", "version": 1, "reason_code": "checked", "field": BOTH})
    assert response.status_code == 409
    assert f'href="{other.get_absolute_url()}"' in response.text
    assert fresh(correction).status == "pending"


def test_the_titles_of_fields_are_escaped(mel_client, alice, paper):
    hostile = "<script>alert(1)</script>"
    proposed = records.replace(paper.record, title=f"{hostile} Orca", note=hostile)
    submission = review.correct(paper, proposed, by=alice, why=WHY, token=uuid4())
    for page in ("change", "edit"):
        assert "<script>alert" not in mel_client.get(address(submission, page)).text


# -- A removal ---------------------------------------------------------------------------------
def test_a_removal_shows_the_paper_and_what_its_address_will_say(mel_client, removal, paper, alice):
    corrected = review.correct(paper, records.replace(paper.record, year=2023), by=alice, why=WHY, token=uuid4())
    text = mel_client.get(address(removal)).text
    assert f"{paper.get_absolute_url()}</span> then answers 410" in text
    assert f'<q dir="auto">{removal.why}</q>' in text
    assert f'href="{address(corrected)}"' in text
    assert "Approve with edits" not in text
    assert mel_client.get(address(removal, "edit")).status_code == 404


def test_approving_a_removal_leaves_a_tombstone_with_the_public_reason(mel_client, visitor, removal, paper):
    assert decide(mel_client, removal).status_code == 302
    assert Tombstone.objects.get().reason == removal.why
    gone = visitor.get(paper.get_absolute_url())
    assert gone.status_code == 410
    assert removal.why in gone.text
    assert "The paper as it stood" in mel_client.get(address(removal)).text


# -- Approve with edits --------------------------------------------------------------------------
def edited(submission, **changed):
    """The form as it would be sent."""
    data = {"title": submission.title, "kind": "paper", "categories": ["serving"], "link_url": [submission.record.links[0].url]}
    data |= {"link_kind": ["paper"], "year": submission.record.year or "", "authors": "\n".join(a.name for a in submission.record.authors)}
    revision = submission.paper.revision if submission.paper else ""
    told = {"verdict": "approve", "version": submission.version, "revision": revision, "reason_code": "edited", "reason": ""}
    return {**data, **told, **changed}


def test_the_form_holds_the_proposal_without_what_the_contributor_alone_can_say(mel_client, addition):
    page = mel_client.get(address(addition, "edit"))
    assert page.status_code == 200
    assert "Splitwise</textarea>" in page.text
    assert 'value="serving" checked' in page.text
    for name in ("why", "is_own_work", "answer", "because"):
        assert f'name="{name}"' not in page.text
    assert 'value="edited" selected' in page.text


def test_what_the_maintainer_edits_is_published_and_the_difference_is_shown(mel_client, alice, addition):
    response = mel_client.post(address(addition, "edit"), edited(addition, title="Splitwise: Split Phases", year="2024"))
    assert response.status_code == 302
    paper = Paper.objects.get()
    assert (paper.title, paper.year) == ("Splitwise: Split Phases", 2024)
    submission = fresh(addition)
    assert (submission.contributor, submission.title, submission.status) == (alice, "Splitwise", "approved")
    decision = Decision.objects.get()
    assert (decision.record.title, decision.reason_code) == ("Splitwise: Split Phases", "edited")
    page = mel_client.get(address(addition)).text
    assert "What the maintainer edited" in page
    assert "<ins>: Split Phases</ins>" in page


def test_before_it_is_sent_the_changes_can_be_looked_at(mel_client, addition):
    response = mel_client.post(address(addition, "edit"), edited(addition, year="2024", act="look"))
    assert response.status_code == 200
    assert [row.name for row in response.context["edits"]] == ["year"]
    assert "You changed 1 field" in response.text
    assert fresh(addition).status == "pending"
    same = mel_client.post(address(addition, "edit"), edited(addition, act="look"))
    assert same.context["edits"] == []
    assert "nothing is changed" in same.text


def test_an_error_in_the_form_keeps_every_word(mel_client, addition):
    told = edited(addition, title="", year="20x4", note="Read section 3.", reason="Well found.", private_note=SECRET, link_url=["nonsense"])
    response = mel_client.post(address(addition, "edit"), told)
    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"title", "year", "links"}
    for typed in ("20x4", "Read section 3.", "Well found.", SECRET, 'value="nonsense"'):
        assert typed in response.text
    assert not Decision.objects.exists()


def test_another_link_can_be_added(mel_client, addition):
    response = mel_client.post(address(addition, "edit"), edited(addition, act="add_link", title="Typed"))
    assert response.text.count('name="link_url"') == 2
    assert "Typed</textarea>" in response.text
    assert not response.context["form"].errors


def test_editing_what_has_changed_meanwhile_is_refused_and_keeps_the_fields(mel_client, alice, addition):
    review.edit(addition, records.replace(addition.record, year=2020), by=alice, seen_version=1, why=WHY)
    response = mel_client.post(address(addition, "edit"), edited(addition, title="Mine"))
    assert response.status_code == 409
    assert "Edited by alice while you were reading" in response.text
    assert "Mine</textarea>" in response.text
    assert 'name="version" value="2"' in response.text
    assert {row.name for row in response.context["edits"]} == {"title", "year"}
    assert not Decision.objects.exists()


def test_editing_what_was_decided_meanwhile_is_refused(mel_client, sol_client, addition):
    decide(sol_client, addition, "reject", reason="Out of scope.")
    response = mel_client.post(address(addition, "edit"), edited(addition, title="Mine", reason="I liked it."))
    assert response.status_code == 409
    assert "Already rejected by sol" in response.text
    assert "I liked it." in response.text
    assert mel_client.get(address(addition, "edit"))["Location"] == address(addition)


def test_a_correction_with_edits_changes_the_paper_as_it_stands(mel_client, correction, paper):
    page = mel_client.get(address(correction, "edit")).text
    assert 'value="2023"' in page
    links = [LINK, "https://doi.org/10.5555/orca"]
    told = edited(correction, year="2021", link_url=links, link_kind=["paper", "paper"])
    assert mel_client.post(address(correction, "edit"), told).status_code == 302
    assert (now(paper).year, now(paper).identifiers) == (2021, {"doi": "10.5555/orca"})
    assert Decision.objects.get().verdict == "approve"


def test_a_category_maintainer_edits_within_their_categories_only(keeper, addition):
    make_category("training")
    client = signed_in(keeper)
    response = client.post(address(addition, "edit"), edited(addition, categories=["serving", "training"]))
    assert response.status_code == 403
    assert "This is not yours to decide" in response.text
    assert 'value="training" checked' in response.text
    assert fresh(addition).status == "pending"
    assert client.post(address(addition, "edit"), edited(addition, year="2024")).status_code == 302
    assert Paper.objects.get().year == 2024


# -- Leases --------------------------------------------------------------------------------------
def test_opening_marks_it_as_being_reviewed_and_looking_from_afar_does_not(mel, mel_client, addition):
    mel_client.head(address(addition))
    assert fresh(addition).opened_by is None
    page = mel_client.get(address(addition)).text
    assert fresh(addition).opened_by == mel
    assert f"Yours until {timezone.localtime(fresh(addition).leased_until):%H:%M}" in page


def test_a_second_reviewer_is_warned_may_read_and_decide(mel_client, sol_client, sol, addition):
    sol_client.get(address(addition))
    page = mel_client.get(address(addition)).text
    assert "<bdi>sol</bdi> is reviewing this until" in page
    assert "You can read it; deciding is still possible" in page
    assert fresh(addition).opened_by == sol
    assert decide(mel_client, addition).status_code == 302


def test_a_lease_that_has_run_out_is_nobody_s(mel, mel_client, sol_client, addition):
    sol_client.get(address(addition))
    Submission.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert "is reviewing this until" not in mel_client.get(address(addition)).text
    assert fresh(addition).opened_by == mel


def test_taking_over_needs_a_note_that_only_maintainers_see(mel, mel_client, sol_client, alice_client, visitor, addition):
    sol_client.get(address(addition))
    for empty in ("", "  "):
        response = mel_client.post(address(addition, "take-over"), {"text": empty})
        assert response.status_code == 422
        assert "Say why" in response.text
    assert mel_client.post(address(addition, "take-over"), {"text": SECRET})["Location"] == address(addition)
    assert fresh(addition).opened_by == mel
    assert SECRET in sol_client.get(address(addition)).text
    for client in (alice_client, visitor):
        assert SECRET not in client.get(addition.get_absolute_url()).text


def test_what_the_contributor_edits_is_flagged_with_what_changed(mel_client, sol_client, alice, addition):
    sol_client.get(address(addition))
    Submission.objects.update(leased_until=timezone.now())
    changed = records.replace(addition.record, year=2024)
    review.edit(addition, changed, by=alice, seen_version=1, why=WHY)
    page = mel_client.get(address(addition)).text
    assert "Edited since <bdi>sol</bdi> looked" in page
    assert "Version 2 changed: Year." in page
    assert "Your decision will be about version 2." in page
    assert "<ins>2024</ins>" in page
    assert "Edited since" not in mel_client.get(address(addition)).text
    review.edit(addition, changed, by=alice, seen_version=2, why=f"{WHY} Truly.")
    again = mel_client.get(address(addition)).text
    assert "Edited since you looked" in again
    assert "Version 3 changed: Why it belongs." in again


# -- Conversation and notes ------------------------------------------------------------------------
def test_what_is_said_is_for_the_contributor_and_what_is_noted_is_for_the_desk(mel_client, sol_client, alice_client, addition):
    assert mel_client.post(address(addition, "comment"), {"text": "Is it ICLR, or a workshop?"}).status_code == 302
    assert mel_client.post(address(addition, "note"), {"text": SECRET}).status_code == 302
    page = sol_client.get(address(addition)).text
    assert "Is it ICLR, or a workshop?" in page
    assert page.index("Only maintainers see this") < page.index(SECRET)
    assert SECRET not in alice_client.get(addition.get_absolute_url()).text
    assert (Comment.objects.get().text, DeskNote.objects.get().text) == ("Is it ICLR, or a workshop?", SECRET)


def test_the_private_note_of_a_decision_is_told_in_order_and_marked(mel_client, addition):
    decide(mel_client, addition, "reject", reason="About chips only.", private_note=SECRET)
    page = mel_client.get(address(addition))
    said = [(event.what, event.is_for_the_desk) for event in page.context["events"]]
    assert said == [("submitted", False), ("decision", False), ("private", True)]
    assert page.text.count(SECRET) == 1


@pytest.mark.parametrize("page", ["comment", "note"])
def test_nothing_said_is_refused_and_too_much_is_kept(mel_client, addition, page):
    assert mel_client.post(address(addition, page), {"text": " "}).status_code == 422
    long = "x" * 20_000
    response = mel_client.post(address(addition, page), {"text": long})
    assert response.status_code == 422
    assert long in response.text
    assert mel_client.post(address(addition, page), {"text": "a\x00b"}).status_code == 422
    assert not Comment.objects.exists()
    assert not DeskNote.objects.exists()


def test_who_says_too_much_in_an_hour_is_told_when_it_goes_on(mel_client, addition, monkeypatch):
    monkeypatch.setattr("catalog.review.desk.COMMENTS_PER_HOUR", 1)
    mel_client.post(address(addition, "comment"), {"text": "One."})
    response = mel_client.post(address(addition, "comment"), {"text": "Two, which is kept."})
    assert response.status_code == 429
    assert "You can go on at" in response.text
    assert "Two, which is kept.</textarea>" in response.text


# -- Undo --------------------------------------------------------------------------------------
def undo(client, decision, **told):
    return client.post(address(decision.submission, "undo"), {"decision": decision.pk, **told})


def test_a_decision_is_undone_with_one_click_from_the_page_that_follows(mel_client, alice, addition):
    other = propose(alice, "Sarathi", links=["https://example.org/sarathi"])
    following = decide(mel_client, addition)["Location"]
    decision = Decision.objects.get()
    assert following == f"{address(other)}?decided={decision.pk}"
    page = mel_client.get(following).text
    assert "Approved." in page
    assert f'action="{address(addition, "undo")}"' in page
    assert f'name="decision" value="{decision.pk}"' in page
    response = undo(mel_client, decision)
    assert response.status_code == 302
    assert "Undone. No." in mel_client.get(response["Location"]).text
    assert not Paper.objects.exists()
    assert fresh(addition).status == "pending"
    assert f'action="{address(addition, "undo")}"' not in mel_client.get(following).text


def test_every_form_of_the_page_bears_its_token(mel_client, sol_client, alice, addition):
    other = propose(alice, "Sarathi", links=["https://example.org/sarathi"])
    sol_client.get(address(other))
    page = mel_client.get(decide(mel_client, addition)["Location"]).text
    # Sign out, undo, take over, decide, write, note.
    assert page.count('method="post"') == page.count('name="csrfmiddlewaretoken"') == 6


@pytest.mark.parametrize("verdict", ["approve", "reject", "request_changes"])
def test_the_page_of_what_was_decided_can_undo_it(mel_client, addition, verdict):
    before = facts()
    decide(mel_client, addition, verdict, reason="Because.")
    assert "Undo this decision" in mel_client.get(address(addition)).text
    assert undo(mel_client, Decision.objects.get(), reason="Too quick.").status_code == 302
    assert facts() == before
    assert fresh(addition).status == "pending"
    page = mel_client.get(address(addition))
    assert "Undo this decision" not in page.text
    assert "undone by <bdi>mel</bdi>" in page.text
    assert "Too quick." in page.text
    # The version that undoing made is no edit of the contributor's.
    assert [event.what for event in page.context["events"]] == ["submitted", "decision", "decision"]


def test_undoing_a_part_opens_all_fields_again_and_restores_the_very_bytes(mel_client, correction):
    before = facts()
    decide(mel_client, correction, field=["year"])
    assert facts() != before
    assert undo(mel_client, Decision.objects.get()).status_code == 302
    assert facts() == before
    page = mel_client.get(address(correction))
    assert [field.row.name for field in page.context["fields"]] == BOTH
    assert {event.what for event in page.context["events"]} == {"submitted", "decision"}


def test_looking_at_undo_changes_nothing(mel_client, addition):
    decide(mel_client, addition)
    for page in ("undo", "take-over", "comment", "note"):
        assert mel_client.get(address(addition, page)).status_code == 405
    assert fresh(addition).status == "approved"


def test_undoing_twice_is_refused_with_who_was_faster(mel_client, sol_client, addition):
    decide(mel_client, addition)
    decision = Decision.objects.get()
    undo(sol_client, decision)
    response = undo(mel_client, decision)
    assert response.status_code == 409
    assert "Already undone by sol." in response.text
    assert Decision.objects.count() == 2


def test_undoing_what_others_were_built_on_is_refused(mel_client, correction, paper, mel):
    decide(mel_client, correction, field=BOTH)
    publishing.revise(Paper.objects.get(), records.replace(now(paper), year=2020), by=mel)
    response = undo(mel_client, Decision.objects.get())
    assert response.status_code == 409
    assert "More was built on this decision since" in response.text
    assert now(paper).year == 2020


@pytest.mark.parametrize("number", ["", "x", "0", "987654", "9" * 30, "\x00"])
def test_a_decision_that_never_was_cannot_be_undone(mel_client, addition, number):
    decide(mel_client, addition)
    assert mel_client.post(address(addition, "undo"), {"decision": number}).status_code == 404
    assert mel_client.get(address(addition), {"decided": number}).status_code == 200


def test_a_decision_is_undone_on_its_own_submission_only(mel_client, alice, addition):
    other = propose(alice, "Sarathi", links=["https://example.org/sarathi"])
    decide(mel_client, addition)
    assert mel_client.post(address(other, "undo"), {"decision": Decision.objects.get().pk}).status_code == 404
    assert Paper.objects.exists()


# -- Decide, and what is refused -------------------------------------------------------------------
def test_one_that_was_sent_back_and_never_returned_can_be_rejected(mel_client, addition):
    decide(mel_client, addition, "request_changes", reason="Name the venue.")
    assert decide(mel_client, fresh(addition), "approve").status_code == 409
    assert decide(mel_client, fresh(addition), "reject", reason="It never came back.").status_code == 302
    assert fresh(addition).status == "rejected"


def test_reasons_are_the_desk_s_own_with_their_words_for_the_script(mel_client, addition):
    text = mel_client.get(address(addition)).text
    assert 'data-verdict="reject"' in text
    assert 'data-text="Please correct this: "' in text
    assert 'data-reasons="id_reason"' in text
    # Words that a script would have put there do not come by themselves.
    assert decide(mel_client, addition, "request_changes").status_code == 200
    assert fresh(addition).status == "pending"


def test_every_act_has_its_key(mel_client, alice, addition, sol_client):
    propose(alice, "Sarathi", links=["https://example.org/sarathi"])
    sol_client.get(address(addition))
    text = mel_client.get(address(addition)).text
    for key in "aecrnql":
        assert text.count(f'data-key="{key}"') == 1
        assert f"<kbd>{key}</kbd>" in text
    assert "1 of 2 in the queue." in text
    decide(mel_client, addition)
    assert 'data-key="u"' in mel_client.get(address(addition)).text


def test_a_maintainer_s_own_submission_is_marked_and_where_it_must_be_refused_in_a_sentence(mel, mel_client, settings):
    make_category("serving")
    own = propose(mel)
    settings.SELF_APPROVAL = "nobody"
    assert "Somebody else decides it." in mel_client.get(address(own)).text
    assert fresh(own).opened_by is None
    for response in (decide(mel_client, own), mel_client.post(address(own, "edit"), edited(own))):
        assert response.status_code == 403
        assert "This is not yours to decide." in response.text
    assert mel_client.get(address(own, "edit"))["Location"] == address(own)
    settings.SELF_APPROVAL = "maintainers"
    assert "The public log will say that it was yours." in mel_client.get(address(own)).text


def test_names_that_nobody_knows_lead_to_the_mapping_queue(mel_client, keeper, alice, addition):
    unknown = propose(alice, "Sarathi", links=["https://example.org/sarathi"], organizations=["Princeton <University>"])
    page = mel_client.get(address(unknown)).text
    assert "“<bdi>Princeton &lt;University&gt;</bdi>”" in page
    assert "mapping" in page
    assert "mapping/" not in signed_in(keeper).get(address(unknown)).text
    assert "nobody knows here" not in mel_client.get(address(addition)).text


# -- Who may, and what it costs ----------------------------------------------------------------------
ACTS = {"edit": {}, "take-over": {"text": SECRET}, "comment": {"text": "Hello."}, "note": {"text": SECRET}, "undo": {"decision": 1}}


@pytest.mark.parametrize("page", ACTS)
def test_nobody_else_reaches_any_act(visitor, alice_client, keeper, alice, page):
    make_category("training")
    elsewhere = propose(alice, categories=["training"])
    told = edited(elsewhere, categories=["training"]) | ACTS[page]
    for client, status in [(visitor, 302), (alice_client, 403), (signed_in(keeper), 404)]:
        assert client.post(address(elsewhere, page), told).status_code == status
        assert client.get(address(elsewhere, page)).status_code in {status, 405}
    assert fresh(elsewhere).status == "pending"
    assert fresh(elsewhere).opened_by is None
    assert not Decision.objects.exists()
    assert not Comment.objects.exists()
    assert not DeskNote.objects.exists()


def test_a_category_maintainer_does_all_this_with_what_is_theirs(keeper, addition, sol_client):
    client = signed_in(keeper)
    sol_client.get(address(addition))
    assert client.post(address(addition, "take-over"), {"text": SECRET}).status_code == 302
    assert client.post(address(addition, "comment"), {"text": "Hello."}).status_code == 302
    assert decide(client, addition).status_code == 302
    assert undo(client, Decision.objects.get()).status_code == 302
    assert fresh(addition).status == "pending"


def test_the_page_with_five_candidates_asks_a_bounded_number_of_questions(mel_client, alice, django_assert_max_num_queries):
    make_category("serving")
    for number in range(5):
        make_paper(f"Splitwise: Phase Splitting {number}", categories=["serving"], links=[f"https://example.org/{number}"])
    submission = propose(alice, "Splitwise: Phase Splitting")
    for _each in range(5):
        review.comment(submission, "Hello.", by=alice)
    mel_client.get(address(submission))
    with django_assert_max_num_queries(28):
        assert len(mel_client.get(address(submission)).context["near"]) == 5


def test_the_page_of_a_correction_asks_little(mel_client, correction, django_assert_max_num_queries):
    with django_assert_max_num_queries(28):
        mel_client.get(address(correction))


@pytest.mark.parametrize("page", ["change", "edit"])
def test_a_form_without_a_good_token_keeps_what_was_written_and_decides_nothing(alice, mel, page):
    submission = propose(alice)
    client = Client(enforce_csrf_checks=True)
    client.force_login(mel)
    address = f"/admin/catalog/submission/{submission.pk}/{page}/"
    typed = {
        "verdict": "reject",
        "version": "1",
        "reason": "Written for an hour.",
        "private_note": "Between us.",
        "title": "Edited for an hour",
    }
    response = client.post(address, {**typed, "csrfmiddlewaretoken": "stale"})
    assert response.status_code == 403
    assert "Written for an hour." in response.text
    assert "Between us." in response.text
    assert ("Edited for an hour" in response.text) == (page == "edit")
    assert Submission.objects.get().is_pending


@pytest.mark.parametrize("page", ["change", "edit"])
def test_a_form_without_a_good_token_shows_the_desk_to_nobody_else(alice, bruno, page):
    submission = propose(alice)
    client = Client(enforce_csrf_checks=True)
    for person, status in ((None, 302), (bruno, 403)):
        if person:
            client.force_login(person)
        response = client.post(f"/admin/catalog/submission/{submission.pk}/{page}/", {"reason": "Words."})
        assert response.status_code == status
        assert "Words." not in response.text


def test_the_words_that_a_reason_begins_with_are_no_reason_yet(alice, mel_client):
    submission = propose(alice)
    told = {"reason_code": "facts", "reason": "Please correct this: "}
    response = decide(mel_client, submission, verdict="request_changes", **told)
    assert "Finish the sentence" in response.text
    assert fresh(submission).is_pending
    decide(mel_client, submission, verdict="request_changes", **{**told, "reason": "Please correct this: the year."})
    assert fresh(submission).status == "changes_requested"
