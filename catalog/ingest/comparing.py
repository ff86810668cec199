"""What a file says of a paper against what is here: which facts it would change. Pure.

Three answers, by what is known of the file: it was read before, so what it says otherwise than then is meant; it is the list that
the catalogue comes from, so what it states otherwise than the paper is meant; it is new, so it only fills what is empty.
"""

from collections.abc import Iterable

from catalog import corrections
from catalog.identifiers import recognise
from catalog.records import Category, Link, Record, replace

_FILLED = ("year", "abstract", "note", "authors", "venue", "organizations", "short_name")


def as_said(record: Record, current: Record) -> Record:
    """The paper with everything that a record of our own says of it."""
    return corrections.take(current, record, corrections.changes(record, current))


def since_then(then: Record, now: Record, current: Record) -> Record:
    """The paper with what a list says otherwise than the last time; what others have made of it meanwhile stays."""
    changed = corrections.changes(now, then)
    sets = {"links", "categories", "organizations"}
    made = corrections.take(current, now, [name for name in changed if name not in sets])
    if "links" in changed:
        made = replace(made, links=_moved_on(current.links, then.links, now.links, key=lambda link: link.url))
    if "organizations" in changed:
        names = _moved_on(current.organizations, then.organizations, now.organizations, key=lambda each: each.name)
        made = replace(made, organizations=names)
    if "categories" in changed:
        places = _moved_on(current.categories, then.categories, now.categories, key=lambda place: place.path)
        made = replace(made, categories=_places(places))
    return made


def as_listed(now: Record, current: Record) -> Record:
    """The paper as the list says it that the catalogue comes from: what a line of a list can say, and no more."""
    made = current
    if now.title != current.title:
        made = replace(made, title=now.title, short_name=now.short_name)
    if _edition(now) != _edition(current):
        made = replace(made, venue=now.venue, year=now.year if now.venue and now.venue.year else current.year)
    if {each.name for each in now.organizations} != {each.name for each in current.organizations}:
        made = replace(made, organizations=now.organizations)
    if now.note != current.note:
        made = replace(made, note=now.note)
    if {place.path for place in now.categories} != {place.path for place in current.categories}:
        kept = {place.path: place for place in current.categories}
        made = replace(made, categories=_places(kept.get(place.path, place) for place in now.categories))
    return _with_links(made, now)


def filled(now: Record, current: Record) -> Record:
    """The paper with what it lacks and the file says; a place that it does not have yet is added to its places."""
    said = {name: getattr(now, name) for name in _FILLED if getattr(now, name) and not getattr(current, name)}
    made = replace(current, **said)
    if not current.links and not current.identifiers:
        made = replace(made, links=now.links)
    here = {place.path for place in current.categories}
    added = tuple(replace(place, primary=False) for place in now.categories if place.path not in here)
    made = replace(made, categories=_places((*current.categories, *added)))
    new = {scheme: value for scheme, value in now.identifiers.items() if scheme not in current.identifiers}
    if new:
        of_them = [link for link in now.links if (found := recognise(link.url)) and new.get(found.scheme) == found.value]
        made = replace(made, identifiers={**current.identifiers, **new}, links=(*made.links, *_others(of_them, made.links)))
    return made


def united(one: Record, other: Record) -> Record:
    """Two entries of a file that are one paper: the facts of the first, and what only the second says."""
    said = {name: getattr(other, name) for name in _FILLED if getattr(other, name) and not getattr(one, name)}
    names = {each.name for each in one.organizations}
    here = {place.path for place in one.categories}
    return replace(
        replace(one, **said),
        organizations=(*one.organizations, *(each for each in other.organizations if each.name not in names)),
        identifiers={**other.identifiers, **one.identifiers},
        links=(*one.links, *_others(other.links, one.links)),
        categories=(*one.categories, *(replace(place, primary=False) for place in other.categories if place.path not in here)),
    )


def _with_links(made: Record, now: Record) -> Record:
    """With the links and identifiers that the list gives and the paper does not have; one of the same scheme takes the old one's place."""
    wrong = {scheme: value for scheme, value in made.identifiers.items() if now.identifiers.get(scheme, value) != value}
    kept = [link for link in made.links if not ((found := recognise(link.url)) and wrong.get(found.scheme) == found.value)]
    added = _others((link for link in now.links if link.kind != "pdf"), kept)
    links = (*added, *kept) if wrong else (*kept, *added)
    return replace(made, identifiers={**made.identifiers, **now.identifiers}, links=links)


def _others(links: Iterable[Link], here: Iterable[Link]) -> tuple[Link, ...]:
    urls = {link.url.rstrip("/") for link in here}
    return tuple(link for link in links if link.url.rstrip("/") not in urls)


def _moved_on[T](current: Iterable[T], then: Iterable[T], now: Iterable[T], *, key) -> tuple[T, ...]:  # type: ignore[no-untyped-def]
    """What is here without what the list has dropped, and with what it has added."""
    before, after = {key(each) for each in then}, {key(each): each for each in now}
    kept = [each for each in current if key(each) in after or key(each) not in before]
    here = {key(each) for each in kept}
    return (*kept, *(each for name, each in after.items() if name not in here and name not in before))


def _places(places: Iterable[Category]) -> tuple[Category, ...]:
    """One of them is the primary one."""
    found = list(places)
    if found and not any(place.primary for place in found):
        found[0] = replace(found[0], primary=True)
    return tuple(found)


def _edition(record: Record) -> tuple[str, int | None] | None:
    return (record.venue.name, record.venue.year) if record.venue else None
