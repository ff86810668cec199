"""Many decided at once: the preview, the one reason, what became of each; and many people doing so at the same moment."""

import re
from uuid import uuid4

import pytest
from django.db import DatabaseError

from catalog import publishing, records, review, taxonomy
from catalog.admin.words import refusal_in_words
from catalog.models import Category, Decision, Paper, Revision, Submission
from catalog.publishing import AlreadyCatalogued
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record
from tests.test_review import at_once

QUEUE = "/admin/catalog/submission/"
BULK, DECIDE = f"{QUEUE}bulk/", f"{QUEUE}bulk/decide/"
WHY = "It serves a thousand adapters from one copy of the base model."


@pytest.fixture
def submit(alice):
    def submit_(title="Orca", *, by=alice, categories=("serving",), **facts):
        for path in categories:
            make_category(path)
        record = make_record(title, categories=categories, links=["https://example.org/paper"], **facts)
        return review.submit(record, by=by, why=WHY, token=uuid4())

    return submit_


def correct(paper, by, **facts):
    return review.correct(paper, records.replace(paper.record, **facts), by=by, why=WHY, token=uuid4())


def preview(client, *submissions, verdict="approve"):
    return client.post(BULK, {"verdict": verdict, "number": [getattr(each, "pk", each) for each in submissions]})


def pairs(response):
    """What the preview would send."""
    return re.findall(r'name="item" value="(\d+:\d+)"', response.text)


def confirm(client, items, verdict="approve", **told):
    return client.post(DECIDE, {"verdict": verdict, "item": items, "reason_code": "", "reason": "", "private_note": "", **told})


def standings():
    return dict(Submission.objects.values_list("title", "status"))


def nothing_changed():
    return not Decision.objects.exists() and set(Submission.objects.values_list("status", flat=True)) <= {"pending"}


# -- The preview -------------------------------------------------------------------------------
def test_the_preview_shows_each_record_and_decides_nothing(mel_client, submit, alice, bruno):
    paper = make_paper("Whale", categories=["serving"], year=2021)
    addition = submit("Orca: A Distributed Serving System", authors=["Gyeong-In Yu"], identifiers={"arxiv": "2301.00001"})
    correction = correct(paper, bruno, year=2022)
    removal = review.remove(make_paper("Seal", categories=["serving"]), by=alice, why="It was never published.", token=uuid4())
    response = preview(mel_client, addition, correction, removal)
    page = " ".join(response.text.split())
    assert pairs(response) == [f"{each.pk}:1" for each in (addition, correction, removal)]
    assert "3 will be decided, as shown here. Nothing is decided yet." in page
    for words in ("to <bdi>Serving</bdi>", "Gyeong-In Yu", "2301.00001", "changes: Year", "<del>2021</del>", "<ins>2022</ins>", WHY):
        assert words in page
    assert "One paper leaves the catalogue" in page
    assert "Takes the paper out of the catalogue" in page
    assert "It was never published." in page
    assert nothing_changed()


def test_a_removal_that_is_rejected_takes_nothing_out(mel_client, alice):
    removal = review.remove(make_paper("Seal"), by=alice, why="It was never published.", token=uuid4())
    assert "leaves the catalogue" not in preview(mel_client, removal, verdict="reject").text


def test_what_is_no_more_waiting_or_not_theirs_is_left_out_with_why(mel, mel_client, submit, alice, settings):
    settings.SELF_APPROVAL = "nobody"
    ready, withdrawn, own = submit("Orca"), submit("Splitwise"), submit("Sarathi", by=mel)
    decided = submit("Vidur")
    review.withdraw(withdrawn, by=alice)
    review.decide(decided, review.REJECT, by=mel, seen_version=1, reason="Out of scope.")
    response = preview(mel_client, ready, withdrawn, own, decided, 987_654)
    assert pairs(response) == [f"{ready.pk}:1"]
    assert {(one.title, one.why) for one in response.context["apart"]} == {
        ("Splitwise", "It is waiting no more: Withdrawn."),
        ("Vidur", "It is waiting no more: Rejected."),
        ("Sarathi", "This is your own submission. Somebody else decides it."),
        ("", "It is not there, or not yours to decide."),
    }


