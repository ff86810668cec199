"""Read what people write in lists: a venue with its year, a row of organizations, one bullet of an awesome list.

The spellings that are known come from the caller; what is not known is kept as it was written. Nothing is guessed that
the text does not state, save small slips that CORRECTIONS names. Knows nothing of Django.
"""

import re
from collections.abc import Iterable, Mapping
from html import unescape

import msgspec

from catalog import identifiers, records
from catalog.records import Link, LinkKind, Organization, Record, Venue, spelling_key, tidy

MAX_LINE = 4_000

# Words that real lists glue together or misspell, as they stand there and as they are meant.
CORRECTIONS: Mapping[str, str] = {
    "Language ModelTraining": "Language Model Training",
    "TrainingLarge": "Training Large",
    "Inferencex": "Inference",
}


class Spellings:
    """Names by their spellings: `Spellings([("UCB", "UC Berkeley"), ...])`. Every canonical name is a spelling of itself."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._names: dict[str, str] = {}
        for alias, canonical in pairs:
            self._names[spelling_key(alias)] = canonical
            self._names.setdefault(spelling_key(canonical), canonical)
        # A spelling of signs alone is none.
        self._names.pop("", None)

    def canonical(self, text: str) -> str | None:
        """The name that this is a spelling of, whatever its case, accents, blanks and hyphens."""
        return self._names.get(spelling_key(text))


class VenueReading(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    year: int | None
    raw: str
    is_known: bool

    def to_venue(self) -> Venue:
        return Venue(name=self.name, year=self.year, raw=self.raw)


class OrganizationReading(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    raw: str
    is_known: bool


class BulletReading(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list. `refused` are its addresses that cannot be kept."""

    record: Record
    venue: VenueReading | None = None
    organizations: tuple[OrganizationReading, ...] = ()
    refused: tuple[identifiers.UnusableAddress, ...] = ()


_YEAR = re.compile(r"(?P<name>.*?)[\s'’‘`´,(-]*(?P<year>(?<!\d)(?:(?:19|20)\d\d|\d\d))\)?")
_LEADING_YEAR = re.compile(r"(?P<year>(?:19|20)\d\d)\s+(?P<name>.+)")
_PROCEEDINGS = re.compile(r"(?:in\s+)?(?:proc(?:eedings|\.)?\s+(?:of\s+)?)?(?:the\s+)?(?:\d+(?:st|nd|rd|th)\s+|annual\s+)*", re.IGNORECASE)
_MAX_VENUE = 500
_IN_PARENTHESES = re.compile(r"\(([^()]{1,100})\)")


def read_venue(text: str, venues: Spellings) -> VenueReading | None:
    """Series and year: `SOSP' 24`, `SOSP 2024` and `sosp24` are one. None for nothing at all.

    A known name is also found behind `Proceedings of the 18th` or in the parentheses that end a full title.
    """
    raw = tidy(text)
    plain = raw.rstrip(" .,;")
    if not spelling_key(plain):
        return None
    if len(plain) > _MAX_VENUE:
        return VenueReading(name=plain, year=None, raw=raw, is_known=False)
    name, year = _name_and_year(plain)
    within = [*_IN_PARENTHESES.findall(plain), _PROCEEDINGS.sub("", plain, count=1)]
    readings = [(name, year), (plain, None), *map(_name_and_year, within)]
    for candidate, its_year in readings:
        if known := venues.canonical(candidate) or venues.canonical(_PROCEEDINGS.sub("", candidate, count=1)):
            return VenueReading(name=known, year=its_year or year, raw=raw, is_known=True)
    return VenueReading(name=name, year=year, raw=raw, is_known=False)


def _name_and_year(text: str) -> tuple[str, int | None]:
    match = _YEAR.fullmatch(text) or _LEADING_YEAR.fullmatch(text)
    if match is None or not any(letter.isalpha() for letter in match["name"]):
        return text, None
    year = int(match["year"])
    if year < 100:
        year += 1900 if year >= 50 else 2000
    return match["name"].strip(), year


def read_organizations(text: str, organizations: Spellings) -> list[OrganizationReading]:
    """The organizations of a row parted by `,`, `;` or `&`, once each, in their order.

    A known name that has such a sign in it (`University of California, Berkeley`) stays whole.
    """
    parts = re.split(r"\s*([,;&])\s*", tidy(text).strip(" .,;&")[:MAX_LINE])
    found: dict[str, OrganizationReading] = {}
    start = 0
    while start < len(parts):
        reading, length = _longest_known(parts[start : start + 7], organizations)
        if spelling_key(reading.name):
            found.setdefault(reading.name, reading)
        start += length + 1
    return list(found.values())


def _longest_known(parts: list[str], organizations: Spellings) -> tuple[OrganizationReading, int]:
    for length in range(len(parts) - (len(parts) + 1) % 2, 0, -2):
        raw = "".join(f"{part} " if part in {",", ";"} else f" {part} " if part == "&" else part for part in parts[:length])
        if name := organizations.canonical(raw):
            return OrganizationReading(name=name, raw=raw, is_known=True), length
    raw = parts[0].strip(" ()")
    name = organizations.canonical(raw)
    return OrganizationReading(name=name or raw, raw=raw, is_known=name is not None), 1


