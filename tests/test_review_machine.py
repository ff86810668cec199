"""Everybody does anything, in any order; after every step the shelf, its memory, the log and the export tell one story."""

import re
import uuid
from collections import Counter
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction
from django.http import QueryDict
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.models import User
from catalog import arranging, corrections, records, review, taxonomy, verification
from catalog.export import Export
from catalog.filters import PaperFilter
from catalog.formats import jsonl
from catalog.models import (
    CatalogueState,
    Category,
    Decision,
    DisputeNotice,
    Distinction,
    Organization,
    Paper,
    ProposedIdentifier,
    Revision,
    Submission,
    SubmissionVersion,
    Tombstone,
    Venue,
)
from catalog.publishing import AlreadyCatalogued
from catalog.review import APPROVE, MERGE, REJECT, REQUEST_CHANGES, TAKE, UNDO
from tests.conftest import make_user
from tests.factories import make_category, make_paper, make_record

LEGAL = (
    review.Refusal,
    AlreadyCatalogued,
    Category.DoesNotExist,
    taxonomy.NameTaken,
    taxonomy.InsideItself,
)
# Each is chosen by its place, counted round: few numbers, and still any of many.
places = st.integers(0, 11)
people = st.sampled_from(["alice", "bruno", "sol", "mel", "root", "nobody"])
maintainers = st.sampled_from(["mel", "root", "mel", "root", "sol", "sol", "alice", "nobody"])
# Mostly what stands there now.
behind = st.sampled_from([0, 0, 0, 0, 0, 1])
identifiers = st.sampled_from([{}, {"arxiv": "2307.08691"}, {"arxiv": "2307.08692"}, {"doi": "10.1145/3477132.3483550"}])
fields = st.sets(
    st.sampled_from(["title", "note", "abstract", "year", "venue", "organizations", "categories", "identifiers", "links"]), min_size=1
)
MODELS = apps.get_app_config("catalog").get_models(include_auto_created=True)
TABLES = {model._meta.db_table: model._meta.pk.column for model in MODELS}
MARK = re.compile(r"([a-z]+)mark\d+")


@pytest.fixture
def cast(alice, bruno, mel, root):
    nobody = make_user("nobody", is_staff=True, is_active=False)
    return {person.username: person for person in (alice, bruno, mel, root, nobody, make_user("sol"))}