def test_the_reasons_offered_are_those_for_the_verdict_that_fit_every_kind(mel_client, submit, alice):
    addition, correction = submit("Orca"), correct(make_paper("Whale"), alice, year=2022)
    both = preview(mel_client, addition, correction, verdict="reject").text
    assert 'value="not_serious"' in both
    assert 'value="catalogued"' not in both
    alone = preview(mel_client, addition, verdict="reject").text
    assert 'value="catalogued"' in alone
    assert 'value="is_right"' not in alone
    assert 'value="belongs"' not in alone


def test_the_words_of_the_first_reason_are_in_the_field_without_script_too(mel_client, submit):
    page = preview(mel_client, submit("Orca"), verdict="reject").text
    assert "The paper is in the list already: </textarea>" in page.replace("\r", "")


def test_a_category_maintainer_previews_and_decides_only_their_own_branch(submit, db):
    sol = make_user("sol")
    taxonomy.name_maintainers(make_category("systems"), [sol])
    inside, outside = submit("Orca", categories=["systems"]), submit("Secret", categories=["training"])
    client = signed_in(sol)
    response = preview(client, inside, outside)
    assert pairs(response) == [f"{inside.pk}:1"]
    assert "Secret" not in response.text
    assert preview(client, outside).status_code == 404
    result = confirm(client, [f"{inside.pk}:1", f"{outside.pk}:1"])
    assert "Secret" not in result.text
    assert standings() == {"Orca": "approved", "Secret": "pending"}


def test_a_preview_of_a_hundred_asks_no_more_than_twelve_questions(mel_client, submit, django_assert_max_num_queries):
    submissions = [submit(f"Paper {number}") for number in range(100)]
    with django_assert_max_num_queries(12):
        assert len(pairs(preview(mel_client, *submissions))) == 100


# -- What is decided ---------------------------------------------------------------------------
def test_additions_corrections_and_removals_are_approved_together(mel, mel_client, submit, alice):
    paper, gone = make_paper("Whale", year=2021), make_paper("Seal")
    submissions = [
        submit("Orca"),
        correct(paper, alice, year=2022),
        review.remove(gone, by=alice, why="A hoax, as it says.", token=uuid4()),
    ]
    response = confirm(mel_client, pairs(preview(mel_client, *submissions)), reason_code="edited", private_note="Checked by phone.")
    assert response.status_code == 200
    assert response.context["title"] == "3 done, 0 skipped"
    assert set(standings().values()) == {"approved"}
    assert {paper.title: paper.year for paper in Paper.objects.all()} == {"Whale": 2022, "Orca": None}
    decisions = list(Decision.objects.all())
    assert {(each.by, each.verdict, each.reason_code, each.private_note) for each in decisions} == {
        (mel, "approve", "edited", "Checked by phone.")
    }
    for words in ("it stands in the catalogue", "the paper is corrected", "the paper has left the catalogue"):
        assert words in response.text


@pytest.mark.parametrize(
    ("verdict", "code", "status"), [("reject", "not_found", "rejected"), ("request_changes", "facts", "changes_requested")]
)
def test_one_reason_goes_to_everybody(mel_client, submit, bruno, verdict, code, status):
    submissions = [submit("Orca"), submit("Splitwise", by=bruno)]
    items = pairs(preview(mel_client, *submissions, verdict=verdict))
    confirm(mel_client, items, verdict, reason_code=code, reason="The address answers nothing.", private_note="Third time.")
    assert set(standings().values()) == {status}
    assert {(each.reason_code, each.reason) for each in Decision.objects.all()} == {(code, "The address answers nothing.")}
    for submission in submissions:
        page = signed_in(submission.contributor).get(submission.get_absolute_url()).text
        assert "The address answers nothing." in page
        assert "Third time." not in page


@pytest.mark.parametrize(
    ("told", "wrong"), [({"reason": " "}, "reason"), ({"reason_code": "belongs"}, "reason_code"), ({"reason_code": ""}, "reason_code")]
)
def test_a_decision_against_needs_a_reason_and_its_words_and_keeps_what_was_typed(mel_client, submit, told, wrong):
    items = pairs(preview(mel_client, submit("Orca"), verdict="reject"))
    given = {"reason_code": "not_found", "reason": "Nothing is there.", "private_note": "Ask sol first.", **told}
    response = confirm(mel_client, items, "reject", **given)
    assert response.context["form"].errors.keys() == {wrong}
    assert "Ask sol first." in response.text
    assert pairs(response) == items
    assert nothing_changed()


