"""Corrections and removals: proposed, taken whole or in part, edited, refused."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from catalog import publishing, records, review, taxonomy
from catalog.models import Decision, Distinction, Paper, ProposedIdentifier, Revision, Submission, Tombstone
from catalog.publishing import AlreadyCatalogued
from catalog.review import APPROVE, REJECT, REQUEST_CHANGES, TAKE
from tests.conftest import make_user
from tests.factories import make_category, make_paper, make_record

WHY = "The page of the conference says otherwise."


@pytest.fixture
def orca(db):
    return make_paper("Orca", year=2021, categories=["serving"], identifiers={"arxiv": "2307.08691"})


def correct(paper, by, *, token=None, **facts):
    return review.correct(paper, records.replace(paper.record, **facts), by=by, why=WHY, token=token or uuid.uuid4())


def now(paper):
    return Paper.objects.get(public_id=paper.public_id).record


# -- Corrections -------------------------------------------------------------------------------
def test_a_correction_waits_and_changes_nothing(orca, alice):
    submission = correct(orca, alice, year=2022)
    assert (submission.kind, submission.status, submission.paper, submission.base.year) == ("correction", "pending", orca, 2021)
    assert now(orca) == orca.record


def test_a_correction_is_one_however_often_its_form_is_sent(orca, alice):
    token = uuid.uuid4()
    assert correct(orca, alice, token=token, year=2022) == correct(orca, alice, token=token, year=2023)


def test_a_correction_that_corrects_nothing_is_refused(orca, alice):
    with pytest.raises(review.NothingChanged):
        correct(orca, alice)
    assert not Submission.objects.exists()


def test_what_is_not_a_fact_of_the_paper_cannot_be_corrected(orca, alice, mel):
    submission = correct(orca, alice, year=2022, id="X" * 16, slug="whale", path="/papers/whale/", revision=9)
    review.decide(submission, APPROVE, by=mel, seen_version=1)
    assert (now(orca).id, now(orca).slug, now(orca).revision) == (orca.public_id, "orca", 2)


def test_an_approved_correction_leaves_alone_what_others_have_set_right_meanwhile(orca, alice, bruno, mel):
    year, note = correct(orca, alice, year=2022), correct(orca, bruno, note="Read section 4.")
    review.decide(note, APPROVE, by=mel, seen_version=1)
    review.decide(year, APPROVE, by=mel, seen_version=1)
    assert (now(orca).year, now(orca).note, now(orca).revision) == (2022, "Read section 4.", 3)


def test_some_fields_are_taken_and_the_others_stay_open(orca, alice, mel):
    submission = correct(orca, alice, year=2022, short_name="Orca", note="Read section 4.")
    decision = review.decide(submission, APPROVE, by=mel, seen_version=1, fields=["year"], reason="The note is not neutral.")
    assert (decision.verdict, decision.fields) == (TAKE, ["year"])
    submission.refresh_from_db()
    rest = Submission.objects.get()
    assert (rest.status, rest.version) == ("pending", 2)
    assert (now(orca).year, now(orca).note, now(orca).short_name) == (2022, "", "")
    assert (rest.base.year, rest.record.year, rest.record.note) == (2022, 2022, "Read section 4.")
    final = review.decide(rest, APPROVE, by=mel, seen_version=2)
    assert (final.verdict, now(orca).note, now(orca).short_name, now(orca).revision) == (APPROVE, "Read section 4.", "Orca", 3)


def test_ticking_nothing_is_no_decision(orca, alice, mel):
    submission = correct(orca, alice, year=2022)
    for fields in ([], ["title"], ["no such field"]):
        with pytest.raises(review.NothingTaken):
            review.decide(submission, APPROVE, by=mel, seen_version=1, fields=fields)
    assert not Decision.objects.exists()


def test_a_decision_on_a_revision_that_was_not_seen_is_refused(orca, alice, bruno, mel):
    submission = correct(orca, alice, year=2022)
    review.decide(correct(orca, bruno, note="Read section 4."), APPROVE, by=mel, seen_version=1)
    with pytest.raises(review.PaperChanged):
        review.decide(submission, APPROVE, by=mel, seen_version=1, seen_revision=1)
    assert Submission.objects.get(pk=submission.pk).is_pending
    review.decide(submission, APPROVE, by=mel, seen_version=1, seen_revision=2)


def test_a_correction_claims_what_it_adds_and_not_what_its_paper_holds(orca, alice, bruno):
    correct(orca, alice, identifiers={"arxiv": "2307.08691", "doi": "10.1145/1"})
    assert list(ProposedIdentifier.objects.values_list("scheme", flat=True)) == ["doi"]
    with pytest.raises(review.AlreadyProposed):
        correct(orca, bruno, identifiers={"arxiv": "2307.08691", "doi": "10.1145/1"})


def test_a_correction_cannot_take_another_papers_identifier(orca, alice):
    make_paper("Whale", identifiers={"doi": "10.1145/1"})
    with pytest.raises(AlreadyCatalogued):
        correct(orca, alice, identifiers={"doi": "10.1145/1"})


def test_a_correction_of_a_paper_that_has_gone_says_where_it_went(orca, alice, mel):
    submission = correct(orca, alice, year=2022)
    publishing.retract(orca, reason="Withdrawn.", by=mel)
    with pytest.raises(review.PaperGone) as caught:
        review.decide(submission, APPROVE, by=mel, seen_version=1)
    assert caught.value.tombstone.reason == "Withdrawn."
    with pytest.raises(review.PaperGone):
        correct(orca, alice, year=2023)
    review.decide(submission, REJECT, by=mel, seen_version=1, reason="It has gone.")


def test_an_edited_correction_is_still_about_what_it_was_made_against(orca, alice):
    submission = correct(orca, alice, year=2022)
    edited = review.edit(submission, records.replace(submission.record, note="Read section 4."), by=alice, seen_version=1, why=WHY)
    assert (edited.version, edited.base.year, edited.record.year, edited.record.note) == (2, 2021, 2022, "Read section 4.")
    with pytest.raises(review.NothingChanged):
        review.edit(edited, edited.base, by=alice, seen_version=2, why=WHY)


def test_every_version_is_kept_as_it_was(alice):
    make_category("serving")
    record = make_record("Orca", categories=["serving"])
    submission = review.submit(record, by=alice, why=WHY, token=uuid.uuid4())
    review.edit(submission, records.replace(record, title="Whale"), by=alice, seen_version=1, why=f"{WHY} So.")
    assert [(each.number, each.record.title, each.why) for each in submission.versions.all()] == [
        (1, "Orca", WHY),
        (2, "Whale", f"{WHY} So."),
    ]


# -- Approving with edits ----------------------------------------------------------------------
def test_an_addition_is_approved_as_the_maintainer_edits_it_and_the_proposal_is_kept(alice, mel):
    make_category("serving")
    submission = review.submit(make_record("orca", categories=["serving"]), by=alice, why=WHY, token=uuid.uuid4())
    decision = review.decide(submission, APPROVE, by=mel, seen_version=1, record=records.replace(submission.record, title="Orca"))
    assert (now(decision.submission.paper).title, decision.record.title, submission.versions.get().record.title) == ("Orca", "Orca", "orca")


def test_edits_that_change_nothing_are_none(alice, mel):
    make_category("serving")
    submission = review.submit(make_record("Orca", categories=["serving"]), by=alice, why=WHY, token=uuid.uuid4())
    assert review.decide(submission, APPROVE, by=mel, seen_version=1, record=submission.record).record is None


def test_a_correction_is_approved_with_edits(orca, alice, mel):
    submission = correct(orca, alice, year=2023)
    review.decide(submission, APPROVE, by=mel, seen_version=1, record=records.replace(orca.record, year=2022, note="Checked."))
    assert (now(orca).year, now(orca).note) == (2022, "Checked.")


# -- Removals ----------------------------------------------------------------------------------
def test_an_approved_removal_leaves_the_public_reason(orca, alice, mel):
    submission = review.remove(orca, by=alice, why="Its authors have withdrawn it.", token=uuid.uuid4())
    assert now(orca)
    review.decide(submission, APPROVE, by=mel, seen_version=1)
    assert not Paper.objects.exists()
    assert Tombstone.objects.get().reason == "Its authors have withdrawn it."


def test_one_removal_of_a_paper_is_open_at_a_time(orca, alice, bruno, mel):
    first = review.remove(orca, by=alice, why=WHY, token=uuid.uuid4())
    with pytest.raises(review.AlreadyProposed):
        review.remove(orca, by=bruno, why=WHY, token=uuid.uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.filter(pk=correct(orca, bruno, year=2022).pk).update(kind="removal")
    review.decide(first, REJECT, by=mel, seen_version=1, reason="It stays.")
    review.remove(orca, by=bruno, why=WHY, token=uuid.uuid4())


def test_a_removal_is_edited_in_its_words_only(orca, alice):
    submission = review.remove(orca, by=alice, why=WHY, token=uuid.uuid4())
    edited = review.edit(submission, make_record("Whale"), by=alice, seen_version=1, why="Because it was withdrawn.")
    assert (edited.why, edited.record) == ("Because it was withdrawn.", orca.record)


# -- Sent back and never returned --------------------------------------------------------------
def test_one_that_never_returned_can_be_rejected_and_frees_its_identifiers(alice, mel):
    make_category("serving")
    record = make_record("Orca", categories=["serving"], identifiers={"arxiv": "2307.08691"})
    submission = review.submit(record, by=alice, why=WHY, token=uuid.uuid4())
    review.decide(submission, REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.")
    with pytest.raises(review.NotPending):
        review.decide(submission, APPROVE, by=mel, seen_version=1)
    review.decide(submission, REJECT, by=mel, seen_version=1, reason="No answer.")
    assert not ProposedIdentifier.objects.exists()


# -- Whose --------------------------------------------------------------------------------------
@pytest.fixture
def sol(db):
    user = make_user("sol")
    taxonomy.name_maintainers(make_category("serving"), [user])
    return user


def moved(paper, path):
    return records.replace(paper.record, categories=make_record(categories=[path]).categories)


def test_a_category_maintainer_takes_no_paper_out_of_anothers_category(alice, sol):
    paper = make_paper("Whale", categories=["training"])
    make_category("serving")
    submission = review.correct(paper, moved(paper, "serving"), by=alice, why=WHY, token=uuid.uuid4())
    assert not review.may_decide(submission, by=sol)
    assert not Submission.objects.reviewable_by(sol).exists()
    with pytest.raises(review.NotAllowed):
        review.decide(submission, APPROVE, by=sol, seen_version=1)


def test_a_category_maintainer_corrects_what_stands_in_theirs_and_edits_it_into_no_others(orca, alice, sol):
    make_category("training")
    submission = correct(orca, alice, year=2022)
    assert Submission.objects.reviewable_by(sol).get() == submission
    with pytest.raises(review.NotAllowed):
        review.decide(submission, APPROVE, by=sol, seen_version=1, record=moved(orca, "training"))
    review.decide(submission, APPROVE, by=sol, seen_version=1)
    assert now(orca).year == 2022


# -- Told apart --------------------------------------------------------------------------------
def test_what_a_contributor_told_apart_is_remembered_of_the_papers(orca, alice, mel):
    record = make_record("Orca 2", categories=["serving"])
    submission = review.submit(record, by=alice, why=WHY, token=uuid.uuid4(), different_from=[orca], because="It schedules nothing.")
    review.decide(submission, APPROVE, by=mel, seen_version=1)
    pair = Distinction.objects.get()
    assert {pair.first, pair.second} == {orca.public_id, Paper.objects.get(title="Orca 2").public_id}
    assert (pair.because, pair.by) == ("It schedules nothing.", alice)


def test_every_revision_names_the_decision_that_made_it(orca, alice, mel):
    decision = review.decide(correct(orca, alice, year=2022), APPROVE, by=mel, seen_version=1)
    assert Revision.objects.latest("number").decision == decision
