"""Which papers is a term true of? Sets of papers, kept as roaring bitmaps (roaringbitmap.org) in rows, on any database.

`terms` says which terms a paper has; here they are written, when a paper is laid down, and read as sets that filters,
facets and searches combine. A set holds primary keys of papers, so the newest papers are its last numbers.

Written only inside the transaction of a publisher, who has taken the catalogue's next version: two never write at once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import reduce
from itertools import batched, groupby
from operator import itemgetter, or_
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models import Max, Q
from django.db.models.expressions import RawSQL
from pyroaring import BitMap

from catalog import bulk, records
from catalog.models import CatalogueState, Misspelling, Paper, Posting, Word
from catalog.models.paper import new_stamp
from catalog.models.posting import SEGMENT
from catalog.records import Record
from catalog.terms import RULES, WORDS, Term, terms_of

# How many values one question may carry on every database, and how many rows one statement writes.
AT_ONCE = 500
WRITTEN_AT_ONCE = 4_000
# Shorter words have too many neighbours; longer ones are seldom typed.
CORRECTED = range(4, 25)

type Change = tuple[int, Record | None, Record | None]


# -- Reading -----------------------------------------------------------------------------------
def papers_of(terms: Iterable[Term]) -> dict[Term, BitMap]:
    """The papers that each of these terms is true of, in one question; an empty set where it is true of none."""
    found = {term: BitMap() for term in terms}
    by_field: dict[str, list[str]] = defaultdict(list)
    for field, term in found:
        by_field[field].append(term)
    if by_field:
        wanted = reduce(or_, (Q(field=field, term__in=some) for field, some in by_field.items()))
        for field, term, papers in Posting.objects.filter(wanted).values_list("field", "term", "papers"):
            found[field, term] |= BitMap.deserialize(bytes(papers))
    return found


def papers_with(field: str, terms: Iterable[str]) -> dict[str, BitMap]:
    """The same of the terms of one field."""
    return {term: papers for (_field, term), papers in papers_of((field, term) for term in terms).items()}


def papers_by_term(*fields: str) -> dict[Term, BitMap]:
    """Everything that is said in these fields."""
    return dict(each_term(*fields))


def each_term(*fields: str) -> Iterator[tuple[Term, BitMap]]:
    """Everything that is said in these fields, term by term: no more than one set is in memory."""
    for term, postings in groupby(_in_order(fields), key=itemgetter(0, 1)):
        yield term, BitMap.union(*(BitMap.deserialize(bytes(papers)) for _field, _term, papers in postings))


def _in_order(fields: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """To be read to the end before anything else is asked."""
    rows = Posting.objects.filter(field__in=fields).order_by("field", "term").values_list("field", "term", "papers")
    if connection.vendor != "postgresql":
        yield from rows.iterator(chunk_size=AT_ONCE)
        return
    # Django has PostgreSQL write every byte as two letters. For all facets of a million papers that is two thirds of the time.
    question, values = rows.query.sql_with_params()
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.ClientCursor(connection.connection) as composer:
        written = composer.mogrify(question, values)
        with psycopg.Cursor(connection.connection) as cursor:
            yield from cursor.stream(written, binary=True, size=AT_ONCE)


def beginning_with(field: str, prefix: str, *, limit: int) -> dict[str, BitMap]:
    """The first terms of a field, in the order of their letters, that begin so, with the papers they are true of.

    At most `limit` postings are read: of the last term there may be more.
    """
    rows = Posting.objects.filter(field=field, term__gte=prefix, term__lt=prefix + chr(0x10FFFF)).order_by("term", "segment")
    found: dict[str, BitMap] = defaultdict(BitMap)
    for term, papers in rows.values_list("term", "papers")[:limit]:
        found[term] |= BitMap.deserialize(bytes(papers))
    return dict(found)


def as_rows(papers: BitMap) -> RawSQL:
    """The numbers of a set for `pk__in`, as one value however many they are."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [list(papers)])
    return RawSQL("SELECT value FROM json_each(%s)", [str(list(papers))])


# -- Writing -----------------------------------------------------------------------------------
class Changes:
    """What becomes true of papers and what no longer is, gathered, to be written in one go."""

    def __init__(self) -> None:
        self._gained: dict[Term, BitMap] = defaultdict(BitMap)
        self._lost: dict[Term, BitMap] = defaultdict(BitMap)
        self._words: Counter[str] = Counter()

    def __len__(self) -> int:
        """How many terms are concerned: what memory grows with."""
        return len(self._gained) + len(self._lost)

    def note(self, number: int, before: Record | None, after: Record | None) -> None:
        """None stands for a paper that was not there, or is there no more."""
        then, now = (terms_of(record) if record else set() for record in (before, after))
        for term in now - then if then else now:
            self._gained[term].add(number)
        for term in then - now:
            self._lost[term].add(number)
        self._words.update(_vocabulary(now))
        if then:
            self._words.subtract(_vocabulary(then))

    def write(self) -> None:
        """And forget them."""
        _write_postings(self._gained, self._lost)
        _write_words({word: change for word, change in self._words.items() if change})
        for noted in (self._gained, self._lost, self._words):
            noted.clear()


def write(changes: Iterable[Change]) -> None:
    """Write changes, of each paper its number, its record before and its record after."""
    gathered = Changes()
    for change in changes:
        gathered.note(*change)
    gathered.write()


def _vocabulary(terms: Iterable[Term]) -> set[str]:
    """The words among the terms that a reader may look for: not those without a letter."""
    return {word for field, word in terms if field in WORDS and not word.isdecimal()}