class Review(RuleBasedStateMachine):
    """A small shelf that six people work on. `done` and `refused` count what was tried, over all examples."""

    done: Counter[str] = Counter()
    refused: Counter[str] = Counter()

    def __init__(self, cast):
        super().__init__()
        self.cast = cast
        self.example = transaction.atomic()
        self.example.__enter__()
        self.travel = time_machine.travel(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), tick=False)
        self.clock = self.travel.start()
        self.marks = 0
        # What contributors did, which is no decision: when, to which submission, and what it became by that.
        self.told: list[tuple[datetime, int, str]] = []
        for path in ("systems/training", "serving"):
            make_category(path)
        taxonomy.name_maintainers(Category.objects.get(slug="systems"), [cast["sol"]])
        make_paper("Orca", categories=["serving", "systems"], venue="OSDI", year=2022, identifiers={"arxiv": "2201.00001"})
        make_paper("Whale", categories=["systems/training"], organizations=["A Lab"], links=["https://example.org/whale"])
        make_paper("Krill", categories=["systems", "systems/training"])
        self.began_with = set(Paper.objects.values_list("public_id", flat=True))
        self.ever = {paper.pk: paper for paper in Paper.objects.all()}
        self.renamed: set[str] = set()
        self.begin()
        self.seen = self.visible()

    def begin(self):
        """Something waits already, so that there is something to decide."""
        orca, told = Paper.objects.get(title="Orca"), {"why": self.mark("why"), "token": uuid.uuid4()}
        own = make_record("Eel", categories=["systems/training"])
        addition = self.marked(make_record("Squid", categories=["systems"]), {"note"}, place=0, ids={})
        correction = self.marked(orca.record, {"title", "note", "year"}, place=0, ids={})
        self.tell(review.submit(addition, by=self.cast["alice"], **told), "pending")
        self.tell(review.submit(own, by=self.cast["sol"], **told), "pending")
        self.tell(review.correct(orca, correction, by=self.cast["bruno"], **told), "pending")
        review.propose_notice(orca, "concern", self.mark("notice"), by=self.cast["mel"])

    def teardown(self):
        self.travel.stop()
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # -- What is there -----------------------------------------------------------------------
    def person(self, name):
        return User.objects.get(username=name)

    def mark(self, what):
        self.marks += 1
        return f"{what}mark{self.marks}"

    def paper(self, place):
        """Any that ever stood on the shelf, as somebody may still hold it in their hand; mostly one that stands there."""
        here = list(Paper.objects.order_by("pk"))
        gone = [paper for pk, paper in sorted(self.ever.items()) if pk not in {paper.pk for paper in here}][:1]
        return (here + gone)[place % len(here + gone)]

    def submission(self, place, *, among=None):
        found = list((Submission.objects.all() if among is None else among).order_by("pk"))
        return found[place % len(found)] if found else None

    def path(self, place):
        paths = [*Category.objects.order_by("pk").values_list("path", flat=True), "nowhere"]
        return paths[place % len(paths)]

    def rows(self):
        """Everything that the catalogue keeps, as the database has it."""
        with connection.cursor() as cursor:
            return {table: cursor.execute(f"SELECT * FROM {table} ORDER BY {key}").fetchall() for table, key in TABLES.items()}

    def export(self):
        with closing(Export(PaperFilter(QueryDict("")).selection, jsonl)) as export:
            return b"".join(export).decode()

    def visible(self):
        """What any reader can see, and the version that it goes by."""
        shown = [
            self.export(),
            list(Paper.objects.order_by("pk").values_list("pk", "slug", "citation_key", "search_text", "has_code", "title_key")),
            list(Tombstone.objects.order_by("pk").values_list("slug", "reason", "successor_public_id")),
            list(DisputeNotice.objects.exclude(confirmed_at=None).filter(lifted_at=None).values_list("pk")),
            list(Category.objects.values_list("path", "name", "tree_position")),
        ]
        return shown, CatalogueState.now().version

    # -- Trying ------------------------------------------------------------------------------
    def attempt(self, name, act):
        """Do it some minutes after the last; what it answers, or None where it was refused and so has changed nothing."""
        self.clock.shift(timedelta(minutes=7))
        before = self.rows()
        try:
            answer = act()
        except LEGAL:
            assert self.rows() == before, f"{name} was refused and changed something"
            self.refused[name] += 1
            return None
        self.done[name] += 1
        return answer

    def tell(self, submission, becomes):
        if submission is not None:
            self.told.append((submission.updated_at, submission.pk, becomes))

    def marked(self, record, which, *, place, ids):
        """Other facts, each with a mark by which it can be found again."""
        facts = {
            "title": self.mark("title"),
            "note": self.mark("note"),
            "abstract": self.mark("abstract"),
            "year": 2000 + self.marks % 20,
            "venue": records.Venue(name=["OSDI", "SOSP", "A New Workshop"][place % 3], year=2020),
            "organizations": (records.Organization(name=["A Lab", "A New Lab"][place % 2]),),
            "categories": tuple(records.Category(path=self.path(place + step), primary=step == 0) for step in range(1 + place % 2)),
            "identifiers": ids,
            "links": (records.Link(url=f"https://example.org/{self.mark('links')}"),),
        }
        return records.replace(record, **{name: facts[name] for name in sorted(which)})

    def decided(self, name, decide, *, submission, by, again):
        """Decide, and look whether that was theirs to decide; and if they think again, take it back at once."""
        was, contributor = self.seen[0], submission.contributor
        is_theirs = self.is_kept_by_sol(submission)
        decision = self.attempt(name, decide)
        if decision is None:
            return
        assert by.is_active
        assert decision.is_own == (contributor == by)
        if not by.is_maintainer:
            assert by.username == "sol"
            assert contributor != by
            assert is_theirs
            assert not decision.record_json or self.are_below_sol(place.path for place in decision.record.categories)
        if again:
            self.take_back(decision, by=by, was=was)

    def take_back(self, decision, *, by, was):
        after = CatalogueState.now().version
        undone = self.attempt("undo at once", lambda: review.undo(decision, by=by, reason="Too fast."))
        assert undone is not None, "nothing was built on it, and yet it could not be undone"
        shown, version = self.visible()
        assert shown[:2] == was[:2]
        assert shown[3:] == was[3:]
        assert version > after or shown == was

    def is_kept_by_sol(self, submission):
        paths = {place.path for place in submission.record.categories}
        if submission.paper and not submission.is_addition:
            paths |= {place.path for place in submission.paper.to_record().categories}
        return self.are_below_sol(paths)

    def are_below_sol(self, paths):
        """By the parents, one by one, and not by what is laid down of them."""
        kept = set(Category.objects.filter(maintainers=self.cast["sol"]).values_list("pk", flat=True))
        paths = list(paths)
        for path in paths:
            try:
                node = taxonomy.category_at(path)
            except Category.DoesNotExist:
                return False
            while node is not None and node.pk not in kept:
                node = node.parent
            if node is None:
                return False
        return bool(paths)

    # -- Contributors ------------------------------------------------------------------------
    @rule(who=people, place=places, ids=identifiers, which=fields, own=st.booleans())
    def submit(self, who, place, ids, which, own):
        record = self.marked(make_record(self.mark("title"), categories=[self.path(place)]), which, place=place, ids=ids)
        by, token = self.person(who), uuid.uuid4()
        different = list(Paper.objects.order_by("pk")[:1]) if own else []
        made = self.attempt(
            "submit",
            lambda: review.submit(record, by=by, why=self.mark("why"), token=token, is_own_work=own, different_from=different),
        )
        self.tell(made, "pending")
        if made is not None:
            assert review.submit(record, by=by, why="Sent twice.", token=token) == made

    @rule(who=people, paper=places, place=places, ids=identifiers, which=fields)
    def correct(self, who, paper, place, ids, which):
        paper = self.paper(paper)
        record = self.marked(paper.record, which, place=place, ids=ids)
        act = lambda: review.correct(paper, record, by=self.person(who), why=self.mark("why"), token=uuid.uuid4())  # noqa: E731
        self.tell(self.attempt("correct", act), "pending")

    @rule(who=people, paper=places)
    def remove(self, who, paper):
        paper = self.paper(paper)
        act = lambda: review.remove(paper, by=self.person(who), why=self.mark("why"), token=uuid.uuid4())  # noqa: E731
        self.tell(self.attempt("remove", act), "pending")

    @precondition(lambda self: self.told)
    @rule(stranger=st.sampled_from([None, None, None, "bruno"]), which_one=places, place=places, ids=identifiers, which=fields, late=behind)
    def edit(self, stranger, which_one, place, ids, which, late):
        submission = self.submission(which_one)
        record = self.marked(submission.record, which, place=place, ids=ids)
        by, seen = self.person(stranger) if stranger else submission.contributor, submission.version - late
        edited = self.attempt("edit", lambda: review.edit(submission, record, by=by, seen_version=seen, why=self.mark("why")))
        assert edited is None or edited.contributor == by
        self.tell(edited, "pending")

    @precondition(lambda self: self.told)
    @rule(stranger=st.sampled_from([None, None, "bruno"]), which_one=places)
    def withdraw(self, stranger, which_one):
        submission = self.submission(which_one)
        by = self.person(stranger) if stranger else submission.contributor
        withdrawn = self.attempt("withdraw", lambda: review.withdraw(submission, by=by))
        assert withdrawn is None or withdrawn.contributor == by
        self.tell(withdrawn, "withdrawn")

    # -- Around a submission -----------------------------------------------------------------
    @precondition(lambda self: self.told)
    @rule(who=people, which_one=places, act=st.sampled_from(["comment", "leave_note", "open_item", "take_over"]))
    def talk(self, who, which_one, act):
        submission = self.submission(which_one)
        by = submission.contributor if act == "comment" and which_one % 2 else self.person(who)
        acts = {
            "comment": lambda: review.comment(submission, self.mark("comment"), by=by),
            "leave_note": lambda: review.leave_note(submission, self.mark("secret"), by=by),
            "open_item": lambda: review.open_item(submission, by=by),
            "take_over": lambda: review.take_over(submission, by=by, note=self.mark("secret")),
        }
        shown = self.seen
        self.attempt(act, acts[act])
        assert self.visible() == shown

    # -- Decisions ---------------------------------------------------------------------------
    @precondition(lambda self: self.told)
    @rule(
        who=maintainers,
        which_one=places,
        verdict=st.sampled_from([APPROVE, APPROVE, APPROVE, REQUEST_CHANGES, REJECT]),
        settled=st.booleans(),
        late=behind,
        again=st.booleans(),
    )
    def decide(self, who, which_one, verdict, settled, late, again):
        submission = self.submission(which_one, among=None if settled else Submission.objects.open())
        if submission is None:
            return
        by, told = self.person(who), {"reason": self.mark("reason"), "private_note": self.mark("secret")}
        seen = submission.version - late
        act = lambda: review.decide(submission, verdict, by=by, seen_version=seen, **told)  # noqa: E731
        self.decided(str(verdict), act, submission=submission, by=by, again=again)

    @precondition(lambda self: self.told)
    @rule(who=maintainers, which_one=places, place=places, ids=identifiers, which=fields, again=st.booleans())
    def approve_with_edits(self, who, which_one, place, ids, which, again):
        submission, by = self.submission(which_one, among=Submission.objects.awaiting_review()), self.person(who)
        if submission is None:
            return
        edited = self.marked(submission.record, which, place=place, ids=ids)
        act = lambda: review.decide(submission, APPROVE, by=by, seen_version=submission.version, record=edited)  # noqa: E731
        self.decided("approve with edits", act, submission=submission, by=by, again=again)

    @precondition(lambda self: Submission.objects.awaiting_review().filter(kind="correction").exists())
    @rule(who=maintainers, which_one=places, taken=st.sets(st.integers(0, 8)), late=behind, again=st.booleans())
    def take(self, who, which_one, taken, late, again):
        submission = self.submission(which_one, among=Submission.objects.awaiting_review().filter(kind="correction"))
        changed = corrections.changes(submission.record, submission.base)
        chosen = [name for number, name in enumerate(changed) if number in taken]
        by, seen = self.person(who), submission.paper.revision - late if submission.paper else None
        act = lambda: review.decide(  # noqa: E731
            submission, APPROVE, by=by, seen_version=submission.version, fields=chosen, seen_revision=seen
        )
        self.decided("take", act, submission=submission, by=by, again=again)

    @precondition(lambda self: self.told)
    @rule(who=maintainers, verdict=st.sampled_from([APPROVE, REJECT]), late=behind)
    def decide_each(self, who, verdict, late):
        by = self.person(who)
        items = [(number, version - late) for number, version in Submission.objects.values_list("pk", "version")]
        outcomes = self.attempt("bulk", lambda: list(review.decide_each(items, verdict, by=by, reason=self.mark("reason"))))
        assert [outcome.number for outcome in outcomes] == sorted(number for number, _version in items)
        for outcome in outcomes:
            assert (outcome.decision is None) == isinstance(outcome.refusal, LEGAL), outcome
            if outcome.decision and not by.is_maintainer:
                assert (by.username, outcome.decision.is_own) == ("sol", False)

    @precondition(lambda self: Decision.objects.exists())
    @rule(who=maintainers, which_one=places)
    def undo(self, who, which_one):
        found = list(Decision.objects.order_by("-pk")[:12])
        decision, by = found[which_one % len(found)], self.person(who)
        undone = self.attempt("undo", lambda: review.undo(decision, by=by))
        assert undone is None or by.is_maintainer or (by.username == "sol" and decision.submission.contributor != by)

    # -- Papers themselves -------------------------------------------------------------------
    @rule(who=maintainers, one=places, other=places, which=fields, late=behind, again=st.booleans())
    def merge(self, who, one, other, which, late, again):
        paper, survivor, by, was = self.paper(one), self.paper(one + 1 + other), self.person(who), self.seen[0]
        chosen = {name: getattr(paper.record, name) for name in which}
        record, seen = records.replace(survivor.record, **chosen), (paper.revision - late, survivor.revision)
        act = lambda: review.merge(paper, survivor, record, by=by, reason=self.mark("reason"), seen_revisions=seen)  # noqa: E731
        decision = self.attempt("merge", act)
        assert decision is None or by.is_maintainer
        if decision and again:
            self.take_back(decision, by=by, was=was)

    @rule(who=maintainers, one=places, other=places)
    def tell_apart(self, who, one, other):
        before = Distinction.objects.count()
        self.attempt("tell_apart", lambda: review.tell_apart(self.paper(one), self.paper(other), by=self.person(who)))
        assert Distinction.objects.count() - before in (0, 1)

    @rule(who=maintainers, paper=places, act=st.sampled_from(["propose_notice", "confirm_notice", "lift_notice"]), which_one=places)
    def notice(self, who, paper, act, which_one):
        notices, by = list(DisputeNotice.objects.order_by("pk")), self.person(who)
        notice = notices[which_one % len(notices)]
        acts = {
            "propose_notice": lambda: review.propose_notice(self.paper(paper), "erratum", self.mark("notice"), by=by),
            "confirm_notice": lambda: review.confirm_notice(notice, by=by),
            "lift_notice": lambda: review.lift_notice(notice, by=by, reason=self.mark("reason")),
        }
        self.attempt(act, acts[act])
        shown = DisputeNotice.objects.exclude(confirmed_at=None).order_by("confirmed_at", "pk")
        logged = Decision.objects.filter(verdict=review.NOTICE).order_by("at", "pk")
        assert [notice.confirmed_by for notice in shown] == [decision.by for decision in logged]
        assert not [notice for notice in shown if notice.confirmed_by == notice.proposed_by]

    # -- Names and order ---------------------------------------------------------------------
    @contextmanager
    def arranging(self):
        """Names may change on papers without a revision, and nothing but names may."""
        before = dict(Paper.objects.values_list("public_id", "record_json"))
        yield
        after = dict(Paper.objects.values_list("public_id", "record_json"))
        assert before.keys() == after.keys()
        self.renamed |= {public_id for public_id, json in after.items() if before[public_id] != json}

    @rule(
        place=places,
        other=places,
        name=st.sampled_from(["Systems", "Serving", "Machines", "Inference"]),
        act=st.sampled_from(["rename", "move", "reorder", "place", "venue"]),
    )
    def arrange(self, place, other, name, act):
        found = list(Category.objects.order_by("pk"))
        category, above = found[place % len(found)], [*found, None][other % (len(found) + 1)]
        placed = category.placements.order_by("pk").first()
        edition = Paper.objects.exclude(edition=None).order_by("pk").values_list("edition__venue", flat=True).first()
        acts = {
            "rename": lambda: arranging.rename_category(category, name=name),
            "move": lambda: arranging.move_category(category, above),
            "reorder": lambda: arranging.reorder_category(category, 1 + other % 3),
            "place": lambda: placed and arranging.place_paper(placed.paper, category, 1 + other % 3),
            "venue": lambda: edition and arranging.rename_venue(Venue.objects.get(pk=edition), name=f"Venue {self.marks}"),
        }
        with self.arranging():
            self.attempt(act, acts[act])

    # -- What holds after every step ---------------------------------------------------------
    @invariant()
    def all_of_it_tells_one_story(self):
        self.the_version_rises_with_whatever_readers_can_see()
        self.the_newest_revision_is_the_paper()
        self.the_log_explains_every_change()
        self.the_export_holds_what_was_approved_and_nothing_else()
        self.open_submissions_hold_their_identifiers_and_no_others_do()
        self.every_version_is_kept()
        self.what_readers_are_served_agrees_with_the_rows()

    def the_version_rises_with_whatever_readers_can_see(self):
        (shown, version), (was, before) = self.visible(), self.seen
        assert version >= before
        assert version > before or shown == was
        self.seen = shown, version

    def the_newest_revision_is_the_paper(self):
        for paper in Paper.objects.all():
            self.ever.setdefault(paper.pk, paper)
            newest = Revision.objects.filter(paper_public_id=paper.public_id).order_by("number").last()
            if newest.record_json == paper.record_json:
                self.renamed.discard(paper.public_id)
            assert newest.record_json == paper.record_json or paper.public_id in self.renamed
            assert paper.revision <= newest.number

    def the_log_explains_every_change(self):
        shelf, revisions, status = set(self.began_with), Counter(), {}
        acts = [(at, 0, (number, becomes)) for at, number, becomes in self.told]
        decisions = Decision.objects.select_related("submission", "undoes__submission").order_by("at", "pk")
        acts += [(decision.at, decision.pk, decision) for decision in decisions]
        for _at, _number, act in sorted(acts, key=lambda each: each[:2]):
            if isinstance(act, tuple):
                status[act[0]] = act[1]
            else:
                explain(act, shelf, revisions, status)
        assert shelf == set(Paper.objects.values_list("public_id", flat=True))
        assert revisions == Counter(Revision.objects.exclude(decision=None).values_list("paper_public_id", flat=True))
        assert status == dict(Submission.objects.values_list("pk", "status"))
        assert set(Tombstone.objects.values_list("public_id", flat=True)) == (self.began_with | revisions.keys()) - shelf

    def the_export_holds_what_was_approved_and_nothing_else(self):
        lines = self.seen[0][0].splitlines()
        exported = [records.from_json(line) for line in lines]
        assert sorted(record.id for record in exported) == sorted(Paper.objects.values_list("public_id", flat=True))
        held = [identifier for record in exported for identifier in record.identifiers.items()]
        assert len(held) == len(set(held))
        approved = set()
        for decision in Decision.objects.filter(verdict__in=[APPROVE, TAKE], undone_by=None):
            approved |= marks_approved(decision)
        assert {match.group() for match in MARK.finditer(self.seen[0][0])} <= approved

    def open_submissions_hold_their_identifiers_and_no_others_do(self):
        claims = set()
        for submission in Submission.objects.open():
            held = submission.base.identifiers.items() if submission.base else ()
            claims |= {(submission.pk, *identifier) for identifier in submission.record.identifiers.items() if identifier not in held}
        assert set(ProposedIdentifier.objects.values_list("submission", "scheme", "value")) == claims

    def every_version_is_kept(self):
        kept = Counter(SubmissionVersion.objects.values_list("submission", flat=True))
        assert kept == dict(Submission.objects.values_list("pk", "version"))
        for submission in Submission.objects.all():
            newest = submission.versions.last()
            assert (newest.record_json, newest.base_json) == (submission.record_json, submission.base_json)

    def what_readers_are_served_agrees_with_the_rows(self):
        assert [str(each) for each in verification.disagreements()] == []


