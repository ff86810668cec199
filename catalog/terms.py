"""What is true of a paper, as terms: what a search, a filter or a facet can ask for.

A term is a field and a value, such as ("year", "2024") or ("title", "cache"). All terms of a paper follow from its Record,
so the index can be made, and proven, from records alone. Knows nothing of the database.

Fields of words: `title` holds those of the title and the short name, `names` those of authors, venue, organizations and
identifiers, `text` those of abstract, notes and categories; `name` holds what a paper is called, as one word.
Fields of facts: `category` (its path, and those above it), `place` (the very path it stands at), `venue`, `edition`
(`osdi/2022`), `organization` (slugs), `year`, `kind`, `has`, `added` (the year and the month it came in, in UTC), and
`all`, which is true of every paper.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from functools import lru_cache
from itertools import chain

from catalog.records import Record, fold, spelling_key

type Term = tuple[str, str]

# To be raised when a record is written otherwise, or other terms follow from it: what was laid down by older rules has to be made anew.
RULES = 3

WORDS = ("title", "names", "text")
FACETS = ("category", "year", "venue", "organization", "has", "kind")
EVERY_PAPER: Term = ("all", "")
MAX_WORD = 64

# Where one word is written as two without a blank: FlashAttention, KVCache; but not LLMs.
JOINT = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z]{2})")


def words(text: str) -> list[str]:
    """The words of a text as they are searched, each once, in order.

    What is written with a hyphen or another sign inside, or with a capital inside, stands there joined and in its parts, so
    that KV-cache and KVCache are both found by `kv cache` and by `kvcache`.
    """
    return list(dict.fromkeys(chain.from_iterable(map(_words_of_chunk, text.split()))))


@lru_cache(maxsize=20_000)
def _words_of_chunk(chunk: str) -> tuple[str, ...]:
    """Of what stands between two blanks. Most of it has been seen before."""
    parts = fold(chunk).split()
    found = dict.fromkeys(parts)
    if len(parts) > 1:
        found["".join(parts)] = None
    pieces = JOINT.split(chunk)
    if len(pieces) > 1:
        found.update((part, None) for piece in pieces for part in fold(piece).split())
    return tuple(word for word in found if len(word) <= MAX_WORD and word.strip("+") != "")


def terms_of(record: Record) -> set[Term]:
    return {EVERY_PAPER, *_words(record), *_facts(record)}


def document(record: Record) -> str:
    """The text that phrases are looked for in: folded, a line break between what does not belong together.

    Words have one blank between them and at either end of a line.
    """
    venue = record.venue
    lines = [
        record.title,
        record.short_name,
        *(author.name for author in record.authors),
        *((f"{venue.name} {venue.year or ''}", venue.raw) if venue else ()),
        *(organization.name for organization in record.organizations),
        *record.identifiers.values(),
        *(category.name for category in record.categories),
        record.note,
        record.abstract,
    ]
    return "\n".join(f" {folded} " for folded in map(fold, lines) if folded)


def names_of(record: Record) -> set[str]:
    """What the paper is called, each as one word: its short name, the name before the colon, its whole title."""
    head = record.title.partition(": ")[0]
    keys = map(spelling_key, (record.short_name, head if len(head.split()) <= 3 else "", record.title))
    return {key[:MAX_WORD] for key in keys if key}


def holdings(record: Record) -> dict[str, bool]:
    """What a reader can get of the paper, or not."""
    links = {link.kind for link in record.links}
    return {
        "code": "code" in links,
        "pdf": "pdf" in links,
        "abstract": bool(record.abstract),
        "doi": "doi" in record.identifiers,
        "arxiv": "arxiv" in record.identifiers,
    }


def lineage(path: str) -> Iterator[str]:
    """The paths from the root of the tree down to this one."""
    slugs = path.split("/")
    return ("/".join(slugs[:depth]) for depth in range(1, len(slugs) + 1))


def _words(record: Record) -> Iterator[Term]:
    venue = record.venue
    names = [author.name for author in record.authors] + [organization.name for organization in record.organizations]
    if venue:
        names += [venue.name, venue.raw, str(venue.year or "")]
    names += [str(record.year or ""), *record.identifiers.values()]
    text = [record.abstract, record.note]
    text += [part for category in record.categories for part in (category.name, category.note)]
    yield from _in_field("title", [record.title, record.short_name])
    yield from _in_field("names", names)
    yield from _in_field("text", text)
    yield from (("name", name) for name in names_of(record))


def _in_field(field: str, texts: Iterable[str]) -> Iterator[Term]:
    return ((field, word) for word in words(" ".join(texts)))


def _facts(record: Record) -> Iterator[Term]:
    for category in record.categories:
        yield "place", category.path
        yield from (("category", path) for path in lineage(category.path))
    if record.venue:
        yield "venue", record.venue.slug
        yield "edition", f"{record.venue.slug}/{record.venue.year or ''}"
    yield from (("organization", organization.slug) for organization in record.organizations)
    if record.year:
        yield "year", str(record.year)
    if record.added_at:
        yield from (("added", f"{record.added_at.astimezone(UTC):{period}}") for period in ("%Y", "%Y-%m"))
    yield "kind", record.kind
    yield from (("has", name) for name, is_so in holdings(record).items() if is_so)
