"""What people write for a venue with its year, a row of organizations, a title: read in every spelling.

The spellings that are known come from the caller; what is not known is kept as it was written. Nothing is guessed that
the text does not state, save small slips that CORRECTIONS names. Knows nothing of Django.
"""

import re
from collections.abc import Iterable, Mapping

import msgspec

from catalog import records
from catalog.records import Venue, spelling_key, tidy

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
    track: str = ""

    def to_venue(self) -> Venue:
        return Venue(name=self.name, year=self.year, track=self.track, raw=self.raw)


class OrganizationReading(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    raw: str
    is_known: bool


_YEAR = re.compile(r"(?P<name>.*?)[\s'’‘`´,(-]*(?P<year>(?<!\d)(?:(?:19|20)\d\d|\d\d))\)?")
_LEADING_YEAR = re.compile(r"(?P<year>(?:19|20)\d\d)\s+(?P<name>.+)")
_PROCEEDINGS = re.compile(r"(?:in\s+)?(?:proc(?:eedings|\.)?\s+(?:of\s+)?)?(?:the\s+)?(?:\d+(?:st|nd|rd|th)\s+|annual\s+)*", re.IGNORECASE)
# `Accepted at ICML 2024`
_BEFORE_VENUE = re.compile(r"^(?:(?:accepted|published|appeared|presented|to appear)\s+)?(?:in|at|by|to)\s+(?:the\s+)?", re.IGNORECASE)
# `NeurIPS'24 Spotlight`, `MLArchSys'24 @ ISCA'24`, `NeurIPS'24 Workshop`
_BEHIND_YEAR = re.compile(
    r"(?P<name>[^\d]*[^\W\d_][^\d]*?)[\s'’‘`´,(-]*(?<!\d)(?P<year>(?:19|20)\d\d|\d\d)(?!\d)\)?[\s,:;-]*"
    r"(?:(?P<host>@\s*.+)|(?P<workshop>workshops?)|\(?(?P<track>[^\W\d_][^()@]{1,40}?)\)?)",
    re.IGNORECASE,
)
_TRACK = re.compile(
    r"(?:award|best|demo|findings|highlight|industr|invited|journal|keynote|long|main|oral|outstanding|paper|pmlr|poster|short|splotlight|spotlight"
    r"|top|track|tutorial|wip|work-in-progress|honou?rable|runner|distinguished|conference|extended|notable)\b",
    re.IGNORECASE,
)
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
    # `MLArchSys'24 @ ISCA'24`
    name = re.sub(r"[\s'’]*\d{2,4}(?=\s*@)", "", name)
    track = ""
    if year is None and (behind := _BEHIND_YEAR.fullmatch(plain)):
        name, year, track = _read_behind_year(behind) or (name, year, track)
    within = [*_IN_PARENTHESES.findall(plain), _PROCEEDINGS.sub("", plain, count=1)]
    readings = [(name, year), (plain, None), *map(_name_and_year, within)]
    for candidate, its_year in readings:
        if known := venues.canonical(candidate) or venues.canonical(_PROCEEDINGS.sub("", candidate, count=1)):
            return VenueReading(name=known, year=its_year or year, raw=raw, is_known=True, track=track)
    if (bare := _BEFORE_VENUE.sub("", name, count=1)) and not bare[0].isspace():
        name = bare
    return VenueReading(name=name, year=year, raw=raw, is_known=False, track=track)


def _read_behind_year(match: re.Match[str]) -> tuple[str, int | None, str] | None:
    name, year = _name_and_year(f"{match['name']} {match['year']}")
    if match["host"]:
        return f"{name} {match['host']}", year, ""
    if match["workshop"]:
        return f"{name} {match['workshop']}", year, ""
    return (name, year, match["track"]) if match["track"] and _TRACK.match(match["track"]) else None


def without_proceedings(name: str) -> str:
    """`Proceedings of the 18th OSDI` as OSDI."""
    return _PROCEEDINGS.sub("", _BEFORE_VENUE.sub("", name, count=1), count=1)


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


def known_organizations(names: Iterable[str], organizations: Spellings) -> list[str]:
    """Names that were read without knowing any, as they are known, once each: `University of California` and `Berkeley` are one."""
    parts = [part for name in names for part in (",", name)][1:]
    found: dict[str, None] = {}
    start = 0
    while start < len(parts):
        reading, length = _longest_known(parts[start : start + 7], organizations)
        found[reading.name if reading.is_known else parts[start]] = None
        start += length + 1
    return list(found)


def _longest_known(parts: list[str], organizations: Spellings) -> tuple[OrganizationReading, int]:
    for length in range(len(parts) - (len(parts) + 1) % 2, 0, -2):
        raw = "".join(f"{part} " if part in {",", ";"} else f" {part} " if part == "&" else part for part in parts[:length])
        if name := organizations.canonical(raw):
            return OrganizationReading(name=name, raw=raw, is_known=True), length
    raw = parts[0].strip(" ()")
    name = organizations.canonical(raw)
    return OrganizationReading(name=name or raw, raw=raw, is_known=name is not None), 1


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