def explain(decision, shelf, revisions, status):
    """What this decision did, by what the log says of it alone."""
    undone = decision.undoes
    told, submission = undone or decision, decision.submission
    if decision.verdict == UNDO and submission:
        status[submission.pk] = "pending"
    elif submission:
        status[submission.pk] = review.TRANSITIONS[decision.verdict][1]
    paper = told.paper_public_id
    if told.verdict == MERGE:
        survivor = told.revisions.get().paper_public_id
        revisions[survivor] += 1
        if undone:
            shelf.add(paper)
            revisions[paper] += 1
        else:
            shelf.remove(paper)
    elif told.verdict in {APPROVE, TAKE}:
        comes = submission.is_removal if undone else submission.is_addition
        goes = submission.is_addition if undone else submission.is_removal
        if comes:
            assert paper not in shelf
            shelf.add(paper)
        if goes:
            shelf.remove(paper)
        else:
            revisions[paper] += 1


def marks_approved(decision):
    """The marks of what a maintainer took, or wrote."""
    if decision.record_json:
        return {match.group() for match in MARK.finditer(decision.record_json)}
    version = decision.submission.versions.get(number=decision.submission_version)
    base = records.from_json(version.base_json) if version.base_json else None
    changed = corrections.changes(version.record, base) if base else []
    taken = decision.fields or changed
    found = {match.group(): match.group(1) for match in MARK.finditer(version.record_json)}
    return {mark for mark, field in found.items() if base is None or field in taken}