_MARKER = re.compile(r"^\s*(?:[-*+•]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?")
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()\s]*\)")
_TARGET = r"<?([^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)?)>?(?:\s+\"[^\"]*\")?"
# [text](address), the broken (text)[address], an address alone, and an identifier with its prefix.
_LINK = re.compile(
    rf"\[(?P<text>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*){{0,4}})\]\({_TARGET}\)|\((?P<broken>[^()\[\]]*)\)\[(?P<target>https?://[^\s\[\]]+)\]"
    r"|(?P<address>https?://[^\s|｜<>\")\]]+)|\(?\b(?P<identifier>(?:arxiv|doi|openreview):\s?[^\s|｜()]{5,200})\)?",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"(?<![\w*_])(\*\*|__|\*|_|`)(?=\S)([^*_`]+?)(?<=\S)\1(?![\w*_])")
_NOTE = re.compile(r"\s*\(((?:sections?|sec\.|§|chapters?|appendix|part|pages?|figures?|tables?)\s[^()]*)\)$", re.IGNORECASE)
# A venue that stands in the title without a bar has to have its apostrophe: `at Scale ICML' 2022`.
_TAIL_VENUE = re.compile(r"(?P<title>.*\S)\s+(?P<venue>\S+\s?['’‘]\s?(?:\d{4}|\d\d))")
_LINK_WORDS: dict[str, LinkKind] = {
    "paper": "paper", "doi": "paper", "arxiv": "paper", "abs": "paper", "link": "paper", "html": "paper",
    "pdf": "pdf", "code": "code", "github": "code", "repo": "code", "slides": "slides", "slide": "slides", "video": "video",
    "talk": "video", "youtube": "video", "project": "project", "project page": "project", "page": "project", "website": "project",
    "blog": "project", "data": "data", "dataset": "data",
}  # fmt: skip
_END_OF_LINK = "\ue000"


def read_bullet(
    line: str, *, venues: Spellings, organizations: Spellings, corrections: Mapping[str, str] = CORRECTIONS
) -> BulletReading | None:
    """One line of an awesome list: `- [Name](address): rest of the title | SOSP' 24`; None if it holds no title.

    What stands behind a bar (also the full-width one) is a venue if it ends in a year or is known as one, else
    organizations. `record.year` is the year that the venue or an arXiv number states.
    """
    if len(line) > MAX_LINE:
        return None
    text = _MARKER.sub("", tidy(records.without_unwanted_characters(unescape(line))), count=1)
    text, links, refused = _take_links(_IMAGE.sub("", text))
    body, *behind_bars = (part.strip() for part in re.split(r"[|｜]", text))
    body, said = _leading_venue(body, venues)
    venue, found = said, list[OrganizationReading]()
    for part in (part.replace(_END_OF_LINK, "").strip() for part in behind_bars):
        reading = read_venue(part, venues)
        if reading and (reading.year or reading.is_known):
            venue = venue or reading
        else:
            found += read_organizations(part, organizations)
    title, note = _split_description(body)
    title, note, venue = _take_tail(title, note, venue, venues)
    title = tidy_title(title, corrections)
    if not spelling_key(title):
        return None
    kept, its_identifiers = settle_links(links)
    record = Record(
        title=title,
        short_name=short_name_of(title),
        note=note,
        year=venue.year if venue and venue.year else next(filter(None, (identifiers.year_of(*i) for i in its_identifiers.items())), None),
        venue=venue.to_venue() if venue else None,
        organizations=tuple(Organization(name=name) for name in dict.fromkeys(reading.name for reading in found)),
        identifiers=its_identifiers,
        links=kept,
    )
    return BulletReading(record=record, venue=venue, organizations=tuple(found), refused=tuple(refused))


def tidy_title(title: str, corrections: Mapping[str, str] = CORRECTIONS) -> str:
    """A title as the catalogue writes it: one line, no blank before its colon, no full stop at its end (`...?` stays)."""
    title = re.sub(r" +:(?= )", ":", tidy(title))
    title = re.sub(r"(?:[ :,;]|(?<!\.)\.(?!\.))+$", "", title)
    for slip, meant in corrections.items():
        title = title.replace(slip, meant)
    return title


# First words of a two-word phrase before a colon that is no name: `Beyond Efficiency: A Systematic Survey`.
_NOT_IN_NAMES = {
    *("a", "an", "the", "on", "in", "at", "of", "to", "for", "from", "with", "without", "beyond", "toward", "towards", "against", "about"),
    *("after", "before", "is", "are", "can", "do", "does", "how", "what", "when", "why", "where", "which", "who", "not", "no"),
    *("efficient", "fast", "faster", "scalable", "large", "deep", "learned", "automatic", "automated", "distributed", "optimal", "robust"),
    *("secure", "accurate", "better", "more", "less", "low", "high", "modern", "practical"),
}