def test_each_done_item_can_be_undone_from_the_result(mel_client, submit):
    response = confirm(mel_client, pairs(preview(mel_client, submit("Orca"), submit("Splitwise"))))
    undo = re.findall(r'action="(/admin/catalog/submission/\d+/undo/)">.*?name="decision" value="(\d+)"', response.text)
    assert len(undo) == 2
    mel_client.post(undo[0][0], {"decision": undo[0][1]})
    assert sorted(standings().values()) == ["approved", "pending"]
    assert Paper.objects.count() == 1


def test_a_hostile_title_and_reason_are_text(mel_client, submit):
    hostile = "<script>alert(1)</script>"
    shown = preview(mel_client, submit(f"{hostile} a proposal", authors=[hostile], abstract=hostile), verdict="reject")
    done = confirm(mel_client, pairs(shown), "reject", reason_code="not_found", reason=hostile)
    again = confirm(mel_client, pairs(shown), "reject", reason_code="", reason=hostile)
    for page in (shown, done, again):
        assert "<script>alert" not in page.text


# -- What goes wrong ---------------------------------------------------------------------------
def test_one_bad_row_stops_none_of_the_others(mel_client, submit):
    submissions = [submit(f"Paper {number}", identifiers={"arxiv": f"2301.{number:05}"}) for number in range(40)]
    items = pairs(preview(mel_client, *submissions))
    publishing.publish(make_record("Quite another name", identifiers={"arxiv": "2301.00017"}))
    response = confirm(mel_client, items)
    assert response.context["title"] == "39 done, 1 skipped"
    [(outcome, why)] = response.context["skipped"]
    assert outcome.title == "Paper 17"
    assert why.startswith("The catalogue has this arXiv identifier: it is that of “Quite another name”.")
    assert Paper.objects.count() == 40
    assert Submission.objects.get(title="Paper 17").is_pending


def test_what_was_edited_since_the_preview_is_not_decided(mel_client, submit, alice):
    submission, other = submit("Orca"), submit("Splitwise")
    items = pairs(preview(mel_client, submission, other))
    review.edit(submission, records.replace(submission.record, title="Another text"), by=alice, seen_version=1, why=WHY)
    response = confirm(mel_client, items)
    assert [why for _outcome, why in response.context["skipped"]] == [
        "Edited by alice meanwhile: it is version 2 now. Nothing is decided: read it again, then decide."
    ]
    assert standings() == {"Another text": "pending", "Splitwise": "approved"}


def test_the_result_loaded_again_decides_nothing_and_says_who_did(mel_client, root_client, submit):
    items = pairs(preview(mel_client, submit("Orca"), submit("Splitwise")))
    confirm(mel_client, items)
    for client in (mel_client, root_client):
        response = confirm(client, items)
        assert response.status_code == 409
        assert response.context["title"] == "0 done, 2 skipped"
        assert all(why.startswith("Already approved by mel on ") for _outcome, why in response.context["skipped"])
    assert (Decision.objects.count(), Paper.objects.count()) == (2, 2)


@pytest.mark.parametrize(
    ("verdict", "numbers", "status", "words"),
    [
        ("approve", [], 400, "Nothing is selected."),
        ("publish", [1], 400, "There is no such decision."),
        ("undo", [1], 400, "There is no such decision."),
        ("", [1], 400, "There is no such decision."),
        ("approve", ["x"], 400, "none of ours"),
        ("approve", ["1\x00"], 400, "none of ours"),
        ("approve", ["9" * 40], 400, "none of ours"),
        ("approve", ["-1"], 400, "none of ours"),
        ("approve", ["٣"], 400, "none of ours"),
        ("approve", [987_654], 404, "None of these is there for you to decide."),
        ("approve", list(range(1, 102)), 400, "more than 100 at once"),
    ],
)
def test_what_makes_no_sense_is_answered_with_a_sentence(mel_client, submit, verdict, numbers, status, words):
    submit("Orca")
    response = mel_client.post(BULK, {"verdict": verdict, "number": numbers})
    assert response.status_code == status
    assert words in response.text
    sent = mel_client.post(DECIDE, {"verdict": verdict, "item": [f"{number}:1" for number in numbers], "reason": "Because."})
    assert sent.status_code == (status if status == 400 else 409)
    assert nothing_changed()


