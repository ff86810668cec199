"""Two records of one paper made into one, field by field. Pure: who may merge, and doing it, is for `review`.

Fields are named as in `corrections`.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal

from catalog import corrections
from catalog.records import MAX_AUTHORS, MAX_LINKS, Category, Record, replace, spelling_key

Side = Literal["survivor", "loser", "both"]

# Of these both sides can be kept; what makes two of a list the same thing.
LISTS: dict[str, Callable[[Any], Hashable]] = {
    "authors": lambda author: spelling_key(author.name),
    "organizations": lambda organization: spelling_key(organization.name),
    "categories": lambda place: place.path,
    "links": lambda link: link.url,
}
_KEPT_OF_BOTH = {"categories", "links"}


def usual(survivor: Record, loser: Record) -> dict[str, Side]:
    """For each field that differs the side whose value is kept unless somebody chooses: the survivor's where it has one."""
    return {name: _usual(name, survivor) for name in corrections.changes(loser, survivor)}


def _usual(name: str, survivor: Record) -> Side:
    if name in _KEPT_OF_BOTH:
        return "both"
    return "survivor" if value(survivor, name) else "loser"


def value(record: Record, name: str) -> Any:
    """What a record says in a field; empty where it says nothing."""
    scheme = name.removeprefix("identifiers.")
    return record.identifiers.get(scheme, "") if scheme != name else getattr(record, name)


def merged(survivor: Record, loser: Record, choice: Mapping[str, Side]) -> Record:
    """The survivor's record with the fields chosen; of a field that nobody chose it keeps its own.

    Both sides of a list are the survivor's items and then those that only the other has. A place that the survivor has
    keeps its position, one that only the other had keeps that of the other.
    """
    taken = [name for name, side in choice.items() if side == "loser"]
    made = corrections.take(survivor, loser, taken)
    lists = {name: _both(name, survivor, loser) for name, side in choice.items() if side == "both"}
    if choice.get("categories") == "loser":
        lists["categories"] = tuple(_standing(place, survivor) for place in loser.categories)
    return replace(made, **lists)


def has_room(record: Record) -> bool:
    """Whether its lists are as long as those of a paper may be."""
    return len(record.links) <= MAX_LINKS and len(record.authors) <= MAX_AUTHORS


def _both(name: str, survivor: Record, loser: Record) -> tuple[Any, ...]:
    key, own, others = LISTS[name], getattr(survivor, name), getattr(loser, name)
    known = {key(item) for item in own}
    added = [item for item in others if key(item) not in known]
    if name == "categories" and own:
        added = [replace(place, primary=False) for place in added]
    return (*own, *added)


def _standing(place: Category, survivor: Record) -> Category:
    return next((replace(place, position=own.position) for own in survivor.categories if own.path == place.path), place)
