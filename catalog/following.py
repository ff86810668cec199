"""What people follow: any selection of papers, from the moment on at which they begin.

A single category, venue, organization or author is followed by itself, whatever it is called or merged into later; any other
selection is a search, kept as its parameters in order. Beside `news`, which says how far each was told, the only writer of
follows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import CharField, Max, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pyroaring import BitMap

from accounts.models import User
from catalog import facets, index
from catalog.filters import PaperFilter, quoted
from catalog.keeping import keep
from catalog.models import Author, Category, Follow, Organization, Paper, Venue
from catalog.models.following import key_of
from catalog.records import without_unwanted_characters
from catalog.selection import Selection

# How much one person follows at most.
MOST = 100
_LONGEST_NAME = 200

_REASONS = {
    Follow.Kind.CATEGORY: gettext_lazy("in %s"),
    Follow.Kind.VENUE: gettext_lazy("at %s"),
    Follow.Kind.AUTHOR: gettext_lazy("by %s"),
    Follow.Kind.ORGANIZATION: gettext_lazy("from %s"),
    Follow.Kind.SEARCH: gettext_lazy("found by %s"),
}
_PAGES = {
    Follow.Kind.CATEGORY: "catalog:category-detail",
    Follow.Kind.VENUE: "catalog:venue-detail",
    Follow.Kind.ORGANIZATION: "catalog:organization-detail",
}


class TooMany(Exception):
    """This person follows MOST things."""


class TooLong(Exception):
    """A selection of so many parameters cannot be kept."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """What can be followed, as it is now. `what` is how a follow knows it, `key` is its own part of an address, and `query`
    selects exactly its papers. One that is not here any more has the name it had when it was followed.
    """

    kind: str
    what: str
    name: str
    key: str = ""
    query: str = ""
    papers: BitMap = field(default_factory=BitMap)
    is_here: bool = True
    hows: ClassVar = Follow.How.choices

    @property
    def reason(self) -> str:
        """Why a paper is among what somebody follows: `in Serving`, `by Tri Dao`."""
        if self.kind == Follow.Kind.SEARCH and not self.what:
            return _("in the catalogue")
        return str(_REASONS[Follow.Kind(self.kind)]) % self.name

    @property
    def address(self) -> str:
        """Its page, or the list of its papers."""
        if page := _PAGES.get(Follow.Kind(self.kind)):
            return reverse(page, args=[self.key])
        return _with_query(reverse("catalog:paper-list"), self.query)

    @property
    def feed(self) -> str:
        """The same papers for a feed reader, which needs no account."""
        return _with_query(reverse("catalog:paper-list-download", args=["atom"]), self.query)


def _with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


# -- What can be followed ----------------------------------------------------------------------
def named(one: Category | Venue | Organization | Author) -> Thing:
    """Something that has a name, by itself."""
    what = one.slug if isinstance(one, Author) else key_of(one)
    return _named(str(one._meta.model_name), what=what, name=str(one), key=facets.key_of(one))


def _named(kind: str, *, what: str, name: str, key: str) -> Thing:
    return Thing(kind=kind, what=what, name=_plain(name), key=key, query=urlencode({kind: key}, safe="/"))


def selected(papers: PaperFilter) -> Thing:
    """A selection that was understood, in whatever order its papers are."""
    chosen = [(name, value) for name, values in papers.chosen.items() if name != "sort" for value in _each(values)]
    if len(chosen) == 1 and chosen[0][0] in Follow.Kind:
        return named(chosen[0][1])
    query = urlencode(sorted((name, " ".join(facets.key_of(value).split())) for name, value in chosen), safe="/")
    order = list(dict.fromkeys(chip.name for chip in papers.chips))
    chips = sorted(papers.chips, key=lambda chip: (order.index(chip.name), chip.value))
    said = [_said(chip.name, chip.label, chip.value) for chip in chips]
    return Thing(kind=Follow.Kind.SEARCH, what=query, name=_plain(", ".join(said)) or _("All papers"), query=query)


def _each(values: Any) -> Iterable[Any]:
    return values if isinstance(values, list) else [values] if values else []


def _said(name: str, label: str, value: str) -> str:
    if name == "q":
        return quoted(value)
    return f"{label.lower()} {value}" if name in {"year_min", "year_max", "added"} else value


def _plain(text: str) -> str:
    """On one line, without what nobody can see: it also stands in letters."""
    return " ".join(without_unwanted_characters(text).split())[:_LONGEST_NAME]


# -- Following ---------------------------------------------------------------------------------
@transaction.atomic
def follow(person: User, thing: Thing, *, how: str) -> Follow:
    """Follow it from now on, or hear otherwise of what one follows already. Raises TooMany, TooLong."""
    if len(thing.what) > Follow.LONGEST:
        raise TooLong
    # One at a time: two at once would both be the last that is let in.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if known := follow_of(person, thing):
        known.how = how
        known.save(update_fields=["how"])
        return known
    if person.follows.count() >= MOST:
        raise TooMany
    newest = newest_number()
    return Follow.objects.create(
        user=person,
        kind=thing.kind,
        what=thing.what,
        name=thing.name,
        how=how,
        created_at=timezone.now(),
        told_through=newest,
        seen_through=newest,
    )


def follow_of(person: User, thing: Thing) -> Follow | None:
    return person.follows.filter(kind=thing.kind, what=thing.what).first()


def hear(person: User, number: int, *, how: str) -> Follow:
    """Hear otherwise of what one follows. Raises Follow.DoesNotExist for what is not theirs."""
    changed = person.follows.get(pk=number)
    changed.how = how
    changed.save(update_fields=["how"])
    return changed


def stop(person: User, number: int) -> Follow:
    """Follow it no more. Raises Follow.DoesNotExist for what is not theirs."""
    gone = person.follows.get(pk=number)
    gone.delete()
    return gone


def mark_seen(person: User, through: int) -> None:
    """Papers up to this number are new to the person no more."""
    through = min(through, newest_number())
    person.follows.filter(seen_through__lt=through).update(seen_through=through)


def newest_number() -> int:
    """That of the paper which came in last: publishers pass one at a time, so whatever comes later has a higher one."""
    return Paper.objects.aggregate(newest=Max("pk"))["newest"] or 0


# -- What is followed, as it is now ------------------------------------------------------------
def things(follows: Sequence[Follow], *, stamp: str | None, only_untold: bool = False) -> dict[int, Thing]:
    """What each of these follows now, by their numbers, with its papers, or with those alone that nobody was told of.

    Three questions, and those of each search, which is asked once for all of these, and while the catalogue's stamp stands.
    """
    known = _names_of(follows)
    since: dict[str, int] = {}
    for each in follows if only_untold else ():
        since[each.what] = min(each.told_through, since.get(each.what, each.told_through))
    terms = {(thing.kind, thing.key) for thing in known.values() if thing.kind != Follow.Kind.AUTHOR}
    papers = index.papers_of(terms) | _by_authors(known)
    found = {}
    for each in follows:
        if each.kind == Follow.Kind.SEARCH:
            thing = _searched(each.what, stamp, since=since.get(each.what, 0))
        elif thing := known.get((each.kind, each.what)):
            thing = replace(thing, papers=papers[thing.kind, thing.key])
        if thing is None:
            thing = Thing(kind=each.kind, what=each.what, name=each.name, is_here=False)
        found[each.pk] = replace(thing, papers=beyond(thing.papers, each.told_through)) if only_untold else thing
    return found


def beyond(papers: BitMap, after: int, *, until: int | None = None) -> BitMap:
    """Those of higher numbers than `after`, and of none higher than `until`."""
    return papers[papers.rank(after) : None if until is None else papers.rank(until)]


def _names_of(follows: Iterable[Follow]) -> dict[tuple[str, str], Thing]:
    """Of what has a name and is here, by kind and by what a follow knows it by."""
    keys: dict[str, set[str]] = {kind: set() for kind in Follow.Kind.values}
    for each in follows:
        keys[each.kind].add(each.what)
    columns = [CharField() for _column in range(3)]
    rows = [
        model.objects.filter(**{f"{by}__in": keys[kind]})
        .order_by()
        .values_list(Value(kind, CharField()), *(Cast(name, output) for name, output in zip((by, "name", key), columns, strict=True)))
        for kind, model, by, key in _TABLES
        if keys[kind]
    ]
    found = rows[0].union(*rows[1:]).order_by() if rows else ()
    return {(kind, what): _named(kind, what=what, name=name, key=key) for kind, what, name, key in sorted(found)}


# Of each kind that has names: where they stand, by what a follow knows them, and what selects their papers.
_TABLES: tuple[tuple[str, Any, str, str], ...] = (
    (Follow.Kind.CATEGORY, Category, "pk", "path"),
    (Follow.Kind.VENUE, Venue, "slug", "slug"),
    (Follow.Kind.ORGANIZATION, Organization, "slug", "slug"),
    (Follow.Kind.AUTHOR, Author, "slug", "slug"),
)


def _by_authors(known: dict[tuple[str, str], Thing]) -> dict[tuple[str, str], BitMap]:
    slugs = [thing.key for thing in known.values() if thing.kind == Follow.Kind.AUTHOR]
    found: dict[tuple[str, str], BitMap] = {(Follow.Kind.AUTHOR.value, slug): BitMap() for slug in slugs}
    for slug, paper in Author.objects.filter(slug__in=slugs).values_list("slug", "paper") if slugs else ():
        found[Follow.Kind.AUTHOR, slug].add(paper)
    return found


def _searched(what: str, stamp: str | None, *, since: int) -> Thing | None:
    """None where a part of what was asked for is not here any more. Up to the number `since`, papers may be missing."""

    def ask() -> Thing:
        papers = PaperFilter(QueryDict(what))
        if not papers.is_valid():
            return Thing(kind=Follow.Kind.SEARCH, what=what, name="", is_here=False)
        return replace(selected(papers), papers=Selection(papers.chosen, papers.order, since=since).papers)

    found = keep(stamp, ("followed", what, since), ask, size=lambda thing: len(thing.papers.serialize()) + len(thing.query))
    return found if found.is_here else None


def reasons(number: int, followed: Iterable[Thing]) -> list[str]:
    """Why a paper is among what somebody follows, each once."""
    return list(dict.fromkeys(thing.reason for thing in followed if number in thing.papers))


# -- Taking it along ---------------------------------------------------------------------------
def data_of(person: User) -> list[dict[str, Any]]:
    """What a person follows, as plain data. A search that finds nothing any more is told as it was asked for."""
    follows = list(person.follows.all())
    known = things(follows, stamp=None)
    return [
        {
            "kind": each.kind,
            "name": known[each.pk].name,
            "query": known[each.pk].query or each.what,
            "how": each.how,
            "since": each.created_at,
        }
        for each in follows
    ]
