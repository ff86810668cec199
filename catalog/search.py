"""Which papers a person's words find, best first. `queries` says what was asked, `wordings` how it may be said, `index` which
papers say it so; by the same rules, and so the same papers in the same order, on every database. Any text is safe input.

How search ranks
----------------
**Found** is what holds every word and every field word, and nothing that was excluded. A word may be said

- as it stands; or inflected, by the stem of English words (`serve` finds serving), of the 24 commonest that begin like it;
- as the beginning of a longer word, from three letters on, of the 64 commonest, or of 16 while more words follow: in titles
  and names, and in texts too while the word is none by itself;
- joined with the next one or two (`kv cache` finds KVCache); or parted in two (`kvcache` finds KV cache), where both parts are
  commoner than the word and at least half of the newest SAMPLED papers with both have them side by side;
- with its neighbours as a spelling of a venue, with its year or without, or of an organization (`ucb`, `usenix atc`,
  `sosp24`); as what a paper is called (`dejavu`); or as the identifier of a paper;
- only if nothing of that is known, as the three commonest words that are one slip of the finger away, or two of a long word.

Numbers, single letters and what is quoted are themselves and nothing else. Small words (`of`, `the`) ask for nothing unless
they are all there is. Phrases, and `author:`, are proven in the newest PROVEN papers that hold the words, shared by all that is
to be proven: older papers are not found by them, but for `author:` with the whole name.

**Ranked** is first what is called by the whole text, then by points. The words give those of their best ways: the place
(80 what a paper is called, 60 its title, 40 authors, venue, organizations and identifiers, 12 abstract, notes and
categories) times the quality (20 as it stands, 19 joined or parted, 17 inflected, 8 begun, 6 mended). A title that has the
whole text inside gets 900 more, one that begins with it 1,800; if its last word is unfinished, 300 and 600. Then the shorter
title, then the newer paper.

That is worked out for CANDIDATES papers. Where more are found, these are taken, the newest first, from: those called so;
those with each word in the title, joined or inflected at the most; with each in the title; in title or names; the others. What is left
follows in these groups, each newest first.

It takes at most six questions: spellings, vocabulary, misspellings if a word is unknown, postings, a proof if one is needed, and
the titles of the candidates.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from pyroaring import BitMap

from catalog import index, records, wordings
from catalog.models import Author, Category, Edition, Paper, Posting, Word
from catalog.queries import MAX_CLAUSES, MAX_TEXT, Clause, Query, parse, rewritten
from catalog.records import SMALL_WORDS, Record, fold, slug_of
from catalog.terms import EVERY_PAPER, WORDS, Term
from catalog.wordings import EDITION, SPELLED, Names, Way

CANDIDATES = 500
PROVEN = 5_000
SAMPLED = 100
# Other texts that are tried where nothing is found.
ATTEMPTS = 6

# What a place is worth.
PLACES = {wordings.NAME: 80, wordings.TITLE: 60, wordings.NAMES: 40, wordings.TEXT: 12}
_MARKED = {*WORDS, wordings.PHRASE, wordings.PHRASE_IN_TITLE, wordings.PARTED, wordings.PARTED_IN_TITLE}
# What a title gets besides for the text as a whole: at its beginning or inside, complete or still being typed.
BEGINS, IS_INSIDE, MAY_BEGIN, MAY_BE_INSIDE = 1_800, 900, 600, 300

type Known = dict[Term, BitMap]


class _Tier(NamedTuple):
    """The papers in which the clauses from `start` up to `end` stand in this place with this quality."""

    start: int
    end: int
    place: int
    quality: int
    papers: BitMap

    @property
    def points(self) -> int:
        return PLACES[self.place] * self.quality * (self.end - self.start)


# -- Finding -----------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Found:
    """`papers` is every paper that matches; `words` are the folded words by which they do, to be marked in titles."""

    papers: BitMap = field(default_factory=BitMap)
    words: frozenset[str] = frozenset()
    query: Query = field(default_factory=Query)
    tiers: tuple[_Tier, ...] = ()

    def ranked(self, within: BitMap) -> list[list[int] | BitMap]:
        """The order by relevance of those that are found and also `within`.

        First a list of at most CANDIDATES numbers, best first, then sets, each to be read from its largest number down.
        They have no paper in common, and together are all.
        """
        rest = self.papers & within
        if not self.query.clauses:
            return [rest] if rest else []
        candidates = BitMap()
        groups: list[BitMap] = []
        for group in self._groups:
            group = group & rest
            rest = rest - group
            newest = BitMap(group[-(CANDIDATES - len(candidates)) :]) if len(candidates) < CANDIDATES else BitMap()
            candidates |= newest
            groups.append(group - newest)
        order: list[list[int] | BitMap] = [self._in_order(candidates), *groups]
        return [run for run in order if run]

    @cached_property
    def _groups(self) -> list[BitMap]:
        """The groups that candidates are taken from, in this order; a paper may be in several."""
        steps: list[Callable[[_Tier], bool]] = [
            lambda tier: tier.place <= wordings.TITLE and tier.quality >= wordings.INFLECTED,
            lambda tier: tier.place <= wordings.TITLE,
            lambda tier: tier.place <= wordings.NAMES,
        ]
        held = (_held(filter(fits, self.tiers), self.query.clauses) or BitMap() for fits in steps)
        return [self._called_so, *held, self.papers]

    @cached_property
    def _called_so(self) -> BitMap:
        """Those that are called by the whole text."""
        whole = (0, len(self.query.clauses))
        return _union(tier.papers for tier in self.tiers if tier.place == wordings.NAME and (tier.start, tier.end) == whole)

    def _in_order(self, candidates: BitMap) -> list[int]:
        points = self._points(candidates)
        text = self.query.text
        titles = dict(Paper.objects.filter(pk__in=list(candidates)).order_by().values_list("pk", "title_key"))

        def rank(number: int) -> tuple[bool, int, int, int]:
            title = titles.get(number, "")
            return number not in self._called_so, -points[number] - _points_of_title(title, text), len(title), -number

        return sorted(candidates, key=rank)

    def _points(self, candidates: BitMap) -> dict[int, int]:
        """What the words give each paper, by the ways that together give it most."""
        count, free = len(self.query.clauses), wordings.free(self.query.clauses)
        best: list[dict[int, int]] = [{} for _place in range(count)] + [dict.fromkeys(candidates, 0)]
        for at in reversed(range(count)):
            here = best[at]
            if at in free:
                here.update(best[at + 1])
            for tier in self.tiers:
                if tier.start != at:
                    continue
                after = best[tier.end]
                for number in tier.papers & candidates:
                    if number in after:
                        here[number] = max(here.get(number, 0), tier.points + after[number])
        return best[0]


def _points_of_title(title: str, text: str) -> int:
    padded, at = f" {title} ", f" {title}".find(f" {text}")
    if at < 0:
        return 0
    if f" {text} " in padded:
        return BEGINS if padded.startswith(f" {text} ") else IS_INSIDE
    return MAY_BEGIN if at == 0 else MAY_BE_INSIDE


def find(text: str, *, since: int = 0) -> Found:
    """The papers that a text finds. A text without any word finds nothing; one that only excludes, everything else.

    For who wants those of higher numbers than `since` alone: what has to be proven is proven of those, and of no others.
    """
    query = parse(text)
    if query.is_empty:
        return Found()
    names = wordings.names_in(query)
    ways = list(wordings.ways(query.clauses, names))
    facts = [wordings.terms_of_fact(fact, names) for fact in query.facts]
    unwanted = [wordings.terms_of_fact(fact, names) for fact in query.unwanted_facts]
    unwanted += [wordings.exact_terms_of(clause) for clause in query.unwanted]
    known = _read({way.term for way in ways}.union(*facts, *unwanted, [] if ways or facts else [EVERY_PAPER]), names)
    tiers, papers = _matching(query, ways, facts, known)
    if _prove(known, papers, since):
        tiers, papers = _matching(query, ways, facts, known)
    papers = papers - _union(known[term] for terms in unwanted for term in terms)
    said = {word for way in ways if known[way.term] and way.term[0] in _MARKED for word in way.term[1].split()}
    return Found(papers=papers, words=frozenset(said - SMALL_WORDS or said), query=query, tiers=tiers)


def _matching(query: Query, ways: list[Way], facts: list[set[Term]], known: Known) -> tuple[tuple[_Tier, ...], BitMap]:
    tiers = _tiers(ways, known)
    held = _held(tiers, query.clauses)
    sets = [_union(known[term] for term in terms) for terms in facts] + ([] if held is None else [held])
    return tiers, reduce(and_, sets) if sets else BitMap(known[EVERY_PAPER])


def _held(tiers: Iterable[_Tier], clauses: tuple[Clause, ...]) -> BitMap | None:
    """The papers that say all clauses, some way or other; None where nothing is asked."""
    count, free = len(clauses), wordings.free(clauses)
    starting: dict[int, list[_Tier]] = defaultdict(list)
    for tier in tiers:
        starting[tier.start].append(tier)
    held: list[BitMap | None] = [None] * (count + 1)
    for at in reversed(range(count)):
        if at in free and held[at + 1] is None:
            continue
        here = BitMap(held[at + 1] or ()) if at in free else BitMap()
        for tier in starting[at]:
            after = held[tier.end]
            here |= tier.papers if after is None else tier.papers & after
        held[at] = here
    return held[0]


def _tiers(ways: Iterable[Way], known: Known) -> tuple[_Tier, ...]:
    papers: dict[tuple[int, int, int, int], BitMap] = {}
    for way in ways:
        if found := known[way.term]:
            key = way[:4]
            papers[key] = papers[key] | found if key in papers else found
    return tuple(_Tier(*key, found) for key, found in papers.items())


def _union(sets: Iterable[BitMap]) -> BitMap:
    return reduce(or_, sets, BitMap())


# -- What the index cannot tell ----------------------------------------------------------------
def _read(terms: Collection[Term], names: Names) -> Known:
    """The papers that each term is true of; of what has to be proven, those of which it may be true."""
    parts = {term: _parts(term) for term in terms}
    known = index.papers_of(part for term in terms for part in parts[term])
    for kind, value in terms:
        if kind == wordings.IDENTIFIER:
            known[kind, value] = BitMap(map(int, names.get((kind, value), ())))
        elif kind in _PROOFS:
            known[kind, value] = _with_each_word(parts[kind, value], known)
    return known


def _parts(term: Term) -> list[Term]:
    """The terms of the index that have to be true of a paper, for this one to be."""
    kind, text = term
    if kind == wordings.IDENTIFIER:
        return []
    return [(field, word) for word in text.split() for field in _PROOFS[kind][0]] if kind in _PROOFS else [term]


def _with_each_word(parts: list[Term], known: Known) -> BitMap:
    words: dict[str, BitMap] = defaultdict(BitMap)
    for part in parts:
        words[part[1]] |= known[part]
    return reduce(and_, words.values()) if words else BitMap()


def _prove(known: Known, papers: BitMap, since: int) -> bool:
    """Take from what may be true of these papers what is not. Says whether there was anything to prove."""
    later = papers[papers.rank(since) :]
    follows = [(kind, text) for kind, text in known if kind in _FOLLOWS_FROM and (_FOLLOWS_FROM[kind], text) in known]
    asked = [term for term, may_be in known.items() if term[0] in _PROOFS and may_be and term not in follows]
    looked_at: list[BitMap] = []
    proofs: list[QuerySet[Paper, tuple[int, int]]] = []
    for place, (kind, text) in enumerate(asked):
        some, most = (papers, SAMPLED) if kind in _BY_SAMPLE else (later, PROVEN // len(asked))
        looked_at.append((known[kind, text] & some)[-most:])
        if looked_at[place]:
            proofs.append(_PROOFS[kind][1](list(looked_at[place]), text).order_by().values_list(Value(place), "pk"))
    proven = [BitMap() for _term in asked]
    for place, number in proofs[0].union(*proofs[1:]).order_by() if proofs else ():
        proven[place].add(number)
    for place, term in enumerate(asked):
        if term[0] not in _BY_SAMPLE:
            known[term] = proven[place]
        elif 2 * len(proven[place]) < len(looked_at[place]):
            known[term] = BitMap()
    for kind, text in follows:
        known[kind, text] &= known[_FOLLOWS_FROM[kind], text]
    return bool(asked)


def _with_phrase(numbers: list[int], text: str) -> QuerySet[Paper]:
    return Paper.objects.filter(pk__in=numbers, search_text__contains=f" {text} ")


def _with_phrase_in_title(numbers: list[int], text: str) -> QuerySet[Paper]:
    padded = Concat(Value(" "), F("title_key"), Value(" "))
    return Paper.objects.filter(pk__in=numbers).alias(padded=padded).filter(padded__contains=f" {text} ")


def _by_author(numbers: list[int], text: str) -> QuerySet[Paper]:
    """By somebody of that very name; of these papers, also by somebody who has these words in the name."""
    padded = Concat(Value("-"), F("slug"), Value("-"), output_field=CharField())
    words = (Q(padded__contains=f"-{slug_of(word)}-") for word in text.split())
    named = Q(slug=slug_of(text, max_length=80)) | reduce(and_, words, Q(paper__in=numbers))
    return Paper.objects.filter(pk__in=Author.objects.alias(padded=padded).filter(named).values("paper"))


type _Proof = tuple[tuple[str, ...], Callable[[list[int], str], QuerySet[Paper]]]

# Where the words have to stand, and which papers it is then true of.
_PROOFS: dict[str, _Proof] = {
    wordings.PHRASE: (WORDS, _with_phrase),
    wordings.PHRASE_IN_TITLE: (("title",), _with_phrase_in_title),
    wordings.PARTED: (WORDS, _with_phrase),
    wordings.PARTED_IN_TITLE: (("title",), _with_phrase_in_title),
    wordings.BY_AUTHOR: (("names",), _by_author),
}
# What is proven of all the text is believed of the title that has the words.
_FOLLOWS_FROM = {wordings.PHRASE_IN_TITLE: wordings.PHRASE, wordings.PARTED_IN_TITLE: wordings.PARTED}
# Whether a word is rightly taken apart, the newest papers tell for all.
_BY_SAMPLE = {wordings.PARTED, wordings.PARTED_IN_TITLE}


# -- Another text ------------------------------------------------------------------------------
def did_you_mean(text: str) -> str | None:
    """Another text that does find papers: with a word mended, or without one that stands in the way.

    To be asked where nothing was found: it searches up to ATTEMPTS times.
    """
    clauses = parse(text).clauses
    words = {clause: clause.text for clause in clauses if not wordings.is_rigid(clause)}
    known = set(Word.objects.filter(text__in=words.values()).values_list("text", flat=True))
    near = wordings.corrections(words.values())
    mended = {clause: near[word][0] for clause, word in words.items() if near.get(word)}
    attempts = [{clause: mended.get(clause, "") for clause, word in words.items() if word not in known}]
    # Of short words that stand in some paper, too many are near to others.
    attempts += [{clause: word} for clause, word in mended.items() if len(clause.text) >= 5]
    attempts += [{clause: ""} for clause in reversed(clauses)]
    for changes in filter(None, attempts[:ATTEMPTS]):
        other = rewritten(text, changes)
        if parse(other).clauses and find(other).papers:
            return other
    return None


# -- While typing ------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A page that may be meant by what is typed so far."""

    kind: Literal["paper", "category", "venue", "organization", "author"]
    label: str
    path: str


