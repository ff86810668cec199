"""Every rule of submitting, editing, withdrawing and deciding, alone and at the same moment."""

import threading
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import User
from catalog import arranging, records, review, taxonomy
from catalog.models import CatalogueState, Decision, Paper, ProposedIdentifier, Revision, Submission
from catalog.publishing import AlreadyCatalogued
from catalog.review import APPROVE, REJECT, REQUEST_CHANGES
from tests.conftest import make_user
from tests.factories import make_category, make_paper, make_record

WHY = "It says something that no other paper says."
ORCA = {"identifiers": {"arxiv": "2307.08691"}, "links": ["https://arxiv.org/abs/2307.08691"], "categories": ["serving"]}


def propose(by, title="Orca", *, token=None, why=WHY, **facts):
    make_category("serving")
    return review.submit(make_record(title, **{**ORCA, **facts}), by=by, why=why, token=token or uuid.uuid4())


def statuses():
    return list(Submission.objects.values_list("status", flat=True))


# -- Submitting --------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_submission_waits_and_publishes_nothing(alice):
    submission = propose(alice)
    assert submission.status == "pending"
    assert (submission.title, submission.version, submission.why) == ("Orca", 1, WHY)
    assert submission.record.identifiers == {"arxiv": "2307.08691"}
    assert not Paper.objects.exists()
    assert CatalogueState.now().version == 0


@pytest.mark.django_db
def test_the_same_form_sent_again_is_the_same_submission(alice, bruno):
    token = uuid.uuid4()
    first = propose(alice, token=token)
    assert propose(alice, "Orca, once more", token=token) == first
    assert Submission.objects.get().title == "Orca"
    assert propose(bruno, "Whale", token=token, identifiers={}) != first


@pytest.mark.django_db
def test_what_is_catalogued_cannot_be_proposed(alice):
    paper = make_paper("Orca", **ORCA)
    with pytest.raises(AlreadyCatalogued) as caught:
        propose(alice, "Another title")
    assert (caught.value.paper, caught.value.scheme) == (paper, "arxiv")
    assert not Submission.objects.exists()
    assert not ProposedIdentifier.objects.exists()


@pytest.mark.django_db
def test_what_is_proposed_cannot_be_proposed_again_until_it_is_settled(alice, bruno, mel):
    first = propose(alice)
    with pytest.raises(review.AlreadyProposed) as caught:
        propose(bruno)
    assert caught.value.submission == first
    review.decide(first, REJECT, by=mel, seen_version=1, reason="Out of scope.")
    assert propose(bruno).is_pending


@pytest.mark.django_db
def test_an_hour_takes_ten_and_says_when_it_takes_more(alice, bruno):
    begin = timezone.now() - timedelta(minutes=30)
    for number in range(review.PER_HOUR):
        review.respect_limits(by=alice)
        with time_machine.travel(begin + timedelta(minutes=number), tick=False):
            propose(alice, f"Paper {number}", identifiers={}, links=[])
    with pytest.raises(review.LimitReached) as caught:
        review.respect_limits(by=alice)
    assert caught.value.until == begin + timedelta(hours=1)
    review.respect_limits(by=bruno)
    with time_machine.travel(begin + timedelta(minutes=60, seconds=1), tick=False):
        review.respect_limits(by=alice)


@pytest.mark.django_db
def test_twenty_can_be_open_and_a_settled_one_makes_room(alice):
    with time_machine.travel(timezone.now() - timedelta(days=1), tick=False):
        submissions = [propose(alice, f"Paper {number}", identifiers={}) for number in range(review.OPEN_AT_ONCE)]
    with pytest.raises(review.LimitReached) as caught:
        review.respect_limits(by=alice)
    assert caught.value.until is None
    review.withdraw(submissions[0], by=alice)
    review.respect_limits(by=alice)


