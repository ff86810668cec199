"""The lists that people keep: their names, who may see them, and the papers in the order that their owner gives.

A list may name a paper and one that it took in since: the paper stands where the first of them does, and what is done with
it there is done with all its names.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from catalog.models import ListPlace, Paper, ReadingList
from catalog.reading.standing import Today, also_named, id_today
from catalog.reading.turns import Full, refuse_what_is_gone, take_turn
from catalog.selection import Order, Ranked

LISTS_PER_PERSON = 100
PAPERS_PER_LIST = 1_000
_AT_ONCE = 500


@dataclass(kw_only=True)
class Place:
    """A paper of a list by the id that it has today, and the rows that name it. `number` counts from 1."""

    public_id: str
    number: int
    names: tuple[str, ...]


# -- Read --------------------------------------------------------------------------------------
def with_counts(lists: QuerySet[ReadingList]) -> QuerySet[ReadingList]:
    """Lists, what was changed last first, with how many papers were put into each, as `paper_count`: whether two of them are one
    by now is not looked at.
    """
    return lists.annotate(paper_count=Count("places")).order_by("-changed_at", "-id")


def lists_of(person: User) -> QuerySet[ReadingList]:
    """Somebody's lists, by name."""
    return ReadingList.objects.filter(owner=person).order_by("name", "pk")


def lists_about(person: User, names: Collection[str]) -> dict[str, list[ReadingList]]:
    """Somebody's lists, those `holding` the paper that has these ids and the `others`. One question; without ids none, and no list."""
    holds_it = Exists(ListPlace.objects.filter(list=OuterRef("pk"), paper_public_id__in=names))
    found: dict[str, list[ReadingList]] = {"holding": [], "others": []}
    for list_ in lists_of(person).annotate(holds_it=holds_it) if names else ():
        found["holding" if list_.holds_it else "others"].append(list_)
    return found


def public_lists_of(person: User) -> QuerySet[ReadingList]:
    """What anybody may see of somebody's lists, what was changed last first, with their `paper_count`."""
    return with_counts(ReadingList.objects.public().filter(owner=person))


def places_of(list_: ReadingList) -> tuple[list[Place], Today]:
    """The papers of a list in its order. Two questions; one more where papers have merged."""
    return _places(list_, "position")


def papers_of(list_: ReadingList, *, newest_first: bool = False) -> Order:
    """The papers of a list that are in the catalogue, in its order or as they were put there."""
    places, _today = _places(list_, *(["-added_at", "-position"] if newest_first else ["position"]))
    return ranked(place.public_id for place in places)


def _places(list_: ReadingList, *order: str) -> tuple[list[Place], Today]:
    today = Today(list_.places.order_by().values("paper_public_id"))
    found: dict[str, Place] = {}
    for name in list_.places.order_by(*order).values_list("paper_public_id", flat=True):
        public_id = today.of(name)
        place = found.setdefault(public_id, Place(public_id=public_id, number=len(found) + 1, names=()))
        place.names += (name,)
    return list(found.values()), today


def ranked(public_ids: Iterable[str]) -> Order:
    """Papers by the ids that they have today, in this order; what is no longer in the catalogue is left out."""
    wanted = list(public_ids)
    numbers = dict(Paper.objects.filter(public_id__in=wanted).values_list("public_id", "pk"))
    return Order([(None, Ranked(papers=[numbers[public_id] for public_id in wanted if public_id in numbers]))])


# -- Write -------------------------------------------------------------------------------------
@transaction.atomic
def create(*, by: User, name: str, description: str = "", is_public: bool = False, papers: Collection[str] = ()) -> ReadingList:
    """A new list, with these papers on it. Raises Full, NoSuchPaper."""
    take_turn(by)
    if ReadingList.objects.filter(owner=by).count() >= LISTS_PER_PERSON:
        raise Full(LISTS_PER_PERSON)
    now = timezone.now()
    made = ReadingList.objects.create(owner=by, created_at=now, changed_at=now, name=name, description=description, is_public=is_public)
    add(made, papers)
    return made


@transaction.atomic
def describe(list_: ReadingList, *, name: str, description: str, is_public: bool) -> None:
    """Say what a list is called, what it is about and who may see it."""
    take_turn(list_.owner)
    ReadingList.objects.filter(pk=list_.pk).update(name=name, description=description, is_public=is_public, changed_at=timezone.now())


@transaction.atomic
def delete(list_: ReadingList) -> None:
    take_turn(list_.owner)
    list_.delete()


@transaction.atomic
def add(list_: ReadingList, public_ids: Collection[str]) -> int:
    """Put these papers at the end of a list, in this order; says how many were not in it. Raises Full, NoSuchPaper."""
    take_turn(list_.owner)
    wanted = dict.fromkeys(map(Today(public_ids).of, public_ids))
    here = {place.public_id for place in places_of(list_)[0]}
    new = [public_id for public_id in wanted if public_id not in here]
    refuse_what_is_gone(new)
    last = list_.places.aggregate(last=Max("position"), count=Count("pk"))
    if last["count"] + len(new) > PAPERS_PER_LIST:
        raise Full(PAPERS_PER_LIST)
    at = timezone.now()
    rows = [
        ListPlace(list=list_, paper_public_id=public_id, position=position, added_at=at)
        for position, public_id in enumerate(new, start=(last["last"] or 0) + 1)
    ]
    ListPlace.objects.bulk_create(rows, batch_size=_AT_ONCE)
    if new:
        _touch(list_)
    return len(new)


@transaction.atomic
def remove(list_: ReadingList, public_id: str) -> bool:
    """Take a paper off a list; says whether it was there."""
    take_turn(list_.owner)
    gone, _by_model = list_.places.filter(paper_public_id__in=_names(public_id)).delete()
    if gone:
        _touch(list_)
    return bool(gone)


@transaction.atomic
def move(list_: ReadingList, public_id: str, number: int) -> int | None:
    """Give a paper this number in the order, counted from 1; one past the last is the last. Says which it has now.

    Those between its old number and the new one each step aside by one. None where it is not in the list.
    """
    take_turn(list_.owner)
    places, _today = places_of(list_)
    names = _names(public_id)
    moving = next((place for place in places if names & set(place.names)), None)
    if moving is None:
        return None
    order = [place for place in places if place is not moving]
    number = min(max(number, 1), len(places))
    order.insert(number - 1, moving)
    if order != places:
        _arrange(list_, [name for place in order for name in place.names])
        _touch(list_)
    return number


def _names(public_id: str) -> set[str]:
    """Every id of the paper that this one stands for today."""
    return set(also_named([id_today(public_id)]))


def _arrange(list_: ReadingList, names: Iterable[str]) -> None:
    rows = {row.paper_public_id: row for row in list_.places.all()}
    changed = [(rows[name], position) for position, name in enumerate(names, start=1) if rows[name].position != position]
    if not changed:
        return
    # Out of the way first: a position is taken once.
    beyond = max(len(rows), *(row.position for row in rows.values()))
    list_.places.filter(pk__in=[row.pk for row, _position in changed]).update(position=F("position") + beyond)
    for row, position in changed:
        row.position = position
    ListPlace.objects.bulk_update([row for row, _position in changed], ["position"], batch_size=_AT_ONCE)


def _touch(list_: ReadingList) -> None:
    ReadingList.objects.filter(pk=list_.pk).update(changed_at=timezone.now())