# What every run gets to, whatever else it does.
ACTS = {
    *("submit", "correct", "remove", "edit", "withdraw", "approve", "approve with edits", "take", "bulk", "undo", "undo at once", "merge"),
    *("rename", "move", "place"),
}


@pytest.mark.django_db
def test_whatever_anybody_does_the_log_explains_it_and_readers_are_served_what_was_approved(cast):
    Review.done.clear()
    Review.refused.clear()
    run_state_machine_as_test(
        lambda: Review(cast),
        settings=settings(max_examples=12, stateful_step_count=35, suppress_health_check=list(HealthCheck)),
    )
    assert Review.done.keys() >= ACTS
    assert len(ACTS & Review.refused.keys()) > 8


# -- What came to light by it ------------------------------------------------------------------
@pytest.fixture
def twins():
    return [make_paper("Orca", categories=["serving"]), make_paper("Orca again", categories=["serving"])]


@pytest.mark.django_db
def test_a_removal_of_a_paper_that_was_merged_never_takes_the_survivor(twins, alice, mel):
    orca, twin = twins
    removal = review.remove(twin, by=alice, why="It is there twice.", token=uuid.uuid4())
    review.merge(twin, orca, orca.record, by=mel)
    with pytest.raises(review.PaperGone) as caught:
        review.decide(removal, APPROVE, by=mel, seen_version=1)
    assert caught.value.tombstone.successor == Paper.objects.get() == orca