@pytest.mark.parametrize("item", ["1", "1:", ":1", "1:x", "1:0x1", "1:1:1", f"1:{'9' * 20}"])
def test_a_forged_pair_decides_nothing(mel_client, submit, item):
    submission = submit("Orca")
    response = confirm(mel_client, [f"{submission.pk}:1", item.replace("1", str(submission.pk), 1)])
    assert response.status_code == 400
    assert nothing_changed()


def test_nobody_else_gets_in(visitor, alice_client, submit):
    submission = submit("Orca")
    for client, status in [(visitor, 302), (alice_client, 403)]:
        assert preview(client, submission).status_code == status
        assert confirm(client, [f"{submission.pk}:1"]).status_code == status
    assert nothing_changed()


def test_both_addresses_lead_back_to_the_queue_when_only_read(mel_client):
    for address in (BULK, DECIDE):
        assert mel_client.get(address)["Location"] == QUEUE


def test_no_preview_and_no_result_is_kept_by_a_cache(mel_client, submit):
    shown = preview(mel_client, submit("Orca"))
    for response in (shown, confirm(mel_client, pairs(shown))):
        assert response["Cache-Control"] == "private, no-store"


# -- Words of a refusal --------------------------------------------------------------------------
REFUSALS = [each for name in review.__all__ if isinstance(each := getattr(review, name), type) and issubclass(each, review.Refusal)]
REFUSALS.remove(review.Refusal)


@pytest.mark.parametrize("kind", [*REFUSALS, AlreadyCatalogued, Category.DoesNotExist, DatabaseError])
def test_every_refusal_has_words(kind, submit, mel):
    submission, paper = submit("Orca"), make_paper("Whale")
    decision = review.decide(submission, review.REJECT, by=mel, seen_version=1, reason="Out of scope.")
    submission.refresh_from_db()
    facts = {
        review.AlreadyProposed: (submission,),
        review.NotPending: (submission,),
        review.ChangedSinceSeen: (submission,),
        review.LimitReached: (None,),
        review.PaperGone: (None,),
        review.PaperChanged: (paper,),
        review.NotUndoable: (decision, mel),
        AlreadyCatalogued: (paper, "arxiv"),
    }
    assert refusal_in_words(kind(*facts.get(kind, ()))).endswith(".")


# -- At the same moment --------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_ten_maintainers_with_overlapping_selections_exactly_one_decides_each(submit, mel):
    submissions = [submit(f"Paper {number}", identifiers={"arxiv": f"2301.{number:05}"}) for number in range(10)]
    people = [make_user(f"keeper-{number}", is_staff=True) for number in range(10)]
    for person in people:
        person.groups.set(mel.groups.all())

    def decide(place):
        chosen = [(submissions[(place + step) % 10].pk, 1) for step in range(6)]
        verdict = [review.APPROVE, review.REJECT][place % 2]
        return list(review.decide_each(chosen, verdict, by=people[place], reason="Because."))

    answers = at_once(*[lambda place=place: decide(place) for place in range(10)])
    outcomes = [outcome for answer in answers for outcome in answer]
    assert len(outcomes) == 60
    assert sorted(outcome.number for outcome in outcomes if outcome.decision) == [submission.pk for submission in submissions]
    refused = [outcome.refusal for outcome in outcomes if not outcome.decision]
    assert {type(refusal) for refusal in refused} == {review.NotPending}
    assert all("Your decision was not recorded." in refusal_in_words(refusal) for refusal in refused)
    approved = {decision.submission_id for decision in Decision.objects.filter(verdict="approve")}
    assert Decision.objects.count() == 10
    assert set(Submission.objects.filter(status="approved").values_list("pk", flat=True)) == approved
    assert Submission.objects.filter(status="rejected").count() == 10 - len(approved)
    papers = list(Paper.objects.values_list("public_id", flat=True))
    assert len(papers) == len(approved)
    assert sorted(Revision.objects.values_list("paper_public_id", "number")) == sorted((public_id, 1) for public_id in papers)


@pytest.mark.django_db(transaction=True)
def test_a_preview_sent_twice_at_once_decides_each_once(submit, mel):
    items = [f"{submit(f'Paper {number}').pk}:1" for number in range(5)]
    clients = [signed_in(mel) for _each in range(4)]
    answers = at_once(*[lambda client=client: confirm(client, items) for client in clients])
    done = [int(re.search(r"<h1>(\d+) done", answer.text)[1]) for answer in answers]
    assert sum(done) == Decision.objects.count() == 5
    assert Paper.objects.count() == 5
