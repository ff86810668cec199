"""In which ways may it be said? What a person's words may stand for in a paper, and how near each is to what was written.

A way is a term that says some of the words, with the place it stands in and the quality of the likeness. Vocabulary,
spellings of names and slips of the finger are asked of the database here; which papers hold a way is not.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import snowballstemmer
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast

from catalog import index
from catalog.models import Category, Identifier, Misspelling, OrganizationAlias, VenueAlias, Word
from catalog.queries import Clause, Fact, Query
from catalog.records import SMALL_WORDS, fold, slug_of, spelling_key
from catalog.terms import MAX_WORD, WORDS, Term

RELATED = 24
CONTINUATIONS = 64
CONTINUATIONS_BEFORE_THE_LAST = 16
CORRECTIONS = 3
# A name that is begun, such as `org:stan`, may be any of so many.
BEGUN_NAMES = 20

# Where a word stands, from the best place on.
NAME, TITLE, NAMES, TEXT = range(4)
PLACE_OF = {"name": NAME, "title": TITLE, "names": NAMES, "text": TEXT}
# How it is said there: as it stands, joined or parted, inflected, begun, mended.
AS_IT_STANDS, JOINED, INFLECTED, BEGUN, MENDED = 20, 19, 17, 8, 6

# Fields of terms that the index does not have: which papers they are true of, `search` has to find out.
PHRASE, PHRASE_IN_TITLE, PARTED, PARTED_IN_TITLE = "phrase", "phrase in title", "parted", "parted in title"
BY_AUTHOR, IDENTIFIER = "author", "identifier"
SPELLED: dict[str, Any] = {"venue": VenueAlias, "organization": OrganizationAlias}
EDITION = re.compile(r"(?P<key>.*\D)(?P<year>(?:19|20)\d\d|\d\d)", re.ASCII)

# What is called by a spelling: (kind, spelling) -> its values as terms of that kind; of an identifier, numbers of papers.
type Names = dict[tuple[str, str], set[str]]


class Way(NamedTuple):
    """The papers that `term` is true of say the clauses from `start` up to `end`, in this place with this quality."""

    start: int
    end: int
    place: int
    quality: int
    term: Term


# -- The ways to say a clause ------------------------------------------------------------------
def ways(clauses: tuple[Clause, ...], names: Names) -> Iterator[Way]:
    """Every way to say each clause, alone or with its neighbours. A word of which nothing is known is mended."""
    vocabulary = _vocabulary(clauses)
    understood = set[int]()
    for start, end in _windows(clauses):
        window = clauses[start:end]
        for way in _ways_together(window, start, names, is_all=len(window) == len(clauses)):
            yield way
            if way.term[0] in (*SPELLED, "edition") or way.term[1] in vocabulary:
                understood.update(range(start, end))
    small = free(clauses)
    understood |= small
    for at, clause in ((at, clause) for at, clause in enumerate(clauses) if at not in small):
        for way in _ways_alone(clause, at, vocabulary, is_last=at == len(clauses) - 1):
            yield way
            understood.add(at)
    unknown = {at: clauses[at].text for at in range(len(clauses)) if at not in understood}
    mended = corrections(unknown.values())
    for at, word in unknown.items():
        for meant in mended.get(word, ()):
            yield from _said((clauses[at],), at, MENDED, meant)


def _windows(clauses: tuple[Clause, ...]) -> Iterator[tuple[int, int]]:
    """Where neighbours stand that may be one spelling."""
    for start in range(len(clauses)):
        for end in range(start + 1, len(clauses) + 1):
            if clauses[end - 1].is_exact or clauses[end - 1].identifier:
                break
            yield start, end


def _key(window: tuple[Clause, ...]) -> str:
    return "".join(clause.key for clause in window)


def _ways_together(window: tuple[Clause, ...], start: int, names: Names, *, is_all: bool) -> Iterator[Way]:
    """The ways to say neighbours as one."""
    if all(map(_is_small, window)) and not is_all:
        return
    key, end = _key(window), start + len(window)
    if len(window) in (2, 3):
        yield from _said(window, start, JOINED, key)
    if not any(clause.in_title for clause in window):
        if len(window) <= 4 or is_all:
            yield Way(start, end, NAME, AS_IT_STANDS, ("name", key[:MAX_WORD]))
        for term in _terms_named(key, names):
            yield Way(start, end, NAMES, AS_IT_STANDS, term)


def _ways_alone(clause: Clause, at: int, vocabulary: dict[str, int], *, is_last: bool) -> Iterator[Way]:
    """The ways to say one clause; none where nothing of the kind is known."""
    if clause.identifier:
        yield Way(at, at + 1, NAME, AS_IT_STANDS, (IDENTIFIER, clause.identifier.value))
    if clause.is_phrase:
        yield from _side_by_side(clause, at, AS_IT_STANDS, PHRASE, PHRASE_IN_TITLE, clause.text)
        yield from _said((clause,), at, JOINED, clause.key)
        return
    word, is_fixed = clause.text, is_rigid(clause)
    if word in vocabulary or is_fixed:
        yield from _said((clause,), at, AS_IT_STANDS, word)
    if is_fixed:
        return
    related = {other for other in vocabulary if other != word and _is_related(other, word)}
    for other in related:
        yield from _said((clause,), at, INFLECTED, other)
    begun = [other for other in vocabulary if other.startswith(word) and other != word and other not in related]
    for other in begun[: CONTINUATIONS if is_last else CONTINUATIONS_BEFORE_THE_LAST] if _may_begin(word) else ():
        yield from (way for way in _said((clause,), at, BEGUN, other) if way.place < TEXT or word not in vocabulary)
    if parts := _parted(word, vocabulary):
        yield from _side_by_side(clause, at, JOINED, PARTED, PARTED_IN_TITLE, parts)


def _said(window: tuple[Clause, ...], start: int, quality: int, word: str) -> Iterator[Way]:
    fields = ("title",) if any(clause.in_title for clause in window) else WORDS
    return (Way(start, start + len(window), PLACE_OF[field], quality, (field, word)) for field in fields)


def exact_terms_of(clause: Clause) -> set[Term]:
    """What has to be true of no paper, where this is not wanted."""
    terms = {way.term for way in _said((clause,), 0, AS_IT_STANDS, clause.key)}
    return terms | {(PHRASE_IN_TITLE if clause.in_title else PHRASE, clause.text)} if clause.is_phrase else terms


def _side_by_side(clause: Clause, at: int, quality: int, anywhere: str, in_title: str, text: str) -> Iterator[Way]:
    yield Way(at, at + 1, TITLE, quality, (in_title, text))
    if not clause.in_title:
        yield Way(at, at + 1, TEXT, quality, (anywhere, text))


def is_rigid(clause: Clause) -> bool:
    """Numbers and single letters are themselves and nothing else, as is what was quoted."""
    word = clause.text
    return clause.is_exact or clause.identifier is not None or word.isdecimal() or (word.isascii() and len(word) == 1)


def _may_begin(word: str) -> bool:
    return len(word) >= 3 or not word.isascii()


@lru_cache(maxsize=10_000)
def _stem(word: str) -> str:
    # A stemmer is not to be shared by threads.
    return snowballstemmer.stemmer("english").stemWord(word) if re.fullmatch("[a-z]{3,}", word) else word


def _stem_in(word: str) -> str:
    """How all words begin that have the stem of this word."""
    stem = _stem(word)
    return next((stem[:length] for length in range(len(stem), 1, -1) if word.startswith(stem[:length])), word)


def _is_related(one: str, other: str) -> bool:
    return one.startswith(_stem_in(other)) and _stem(one) == _stem(other)


def _parted(word: str, vocabulary: dict[str, int]) -> str | None:
    """The word as two, where both are commoner than the word is."""
    pairs = [pair for pair in _partings(word) if pair[0] in vocabulary and pair[1] in vocabulary]
    best = max(pairs, key=lambda pair: (min(vocabulary[pair[0]], vocabulary[pair[1]]), pair), default=None)
    return " ".join(best) if best and min(vocabulary[part] for part in best) > vocabulary.get(word, 0) else None


def _partings(word: str) -> list[tuple[str, str]]:
    """A word may be parted in two of at least two letters, one of them of four."""
    pairs = [(word[:place], word[place:]) for place in range(2, len(word) - 1)] if len(word) <= MAX_WORD else []
    return [pair for pair in pairs if max(map(len, pair)) >= 4 and not any(map(str.isdecimal, pair))]


def free(clauses: tuple[Clause, ...]) -> frozenset[int]:
    """The clauses that ask for nothing: small words, unless they are all there is."""
    small = frozenset(at for at, clause in enumerate(clauses) if _is_small(clause))
    return small if len(small) < len(clauses) else frozenset()


def _is_small(clause: Clause) -> bool:
    return not clause.is_exact and not clause.in_title and clause.text in SMALL_WORDS


# -- What is known of the words ----------------------------------------------------------------
def _vocabulary(clauses: tuple[Clause, ...]) -> dict[str, int]:
    """The words that those asked for may stand for, commonest first, with the number of papers each stands in."""
    exact = {_key(clauses[start:end]) for start, end in _windows(clauses) if end - start <= 3}
    parts: list[QuerySet[Word]] = []
    for word in dict.fromkeys(clause.text for clause in clauses if not is_rigid(clause)):
        exact.update(part for pair in _partings(word) for part in pair)
        if _may_begin(word):
            parts.append(commonest(word, CONTINUATIONS))
        if _stem(word) != word:
            parts.append(commonest(_stem_in(word), RELATED))
    rows = Word.objects.filter(text__in=exact).union(*parts).values_list("text", "papers") if exact else ()
    return dict(sorted(rows, key=lambda row: (-row[1], row[0])))


def commonest(beginning: str, number: int) -> QuerySet[Word]:
    among = Word.objects.filter(text__gte=beginning, text__lt=beginning + chr(0x10FFFF)).order_by("-papers", "text")
    # SQLite takes no limit inside a union, but takes it one level deeper.
    return Word.objects.filter(text__in=among.values("text")[:number]).order_by()


def corrections(words: Iterable[str]) -> dict[str, list[str]]:
    """For each word of letters the known words that were likeliest meant, which are a slip or two away."""
    slips = {word: index.misspellings_of(word) | {word} for word in words if re.fullmatch(r"[^\W\d]{3,}", word)}
    if not slips:
        return {}
    wanted = Misspelling.objects.filter(text__in=set[str]().union(*slips.values()))
    rows = list(wanted.values_list("text", "word_id", "word__papers"))
    found: dict[str, list[str]] = {}
    for word, its in slips.items():
        near = {(other, papers) for text, other, papers in rows if text in its and other != word}
        likeliest = sorted(near, key=lambda each: (not _is_one_slip(word, each[0]), -each[1], each[0]))
        close = [other for other, _papers in likeliest if _is_one_slip(word, other)]
        found[word] = (close or [other for other, _papers in likeliest if len(word) >= 8])[:CORRECTIONS]
    return found


def _is_one_slip(one: str, other: str) -> bool:
    """Is one letter missing, too many, another, or two in the wrong order?"""
    same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[same:], other[same:]
    return one[1:] in (other, other[1:]) or one == other[1:] or (one[:2] == other[1::-1] and one[2:] == other[2:])


# -- What is called so -------------------------------------------------------------------------
def names_in(query: Query) -> Names:
    """Every venue, organization, category and identifier that the text spells, asked in one question."""
    keys = {_key(query.clauses[start:end]) for start, end in _windows(query.clauses)}
    facts = [*query.facts, *query.unwanted_facts]
    keys |= {spelling_key(fact.value) for fact in facts if fact.field in SPELLED}
    keys |= {match["key"] for key in keys if (match := EDITION.fullmatch(key))}
    parts = [_rows(kind, spellings.objects.filter(key__in=keys), "key", f"{kind}__slug") for kind, spellings in SPELLED.items()]
    for fact in facts:
        if spellings := SPELLED.get(fact.field):
            begun = spellings.objects.filter(key__startswith=spelling_key(fact.value)).order_by("key")[:BEGUN_NAMES]
            parts.append(_rows(fact.field, spellings.objects.filter(pk__in=begun.values("pk")), "key", f"{fact.field}__slug"))
        elif fact.field == "category":
            called = Q(path=fact.value) | Q(slug__startswith=slug_of(fact.value) or fact.value)
            parts.append(_rows("category", Category.objects.filter(called), "slug", "path"))
    for its in filter(None, (clause.identifier for clause in query.clauses)):
        parts += [_rows(IDENTIFIER, Identifier.objects.filter(scheme=its.scheme, value=its.value), "value", "paper_id")]
    names: Names = defaultdict(set)
    for kind, key, value in parts[0].union(*parts[1:]).order_by():
        names[kind, key].add(value)
    return names


def _rows(kind: str, objects: QuerySet[Any], key: str, value: str) -> QuerySet[Any, tuple[str, str, str]]:
    return objects.order_by().values_list(Value(kind, CharField()), F(key), Cast(value, CharField()))


def _terms_named(key: str, names: Names) -> set[Term]:
    """What one spelling stands for: a venue, one of its years, an organization."""
    terms = {(kind, slug) for kind in SPELLED for slug in names.get((kind, key), ())}
    if match := EDITION.fullmatch(key):
        terms |= {("edition", f"{slug}/{year_of(match['year'])}") for slug in names.get(("venue", match["key"]), ())}
    return terms


def year_of(digits: str) -> int:
    """A year of which the century may be left out."""
    year = int(digits)
    return year if year >= 100 else year + 1900 if year >= 50 else year + 2000


def terms_of_fact(fact: Fact, names: Names) -> set[Term]:
    """The terms of which one has to be true of a paper. A name that is no spelling of anything may be the beginning of one."""
    if fact.field == "year":
        return {("year", str(year)) for year in fact.years}
    if fact.field == "author":
        return {(BY_AUTHOR, fold(fact.value))}
    if fact.field in {"kind", "has"}:
        return {(fact.field, fold(fact.value))}
    if fact.field == "category":
        paths = {path for (kind, _slug), found in names.items() if kind == "category" for path in found}
        slug = slug_of(fact.value)
        its = {path for path in paths if path == fact.value or path.rpartition("/")[2] == slug}
        return {("category", path) for path in its or paths if path in its or path.rpartition("/")[2].startswith(slug)}
    key = spelling_key(fact.value)
    exactly = {term for term in _terms_named(key, names) if (term[0] == "organization") == (fact.field == "organization")}
    begun = {(kind, slug) for (kind, name), slugs in names.items() if kind == fact.field and name.startswith(key) for slug in slugs}
    return exactly or begun
