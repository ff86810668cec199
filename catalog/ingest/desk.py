"""A list that is brought to the desk: planned and kept row by row, chosen about, and carried out, in parts where it is long.

The only writer of Import and ImportRow. Each part is one transaction, in which the whole file is planned anew: what is not
any more what was shown is not published, but proposed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import batched
from time import monotonic
from typing import BinaryIO, cast

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import formats, publishing, records, review
from catalog.formats import Entry
from catalog.ingest.account import Account
from catalog.ingest.applying import Choice, Outcome, Run, entries_of, is_part
from catalog.ingest.planning import Planner, Step
from catalog.ingest.reading import MAX_NAME, Unreadable, format_of, is_list, lines_of, name_of
from catalog.models import Import, ImportRow
from catalog.records import fold, tidy, without_unwanted_characters

MOST_BYTES = 5_000_000
MOST_ENTRIES = 20_000
# Whoever else publishes or proposes has to wait for a part.
SECONDS = 4.0
AT_ONCE = 50
_LINES_OF_A_HEAD = 200


class UnknownFormat(Exception):
    """The name of the file does not say what kind of file it is."""


class Begun(Exception):
    """It is being applied, or has been: there is nothing left to choose."""


def may_publish(by: User) -> bool:
    return by.is_maintainer and settings.SELF_APPROVAL != "nobody"


# -- Bring -------------------------------------------------------------------------------------
def bring(file: BinaryIO, *, name: str, format_name: str = "", category: str = "", by: User) -> Import:
    """Read and plan a file, and keep what each of its entries would do. Of one that cannot be read, nothing is kept.

    `name` is words, and no path; its end says what kind of file it is, where `format_name` does not. Raises Unreadable,
    UnknownFormat, Category.DoesNotExist.
    """
    name = tidy(without_unwanted_characters(name))
    format_, passed = format_of(f"x.{format_name}" if format_name else name, lines_of(file, most=MOST_BYTES))
    if format_ is None:
        raise UnknownFormat
    lines = list(passed)
    if not any(line.strip() for line in lines):
        raise Unreadable(1, _("There is nothing in it."))
    head = lines[:_LINES_OF_A_HEAD] if is_list(format_.NAME) else []
    brought = Import(
        name=name[:MAX_NAME],
        format=format_.NAME,
        list_name=name_of(name, head),
        category=category,
        text="\n".join(lines),
        by=by,
        uploaded_at=timezone.now(),
    )
    account = Account()
    _planner, steps = _planned(brought, account)
    brought.lines, brought.entries, brought.ignored = account.lines, account.entries, dict(sorted(account.ignored.items()))
    brought.is_part = is_part(steps)
    with transaction.atomic():
        brought.save()
        ImportRow.objects.bulk_create(_rows(brought, steps, account), batch_size=500)
    return brought


def _planned(brought: Import, account: Account) -> tuple[Planner, list[Step]]:
    """What the file would do, now."""
    format_ = next(each for each in formats.READABLE if brought.format == each.NAME)
    planner = Planner(list_name=brought.list_name, category=brought.category, is_list=is_list(brought.format))
    entries: list[Entry] = []
    for entry in entries_of(format_.read(brought.text.split("\n")), account):
        if len(entries) == MOST_ENTRIES:
            raise Unreadable(entry.line, _("It has more than %(most)d entries. Bring it in parts.") % {"most": MOST_ENTRIES})
        entries.append(entry)
    return planner, list(planner.plan(entries))


def _rows(brought: Import, steps: Iterable[Step], account: Account) -> list[ImportRow]:
    rows = [_row(brought, step) for step in steps]
    rows += (
        ImportRow(of=brought, line=each["line"], act=ImportRow.Act.NOT_UNDERSTOOD, choice="skip", **_clean(each["text"], each["reason"]))
        for each in account.not_understood
    )
    return sorted(rows, key=lambda row: (row.act == ImportRow.Act.REMOVE, row.line))


def _row(brought: Import, step: Step) -> ImportRow:
    act = "suspected" if step.act == "add" and any(near.path for near in step.suspected) else step.act
    is_left_out = act in {"unchanged", "refused"} or (act == "remove" and brought.is_part)
    return ImportRow(
        of=brought,
        line=step.line,
        act=act,
        # What cannot be taken may hold what cannot be stored.
        step_json="" if act == "refused" else msgspec.json.encode(step).decode(),
        choice="skip" if is_left_out else "propose",
        paper_public_id=step.paper,
        submission_id=step.submission or None,
        **_clean(step.record.title, step.reason),
    )


def _clean(title: str, reason: str) -> dict[str, str]:
    return {"title": tidy(without_unwanted_characters(title))[: records.MAX_TITLE], "reason": without_unwanted_characters(reason)}


def step_of(row: ImportRow) -> Step | None:
    """What it would do, as it was planned; None of what cannot be taken or was not understood."""
    return msgspec.json.decode(row.step_json, type=Step) if row.step_json else None


# -- Choose ------------------------------------------------------------------------------------
@transaction.atomic
def choose(brought: Import, choices: Mapping[int, str], *, by: User) -> None:
    """What is to become of some rows, by their numbers. Numbers of no row of this import, or of one without a choice, are passed over.

    Raises Begun, review.NotAllowed.
    """
    _hold(brought)
    for choice in dict.fromkeys(choices.values()):
        _choose(brought, choice, by=by, pk__in=[number for number, each in choices.items() if each == choice])


@transaction.atomic
def choose_for_all(brought: Import, act: str, choice: str, *, by: User) -> None:
    """What is to become of all rows that would do the same. Raises Begun, review.NotAllowed."""
    _hold(brought)
    _choose(brought, choice, by=by, act=act)


def _hold(brought: Import) -> None:
    if Import.objects.select_for_update().defer("text").get(pk=brought.pk).begun_at:
        raise Begun


def _choose(brought: Import, choice: str, *, by: User, **which: object) -> None:
    rows = brought.rows.filter(act__in=ImportRow.OPEN, **which)
    if choice == ImportRow.Choice.PUBLISH:
        if not may_publish(by):
            raise review.NotAllowed
        rows = rows.exclude(act=ImportRow.Act.REMOVE, paper_public_id="")
    rows.update(choice=choice)


@transaction.atomic
def throw_away(brought: Import) -> None:
    """Raises Begun."""
    _hold(brought)
    brought.delete()


# -- Carry out ---------------------------------------------------------------------------------
@transaction.atomic
def carry_out(brought: Import, *, by: User) -> bool:
    """Do what was chosen, or the next part of it; whether that was the last. However often it is asked for, each row is done once.

    Raises review.NotAllowed, Import.DoesNotExist, Category.DoesNotExist. Nothing is done then.
    """
    publishing.take_turn()
    Import.objects.filter(pk=brought.pk, begun_at=None).update(begun_at=timezone.now(), applied_by=by)
    brought = Import.objects.get(pk=brought.pk)
    if brought.applied_at:
        return True
    rows = list(brought.rows.exclude(act=ImportRow.Act.NOT_UNDERSTOOD))
    began = monotonic()
    planner, steps = _planned(brought, account := Account())
    # A part is at least as long as it takes to plan it.
    until = monotonic() + max(SECONDS, monotonic() - began)
    found = dict(zip(_keys((row.line, row.title) for row in rows), rows, strict=True))
    keyed = zip(_keys((step.line, step.record.title) for step in steps), steps, strict=True)
    now = {row.pk: step for key, step in keyed if (row := found.get(key))}
    waiting = [row for row in rows if not row.became]
    titles = {fold(row.title) for row in rows}
    publishes = any(row.choice == ImportRow.Choice.PUBLISH for row in waiting)
    with Run(by=by, list_name=brought.list_name, account=account, may_publish=publishes) as doing:
        for some in batched(waiting, AT_ONCE, strict=False):
            _carry_out(doing, planner, [(row, now.get(row.pk)) for row in some], titles)
            if monotonic() >= until:
                break
        if is_done := all(row.became for row in waiting):
            if planner.is_list:
                account.kept_though_gone = int(brought.is_part)
                doing.remember(_outcome(row, step) for row in rows if (step := now.get(row.pk)))
            Import.objects.filter(pk=brought.pk).update(applied_at=timezone.now())
    return is_done


def _keys(places: Iterable[tuple[int, str]]) -> Iterator[tuple[object, int]]:
    """A name for each entry by its place in the file, which is the same whenever it is planned; what is gone has its title."""
    counts: Counter[object] = Counter()
    for line, title in places:
        place = line or fold(title)
        counts[place] += 1
        yield place, counts[place]


def _carry_out(doing: Run, planner: Planner, some: Sequence[tuple[ImportRow, Step | None]], titles: set[str]) -> None:
    there = [(row, step) for row, step in some if step]
    choices = {id(step): _choice(row, step, titles) for row, step in there}
    outcomes = doing.carry_out([step for _row, step in there], planner, choose=lambda step: choices[id(step)])
    for (row, step), outcome in zip(there, outcomes, strict=True):
        row.became = _became(step, choices[id(step)], outcome)
        row.reason = outcome.reason or _since(row, step, is_downgraded=choices[id(step)] != row.choice)
        row.paper_public_id, row.submission_id = outcome.paper, outcome.submission
    for row, planned in some:
        if planned is None:
            row.became, row.reason = ImportRow.Became.NOTHING, _("It has gone from here already.")
    ImportRow.objects.bulk_update([row for row, _step in some], ["became", "reason", "paper_public_id", "submission"])


def _choice(row: ImportRow, step: Step, titles: set[str]) -> Choice:
    """What was chosen; to publish what is not what was shown nobody has chosen."""
    choice = cast(Choice, row.choice)
    is_withdrawal = step.act == "remove" and not step.paper
    return "propose" if choice == "publish" and (is_withdrawal or not _is_as_shown(row, step, titles)) else choice


def _is_as_shown(row: ImportRow, step: Step, titles: set[str]) -> bool:
    """Whether it does the same to the same revision, and is like no other paper than named; the file’s own may be here by now."""
    shown = step_of(row)
    if shown is None:
        return False
    before, after = ((each.act, each.paper, each.fields, each.record.revision) for each in (shown, step))
    named = {near.candidate for near in shown.suspected}
    return before == after and all(near.candidate in named or fold(near.candidate) in titles for near in step.suspected)


def _became(step: Step, choice: Choice, outcome: Outcome) -> ImportRow.Became:
    if outcome.reason:
        return ImportRow.Became.REFUSED
    if step.act == "unchanged":
        return ImportRow.Became.NOTHING
    if choice == "skip":
        return ImportRow.Became.LEFT_OUT
    if choice == "publish" and (outcome.submission or step.act == "add"):
        return ImportRow.Became.PUBLISHED
    return ImportRow.Became.PROPOSED if outcome.submission else ImportRow.Became.NOTHING


def _since(row: ImportRow, step: Step, *, is_downgraded: bool) -> str:
    """What has happened since it was shown, where that matters."""
    act = "add" if row.act == ImportRow.Act.SUSPECTED else row.act
    if step.act == "unchanged":
        return _("By now it is here as the list has it.") if act != step.act else ""
    if step.act == act:
        said = _("What it is about has changed since it was shown.") if is_downgraded else ""
    elif step.act == "change":
        said = _("By now it is here, and the list has it otherwise.")
    else:
        said = _("By now it is here no more.")
    return _("%(since)s So it was proposed, and not published.") % {"since": said} if is_downgraded else said


def _outcome(row: ImportRow, step: Step) -> Outcome:
    reason = row.reason if row.became == ImportRow.Became.REFUSED else ""
    return Outcome(step=step, paper=row.paper_public_id, submission=row.submission_id, reason=reason)