def _write_postings(gained: dict[Term, BitMap], lost: dict[Term, BitMap]) -> None:
    wanted = {(*term, segment) for change in (gained, lost) for term, papers in change.items() for segment in _segments(papers)}
    for some in batched(sorted(wanted), WRITTEN_AT_ONCE, strict=False):
        fields, terms, segments = (set(values) for values in zip(*some, strict=True))
        known = Posting.objects.filter(field__in=fields, term__in=terms, segment__in=segments)
        stored = {(each.field, each.term, each.segment): each for each in known}
        changed, new, empty = [], [], []
        for field, term, segment in some:
            posting = stored.get((field, term, segment))
            papers = BitMap.deserialize(bytes(posting.papers)) if posting else BitMap()
            papers = (papers - lost.get((field, term), BitMap())) | _within(gained.get((field, term), BitMap()), segment)
            if papers and posting:
                changed.append((field, term, segment, papers.serialize()))
            elif papers:
                new.append((field, term, segment, papers.serialize()))
            elif posting:
                empty.append(posting.pk)
        _store(new)
        bulk.upsert(Posting, _POSTING, changed, unique=_POSTING[:3])
        Posting.objects.filter(pk__in=empty).delete()


_POSTING = ("field", "term", "segment", "papers")


def _store(new: Iterable[tuple[str, str, int, bytes]]) -> None:
    bulk.insert(Posting, _POSTING, new)


def _segments(papers: BitMap) -> Iterator[int]:
    at = 0
    while (rank := papers.rank(at * SEGMENT - 1) if at else 0) < len(papers):
        at = papers[rank] // SEGMENT
        yield at
        at += 1


def _within(papers: BitMap, segment: int) -> BitMap:
    return papers & BitMap(range(segment * SEGMENT, (segment + 1) * SEGMENT)) if papers else papers


def _write_words(changes: dict[str, int]) -> None:
    for some in batched(changes, WRITTEN_AT_ONCE, strict=False):
        known = {word.text: word.papers for word in Word.objects.filter(text__in=some)}
        counts = {text: known.get(text, 0) + changes[text] for text in some}
        standing = {text: papers for text, papers in counts.items() if papers > 0}
        bulk.upsert(Word, ("text", "papers"), [each for each in standing.items() if each[0] in known], unique=("text",))
        _add_words({text: papers for text, papers in standing.items() if text not in known})
        Word.objects.filter(text__in=[text for text, papers in counts.items() if papers <= 0]).delete()


def _add_words(new: Mapping[str, int]) -> None:
    """Words that are not known yet, with what they may be misspelled as."""
    bulk.insert(Word, ("text", "papers"), new.items())
    bulk.insert(Misspelling, ("text", "word_id"), ((text, word) for word in new for text in misspellings_of(word)))


def misspellings_of(word: str) -> set[str]:
    """The word itself and whatever it is with one letter left out; nothing for a word that is not corrected."""
    if len(word) not in CORRECTED:
        return set()
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


# -- All of it ---------------------------------------------------------------------------------
def segments() -> range:
    """Those that papers may stand in."""
    last = Paper.objects.aggregate(last=Max("pk"))["last"]
    return range(0 if last is None else last // SEGMENT + 1)


def terms_of_segment(segment: int, *, progress: Callable[[int], None] = lambda papers: None) -> dict[Term, BitMap]:
    """The postings of a segment as its records say, made anew. Memory grows with the terms of one segment only."""
    made: dict[Term, BitMap] = defaultdict(BitMap)
    rows = Paper.objects.filter(pk__range=(segment * SEGMENT, (segment + 1) * SEGMENT - 1)).order_by("pk")
    for number, json in rows.values_list("pk", "record_json").iterator(chunk_size=AT_ONCE):
        for term in terms_of(records.from_json(json)):
            made[term].add(number)
        progress(1)
    return dict(made)


def rebuild(*, progress: Callable[[int], None] = lambda papers: None) -> None:
    """Make the index anew from the records, a segment at a time, while the site goes on.

    What is published meanwhile waits for at most one segment to be written. `progress` hears how many papers came in.
    """
    for segment in segments():
        _rebuild_segment(segment, progress)
    with transaction.atomic():
        CatalogueState.take_turn()
        last = segments().stop
        Posting.objects.filter(segment__gte=last).delete()
        _rebuild_words()
        CatalogueState.objects.update(rules=RULES, stamp=new_stamp())


def _rebuild_segment(segment: int, progress: Callable[[int], None]) -> None:
    before = CatalogueState.now().stamp
    made = terms_of_segment(segment, progress=progress)
    with transaction.atomic():
        if CatalogueState.take_turn().stamp != before:
            made = terms_of_segment(segment)
        Posting.objects.filter(segment=segment).delete()
        for some in batched(sorted(made), AT_ONCE, strict=False):
            _store((field, term, segment, made[field, term].serialize()) for field, term in some)
        CatalogueState.objects.update(stamp=new_stamp())


def _rebuild_words() -> None:
    Misspelling.objects.all().delete()
    Word.objects.all().delete()
    for some in batched(word_counts(), AT_ONCE, strict=False):
        _add_words(dict(some))


def word_counts() -> Iterator[tuple[str, int]]:
    """Every word of the postings, in the order of letters, with the number of papers it stands in."""
    rows = Posting.objects.filter(field__in=WORDS).order_by("term").values_list("term", "papers")
    for word, postings in groupby(rows.iterator(chunk_size=AT_ONCE), key=itemgetter(0)):
        if not word.isdecimal():
            yield word, len(BitMap.union(*(BitMap.deserialize(bytes(papers)) for _term, papers in postings)))
