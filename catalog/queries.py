"""What a person's text asks for: words, phrases in quotes, what is left out with `-`, and field words such as `venue:osdi`.

Every text is safe and means something: whatever is not understood is plain words, and a text without any word asks for
nothing. Knows nothing of Django or the database.

    kv-cache serving            papers that hold these words
    "large language model"      the words side by side; a quote that is never closed is no quote
    -training  -"fine tuning"   papers without it
    title:orca  author:"ion stoica"  venue:osdi  org:berkeley  category:serving  kind:survey  has:code
    year:2023  year:2020..2023  year:>=2023  year:<2020
    2401.09670  https://doi.org/10.1145/3600006.3613165    the paper itself
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.identifiers import Identifier, recognise
from catalog.records import FIRST_YEAR, KINDS, LAST_YEAR, fold, without_unwanted_characters

# What stands beyond these is not read.
MAX_TEXT = 1_000
MAX_CLAUSES = 12
MAX_PHRASE = 32

HOLDINGS = ("arxiv", "doi", "pdf", "code", "abstract")
# What a field may be called, and the field.
FIELDS = {
    **{field: field for field in ("title", "author", "venue", "organization", "category", "kind", "has", "year")},
    "org": "organization",
}


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One thing to be found in words: a word, or several that stand side by side. The words are folded.

    `start` and `end` say where it was written; the parts of a word with a hyphen share a place. `is_exact` is what was
    quoted or is to be left out: it is looked for as it stands.
    """

    words: tuple[str, ...]
    start: int
    end: int
    is_exact: bool = False
    in_title: bool = False
    identifier: Identifier | None = None

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def is_phrase(self) -> bool:
        return len(self.words) > 1

    @property
    def key(self) -> str:
        """The words as one, as a spelling is compared."""
        return "".join(self.words)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A field word that is no words of the paper: `venue:osdi`. Of a year, the years it allows."""

    field: str
    value: str
    years: range = range(0)


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked for: all of `clauses` and `facts`, and none of the others."""

    clauses: tuple[Clause, ...] = ()
    facts: tuple[Fact, ...] = ()
    unwanted: tuple[Clause, ...] = ()
    unwanted_facts: tuple[Fact, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.clauses or self.facts or self.unwanted or self.unwanted_facts)

    @property
    def text(self) -> str:
        """The words that are wanted, in order."""
        return " ".join(clause.text for clause in self.clauses)


# A minus, a field and a quote count where a word begins. The dash of `--flag` is none.
_TOKEN = re.compile(
    rf"""(?P<minus>(?<!\S)-(?=[^\s-]))? (?:(?P<field>{"|".join(FIELDS)}):)? (?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))""",
    re.IGNORECASE | re.VERBOSE,
)
# Each is one letter, so that places in the text stay what they are.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"−": "-"})


def parse(text: str) -> Query:
    """Read what a person wrote. Takes any text; reads its first MAX_TEXT letters and MAX_CLAUSES clauses of a sort."""
    clauses: list[Clause] = []
    facts: list[Fact] = []
    unwanted: list[Clause] = []
    unwanted_facts: list[Fact] = []
    for token in _TOKEN.finditer(text[:MAX_TEXT].translate(_QUOTES)):
        is_unwanted = bool(token["minus"])
        fact = _fact(token)
        if fact:
            (unwanted_facts if is_unwanted else facts).append(fact)
        elif is_unwanted:
            unwanted += _whole(token)
        else:
            _take(clauses, _whole(token) if token["quoted"] is not None else _words(token))
    return Query(
        clauses=tuple(clauses[:MAX_CLAUSES]),
        facts=tuple(facts[:MAX_CLAUSES]),
        unwanted=tuple(unwanted[:MAX_CLAUSES]),
        unwanted_facts=tuple(unwanted_facts[:MAX_CLAUSES]),
    )


def rewritten(text: str, changes: dict[Clause, str]) -> str:
    """The text with other words in the place of clauses; an empty one leaves its clause out."""
    text = text[:MAX_TEXT]
    places: dict[tuple[int, int], list[Clause]] = {}
    for clause in parse(text).clauses:
        places.setdefault((clause.start, clause.end), []).append(clause)
    for (start, end), group in sorted(places.items(), reverse=True):
        if any(clause in changes for clause in group):
            words = " ".join(filter(None, (changes.get(clause, clause.text) for clause in group)))
            text = f"{text[:start]}{words}{text[end:]}"
    return " ".join(text.split())


def _fact(token: re.Match[str]) -> Fact | None:
    field = FIELDS.get((token["field"] or "").lower(), "title")
    value = without_unwanted_characters(token["bare"] if token["quoted"] is None else token["quoted"]).strip()
    if field == "title" or not fold(value):
        return None
    years = _years(value) if field == "year" else range(0)
    is_understood = {"year": bool(years), "kind": fold(value) in KINDS, "has": fold(value) in HOLDINGS}.get(field, True)
    return Fact(field=field, value=value, years=years) if is_understood else None


_YEAR = re.compile(r"(?P<sign>[<>]=?|=)?(?P<year>\d{4})", re.ASCII)
_YEARS = re.compile(r"(?P<first>\d{4})?(?:\.{2,3}|[-–—])(?P<last>\d{4})?", re.ASCII)


def _years(text: str) -> range:
    """The years that a text allows; none where it is not understood."""
    first, last = FIRST_YEAR, LAST_YEAR
    if match := _YEAR.fullmatch(text):
        sign, year = match["sign"] or "=", int(match["year"])
        if "<" not in sign:
            first = max(first, year + (sign == ">"))
        if ">" not in sign:
            last = min(last, year - (sign == "<"))
    elif (match := _YEARS.fullmatch(text)) and (match["first"] or match["last"]):
        first, last = max(first, int(match["first"] or first)), min(last, int(match["last"] or last))
    else:
        return range(0)
    return range(first, last + 1)


def _whole(token: re.Match[str]) -> list[Clause]:
    """A quoted phrase, or a word with its parts, as one clause."""
    group = "bare" if token["quoted"] is None else "quoted"
    words = tuple(_folded(token[group]))[:MAX_PHRASE]
    in_title = (token["field"] or "").lower() == "title"
    return [Clause(words=words, start=token.start(), end=token.end(), is_exact=True, in_title=in_title)] if words else []


def _words(token: re.Match[str]) -> Iterator[Clause]:
    text, field = token["bare"], (token["field"] or "").lower()
    if field and field != "title":
        # A field word that is not understood is words, and its field is one of them.
        text = f"{field}:{text}"
    elif ":" in text and fold(text) in FIELDS:
        # A field word of which the value is still to be typed.
        return
    start, end = token.end() - len(text), token.end()
    identifier = recognise(text) if re.search(r"[.:/]", text) else None
    if identifier:
        yield Clause(words=(fold(identifier.value).replace(" ", ""),), start=start, end=end, identifier=identifier)
        return
    for word in _folded(text):
        yield Clause(words=(word,), start=start, end=end, in_title=field == "title")


def _take(clauses: list[Clause], more: Iterable[Clause]) -> None:
    for clause in more:
        # `doi: 10.1145/...`, with a blank, is the identifier alone.
        if clause.identifier and clauses and clauses[-1].words == (clause.identifier.scheme,):
            clauses.pop()
        clauses.append(clause)


def _folded(text: str) -> list[str]:
    return [word for word in fold(text).split() if word.strip("+")]
