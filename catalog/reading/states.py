"""How far somebody is with a paper, and their note on it.

A person may have said something of a paper and something of one that it took in since. What was said last stands for both,
and their notes are read together; whatever is said from then on is said of each, so that an undone merge parts them again
and neither is without its words.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Value
from django.utils import timezone

from accounts.models import User
from catalog.models import Reading, Tombstone
from catalog.reading.standing import Today, also_named, id_today
from catalog.reading.turns import Full, refuse_what_is_gone, take_turn

READINGS_PER_PERSON = 5_000
_BETWEEN_NOTES = "\n\n"
_AT_ONCE = 500


class NoteChanged(Exception):
    """The note says something else by now than where this one was begun; `note` is what it says."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


@dataclass(kw_only=True)
class Kept:
    """What a person keeps of a paper, by the id that it has today; without a state there is nothing. `names` are the ids of the rows."""

    public_id: str
    state: str = ""
    note: str = ""
    changed_at: datetime | None = None
    names: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return str(Reading.State(self.state).label) if self.state else ""

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """Every state, its name, and whether it is this one's."""
        return [(state.value, str(state.label), state == self.state) for state in Reading.State]

    @property
    def note_mark(self) -> str:
        return mark_of(self.note)


def mark_of(note: str) -> str:
    """Stands for a note in a form, to tell whether it has changed since."""
    return sha256(note.encode()).hexdigest()[:16]


# -- Read --------------------------------------------------------------------------------------
def kept_by(person: User) -> tuple[list[Kept], Today]:
    """Everything a person keeps, without the notes, what was changed last first. Two questions; one more where papers have merged."""
    mine = Reading.objects.filter(user=person)
    today = Today(mine.values("paper_public_id"))
    found: dict[str, Kept] = {}
    for name, state, changed_at in mine.values_list("paper_public_id", "state", "changed_at"):
        public_id = today.of(name)
        one = found.setdefault(public_id, Kept(public_id=public_id, state=state, changed_at=changed_at))
        one.names += (name,)
    return list(found.values()), today


def with_notes(person: User, some: Collection[Kept]) -> None:
    """Give these, which are some of `kept_by`, their notes. One question."""
    notes = dict(
        Reading.objects.filter(user=person, paper_public_id__in=[name for one in some for name in one.names])
        .exclude(note="")
        .values_list("paper_public_id", "note")
    )
    for one in some:
        one.note = _together(notes.get(name, "") for name in one.names)


def kept_of(person: User, public_id: str, names: Collection[str]) -> Kept:
    """What a person keeps of the paper with this id; `names` are all ids that stand for it, as `also_named` gives them. One question."""
    return _of(public_id, Reading.objects.filter(user=person, paper_public_id__in=names))


def _of(public_id: str, rows: Iterable[Reading]) -> Kept:
    rows = list(rows)
    if not rows:
        return Kept(public_id=public_id)
    note = _together(row.note for row in rows)
    names = tuple(row.paper_public_id for row in rows)
    return Kept(public_id=public_id, state=rows[0].state, note=note, changed_at=rows[0].changed_at, names=names)


def _together(notes: Iterable[str]) -> str:
    return _BETWEEN_NOTES.join(dict.fromkeys(note for note in notes if note))


def states_of(person: User, public_ids: Collection[str]) -> dict[str, str]:
    """How far a person is with those of these papers that they keep. Two questions; one more where papers have merged."""
    names = also_named(public_ids)
    found: dict[str, str] = {}
    for name, state in Reading.objects.filter(user=person, paper_public_id__in=names).values_list("paper_public_id", "state"):
        found.setdefault(names[name], state)
    return found


def how_far(person: User, public_ids: Collection[str]) -> dict[str, str]:
    """The same in words, with one question as long as none of these papers has taken others in."""
    mine = Reading.objects.filter(user=person, paper_public_id__in=public_ids).values_list("paper_public_id", "state", Value(""))
    merged = Tombstone.objects.filter(successor_public_id__in=public_ids).values_list("successor_public_id", Value(""), "public_id")
    rows = list(mine.order_by().union(merged.order_by(), all=True).order_by())
    several = {public_id for public_id, _state, former in rows if former}
    states = {public_id: state for public_id, state, former in rows if state}
    if several:
        states |= states_of(person, several)
    return {public_id: str(Reading.State(state).label) for public_id, state in states.items()}


def counts(everything: Iterable[Kept]) -> dict[str, int]:
    """How many papers are in each state; all states are there."""
    found = dict.fromkeys(Reading.State.values, 0)
    for one in everything:
        found[one.state] += 1
    return found


# -- Write -------------------------------------------------------------------------------------
@transaction.atomic
def put(public_id: str, *, by: User, state: str = "", note: str | None = None, made_from: str = "") -> Kept:
    """Say how far somebody is with a paper, and what they note on it; what is not said stays. A note alone is on a paper to read.

    `made_from` is the mark of the note that this one was made from; one that was not touched stays as it is by now. Raises
    NoteChanged where it says something else by now, Full, and NoSuchPaper. What is no longer in the catalogue can be changed
    as long as something is kept of it.
    """
    take_turn(by)
    public_id = id_today(public_id)
    mine = Reading.objects.filter(user=by, paper_public_id__in=also_named([public_id]))
    kept = _of(public_id, mine)
    if note is not None and mark_of(note) == made_from:
        note = None
    if note is not None and kept.note_mark not in {made_from or mark_of(""), mark_of(note)}:
        raise NoteChanged(kept.note)
    said = {name: value for name, value in (("state", state or None), ("note", note)) if value is not None}
    if not kept.names:
        _keep([public_id], by=by, **said)
    elif any(value != getattr(kept, name) for name, value in said.items()):
        mine.update(**said, changed_at=timezone.now())
    return _of(public_id, mine.all())


@transaction.atomic
def put_to_read(public_ids: Collection[str], *, by: User) -> int:
    """Mean to read these papers; says of how many nothing was kept before. The others stay as they are. Raises Full, NoSuchPaper."""
    take_turn(by)
    here = states_of(by, public_ids)
    new = [public_id for public_id in dict.fromkeys(public_ids) if public_id not in here]
    _keep(new, by=by)
    return len(new)


def _keep(public_ids: Collection[str], *, by: User, **said: str) -> None:
    refuse_what_is_gone(public_ids)
    if Reading.objects.filter(user=by).count() + len(public_ids) > READINGS_PER_PERSON:
        raise Full(READINGS_PER_PERSON)
    now = timezone.now()
    # The first comes first where what was changed last does.
    rows = [Reading(user=by, paper_public_id=public_id, changed_at=now, **said) for public_id in reversed(list(public_ids))]
    Reading.objects.bulk_create(rows, batch_size=_AT_ONCE)


@transaction.atomic
def forget(public_id: str, *, by: User) -> None:
    """Keep nothing of this paper any more, its note included."""
    take_turn(by)
    public_id = id_today(public_id)
    Reading.objects.filter(user=by, paper_public_id__in=also_named([public_id])).delete()
