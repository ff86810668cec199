"""How a paper is cited: which part of a name comes first, the key in a bibliography, and the one line for a footnote."""

import re
from functools import lru_cache

import msgspec

from catalog import identifiers
from catalog.records import SMALL_WORDS, Record, fold, slug_of

MAX_NAMED = 6

_PARTICLES = {"af", "al", "ap", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la", "las"}
_PARTICLES |= {"le", "los", "ten", "ter", "van", "vom", "von", "zu", "zum", "zur", "'t", "y"}
# Those that lead a family name also with a capital: De Sensi, El Shafey, Van den Broeck.
_CAPITAL_PARTICLES = {"De", "Del", "Della", "Den", "Der", "Di", "El", "Van", "Von"}
_SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"}
_COLLECTIVES = {
    "collaboration",
    "community",
    "consortium",
    "contributors",
    "corporation",
    "foundation",
    "group",
    "inc",
    "inc.",
    "lab",
    "labs",
}
_COLLECTIVES |= {"committee", "company", "institute", "maintainers", "organization", "project", "research", "team", "university"}


class NameParts(msgspec.Struct, frozen=True):
    """A name in the order of a bibliography. A body of people, or a single name, is all family."""

    family: str
    given: str = ""
    suffix: str = ""


def name_parts(name: str) -> NameParts:
    """`Luke de Oliveira` -> de Oliveira, Luke. A guess where the name does not say; `Family, Given` says it."""
    words = name.split()
    if len(words) < 2 or words[-1].lower() in _COLLECTIVES or words[0] == "The":
        return NameParts(" ".join(words))
    if "," in name:
        family, *rest = (part.strip() for part in name.split(","))
        suffix = rest.pop(0) if len(rest) > 1 and rest[0].lower() in _SUFFIXES else ""
        given = ", ".join(rest)
        if family and given.lower() not in _SUFFIXES:
            return NameParts(family, given, suffix)
        words = name.replace(",", " ").split()
    suffix = words.pop() if len(words) > 2 and words[-1].lower() in _SUFFIXES else ""
    start = len(words) - 1
    while start > 1 and (words[start - 1] in _PARTICLES or words[start - 1] in _CAPITAL_PARTICLES):
        start -= 1
    return NameParts(" ".join(words[start:]), " ".join(words[:start]), suffix)


def citation_key(record: Record) -> str:
    """A proposal for the key under which the paper is cited: `yu-2022-orca`; parts in [a-z0-9], joined by hyphens.

    Family name of the first author (else the first organization, else left out), year, and the short name or else the
    first word of the title that says something.
    """
    if record.authors:
        maker = name_parts(record.authors[0].name).family.removeprefix("The ")
    else:
        maker = record.organizations[0].name if record.organizations else ""
    words = [word for word in slug_of(record.title).split("-") if word not in SMALL_WORDS]
    name = record.short_name or (words[0] if words else "")
    parts = (_latin(maker), str(record.year or ""), _latin(name))
    return "-".join(part for part in parts if part) or "paper"


_JOURNAL = re.compile(r"\b(?:journal|transactions|letters|magazine|review|surveys|pvldb|proceedings of the vldb)\b", re.IGNORECASE)


@lru_cache(maxsize=1_000)
def is_journal(venue: str) -> bool:
    """Whether what has this name is a journal; else it is a conference."""
    return bool(_JOURNAL.search(venue))


def _latin(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))[:30]


def plain_text(record: Record) -> str:
    """One line for people: who (at most six by name), what, where and when, and where to find it."""
    names = [author.name for author in record.authors]
    if len(names) > MAX_NAMED:
        who = f"{', '.join(names[:MAX_NAMED])} et al."
    else:
        who = " and ".join(filter(None, (", ".join(names[:-1]), names[-1] if names else "")))
    venue = record.venue
    place = f"{venue.name} {venue.year or record.year or ''}".strip() if venue else str(record.year or "")
    found = record.identifiers
    if "doi" in found:
        address = identifiers.url_of("doi", found["doi"])
    elif "arxiv" in found:
        address = f"arXiv:{found['arxiv']}"
    else:
        address = record.main_link.url if record.main_link else ""
    return " ".join(_sentence(part) for part in (who, record.title, place, address) if part)


def _sentence(text: str) -> str:
    # An address with a full stop behind it is copied with it.
    return text if text.endswith((".", "?", "!")) or text.startswith("http") else f"{text}."
