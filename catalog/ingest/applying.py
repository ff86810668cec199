"""Do what was planned, through the doors of `review` and `shelving`: in one transaction, so that nothing is half imported."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import batched
from typing import Any, Literal
from uuid import uuid4

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from catalog import bulk, publishing, records, review, shelving
from catalog.formats import Entry, Ignored, Piece
from catalog.ingest.account import Account
from catalog.ingest.planning import Planner, Step
from catalog.models import Decision, ImportedList, ListedPaper, Paper, Submission
from catalog.publishing import AlreadyCatalogued
from catalog.records import Record, replace

type Choice = Literal["propose", "publish", "skip"]

AT_ONCE = 1_000
# Of a list of some length, so large a part does not go at once: then the file is a part of it.
_FEW, _PART = 10, 0.5


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a step: the paper, or the proposal, that it is now. `reason` is why there is neither."""

    step: Step
    paper: str = ""
    submission: int | None = None
    reason: str = ""


def run(
    pieces: Iterable[Piece],
    *,
    by: User,
    choice: Choice,
    list_name: str,
    category: str = "",
    is_list: bool,
    is_dry: bool = False,
    progress: Callable[[int], None] = lambda entries: None,
) -> Account:
    """Import a file: all of it or nothing. What is suspected to be here already is never published, but proposed.

    `is_list` is whether the file is a list that may go on living elsewhere, and is held in memory; else its records come in a
    stream. A dry run changes nothing. `progress` hears how many entries are done. Raises review.NotAllowed,
    Category.DoesNotExist, reading.Unreadable.
    """
    account = Account()
    entries = entries_of(pieces, account)
    with transaction.atomic():
        publishing.take_turn()
        planner = Planner(list_name=list_name, category=category, is_list=is_list)
        with Run(by=by, list_name=list_name, account=account, may_publish=choice == "publish") as doing:
            for some in [list(entries)] if is_list else batched(entries, AT_ONCE, strict=False):
                steps = list(planner.plan(some))
                outcomes = doing.carry_out(steps, planner, choose=lambda step: _choice(step, choice), is_part=is_part(steps))
                if is_list:
                    doing.remember(outcomes)
                progress(account.entries)
        if is_dry:
            transaction.set_rollback(True)
    return account


def _choice(step: Step, choice: Choice) -> Choice:
    """What may be a paper that is here is for people to look at; what two entries of one file have in common, its curator knows."""
    return "propose" if step.act == "add" and any(near.path for near in step.suspected) else choice


def entries_of(pieces: Iterable[Piece], account: Account) -> Iterator[Entry]:
    """The entries of a file; every line of it is in the account, by and by."""
    for piece in pieces:
        account.lines += piece.lines
        match piece:
            case Ignored(kind=kind, lines=lines):
                account.ignored[kind] += lines
                continue
            case Entry():
                account.entries += 1
                yield piece
            case _:
                account.not_understood.append({"line": piece.line, "text": piece.text, "reason": piece.reason})
        if piece.lines > 1:
            account.ignored["continuation"] += piece.lines - 1