@pytest.mark.django_db
def test_the_usual_wait_is_the_median_of_what_was_settled(alice, mel):
    assert review.usual_wait() is None
    for hours in (1, 3, 40):
        with time_machine.travel(timezone.now() - timedelta(hours=hours), tick=False):
            submission = propose(alice, f"Paper {hours}", identifiers={})
        review.decide(submission, REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.")
        submission = review.edit(submission, submission.record, by=alice, seen_version=1, why=WHY)
        review.decide(submission, REJECT, by=mel, seen_version=2, reason="Out of scope.")
    assert round(review.usual_wait().total_seconds() / 3600) == 3


# -- Editing and withdrawing -------------------------------------------------------------------
@pytest.mark.django_db
def test_an_edit_is_a_new_version_that_keeps_its_place(alice):
    submission = propose(alice)
    edited = review.edit(submission, records.replace(submission.record, title="Orca, edited"), by=alice, seen_version=1, why=f"{WHY} So.")
    assert (edited.title, edited.record.title, edited.version, edited.why) == ("Orca, edited", "Orca, edited", 2, f"{WHY} So.")
    assert edited.submitted_at == submission.submitted_at


@pytest.mark.django_db
def test_an_edit_moves_the_claim_to_the_new_identifier(alice, bruno):
    submission = propose(alice)
    review.edit(submission, records.replace(submission.record, identifiers={"arxiv": "2307.08692"}), by=alice, seen_version=1, why=WHY)
    assert list(ProposedIdentifier.objects.values_list("value", flat=True)) == ["2307.08692"]
    assert propose(bruno).is_pending


@pytest.mark.django_db
def test_an_edit_cannot_take_what_another_holds(alice, bruno):
    make_paper("Whale", identifiers={"doi": "10.1/whale"})
    propose(alice)
    other = propose(bruno, "Seal", identifiers={"arxiv": "2307.08692"})
    with pytest.raises(review.AlreadyProposed), transaction.atomic():
        review.edit(other, records.replace(other.record, identifiers={"arxiv": "2307.08691"}), by=bruno, seen_version=1, why=WHY)
    with pytest.raises(AlreadyCatalogued), transaction.atomic():
        review.edit(other, records.replace(other.record, identifiers={"doi": "10.1/whale"}), by=bruno, seen_version=1, why=WHY)
    other.refresh_from_db()
    assert (other.version, list(other.proposed_identifiers.values_list("value", flat=True))) == (1, ["2307.08692"])


@pytest.mark.django_db
def test_a_stale_edit_changes_nothing(alice):
    submission = propose(alice)
    review.edit(submission, records.replace(submission.record, title="First"), by=alice, seen_version=1, why=WHY)
    with pytest.raises(review.ChangedSinceSeen) as caught:
        review.edit(submission, records.replace(submission.record, title="Second"), by=alice, seen_version=1, why=WHY)
    assert (caught.value.submission.version, caught.value.submission.title) == (2, "First")
    assert Submission.objects.get().title == "First"


@pytest.mark.django_db
def test_editing_after_changes_were_requested_puts_it_back_where_it_stood(alice, bruno, mel):
    first = propose(alice)
    second = propose(bruno, "Whale", identifiers={})
    review.decide(first, REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.")
    assert list(Submission.objects.awaiting_review()) == [second]
    edited = review.edit(first, first.record, by=alice, seen_version=1, why=WHY)
    assert edited.is_pending
    assert list(Submission.objects.ahead_of(second)) == [edited]


@pytest.mark.django_db
@pytest.mark.parametrize("verdict", [APPROVE, REJECT])
def test_what_is_settled_can_neither_be_edited_nor_withdrawn(alice, mel, verdict):
    submission = propose(alice)
    decision = review.decide(submission, verdict, by=mel, seen_version=1, reason="Because.")
    with pytest.raises(review.NotPending) as caught:
        review.edit(submission, submission.record, by=alice, seen_version=1, why=WHY)
    assert caught.value.last_decision == decision
    with pytest.raises(review.NotPending):
        review.withdraw(submission, by=alice)
    assert statuses() == [BECOMES[verdict]]


BECOMES = {APPROVE: "approved", REJECT: "rejected"}


@pytest.mark.django_db
def test_only_the_contributor_edits_and_withdraws(alice, bruno, mel):
    submission = propose(alice)
    for other in (bruno, mel):
        with pytest.raises(review.NotAllowed):
            review.edit(submission, submission.record, by=other, seen_version=1, why=WHY)
        with pytest.raises(review.NotAllowed):
            review.withdraw(submission, by=other)
    assert statuses() == ["pending"]


@pytest.mark.django_db
def test_a_withdrawn_submission_lets_go_of_its_identifiers(alice, bruno, mel):
    submission = propose(alice)
    assert review.withdraw(submission, by=alice).status == "withdrawn"
    assert propose(bruno).is_pending
    with pytest.raises(review.NotPending):
        review.withdraw(submission, by=alice)
    with pytest.raises(review.NotPending):
        review.decide(submission, APPROVE, by=mel, seen_version=1)


# -- Deciding ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_approval_publishes_the_proposed_record(alice, mel):
    submission = propose(alice)
    decision = review.decide(submission, APPROVE, by=mel, seen_version=1, reason=" Welcome. ", private_note=" for us ")
    paper = Paper.objects.get()
    submission.refresh_from_db()
    assert (submission.status, submission.paper) == ("approved", paper)
    assert paper.record.identifiers == {"arxiv": "2307.08691"}
    assert [place.path for place in paper.record.categories] == ["serving"]
    assert (decision.reason, decision.private_note, decision.submission_version, decision.is_own) == ("Welcome.", "for us", 1, False)
    assert (Revision.objects.get().decision, Revision.objects.get().by) == (decision, mel)
    assert not ProposedIdentifier.objects.exists()


@pytest.mark.django_db
def test_a_rejected_submission_leaves_the_catalogue_unchanged(alice, mel):
    make_paper("Whale")
    before = list(Paper.objects.values()), CatalogueState.now().version
    submission = propose(alice)
    review.decide(submission, REJECT, by=mel, seen_version=1, reason="Out of scope.", reason_code="scope")
    assert (list(Paper.objects.values()), CatalogueState.now().version) == before
    assert statuses() == ["rejected"]
    assert not ProposedIdentifier.objects.exists()


@pytest.mark.django_db
def test_a_request_for_changes_keeps_the_claim(alice, bruno, mel):
    submission = propose(alice)
    review.decide(submission, REQUEST_CHANGES, by=mel, seen_version=1, reason="Name the authors.")
    with pytest.raises(review.AlreadyProposed):
        propose(bruno)
    with pytest.raises(review.NotPending):
        review.decide(submission, APPROVE, by=mel, seen_version=1)


@pytest.mark.django_db
@pytest.mark.parametrize("verdict", [REJECT, REQUEST_CHANGES])
@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_verdict_against_needs_a_reason(alice, mel, verdict, reason):
    submission = propose(alice)
    with pytest.raises(review.ReasonMissing):
        review.decide(submission, verdict, by=mel, seen_version=1, reason=reason)
    assert statuses() == ["pending"]


@pytest.mark.django_db
def test_nobody_decides_without_being_a_maintainer(alice, bruno):
    submission = propose(alice)
    for person in (alice, bruno):
        with pytest.raises(review.NotAllowed):
            review.decide(submission, APPROVE, by=person, seen_version=1)
    assert not Decision.objects.exists()


@pytest.mark.django_db
def test_a_maintainers_own_submission_is_marked_as_such(mel):
    decision = review.decide(propose(mel), APPROVE, by=mel, seen_version=1)
    assert decision.is_own


@pytest.mark.django_db
def test_self_approval_can_be_forbidden(mel, root, settings):
    settings.SELF_APPROVAL = "nobody"
    submission = propose(mel)
    with pytest.raises(review.NotAllowed):
        review.decide(submission, APPROVE, by=mel, seen_version=1)
    assert not review.decide(submission, APPROVE, by=root, seen_version=1).is_own


@pytest.mark.django_db
@pytest.mark.parametrize("second", [APPROVE, REJECT, REQUEST_CHANGES])
@pytest.mark.parametrize("first", [APPROVE, REJECT])
def test_what_is_decided_stays_decided(alice, mel, root, first, second):
    submission = propose(alice)
    decision = review.decide(submission, first, by=mel, seen_version=1, reason="Because.")
    with pytest.raises(review.NotPending) as caught:
        review.decide(submission, second, by=root, seen_version=1, reason="No.")
    assert (caught.value.last_decision, caught.value.last_decision.by) == (decision, mel)
    assert Decision.objects.count() == 1
    assert Paper.objects.count() == (first == APPROVE)


@pytest.mark.django_db
def test_a_text_the_maintainer_has_not_seen_is_not_decided(alice, mel):
    submission = propose(alice)
    review.edit(submission, submission.record, by=alice, seen_version=1, why=WHY)
    for unseen in (1, 3, 0):
        with pytest.raises(review.ChangedSinceSeen) as caught:
            review.decide(submission, APPROVE, by=mel, seen_version=unseen)
        assert caught.value.submission.version == 2
    assert not Decision.objects.exists()
    assert not Paper.objects.exists()


@pytest.mark.django_db
def test_an_approval_that_cannot_be_published_changes_nothing(alice, mel):
    submission = propose(alice)
    make_paper("Came by another way", identifiers={"arxiv": "2307.08691"})
    with pytest.raises(AlreadyCatalogued):
        review.decide(submission, APPROVE, by=mel, seen_version=1)
    assert statuses() == ["pending"]
    assert not Decision.objects.exists()
    assert Paper.objects.count() == 1


@pytest.mark.django_db
def test_a_category_that_was_renamed_meanwhile_is_still_found(alice, mel):
    submission = propose(alice)
    arranging.rename_category(make_category("serving"), name="Inference")
    review.decide(submission, APPROVE, by=mel, seen_version=1)
    assert [place.path for place in Paper.objects.get().record.categories] == ["inference"]


@pytest.mark.django_db
def test_the_database_itself_refuses_a_second_settlement(alice, mel):
    submission = propose(alice)
    review.decide(submission, REJECT, by=mel, seen_version=1, reason="Out of scope.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(submission=submission, submission_version=1, verdict=APPROVE, by=mel, at=timezone.now())


# -- Maintainers of a category -------------------------------------------------------------------
@pytest.fixture
def sol(db):
    """Keeps `systems`, and with it what lies below."""
    user = make_user("sol")
    taxonomy.name_maintainers(make_category("systems"), [user])
    return user


THEIRS = [["systems"], ["systems/serving"], ["systems/serving/scheduling"], ["systems", "systems/training"]]
NOT_THEIRS = [[], ["serving"], ["systems/serving", "serving"], ["nowhere"], ["systems", "systems/nowhere"]]


def proposal_for(paths, by, **facts):
    for path in ["serving", "systems/serving/scheduling", "systems/training"]:
        make_category(path)
    return propose(by, categories=paths, **facts)


@pytest.mark.django_db
@pytest.mark.parametrize("paths", THEIRS)
@pytest.mark.parametrize("verdict", [APPROVE, REJECT, REQUEST_CHANGES])
def test_a_category_maintainer_decides_what_is_theirs_or_below_theirs(alice, sol, paths, verdict):
    decision = review.decide(proposal_for(paths, alice), verdict, by=sol, seen_version=1, reason="Because.")
    assert (decision.by, decision.is_own, statuses()) == (sol, False, [review.TRANSITIONS[verdict][1]])


@pytest.mark.django_db
@pytest.mark.parametrize("paths", NOT_THEIRS)
@pytest.mark.parametrize("verdict", [APPROVE, REJECT, REQUEST_CHANGES])
def test_one_category_elsewhere_or_none_at_all_is_enough_to_keep_them_out(alice, sol, paths, verdict):
    submission = proposal_for(paths, alice)
    with pytest.raises(review.NotAllowed):
        review.decide(submission, verdict, by=sol, seen_version=1, reason="Because.")
    assert statuses() == ["pending"]
    assert not Decision.objects.exists()
    assert not Paper.objects.exists()


@pytest.mark.django_db
def test_who_keeps_a_part_does_not_decide_about_the_whole(alice, bruno):
    submission = proposal_for(["systems"], alice)
    taxonomy.name_maintainers(make_category("systems/serving"), [bruno])
    assert not review.may_decide(submission, by=bruno)


@pytest.mark.django_db
def test_two_categories_kept_by_the_same_person_are_both_theirs(alice, sol):
    submission = proposal_for(["systems/serving", "serving"], alice)
    taxonomy.name_maintainers(make_category("serving"), [sol])
    assert review.may_decide(submission, by=sol)


@pytest.mark.django_db
@pytest.mark.parametrize("self_approval", ["maintainers", "nobody"])
def test_a_category_maintainer_never_decides_their_own(sol, mel, settings, self_approval):
    settings.SELF_APPROVAL = self_approval
    submission = proposal_for(["systems"], sol)
    with pytest.raises(review.NotAllowed):
        review.decide(submission, APPROVE, by=sol, seen_version=1)
    assert not Submission.objects.reviewable_by(sol).exists()
    assert review.may_decide(submission, by=mel)


@pytest.mark.django_db
def test_who_is_named_no_more_decides_no_more_whatever_they_held_in_their_hand(alice, sol):
    submission = proposal_for(["systems"], alice)
    assert review.is_category_maintainer(sol)
    taxonomy.name_maintainers(make_category("systems"), [])
    with pytest.raises(review.NotAllowed):
        review.decide(submission, APPROVE, by=sol, seen_version=1)
    assert statuses() == ["pending"]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["sol", "mel", "root"])
def test_a_closed_account_decides_nothing_even_if_it_was_open_a_moment_ago(request, alice, sol, who):
    person = request.getfixturevalue(who)
    submission = proposal_for(["systems"], alice)
    assert review.may_decide(submission, by=person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(review.NotAllowed):
        review.decide(submission, APPROVE, by=person, seen_version=1)
    closed = User.objects.get(pk=person.pk)
    assert not review.may_decide(submission, by=closed)
    assert not review.is_category_maintainer(closed)
    assert not Submission.objects.reviewable_by(closed).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("elsewhere", [["serving"], ["systems", "serving"], []])
def test_what_moved_out_of_their_category_meanwhile_is_refused_as_changed_and_then_not_theirs(alice, sol, elsewhere):
    submission = proposal_for(["systems"], alice)
    moved = make_record("Orca", **{**ORCA, "categories": elsewhere})
    review.edit(submission, moved, by=alice, seen_version=1, why=WHY)
    with pytest.raises(review.ChangedSinceSeen):
        review.decide(submission, APPROVE, by=sol, seen_version=1)
    with pytest.raises(review.NotAllowed):
        review.decide(submission, APPROVE, by=sol, seen_version=2)
    assert not Submission.objects.reviewable_by(sol).exists()


@pytest.mark.django_db
def test_what_moved_into_their_category_is_theirs(alice, sol):
    submission = proposal_for(["serving"], alice)
    assert not Submission.objects.reviewable_by(sol).exists()
    moved = make_record("Orca", **{**ORCA, "categories": ["systems/serving"]})
    review.edit(submission, moved, by=alice, seen_version=1, why=WHY)
    assert Submission.objects.reviewable_by(sol).get() == submission
    assert review.decide(submission, APPROVE, by=sol, seen_version=2)


@pytest.mark.django_db
def test_a_renamed_category_stays_theirs_and_another_under_its_old_name_is_not(alice, sol):
    submission = proposal_for(["systems"], alice)
    arranging.rename_category(make_category("systems"), name="Machines")
    assert review.may_decide(submission, by=sol)
    assert Submission.objects.reviewable_by(sol).get() == submission
    make_category("systems")
    assert not review.may_decide(submission, by=sol)
    assert not Submission.objects.reviewable_by(sol).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("paths", THEIRS + NOT_THEIRS)
def test_the_queue_shows_exactly_what_may_be_decided(alice, bruno, sol, mel, paths):
    submission = proposal_for(paths, alice)
    for person in (sol, mel, alice, bruno):
        assert Submission.objects.reviewable_by(person).exists() == review.may_decide(submission, by=person)


# -- At the same moment ------------------------------------------------------------------------
def at_once(*acts):
    """Run each in its own thread with its own connection, all let go together; what each answered or raised, in their order."""
    answers, gate = [None] * len(acts), threading.Barrier(len(acts))

    def run(place, act):
        try:
            gate.wait(timeout=30)
            answers[place] = act()
        except Exception as error:
            answers[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def of_type(kind, answers):
    return [answer for answer in answers if type(answer) is kind]


@pytest.mark.django_db(transaction=True)
def test_of_twenty_decisions_at_once_exactly_one_is_made(alice, mel):
    submission = propose(alice)
    verdicts = [APPROVE, REJECT] * 10
    answers = at_once(
        *(lambda verdict=verdict: review.decide(submission, verdict, by=mel, seen_version=1, reason="Because.") for verdict in verdicts)
    )
    [decision] = of_type(Decision, answers)
    assert len(of_type(review.NotPending, answers)) == 19
    assert Decision.objects.get() == decision
    assert statuses() == [BECOMES[decision.verdict]]
    assert Paper.objects.count() == (decision.verdict == APPROVE)


@pytest.mark.django_db(transaction=True)
def test_the_same_paper_from_two_people_at_once_is_one_submission(alice, bruno):
    make_category("serving")
    answers = at_once(lambda: propose(alice), lambda: propose(bruno))
    [submission] = of_type(Submission, answers)
    [refused] = of_type(review.AlreadyProposed, answers)
    assert refused.submission == submission
    assert Submission.objects.get() == submission


@pytest.mark.django_db(transaction=True)
def test_one_form_sent_eight_times_at_once_is_one_row(alice, mailoutbox):
    make_category("serving")
    token = uuid.uuid4()
    answers = at_once(*[lambda: propose(alice, token=token)] * 8)
    assert {answer.pk for answer in of_type(Submission, answers)} == {Submission.objects.get().pk}
    assert len(of_type(Submission, answers)) == 8
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_of_an_approval_and_an_edit_at_once_exactly_one_wins(alice, mel):
    submission = propose(alice)
    record = records.replace(submission.record, title="Orca, edited")
    approval, edit = at_once(
        lambda: review.decide(submission, APPROVE, by=mel, seen_version=1),
        lambda: review.edit(submission, record, by=alice, seen_version=1, why=WHY),
    )
    if isinstance(approval, Decision):
        assert isinstance(edit, review.NotPending)
        assert Paper.objects.get().title == "Orca"
    else:
        assert isinstance(approval, review.ChangedSinceSeen)
        assert (edit.version, statuses(), Paper.objects.count()) == (2, ["pending"], 0)


@pytest.mark.django_db(transaction=True)
def test_of_an_approval_and_a_withdrawal_at_once_exactly_one_wins(alice, mel):
    submission = propose(alice)
    answers = at_once(lambda: review.decide(submission, APPROVE, by=mel, seen_version=1), lambda: review.withdraw(submission, by=alice))
    assert len(of_type(review.NotPending, answers)) == 1
    assert (statuses(), Paper.objects.count()) in [(["approved"], 1), (["withdrawn"], 0)]


@pytest.mark.django_db(transaction=True)
def test_a_proposal_made_while_the_paper_is_approved_never_waits_for_nothing(alice, bruno, mel):
    submission = propose(alice)
    _decision, other = at_once(lambda: review.decide(submission, APPROVE, by=mel, seen_version=1), lambda: propose(bruno))
    assert isinstance(other, AlreadyCatalogued | review.AlreadyProposed)
    assert statuses() == ["approved"]


@pytest.mark.django_db(transaction=True)
def test_two_papers_of_one_title_approved_at_once_get_two_addresses(alice, bruno, mel, root):
    first = propose(alice)
    second = propose(bruno, identifiers={"arxiv": "2307.08692"})
    answers = at_once(
        lambda: review.decide(first, APPROVE, by=mel, seen_version=1), lambda: review.decide(second, APPROVE, by=root, seen_version=1)
    )
    assert len(of_type(Decision, answers)) == 2
    assert sorted(Paper.objects.values_list("slug", flat=True)) == ["orca", "orca-2"]
    assert sorted(place.position for paper in Paper.objects.all() for place in paper.record.categories) == [1, 2]
    assert CatalogueState.now().version == 2


@pytest.mark.django_db(transaction=True)
def test_of_a_category_maintainer_and_a_full_one_at_once_exactly_one_decides(alice, mel, sol):
    submission = proposal_for(["systems"], alice)
    answers = at_once(
        *[lambda: review.decide(submission, APPROVE, by=sol, seen_version=1)] * 4,
        *[lambda: review.decide(submission, REJECT, by=mel, seen_version=1, reason="Because.")] * 4,
    )
    [decision] = of_type(Decision, answers)
    assert len(of_type(review.NotPending, answers)) == 7
    assert (Decision.objects.get(), statuses()) == (decision, [BECOMES[decision.verdict]])


@pytest.mark.django_db(transaction=True)
def test_a_move_to_another_category_at_the_moment_of_the_decision_never_lets_them_decide_there(alice, sol):
    submission = proposal_for(["systems"], alice)
    moved = make_record("Orca", **{**ORCA, "categories": ["serving"]})
    approval, edit = at_once(
        lambda: review.decide(submission, APPROVE, by=sol, seen_version=1),
        lambda: review.edit(submission, moved, by=alice, seen_version=1, why=WHY),
    )
    if isinstance(approval, Decision):
        assert isinstance(edit, review.NotPending)
        assert [place.path for place in Paper.objects.get().record.categories] == ["systems"]
    else:
        assert isinstance(approval, review.ChangedSinceSeen)
        assert (edit.version, statuses(), Paper.objects.count()) == (2, ["pending"], 0)
