"""Undo, merge, notices: what is taken back leaves readers with the very bytes they had."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from catalog import publishing, records, review
from catalog.models import CatalogueState, Decision, DisputeNotice, Paper, ProposedIdentifier, Revision, Submission, Tombstone
from catalog.review import APPROVE, REJECT, REQUEST_CHANGES, UNDO
from tests.factories import make_category, make_paper, make_record

WHY = "It says something that no other paper says."


def propose(by, title="Orca", **facts):
    make_category("serving")
    record = make_record(title, **{"categories": ["serving"], "identifiers": {"arxiv": "2307.08691"}, **facts})
    return review.submit(record, by=by, why=WHY, token=uuid.uuid4())


def served():
    """What every list and export is made of, in order, with the keys that citations are made of."""
    return list(Paper.objects.order_by("-added_at", "-id").values_list("pk", "citation_key", "record_json", "search_text"))


def shelf():
    return [make_paper(f"Whale {number}", categories=["serving"], venue="OSDI", year=2020 + number) for number in range(3)]


# -- Undo --------------------------------------------------------------------------------------
def test_an_approval_undone_leaves_no_trace_on_the_shelf(alice, mel):
    shelf()
    before = served()
    submission = propose(alice, venue="Some New Workshop", organizations=["A New Lab"])
    decision = review.decide(submission, APPROVE, by=mel, seen_version=1)
    undone = review.undo(decision, by=mel, reason="Too fast.")
    assert served() == before
    submission.refresh_from_db()
    assert (undone.verdict, undone.undoes, undone.reason, submission.status, submission.version) == (
        UNDO,
        decision,
        "Too fast.",
        "pending",
        2,
    )
    assert (submission.paper, Tombstone.objects.get().reason) == (None, "Too fast.")
    assert ProposedIdentifier.objects.get().submission == submission


def test_a_paper_that_is_approved_again_has_its_id_address_and_key_again(alice, mel):
    submission = propose(alice)
    first = review.decide(submission, APPROVE, by=mel, seen_version=1).submission.paper
    address = (first.pk, first.public_id, first.slug, first.citation_key)
    review.undo(Decision.objects.get(), by=mel)
    again = review.decide(submission, APPROVE, by=mel, seen_version=2).submission.paper
    assert (again.pk, again.public_id, again.slug, again.citation_key) == address
    assert not Tombstone.objects.exists()
    assert list(Revision.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize("fields", [None, ["year"]])
def test_a_correction_undone_restores_every_byte(alice, mel, fields):
    paper = shelf()[1]
    before = served()
    facts = {"year": 2001, "note": "Read section 4.", "venue": None, "categories": make_record(categories=["training"]).categories}
    make_category("training")
    submission = review.correct(paper, records.replace(paper.record, **facts), by=alice, why=WHY, token=uuid.uuid4())
    proposed = submission.record
    decision = review.decide(submission, APPROVE, by=mel, seen_version=1, fields=fields)
    assert served() != before
    review.undo(decision, by=mel)
    assert served() == before
    waiting = Submission.objects.get()
    assert (waiting.status, waiting.record, waiting.base) == ("pending", proposed, paper.record)


def test_a_removal_undone_brings_the_paper_back_where_it_stood(alice, mel):
    paper = shelf()[1]
    before = served()
    decision = review.decide(review.remove(paper, by=alice, why=WHY, token=uuid.uuid4()), APPROVE, by=mel, seen_version=1)
    review.undo(decision, by=mel)
    assert served() == before
    assert Submission.objects.get().paper.public_id == paper.public_id


@pytest.mark.parametrize("verdict", [REJECT, REQUEST_CHANGES])
def test_a_refusal_undone_puts_the_submission_back_in_its_place(alice, mel, verdict):
    submission = propose(alice)
    decision = review.decide(submission, verdict, by=mel, seen_version=1, reason="Out of scope.")
    review.undo(decision, by=mel)
    again = Submission.objects.get()
    assert (again.status, again.submitted_at, again.version) == ("pending", submission.submitted_at, 2)
    with pytest.raises(review.ChangedSinceSeen):
        review.decide(submission, APPROVE, by=mel, seen_version=1)
    review.decide(submission, APPROVE, by=mel, seen_version=2)


def test_a_decision_is_undone_once_and_an_undoing_never(alice, mel, root):
    decision = review.decide(propose(alice), REJECT, by=mel, seen_version=1, reason="Out of scope.")
    undone = review.undo(decision, by=mel)
    with pytest.raises(review.NotUndoable) as caught:
        review.undo(decision, by=root)
    assert caught.value.by == mel
    with pytest.raises(review.NotUndoable):
        review.undo(undone, by=mel)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(verdict=UNDO, undoes=decision, by=root, at=decision.at)


def test_what_was_built_upon_is_not_undone(alice, mel):
    first = review.decide(propose(alice), APPROVE, by=mel, seen_version=1)
    paper = Paper.objects.get()
    correction = review.correct(paper, records.replace(paper.record, year=2022), by=alice, why=WHY, token=uuid.uuid4())
    second = review.decide(correction, APPROVE, by=mel, seen_version=1)
    with pytest.raises(review.NotUndoable):
        review.undo(first, by=mel)
    review.undo(second, by=mel)
    with pytest.raises(review.NotUndoable):
        review.undo(first, by=mel)
    assert Paper.objects.get().record == paper.record


def test_a_withdrawn_submission_is_not_brought_back_by_undoing(alice, mel):
    submission = propose(alice)
    decision = review.decide(submission, REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.")
    review.withdraw(submission, by=alice)
    with pytest.raises(review.NotUndoable):
        review.undo(decision, by=mel)


def test_what_another_has_proposed_meanwhile_stands_in_the_way(alice, bruno, mel):
    decision = review.decide(propose(alice), REJECT, by=mel, seen_version=1, reason="Out of scope.")
    propose(bruno, "Orca again")
    with pytest.raises(review.AlreadyProposed):
        review.undo(decision, by=mel)
    assert not Decision.objects.filter(verdict=UNDO).exists()
    assert Submission.objects.get(title="Orca").status == "rejected"


def test_contributors_undo_nothing(alice, bruno, mel):
    decision = review.decide(propose(alice), REJECT, by=mel, seen_version=1, reason="Out of scope.")
    for person in (alice, bruno):
        with pytest.raises(review.NotAllowed):
            review.undo(decision, by=person)


def test_the_version_of_the_catalogue_only_ever_grows(alice, mel):
    decision = review.decide(propose(alice), APPROVE, by=mel, seen_version=1)
    version = CatalogueState.now().version
    review.undo(decision, by=mel)
    assert (CatalogueState.now().version, CatalogueState.now().paper_count) == (version + 1, 0)


# -- Merge -------------------------------------------------------------------------------------
@pytest.fixture
def twins(db):
    """One survives with the link and the identifier of both."""
    one = make_paper("Orca", categories=["serving"], identifiers={"arxiv": "2307.08691"}, links=["https://example.org/a"])
    other = make_paper("ORCA: A System", categories=["training"], identifiers={"doi": "10.1145/1"}, links=["https://example.org/b"])
    make_paper("Whale", categories=["serving", "training"])
    record = records.replace(
        one.record,
        identifiers={**one.record.identifiers, **other.record.identifiers},
        links=(*one.record.links, *other.record.links),
        categories=(*one.record.categories, *(records.replace(place, primary=False) for place in other.record.categories)),
    )
    return one, other, record


def test_a_merged_paper_leads_to_the_survivor_which_has_what_was_chosen_of_both(twins, mel, alice):
    one, other, record = twins
    about = review.correct(other, records.replace(other.record, year=2022), by=alice, why=WHY, token=uuid.uuid4())
    review.merge(other, one, record, by=mel)
    survivor = Paper.objects.get(title="Orca")
    assert survivor.record.identifiers == {"arxiv": "2307.08691", "doi": "10.1145/1"}
    assert [(place.path, place.position) for place in survivor.record.categories] == [("serving", 1), ("training", 1)]
    assert (Tombstone.objects.get().slug, Tombstone.objects.get().successor) == (other.slug, survivor)
    review.decide(about, APPROVE, by=mel, seen_version=1)
    assert Paper.objects.get(title="Orca").year == 2022


def test_a_merge_undone_leaves_two_papers_as_they_were(twins, mel, alice):
    one, other, record = twins
    about = review.correct(other, records.replace(other.record, year=2022), by=alice, why=WHY, token=uuid.uuid4())
    before = served()
    review.undo(review.merge(other, one, record, by=mel), by=mel)
    assert served() == before
    assert Submission.objects.get(pk=about.pk).paper_id == other.pk
    assert not Tombstone.objects.exists()


def test_a_chain_of_merges_leads_to_its_end(twins, mel):
    one, other, record = twins
    whale = Paper.objects.get(title="Whale")
    review.merge(other, one, record, by=mel)
    one = Paper.objects.get(pk=one.pk)
    review.merge(one, whale, whale.record, by=mel)
    assert Tombstone.objects.get(slug=other.slug).successor == whale
    publishing.retract(whale, reason="Withdrawn.", by=mel)
    grave = Tombstone.objects.get(slug=other.slug)
    assert (grave.successor, grave.last.reason) == (None, "Withdrawn.")


def test_merges_are_refused_that_go_round_or_were_seen_otherwise(twins, mel, alice):
    one, other, record = twins
    with pytest.raises(review.SamePaper):
        review.merge(one, one, record, by=mel)
    with pytest.raises(review.PaperChanged):
        review.merge(other, one, record, by=mel, seen_revisions=(1, 2))
    with pytest.raises(review.NotAllowed):
        review.merge(other, one, record, by=alice)
    review.merge(other, one, record, by=mel)
    with pytest.raises(review.PaperGone):
        review.merge(one, other, record, by=mel)


# -- Notices -----------------------------------------------------------------------------------
def test_a_notice_needs_two_maintainers(mel, root, alice):
    paper = make_paper("Orca")
    notice = review.propose_notice(paper, "results", "A replication found other figures.", by=mel)
    for person in (mel, alice):
        with pytest.raises(review.NotAllowed):
            review.confirm_notice(notice, by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        DisputeNotice.objects.update(confirmed_by=mel)
    decision = review.confirm_notice(notice, by=root)
    assert (decision.verdict, decision.by, decision.reason) == ("notice", root, "A replication found other figures.")
    with pytest.raises(review.NotAllowed):
        review.confirm_notice(notice, by=root)


def test_a_lifted_notice_says_why_in_the_log_and_one_never_shown_says_nothing(mel, root):
    paper = make_paper("Orca")
    shown = review.propose_notice(paper, "results", "Other figures.", by=mel)
    with pytest.raises(review.NoticeStands):
        review.propose_notice(paper, "results", "Again.", by=root)
    review.confirm_notice(shown, by=root)
    assert review.lift_notice(shown, by=mel, reason="The authors have answered.").verdict == "lift"
    with pytest.raises(review.NotAllowed):
        review.lift_notice(shown, by=mel, reason="Again.")
    assert review.lift_notice(review.propose_notice(paper, "results", "Third.", by=mel), by=mel, reason="A mistake.") is None