class Run:
    """Carries out steps; a context, inside a transaction that has the turn of a publisher."""

    def __init__(self, *, by: User, list_name: str, account: Account, may_publish: bool) -> None:
        """Raises review.NotAllowed where this person may not publish what they bring themselves."""
        if may_publish and (not by.is_maintainer or settings.SELF_APPROVAL == "nobody"):
            raise review.NotAllowed
        self._by, self._list_name, self._account = by, list_name, account
        self._decision: Decision | None = None
        self._shelf: shelving.Shelf | None = None
        self._opened = ExitStack()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *failure: Any) -> None:
        self._opened.__exit__(*failure)
        if self._decision and not any(failure):
            count = self._account.added
            said = ngettext("%(count)d paper.", "%(count)d papers.", count) % {"count": count}
            Decision.objects.filter(pk=self._decision.pk).update(reason=said)

    def carry_out(
        self, steps: Sequence[Step], planner: Planner, *, choose: Callable[[Step], Choice], is_part: bool = False
    ) -> list[Outcome]:
        """What becomes of each. One that is refused stops none of the others. Of a file that is a part of its list, nothing is gone."""
        account = self._account
        chosen = [(step, choose(step)) for step in steps]
        done = [step for step, choice in chosen if choice != "skip" and step.act in {"add", "change"}]
        planner.places.add_missing({place.path for step in done for place in step.record.categories}, account)
        published = iter(self._put([step.record for step, choice in chosen if step.act == "add" and choice == "publish"]))
        outcomes = []
        for step, choice in chosen:
            account.repeated += len(step.repeats)
            account.suspected += ({"line": step.line, **msgspec.to_builtins(near)} for near in step.suspected)
            if step.act == "add" and choice == "publish":
                record = next(published)
                account.added += 1
                account.placements += step.placements
                outcomes.append(Outcome(step=step, paper=record.id))
            elif step.act == "remove" and is_part:
                account.kept_though_gone += 1
                outcomes.append(Outcome(step=step, paper=step.paper))
            elif choice == "skip" or step.act in {"unchanged", "refused"}:
                outcomes.append(self._left_alone(step))
            else:
                outcomes.append(self._proposed(step, is_published=choice == "publish"))
        return outcomes

    def _left_alone(self, step: Step) -> Outcome:
        if step.act == "unchanged":
            self._account.unchanged += 1
        elif step.act == "refused":
            self._refuse(step, step.reason)
        return Outcome(step=step, paper=step.paper, submission=step.submission or None, reason=step.reason)

    def _refuse(self, step: Step, reason: str) -> None:
        self._account.refused.append({"line": step.line, "title": step.record.title, "reason": reason})

    # -- Publish -------------------------------------------------------------------------------
    def _put(self, new: Sequence[Record]) -> list[Record]:
        if not new:
            return []
        if self._shelf is None:
            self._decision = Decision.objects.create(
                verdict=review.IMPORT, by=self._by, is_own=True, at=timezone.now(), subject=self._list_name, reason="…"
            )
            self._shelf = self._opened.enter_context(shelving.many(decision=self._decision, by=self._by))
        return self._shelf.put(new)

    # -- Propose -------------------------------------------------------------------------------
    def _proposed(self, step: Step, *, is_published: bool) -> Outcome:
        """The step as a submission; approved, where it is to be published. What cannot be proposed is refused."""
        try:
            with transaction.atomic():
                submission = self._submitted(step)
                if is_published:
                    review.decide(submission, review.APPROVE, by=self._by, seen_version=submission.version)
        except review.NothingChanged:
            self._account.unchanged += 1
            return Outcome(step=step, paper=step.paper)
        except review.AlreadyProposed as refusal:
            self._account.unchanged += 1
            return Outcome(step=step, paper=step.paper, submission=refusal.submission.pk)
        except (AlreadyCatalogued, review.Refusal) as refusal:
            self._refuse(step, reason := _why_not(refusal))
            return Outcome(step=step, paper=step.paper, reason=reason)
        self._count(step, is_published=is_published)
        return Outcome(step=step, paper=step.paper, submission=submission.pk)

    def _submitted(self, step: Step) -> Submission:
        told: dict[str, Any] = {"by": self._by, "token": uuid4(), "why": self._why(step), "tells": False}
        if step.act == "add":
            plain = replace(step.record, id="", slug="", path="", citation_key="", added_at=None, updated_at=None, revision=0)
            return review.submit(plain, **told)
        if step.submission:
            proposed = Submission.objects.get(pk=step.submission)
            return review.withdraw(proposed, by=self._by)
        paper = Paper.objects.get(public_id=step.paper)
        if step.act == "remove":
            return review.remove(paper, **told)
        return review.correct(paper, step.record, **told)

    def _why(self, step: Step) -> str:
        facts = {"list": self._list_name[:150], "line": step.line}
        if step.act == "remove":
            return _("It does not stand in the list “%(list)s” any more.") % facts
        if step.act == "change":
            return _("The list “%(list)s” says it so, in line %(line)d.") % facts
        return _("It stands in the list “%(list)s”, in line %(line)d.") % facts

    def _count(self, step: Step, *, is_published: bool) -> None:
        account = self._account
        if not is_published:
            account.proposed += 1
        account.placements += step.placements
        account.changed += step.act == "change"
        account.gone += step.act == "remove"

    # -- Remember ------------------------------------------------------------------------------
    def remember(self, outcomes: Iterable[Outcome]) -> None:
        """What the list said, for the next time that it is read."""
        name = self._list_name
        list_, _is_new = ImportedList.objects.update_or_create(
            key=ImportedList.key_of(name), defaults={"name": name, "imported_at": timezone.now()}
        )
        list_.papers.all().delete()
        rows = []
        for place, outcome in enumerate(outcomes, start=1):
            step = outcome.step
            is_gone = step.act == "remove" and not self._account.kept_though_gone
            if not is_gone and (outcome.paper or not outcome.reason):
                rows.append((list_.pk, place, records.to_json(step.listed), outcome.paper, outcome.submission))
        bulk.insert(ListedPaper, ("list_id", "position", "record_json", "paper_public_id", "submission_id"), rows)


def remember_as_it_is(list_name: str, papers: Iterable[str]) -> None:
    """That a list says what these papers, by their public ids, say as they are."""
    list_ = ImportedList.objects.create(key=ImportedList.key_of(list_name), name=list_name, imported_at=timezone.now())
    bulk.insert(ListedPaper, ("list_id", "position", "paper_public_id"), ((list_.pk, place, id_) for place, id_ in enumerate(papers, 1)))


def is_part(steps: Iterable[Step]) -> bool:
    """Whether so much of a list is gone that the file must be a part of it."""
    gone = kept = 0
    for step in steps:
        gone += step.act == "remove"
        kept += step.act != "remove" and bool(step.paper)
    return gone > _FEW and gone > _PART * (gone + kept)


def _why_not(refusal: Exception) -> str:
    if isinstance(refusal, AlreadyCatalogued):
        facts = {"scheme": refusal.scheme, "title": refusal.paper.title}
        return _("Its %(scheme)s is that of “%(title)s”.") % facts
    if isinstance(refusal, review.NotPending):
        return _("What was proposed of it is decided already.")
    if isinstance(refusal, review.NotAllowed):
        return _("You may not do this.")
    return _("It cannot be taken: %(why)s.") % {"why": refusal}
