"""Which papers of the catalogue may be one work? Pairs with their scores and reasons, for people to look at.

The database names pairs worth comparing, block by block; `matching` compares them. Reads only.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Greatest, Left, Length, Lower, Replace, StrIndex

from catalog import matching
from catalog.identifiers import pdf_url_of, url_of
from catalog.matching import Reason, Verdict
from catalog.models import Author, Distinction, Identifier, Link, Paper

type Ids = tuple[str, str]

# Of papers that share something, each is compared with so many that stand before it in the order of their titles.
_COMPARED = 5
_ENOUGH_OF_ONE_AUTHOR = 0.4


@dataclass(frozen=True, kw_only=True)
class Pair:
    """`first` came into the catalogue before `second`. `score` runs from 0 to 1."""

    first: Paper
    second: Paper
    verdict: Verdict
    score: float
    reasons: list[Reason]


def find(limit: int = 100) -> list[Pair]:
    """The likeliest pairs of the whole catalogue, best first, without those that somebody has told apart.

    Seven questions, whatever the size. Rows of ids and titles stream through the blocks, and each keeps its best `limit`
    pairs; so at most ten times `limit` papers are ever in memory. What people told apart is read whole: each was one act.
    """
    apart = set(Distinction.objects.values_list("first", "second"))
    sharing = _best(_same_link(), apart, limit)
    others = (_best(block, apart, limit) for block in (_same_title(), _same_name(), _same_author(), _linked()))
    asked = set(chain(sharing, *others))
    papers = Paper.objects.defer("search_text", "abstract", "note").in_bulk(set(chain.from_iterable(asked)), field_name="public_id")
    found = (_pair(papers[one], papers[other], (one, other) in sharing) for one, other in asked if {one, other} <= papers.keys())
    return sorted(filter(None, found), key=lambda pair: (-pair.score, -pair.second.pk, -pair.first.pk))[:limit]


def _pair(one: Paper, other: Paper, share_a_page: bool) -> Pair | None:
    """Addresses that both lead to are a reason where few others do."""
    first, second = sorted((one, other), key=lambda paper: paper.pk)
    index_pages = set() if share_a_page else {matching.bare_address(link.url) for link in first.record.links}
    match = matching.match_of(second.record, first, index_pages=index_pages)
    return Pair(first=first, second=second, verdict=match.verdict, score=match.score, reasons=match.reasons) if match else None


# -- Blocks ------------------------------------------------------------------------------------
# Each yields how alike two titles are, and the two public ids, the smaller first.
type _Hint = tuple[float, Ids]


def _best(hints: Iterator[_Hint], apart: set[Ids], limit: int) -> list[Ids]:
    told = (hint for hint in hints if hint[1] not in apart)
    return [ids for _likeness, ids in nlargest(limit, told, key=itemgetter(0))]


def _same_title() -> Iterator[_Hint]:
    keys = Paper.objects.exclude(title_key="").order_by().values("title_key").annotate(papers=Count("pk")).filter(papers__gt=1)
    papers = Paper.objects.filter(title_key__in=keys.values("title_key")).order_by("title_key", "pk")
    return _pairs(papers.values_list("title_key", "public_id", "title_key"))


def _same_name() -> Iterator[_Hint]:
    """The short name or what stands before the colon, as far as a database can fold it: so many letters of the folded title."""
    head = When(title__contains=": ", then=Left("title", Greatest(StrIndex("title", Value(": ")) - 1, 0)))
    name = Case(When(~Q(short_name=""), then=F("short_name")), head, default=F("title"))
    letters: Combinable = F("name")
    for sign in " -_./'’":
        letters = Replace(letters, Value(sign))
    in_title = When(title__istartswith=F("name"), then=Left(Replace("title_key", Value(" ")), Length("letters")))
    papers = Paper.objects.exclude(title_key="").annotate(name=name).annotate(letters=letters)
    named = _not_alone(papers.annotate(key=Case(in_title, default=Lower("letters"))), "key")
    return _pairs(named.order_by("key", "title_key", "pk").values_list("key", "public_id", "title_key"))


def _same_link() -> Iterator[_Hint]:
    """An address of more papers than that is an index page."""
    urls = Link.objects.order_by().values("url").annotate(links=Count("pk")).filter(links__gt=1, links__lte=matching.SHARED_AT_MOST)
    links = Link.objects.filter(url__in=urls.values("url")).order_by("url", "pk")
    return _pairs(links.values_list("url", "paper__public_id", "paper__title_key"))


def _same_author() -> Iterator[_Hint]:
    """One first author in one year, and titles that have words in common."""
    first = Author.objects.filter(position=1, paper__year__isnull=False).exclude(slug="")
    key = Concat("slug", Value(" "), "paper__year", output_field=CharField())
    alike = _not_alone(first.annotate(key=key), "key").order_by("key", "paper__title_key", "pk")
    hints = _pairs(alike.values_list("key", "paper__public_id", "paper__title_key"))
    return (hint for hint in hints if hint[0] >= _ENOUGH_OF_ONE_AUTHOR)


def _linked() -> Iterator[_Hint]:
    """A link of the one leads to the arXiv number of the other."""
    pages = [url_of("arxiv", ""), pdf_url_of("arxiv", "")]
    links = Link.objects.filter(Q(url__startswith=pages[0]) | Q(url__startswith=pages[1]))
    value: Combinable = OuterRef("url")
    for page in pages:
        value = Replace(value, Value(page))
    holder = Identifier.objects.filter(scheme="arxiv", value=value).exclude(paper=OuterRef("paper")).values("paper__public_id")
    found = links.annotate(holder=Subquery(holder[:1])).filter(holder__isnull=False).order_by("paper__public_id", "holder")
    for one, other in found.values_list("paper__public_id", "holder").distinct().iterator():
        yield 1.0, (min(one, other), max(one, other))


def _not_alone(rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    """Those that share what `key` says with another."""
    return rows.annotate(alike=Window(Count("pk"), partition_by=key)).filter(alike__gt=1)


def _pairs(rows: QuerySet[Any, tuple[str, str, str]]) -> Iterator[_Hint]:
    """Of rows of key, public id and title, in this order: each with those shortly before it that have the same key."""
    for _key, group in groupby(rows.iterator(), key=itemgetter(0)):
        before: deque[tuple[str, str]] = deque(maxlen=_COMPARED)
        for _same, public_id, title in group:
            for other, other_title in before:
                if other != public_id:
                    yield matching.words_in_common(title, other_title), (min(public_id, other), max(public_id, other))
            before.append((public_id, title))