def suggestions(text: str, limit: int = 8) -> list[Suggestion]:
    """The pages whose names begin so, likeliest first, in five questions: what is spelled exactly so, papers that are called
    so, other pages, authors, and papers with these words in the title. The last word may be unfinished.

    Of papers with the words, the newest are looked at.
    """
    words = [word for word in fold(text[:MAX_TEXT]).split() if word.strip("+")][:MAX_CLAUSES]
    if len("".join(words)) < 2:
        return []
    called, titled, authored = _papers_beginning(words, limit)
    rows = dict(Paper.objects.filter(pk__in=list(called | titled | authored)).order_by().values_list("pk", "record_json"))
    its = {number: records.from_json(json) for number, json in rows.items()}
    exactly, pages = _pages_beginning(words)
    by_name, by_title = (
        [Suggestion(kind="paper", label=record.title, path=record.path) for record in _by_likeness(its, numbers, words)]
        for numbers in (called, titled - called)
    )
    authors = _authors_beginning([its[number] for number in reversed(authored) if number in its], words)
    likeliest = [*exactly, *by_name[: limit // 2], *pages[:3], *authors[:2], *by_title, *by_name, *pages, *authors]
    return list(dict.fromkeys(likeliest))[:limit]


def _papers_beginning(words: list[str], limit: int) -> tuple[BitMap, BitMap, BitMap]:
    """Papers that are called so, that have the words in the title, and that have them in names."""
    key = "".join(words)
    names = Posting.objects.filter(field="name", term__gte=key, term__lt=key + chr(0x10FFFF)).order_by("term", "segment")
    called = _union(BitMap.deserialize(bytes(papers)) for papers in names.values_list("papers", flat=True)[: 2 * limit])
    *whole, last = words
    begun = [last, *wordings.commonest(last, wordings.CONTINUATIONS).values_list("text", flat=True)]
    known = index.papers_of((field, word) for field in ("title", "names") for word in (*whole, *begun))

    def holding(*fields: str) -> BitMap:
        ends = _union(known[field, word] for field in fields for word in begun)
        return reduce(and_, (_union(known[field, word] for field in fields) for word in whole), ends)

    titled, authored = holding("title"), holding("names")
    return BitMap(called[-2 * limit :]), BitMap(titled[-4 * limit :]), BitMap(authored[-8 * limit :])


def _by_likeness(its: dict[int, Record], numbers: BitMap, words: list[str]) -> list[Record]:
    def rank(number: int) -> tuple[bool, int, int]:
        record = its[number]
        return not fold(record.title).startswith(" ".join(words)), len(record.short_name or record.title), -number

    return [its[number] for number in sorted((number for number in numbers if number in its), key=rank)]


def _pages_beginning(words: list[str]) -> tuple[list[Suggestion], list[Suggestion]]:
    """The venues, editions, organizations and categories of exactly this spelling, and those with a word that begins so."""
    key, inside = "".join(words), f"-{slug_of(' '.join(words))}"
    categories = Category.objects.alias(padded=Concat(Value("-"), F("slug"), output_field=CharField())).filter(padded__contains=inside)
    rows = [_page_rows("category", categories, "slug", "name", "path")]
    for kind, spellings in SPELLED.items():
        spelled = spellings.objects.alias(padded=Concat(Value("-"), F(f"{kind}__slug"), output_field=CharField()))
        spelled = spelled.filter(Q(key__startswith=key) | Q(padded__contains=inside))
        rows.append(_page_rows(kind, spelled, "key", f"{kind}__name", f"{kind}__slug"))
    if match := EDITION.fullmatch(key):
        year = wordings.year_of(match["year"])
        editions = Edition.objects.filter(venue__aliases__key=match["key"], year=year)
        rows.append(_page_rows(str(year), editions, "venue__aliases__key", "venue__name", "venue__slug"))
    pages: dict[Suggestion, bool] = {}
    for kind, spelling, name, address in sorted(rows[0].union(*rows[1:]).order_by(), key=lambda row: (len(row[2]), row)):
        page = _page(kind, name, address)
        pages[page] = pages.get(page, False) or spelling == key or spelling == inside[1:] or kind.isdecimal()
    return [page for page, is_exact in pages.items() if is_exact], [page for page, is_exact in pages.items() if not is_exact]


def _page_rows(kind: str, objects: QuerySet[Any], spelling: str, name: str, address: str) -> QuerySet[Any, tuple[str, str, str, str]]:
    texts = (Cast(column, CharField()) for column in (spelling, name, address))
    return objects.order_by().values_list(Value(kind, CharField()), *texts)


def _page(kind: str, name: str, address: str) -> Suggestion:
    """The page of a venue, an organization or a category; of an edition, where the kind is its year."""
    match kind:
        case "category":
            return Suggestion(kind="category", label=name, path=reverse("catalog:category-detail", args=[address]))
        case "organization":
            return Suggestion(kind="organization", label=name, path=reverse("catalog:organization-detail", args=[address]))
        case "venue":
            return Suggestion(kind="venue", label=name, path=reverse("catalog:venue-detail", args=[address]))
    return Suggestion(kind="venue", label=f"{name} {kind}", path=reverse("catalog:edition-detail", args=[address, int(kind)]))


def _authors_beginning(its: Iterable[Record], words: list[str]) -> list[Suggestion]:
    """The authors in whose names all words begin a word, those of the most papers first."""
    names: Counter[tuple[str, str]] = Counter()
    for author in (author for record in its for author in record.authors):
        spoken = f" {fold(author.name)}"
        if all(f" {word}" in spoken for word in words):
            names[slug_of(author.name, max_length=80), author.name] += 1
    found = {slug: name for (slug, name), _papers in names.most_common()}
    lists = reverse("catalog:paper-list")
    return [Suggestion(kind="author", label=name, path=f"{lists}?{urlencode({'author': slug})}") for slug, name in found.items()]
