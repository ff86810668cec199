"""Which papers of the catalogue do these records describe, and which are they like? Asked for many at once.

What `matching` says of one record with a dozen questions, said of a thousand with a handful: a record is a paper's by its
id, by an identifier or by its very title; a suspicion stays one, with its reasons.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import batched, chain, combinations

import msgspec
from pyroaring import BitMap

from catalog import index, matching
from catalog.models import Identifier, Paper, Tombstone, Word
from catalog.records import Record, fold
from catalog.terms import names_of, words

# Of a title, so many of its rarest words are looked up; a word in more papers than that says little.
_RAREST, _RARE = 4, 5_000
_NEAR, _WORTH_A_LOOK = 20, 0.55
_COMPARED = 5
_ALIKE = 0.4


class Suspicion(msgspec.Struct, frozen=True, kw_only=True):
    """A paper that a record may describe too: its title and address, and why."""

    candidate: str
    path: str
    reasons: tuple[str, ...]


class Known:
    """What is here of some records. Suspected are only papers up to the number `last`: those that no file of this run has brought."""

    def __init__(self, asked: Sequence[Record], *, last: int) -> None:
        self._last = last
        self._by_identifier: dict[tuple[str, str], Paper] = {}
        self._by_title: dict[str, list[Paper]] = defaultdict(list)
        self._by_id: dict[str, Paper] = {}
        self._gone: dict[str, Tombstone] = {}
        self._alike: dict[str, list[Paper]] = {}
        self._find(asked)

    def _find(self, asked: Sequence[Record]) -> None:
        values: dict[str, list[str]] = defaultdict(list)
        for scheme, value in chain.from_iterable(record.identifiers.items() for record in asked):
            values[scheme].append(value)
        for scheme, some in values.items():
            for identifier in Identifier.objects.filter(scheme=scheme, value__in=some).select_related("paper"):
                self._by_identifier[scheme, identifier.value] = identifier.paper
        titles = {fold(record.title)[:500] for record in asked} - {""}
        for paper in Paper.objects.filter(title_key__in=titles).order_by("pk"):
            self._by_title[paper.title_key].append(paper)
        if ids := {record.id for record in asked} - {""}:
            self._by_id = {paper.public_id: paper for paper in Paper.objects.filter(public_id__in=ids)}
            self._gone = {grave.public_id: grave for grave in Tombstone.objects.filter(public_id__in=ids)}
        self._find_alike([record for record in asked if not self.papers_of(record)])

    def papers_of(self, record: Record) -> list[Paper]:
        """The paper that it describes; several where it says the identifier of one and the title of another."""
        if record.id in self._by_id:
            return [self._by_id[record.id]]
        found = {paper.pk: paper for item in record.identifiers.items() if (paper := self._by_identifier.get(item))}
        titled = [paper for paper in self._by_title[fold(record.title)[:500]] if paper.pk in found or not differ(record, paper.record)]
        if titled and not any(paper.pk in found for paper in titled):
            found[titled[0].pk] = titled[0]
        return list(found.values())

    def grave_of(self, record: Record) -> Tombstone | None:
        return self._gone.get(record.id)

    def suspicions(self, record: Record) -> list[Suspicion]:
        """Papers that it may be, likeliest first, though neither identifier nor title say so."""
        near = {paper.pk: paper for paper in [*self._by_title[fold(record.title)[:500]], *self._alike.get(record.title, ())]}
        matches = [match for paper in near.values() if paper.pk <= self._last and (match := matching.match_of(record, paper))]
        matches.sort(key=lambda match: -match.score)
        return [suspicion_of(record, match.record) for match in matches[:_COMPARED]]

    def _find_alike(self, asked: Sequence[Record]) -> None:
        """Titles that share two of their rarest words, and papers that go by the same name."""
        if not asked or not self._last:
            return
        said = {record.title: words(record.title) for record in asked}
        counts = _counts(set(chain.from_iterable(said.values())))
        rare = {
            title: sorted((word for word in of if 0 < counts.get(word, 0) <= _RARE), key=lambda word: counts[word])[:_RAREST]
            for title, of in said.items()
        }
        names = {record.title: names_of(record) for record in asked}
        wanted = [("title", word) for of in rare.values() for word in of]
        holders = index.papers_of([*wanted, *(("name", name) for of in names.values() for name in of)])
        near: dict[str, BitMap] = {}
        for title, of in rare.items():
            sets = [holders["title", word] for word in of]
            found = [a & b for a, b in combinations(sets, 2)] + [holders["name", name] for name in names[title]]
            if numbers := BitMap.union(BitMap(), *found):
                near[title] = numbers[: numbers.rank(self._last)][-_NEAR:]
        papers = Paper.objects.in_bulk(set(chain.from_iterable(near.values())))
        for title, numbers in near.items():
            key, namesakes = fold(title), BitMap.union(BitMap(), *(holders["name", name] for name in names[title]))
            self._alike[title] = [
                papers[number]
                for number in numbers
                if number in namesakes or matching.words_in_common(key, papers[number].title_key) >= _WORTH_A_LOOK
            ]


def differ(one: Record, other: Record) -> bool:
    """Whether both have an identifier of a scheme, and not the same."""
    return any(other.identifiers.get(scheme, value) != value for scheme, value in one.identifiers.items())


def is_one_work(one: Record, other: Record) -> bool:
    """Whether two records with an identifier in common may well be one work: by a title that is alike, or the same name."""
    a, b = fold(one.title), fold(other.title)
    return a == b or matching.words_in_common(a, b) >= _ALIKE or bool(set(names_of(one)) & set(names_of(other)))


def suspicion_of(record: Record, other: Record) -> Suspicion:
    return Suspicion(candidate=other.title, path=other.path, reasons=tuple(matching.reasons_in_words(record, other)))


def _counts(asked: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in batched(asked, index.AT_ONCE, strict=False):
        found.update(Word.objects.filter(text__in=some).values_list("text", "papers"))
    return found