def short_name_of(title: str) -> str:
    """The system's name, where a title is `Name: what it is`: at most two words before the first colon and blank; else empty."""
    head, colon, rest = title.partition(": ")
    words = head.split()
    if not colon or not rest or not 1 <= len(words) <= 2 or len(head) > records.MAX_SHORT_NAME:
        return ""
    if len(words) == 1:
        return head
    is_phrase = (
        words[0].lower() in _NOT_IN_NAMES
        or (len(words[0]) > 5 and words[0].endswith("ing"))
        or re.match(r"an? (?:\w+ )?(?:survey|review|overview)\b", rest, re.IGNORECASE)
        or not all(re.search(r"[A-Z0-9]", word) for word in words)
    )
    return "" if is_phrase else head


def with_known_names(record: Record, *, venues: Spellings, organizations: Spellings) -> Record:
    """The same record with its venue and organizations under the names that the catalogue knows them by."""
    names = (organizations.canonical(organization.name) or organization.name for organization in record.organizations)
    known = tuple(Organization(name=name) for name in dict.fromkeys(names))
    venue = record.venue
    if venue and (reading := read_venue(venue.raw or venue.name, venues)) and reading.is_known:
        venue = records.replace(venue, slug="", name=reading.name, year=venue.year or reading.year)
    return records.replace(record, venue=venue, organizations=known)


def settle_links(links: Iterable[Link]) -> tuple[tuple[Link, ...], dict[str, str]]:
    """Links as the catalogue keeps them, with the identifiers they hold.

    An address that holds an identifier is written the identifier's way, together with its open PDF; nothing stands twice.
    """
    found: dict[str, str] = {}
    kept: dict[str, Link] = {}
    for link in links:
        identifier = identifiers.recognise(link.url) if link.kind in {"paper", "pdf"} else None
        if identifier is None:
            kept.setdefault(link.url, link)
            continue
        if found.setdefault(identifier.scheme, identifier.value) != identifier.value:
            continue
        url, pdf = identifiers.url_of(identifier.scheme, identifier.value), identifiers.pdf_url_of(identifier.scheme, identifier.value)
        kept.setdefault(url, Link(url=url))
        if pdf:
            kept.setdefault(pdf, Link(kind="pdf", url=pdf))
    return tuple(kept.values()), found


def _take_links(text: str) -> tuple[str, list[Link], list[identifiers.UnusableAddress]]:
    """The text with each link's own words in its place; links that are called `PDF` or `code` leave no words."""
    links: list[Link] = []
    refused: list[identifiers.UnusableAddress] = []

    def words(match: re.Match[str]) -> str:
        if match["identifier"]:
            identifier = identifiers.recognise(match["identifier"])
            if identifier:
                links.append(Link(url=identifiers.url_of(identifier.scheme, identifier.value)))
            return "" if identifier else match[0]
        label = match["text"] if match["text"] is not None else match["broken"] or ""
        url = match[2] or match["target"] or match["address"]
        kind = _LINK_WORDS.get(records.fold(label))
        if url.startswith("#"):
            return label
        try:
            url = identifiers.without_tracking(identifiers.clean_url(url))
        except identifiers.UnusableAddress as refusal:
            refused.append(refusal)
        else:
            links.append(Link(kind=kind or identifiers.link_kind_of(url), url=url))
        return "" if kind else f"{label}{_END_OF_LINK}" if match["text"] is not None else label

    text = _LINK.sub(words, text)
    text = re.sub(r"[\[(]\s*[\])]", "", text)
    text = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    return re.sub(r"\\(?=[^\w\s])", "", text), links, refused


def _leading_venue(body: str, venues: Spellings) -> tuple[str, VenueReading | None]:
    """`[OSDI'24] Title`, as some lists begin their lines."""
    match = re.match(r"\[([^\[\]]{1,100})\]\s*(?=\S)", body)
    reading = read_venue(match[1], venues) if match else None
    if match is None or reading is None or not (reading.year or reading.is_known):
        return body, None
    # A preprint server is no venue.
    return body[match.end() :], None if spelling_key(reading.name) in {"arxiv", "corr", "preprint"} else reading


def _split_description(body: str) -> tuple[str, str]:
    """`[Name](address) - What it is.`: behind a link, a dash begins a description."""
    title, end, rest = body.partition(_END_OF_LINK)
    match = re.match(r"\s+[-–—]\s+(.+)", rest)
    if end and match:
        return title, tidy(match[1].replace(_END_OF_LINK, ""))
    return body.replace(_END_OF_LINK, ""), ""


def _take_tail(title: str, note: str, venue: VenueReading | None, venues: Spellings) -> tuple[str, str, VenueReading | None]:
    """Cut off what stands behind a title without a bar: a known venue with its year, a remark such as `(Section 3)`."""
    title = tidy(title)
    bare = title.rstrip(" .")
    if venue is None:
        tail = _TAIL_VENUE.fullmatch(bare) or re.fullmatch(r"(?P<title>.*\S)\s+\((?P<venue>[^()]{1,60})\)", bare)
        reading = read_venue(tail["venue"], venues) if tail else None
        if tail and reading and reading.is_known and reading.year:
            title, venue = tail["title"], reading
    if remark := _NOTE.search(title):
        title, note = title[: remark.start()], "; ".join(filter(None, (remark[1], note)))
    return title, note, venue
