"""A reference as the files of reference managers state it, made a record: what BibTeX, RIS, CSL-JSON and tables have in common.

Nothing is guessed that the file does not say, save what an address or an identifier says by itself.
"""

import re
from collections.abc import Iterable, Mapping

from catalog import identifiers, records
from catalog.citations import Spellings, read_venue, settle_links
from catalog.records import Author, Kind, Link, LinkKind, Organization, Record, Venue, tidy, without_unwanted_characters

# In characters: no field of a paper is nearly as long.
MAX_FIELD = 50_000
# A preprint server is no venue.
PREPRINT = re.compile(r"\s*(?:arxiv\b.*|corr\b.*|.*\bpreprint\b.*|abs/\d{4}\.\d+)\s*", re.IGNORECASE | re.DOTALL)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("software", "computer program", "comp"), "framework"),
    **dict.fromkeys(("online", "electronic", "www", "webpage", "post-weblog", "post", "elec", "blog", "web page", "blog post"), "article"),
    **dict.fromkeys(("speech", "presentation", "slide", "video", "motion_picture"), "talk"),
    "dataset": "benchmark",
}


class NoTitle(ValueError):
    def __init__(self) -> None:
        super().__init__("no title")


def plain(text: str) -> str:
    """One tidy line without characters that nobody can see."""
    return tidy(without_unwanted_characters(text))


def prose(text: str) -> str:
    """The same of several lines."""
    lines = without_unwanted_characters(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(map(tidy, lines))).strip()


def year_in(text: str) -> int | None:
    found = _YEAR.search(text)
    return int(found[0]) if found else None


def kind_of(*stated: str) -> Kind:
    """The first of these words that says what it is; a paper where none does."""
    for word in (word.strip().lower() for word in stated):
        if word in records.KINDS:
            return word  # type: ignore[return-value]
        if word in _KINDS:
            return _KINDS[word]
    return "paper"


def given_first(name: str) -> str:
    """`Davis, Jr., Sammy` and `Davis, Sammy, Jr.` as they are spoken: Sammy Davis Jr."""
    family, *rest = [part.strip() for part in name.split(",") if part.strip()] or [""]
    rest.sort(key=lambda part: part.lower() in {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
    return " ".join([*rest[:1], family, *rest[1:]])


def record(
    *,
    title: str,
    short_name: str = "",
    kind: Kind = "paper",
    year: int | None = None,
    abstract: str = "",
    note: str = "",
    authors: Iterable[str] = (),
    organizations: Iterable[str] = (),
    venue: str = "",
    addresses: Iterable[str | tuple[LinkKind, str]] = (),
    stated: Iterable[tuple[str, str]] = (),
) -> Record:
    """The record of what was stated, in plain text. `stated` are identifiers: a scheme and how the file writes the value.

    Raises NoTitle. Venue and organizations are as written, for the caller to map; addresses that cannot be kept are left out.
    """
    if not title:
        raise NoTitle
    links, found = _links(addresses, stated)
    its_venue = _venue(venue, year)
    said = year or (its_venue.year if its_venue else None)
    return Record(
        title=title,
        short_name=short_name[: records.MAX_SHORT_NAME],
        kind=kind,
        year=said or next(filter(None, (identifiers.year_of(*pair) for pair in found.items())), None),
        abstract=abstract,
        note="" if PREPRINT.fullmatch(note) or identifiers.recognise(note) else note,
        authors=tuple(Author(name=name) for name in authors if name),
        organizations=tuple(Organization(name=name) for name in dict.fromkeys(organizations) if name),
        venue=its_venue,
        identifiers=found,
        links=links,
    )


def refuse_long(fields: Mapping[str, str]) -> None:
    """Raises ValueError that names the field."""
    if name := next((name for name, value in fields.items() if len(value) > MAX_FIELD), None):
        raise ValueError(f"{name[:50]} is longer than {MAX_FIELD} characters")


def _venue(raw: str, year: int | None) -> Venue | None:
    reading = None if not raw or PREPRINT.fullmatch(raw) else read_venue(raw, Spellings())
    return Venue(name=reading.name, year=reading.year or year, track=reading.track, raw=raw) if reading else None


def _links(addresses: Iterable[str | tuple[LinkKind, str]], stated: Iterable[tuple[str, str]]) -> tuple[tuple[Link, ...], dict[str, str]]:
    """Its own addresses first, then what the identifiers lead to."""
    links: list[Link] = []
    for address in addresses:
        kind, text = (None, address) if isinstance(address, str) else address
        try:
            url = identifiers.without_tracking(identifiers.clean_url(text))
        except identifiers.UnusableAddress:
            continue
        links.append(Link(kind=kind or identifiers.link_kind_of(url), url=url))
    for scheme, text in stated:
        if identifier := _identifier(scheme, text):
            links.append(Link(url=identifiers.url_of(identifier.scheme, identifier.value)))
    return settle_links(links)


def _identifier(scheme: str, text: str) -> identifiers.Identifier | None:
    if not text or scheme not in identifiers.SCHEMES:
        return None
    try:
        return identifiers.Identifier(scheme, identifiers.normalise(scheme, text))
    except identifiers.NotAnIdentifier as refusal:
        return refusal.instead