@pytest.mark.django_db
def test_a_correction_of_a_merged_paper_is_logged_under_the_survivor(twins, alice, mel):
    orca, twin = twins
    said = records.replace(twin.record, note="On iteration-level scheduling.")
    correction = review.correct(twin, said, by=alice, why="It says why.", token=uuid.uuid4())
    review.merge(twin, orca, orca.record, by=mel)
    decision = review.decide(correction, APPROVE, by=mel, seen_version=1)
    assert Decision.objects.get(pk=decision.pk).paper_public_id == decision.revisions.get().paper_public_id == orca.public_id


@pytest.mark.django_db
def test_a_name_that_a_maintainer_gave_is_there_again_when_a_removal_is_undone(alice, mel):
    paper = make_paper("Orca", venue="OSDI", year=2022, organizations=["A Lab"])
    arranging.rename_venue(Venue.objects.get(), name="Operating Systems Design")
    arranging.rename_organization(Organization.objects.get(), name="The Lab")
    before = Paper.objects.get().record_json
    removal = review.remove(paper, by=alice, why="Superseded.", token=uuid.uuid4())
    review.undo(review.decide(removal, APPROVE, by=mel, seen_version=1), by=mel)
    assert Paper.objects.get().record_json == before


@pytest.mark.django_db
def test_a_number_that_a_maintainer_gave_is_there_again_when_a_decision_is_undone(alice, mel):
    """Names and numbers change without a revision: what was served last is not what the last revision says."""
    orca, _whale, krill = (make_paper(title, categories=["serving"]) for title in ("Orca", "Whale", "Krill"))
    arranging.place_paper(krill, make_category("serving"), 1)
    make_category("reading")
    before = sorted(Paper.objects.values_list("record_json", flat=True))
    orca.refresh_from_db()
    said = records.replace(orca.record, categories=(records.Category(path="reading", primary=True),))
    correction = review.correct(orca, said, by=alice, why="It is for readers.", token=uuid.uuid4())
    review.undo(review.decide(correction, APPROVE, by=mel, seen_version=1), by=mel)
    assert sorted(Paper.objects.values_list("record_json", flat=True)) == before
