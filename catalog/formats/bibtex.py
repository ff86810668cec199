"""BibTeX and BibLaTeX, the files of LaTeX and of most reference managers.

Prose is escaped and its capitals are kept by braces; addresses and identifiers stay raw, as biblatex reads them. Reading
is tolerant: an entry that is broken is reported, the others are kept. A file is taken apart here, because no library does
that in a stream and says what became of every line; names and TeX are left to those that know them.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexencode import UnicodeToLatexEncoder

from catalog import identifiers, records
from catalog.citing import citation_key, is_journal, name_parts
from catalog.formats import reference
from catalog.formats.format import Catalogue, Entry, Ignored, NotUnderstood, Piece, not_understood
from catalog.records import Record, tidy

NAME = "bib"
LABEL = "BibTeX"
EXTENSION = "bib"
MEDIA_TYPE = "application/x-bibtex"


# What they cannot read is in our report; a stranger's file has no business in the server's log.
for _library in ("bibtexparser", "pylatexenc"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


def dump(records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
    """Under the keys that the catalogue has given; a record without one gets a proposal, with a number where that is taken."""
    yield f"% {_comment(about.title)}, {about.site}, {_comment(about.license)}, version {about.version}\n"
    taken: set[str] = set()
    for record in records_:
        if not (key := record.citation_key):
            key = _free_key(citation_key(record), taken)
            taken.add(key)
        yield f"\n{entry(record, key, former_keys=about.former_keys.get(record.id, ()))}"


def entry(record: Record, key: str, *, max_authors: int | None = None, former_keys: Sequence[str] = ()) -> str:
    """One entry. With `max_authors`, a longer row of authors ends there in `and others`, for a page; a file names all.

    Former keys go on working: biblatex takes them from `ids`.
    """
    found = record.identifiers
    type_, place = _place(record.venue.name, record.venue.year) if record.venue else ("misc", {})
    authors = [_author(author.name) for author in record.authors[:max_authors]]
    if max_authors and len(record.authors) > max_authors:
        authors.append("others")
    fields = {
        "ids": ", ".join(former_keys),
        "title": _title(record),
        "shorttitle": _prose(record.short_name),
        "author": " and ".join(authors),
        **place,
        "year": str(record.year or ""),
        "type": "" if record.kind == "paper" else record.kind,
        "doi": _raw(found["doi"]) if "doi" in found else "",
        **(_eprint(found) if found else {}),
        "url": _raw(record.links[0].url) if record.links else "",
        "affiliation": " and ".join([_body(organization.name) for organization in record.organizations]),
        "keywords": ", ".join([_keyword(category.name or category.path) for category in record.categories]),
        "note": _prose(record.note),
        "abstract": _prose(record.abstract),
    }
    lines = [f"  {name:<13} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"@{type_}{{{key},\n{''.join(lines)}}}\n"


class _Ascii:
    """The same file for programs from before Unicode: letters as TeX has always written them, `{\\"u}`."""

    NAME, LABEL, EXTENSION, MEDIA_TYPE = NAME, LABEL, EXTENSION, MEDIA_TYPE

    def dump(self, records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
        for text in dump(records_, about):
            yield text if text.isascii() else _NOT_ASCII.sub(lambda letter: _tex_of(letter[0]), text)


ASCII = _Ascii()


def read(lines: Iterable[str]) -> Iterator[Piece]:
    """Records of every entry with a title; venue and organizations are as written, for the caller to map.

    An entry that takes fields from another (`crossref`) is given at the end, when the other has been seen.
    """
    macros: dict[str, str] = {}
    volumes: dict[str, dict[str, str]] = {}
    waiting: list[tuple[_Block, str, dict[str, str]]] = []
    for block in _blocks(lines):
        if isinstance(block, Ignored | NotUnderstood):
            yield block
            continue
        try:
            match block.type:
                case "comment" | "preamble":
                    yield Ignored(line=block.line, kind=block.type, lines=block.lines)
                    continue
                case "string":
                    macros.update(_fields(block.inside, macros))
                    yield Ignored(line=block.line, kind="macro", lines=block.lines)
                    continue
            key, _comma, inside = block.inside.partition(",")
            if "=" in key:
                key, inside = "", block.inside
            fields = _fields(inside, macros)
            if block.type in _VOLUMES:
                volumes[key.strip().lower()] = {**fields, "booktitle": fields.get("booktitle") or fields.get("title", "")}
        except ValueError as error:
            yield not_understood(block.line, block.text, str(error), lines=block.lines)
            continue
        if fields.get("crossref"):
            waiting.append((block, block.type, fields))
        else:
            yield _piece(block, block.type, fields)
    for block, type_, fields in waiting:
        yield _piece(block, type_, {**volumes.get(fields["crossref"].strip().lower(), {}), "title": "", **fields})


# Writing

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
# BibTeX counts braces, also those behind a backslash: where they do not come in pairs they have to be named.
_NAMED = {**_ESCAPES, "{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
_SPECIAL = re.compile(r"[\\{}&%$#_~^]")
# TeX makes dashes and quotation marks of these.
_LIGATURES = ("--", "''", "``", "?`", "!`", "<<", ">>", ",,")
_LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=`)(?=`)|(?<=[?!])(?=`)|(?<=<)(?=<)|(?<=>)(?=>)|(?<=,)(?=,)")
# A word, unless it is one letter and then small ones from a to z: those are many and need no look.
_WORD = re.compile(r"(?![^\W_][a-z]*(?![\w+]))[^\W_][\w+]*")
# What nearly no name holds, and is to be escaped or to be looked at.
_UNUSUAL = re.compile(r"[^\w .-]|_|--|\band\b", re.IGNORECASE)
_AND = re.compile(r"\band\b|,", re.IGNORECASE)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_TO_TEX = UnicodeToLatexEncoder(
    replacement_latex_protection="braces-all", unknown_char_policy=lambda letter: f'{{\\char"{ord(letter):04X}}}'
)


@lru_cache(maxsize=1_000)
def _tex_of(letter: str) -> str:
    written: str = _TO_TEX.unicode_to_latex(letter)
    return written


@lru_cache(maxsize=1_000)
def _place(name: str, year: int | None) -> tuple[str, dict[str, str]]:
    place = _protected(f"{name} {year or ''}".strip())
    return ("article", {"journal": place}) if is_journal(name) else ("inproceedings", {"booktitle": place})


def _eprint(found: dict[str, str]) -> dict[str, str]:
    """arXiv under both of its names: Zotero reads `eprinttype`, BibTeX styles read `archivePrefix`. A second one has a field of its own."""
    fields: dict[str, str] = {}
    for scheme in ("arxiv", "openreview", "acl", "usenix"):
        if value := found.get(scheme):
            if fields:
                fields[scheme] = _raw(value)
            else:
                fields = {"eprint": _raw(value), "archivePrefix": "arXiv" if scheme == "arxiv" else "", "eprinttype": scheme}
    return fields


def _title(record: Record) -> str:
    name = record.headword
    return f"{{{_prose(name)}}}{_protected(record.title[len(name) :])}" if name else _protected(record.title)


def _protected(text: str) -> str:
    """Escaped, with braces around each word that a style must not set in small letters: LLM, ZeRO, H2O."""
    return _escaped(_WORD.sub(_braced, records.without_unwanted_characters(text))).replace(_OPEN, "{").replace(_CLOSE, "}")


# Braces of ours, until those of the text are escaped.
_OPEN, _CLOSE = "\ue000", "\ue001"


def _braced(match: re.Match[str]) -> str:
    word = match[0]
    rest = word[1:]
    is_cased = rest != rest.lower() or (word[0].isupper() and any(map(str.isdigit, rest)))
    return f"{_OPEN}{word}{_CLOSE}" if is_cased else word


def _prose(text: str) -> str:
    return _escaped(records.without_unwanted_characters(text)) if text else ""


def _escaped(text: str) -> str:
    if _SPECIAL.search(text):
        escapes = _NAMED if _is_unpaired(text) else _ESCAPES
        text = _SPECIAL.sub(lambda sign: escapes[sign[0]], text)
    return _LIGATURE.sub("{}", text) if any(map(text.__contains__, _LIGATURES)) else text


def _is_unpaired(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", text) if "{" in text or "}" in text else ():
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return True
    return depth != 0


def _raw(text: str) -> str:
    return text.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C").replace(" ", "%20")


@lru_cache(maxsize=20_000)
def _author(name: str) -> str:
    parts = name_parts(name)
    if not parts.given:
        return _body(parts.family)
    written = [part for part in (parts.family, parts.suffix, parts.given) if part]
    return ", ".join(map(_name_part, written) if _UNUSUAL.search(name) else written)


@lru_cache(maxsize=10_000)
def _body(name: str) -> str:
    """A body of people is one word to BibTeX. The braces of a field and its own make the double ones."""
    return f"{{{_prose(name)}}}"


@lru_cache(maxsize=1_000)
def _keyword(name: str) -> str:
    return _prose(name.replace(",", " "))


def _name_part(text: str) -> str:
    return f"{{{_prose(text)}}}" if _AND.search(text) else _prose(text)


def _comment(text: str) -> str:
    return re.sub(r"[@{}\s]+", " ", text)


def _free_key(wanted: str, taken: set[str]) -> str:
    key, number = wanted, 1
    while key in taken:
        number += 1
        key = f"{wanted}-{number}"
    return key


# Taking a file apart

# In characters, of an entry and of what its macros and joined strings grow to.
MAX_ENTRY = 200_000
MAX_MACROS = 1_000_000
_VOLUMES = {"proceedings", "book", "mvbook", "collection", "mvcollection", "mvproceedings", "periodical"}
_BEGIN = re.compile(r"\s*@\s*([a-z]+)\s*([{(])", re.IGNORECASE)
_SIGN = re.compile(r"\\.|[{}\"()]", re.DOTALL)


class _Block(NamedTuple):
    """`@type{inside}` as it stands in the file."""

    line: int
    lines: int
    type: str
    inside: str
    text: str


def _blocks(lines: Iterable[str]) -> Iterator[_Block | Ignored | NotUnderstood]:
    """What begins with an @ where a line begins, or where another block has ended, up to its closing sign.

    One that is never closed ends where the next begins, or where the file does.
    """
    open_: _Open | None = None
    number = 0
    for number, line in enumerate(lines, start=1):
        rest, is_new = line.removeprefix("\ufeff") if number == 1 else line, 1
        while rest is not None:
            begin = _BEGIN.match(rest)
            if open_ and begin and is_new:
                yield open_.broken("never closed")
                open_ = None
            if open_ is None:
                if begin is None:
                    if is_new:
                        yield Ignored(line=number, kind="comment" if rest.strip() else "blank")
                    break
                open_ = _Open(number, begin)
                rest = rest[begin.end() :]
            open_.lines += is_new
            is_new = 0
            after = open_.take(rest)
            if after is None:
                break
            yield open_.broken(f"longer than {MAX_ENTRY} characters") if open_.is_too_long else open_.closed()
            open_, rest = None, after
    if open_:
        yield open_.broken("never closed")


class _Open:
    """A block of which the end has not been seen yet."""

    def __init__(self, line: int, begin: re.Match[str]) -> None:
        self.line, self.lines = line, 0
        self.begin = begin
        self.parts: list[str] = []
        self.size = 0
        self.depth, self.is_quoted = 0, False

    @property
    def is_too_long(self) -> bool:
        return self.size > MAX_ENTRY

    def take(self, text: str) -> str | None:
        """Go on with a line; what stands behind the end of the block, if this is it."""
        self.size += len(text) + 1
        if self.is_too_long:
            # It is not looked at any more; the next line that begins a block ends it.
            return None
        for sign in _SIGN.finditer(text):
            if self._ends_with(sign[0]):
                self.parts.append(text[: sign.start()])
                return text[sign.end() :]
        self.parts.append(text)
        return None

    def _ends_with(self, sign: str) -> bool:
        if sign == "{":
            self.depth += 1
        elif sign == "}":
            self.depth -= 1
            return self.depth < 0 and self.begin[2] == "{"
        elif self.begin[2] == "(" and self.depth <= 0:
            if sign == '"':
                self.is_quoted = not self.is_quoted
            return sign == ")" and not self.is_quoted
        return False

    @property
    def inside(self) -> str:
        return "\n".join(self.parts)

    def closed(self) -> _Block:
        inside = self.inside
        end = "}" if self.begin[2] == "{" else ")"
        return _Block(self.line, self.lines, self.begin[1].lower(), inside, f"{self.begin[0]}{inside}{end}")

    def broken(self, reason: str) -> NotUnderstood:
        reason = f"longer than {MAX_ENTRY} characters" if self.is_too_long else reason
        return not_understood(self.line, f"{self.begin[0]}{self.inside[:1_000]}", reason, lines=self.lines)


_FIELD = re.compile(r"[\s,]*([^\s,={}\"#]+)\s*=\s*")
_PART = re.compile(r"\s*(?:([{\"])|([^\s,{}\"#=]+))")
_JOINT = re.compile(r"\s*#")
_INNER = re.compile(r"\\.|[{}\"]", re.DOTALL)


def _fields(text: str, macros: dict[str, str]) -> dict[str, str]:
    """Names in small letters; of one that stands twice, the first. Raises ValueError where the text is no list of fields."""
    fields: dict[str, str] = {}
    place = 0
    while field := _FIELD.match(text, place):
        name = field[1].lower()
        value, place = _value(text, field.end(), macros)
        if len(value) > reference.MAX_FIELD:
            raise ValueError(f"{name[:50]} is longer than {reference.MAX_FIELD} characters")
        fields.setdefault(name, value)
    if left := text[place:].strip(" ,\t\n\r"):
        raise ValueError(f"no field: {left[:50]}")
    return fields


def _value(text: str, place: int, macros: dict[str, str]) -> tuple[str, int]:
    parts: list[str] = []
    while True:
        part = _PART.match(text, place)
        if part is None:
            # `month = ,` says nothing.
            return "".join(parts), place
        place = part.end()
        if part[1]:
            start = place
            place = _end_of(text, place, '"' if part[1] == '"' else "}")
            parts.append(text[start : place - 1])
        else:
            parts.append(macros.get(part[2].lower(), part[2]))
        if sum(map(len, parts)) > reference.MAX_FIELD:
            raise ValueError(f"longer than {reference.MAX_FIELD} characters")
        joint = _JOINT.match(text, place)
        if joint is None:
            return "".join(parts), place
        place = joint.end()


def _end_of(text: str, place: int, closing: str) -> int:
    depth = 0
    for sign in _INNER.finditer(text, place):
        if sign[0] == closing and depth == 0:
            return sign.end()
        if sign[0] == "{":
            depth += 1
        elif sign[0] == "}":
            depth -= 1
    raise ValueError("a value is never closed")


# Reading an entry

_URL = re.compile(r"\\url\{([^{}]*)\}|(https?://[^\s{}\"]+)")


def _piece(block: _Block, type_: str, fields: dict[str, str]) -> Entry | NotUnderstood:
    try:
        return Entry(line=block.line, record=_record(type_, fields), lines=block.lines)
    except RecursionError:
        reason = "braces nested too deep"
    except (ValueError, IndexError) as error:
        reason = str(error)
    return not_understood(block.line, block.text, reason, lines=block.lines)


def _record(type_: str, fields: dict[str, str]) -> Record:
    title, subtitle = _plain(fields.get("title", "")), _plain(fields.get("subtitle", ""))
    written = next((fields[name] for name in ("booktitle", "journaltitle", "journal") if fields.get(name)), "")
    organizations = _split(fields.get("affiliation", "")) or [fields.get("school") or fields.get("institution", "")]
    addresses = [_unescaped(fields.get("url", ""))]
    for name in ("howpublished", "note"):
        addresses += (_unescaped(match[1] or match[2]) for match in _URL.finditer(fields.get(name, "")))
    eprint = fields.get("eprinttype") or fields.get("archiveprefix") or "arxiv"
    stated = [("doi", _unescaped(fields.get("doi", ""))), (eprint.lower(), _unescaped(fields.get("eprint", "")))]
    stated += [(scheme, _unescaped(fields[scheme])) for scheme in identifiers.SCHEMES if scheme in fields]
    stated += [("arxiv", match) for name in ("journal", "note", "number") for match in _arxiv_in(fields.get(name, ""))]
    return reference.record(
        title=f"{title}: {subtitle}" if title and subtitle else title,
        short_name=_plain(fields.get("shorttitle", "")),
        kind=reference.kind_of(fields.get("type", ""), type_),
        year=reference.year_in(fields.get("year") or fields.get("date", "")),
        abstract=_plain(fields.get("abstract", "")),
        note=_plain(_URL.sub(" ", fields.get("note", ""))),
        authors=_authors(fields.get("author", "")),
        organizations=map(_plain, organizations),
        venue=_plain(written),
        addresses=addresses,
        stated=stated,
    )


def _arxiv_in(text: str) -> list[str]:
    return [found.value for found in identifiers.identifiers_in(text) if found.scheme == "arxiv"]


def _authors(text: str) -> Iterator[str]:
    for name in _split(text)[: records.MAX_AUTHORS + 1]:
        # Braces are looked at before TeX is undone: {The ATLAS Collaboration} is no person.
        plain = _plain(name if name.startswith("{") and name.endswith("}") else _given_first(name))
        if plain.lower() != "others":
            yield plain


def _given_first(name: str) -> str:
    parts = parse_single_name_into_parts(name, strict=False)
    return " ".join(word for part in (parts.first, parts.von, parts.last, parts.jr) for word in part)


def _split(text: str) -> list[str]:
    return [name.strip() for name in split_multiple_persons_names(text) if name.strip()] if text.strip() else []


_TO_TEXT = LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)
_CIRCUMFLEX = "\ue000"
_TEX = re.compile(r"[\\{}$%~`\"#&^_]|--|''|,,|<<|>>")


def _plain(text: str) -> str:
    """Prose without its TeX. A bare per cent sign in a .bib file is meant as one; it begins no comment."""
    if _TEX.search(text):
        text = re.sub(r"(?<!\\)((?:\\\\)*)%", r"\1\\%", text)
        # pylatexenc makes an accent of the first, of its own, and does not know the others.
        text = re.sub(r"\\textasciicircum(?:\{\}|(?![a-zA-Z]))", _CIRCUMFLEX, text)
        text = re.sub(r"\\textbrace(?:(left)|right)(?:\{\}|(?![a-zA-Z]))", lambda brace: r"\{" if brace[1] else r"\}", text)
        text = re.sub(r'\\char"([0-9A-F]{4,6})', _letter, text)
        try:
            text = _TO_TEXT.latex_to_text(text).replace(_CIRCUMFLEX, "^")
        except RecursionError:
            raise
        except Exception as error:
            # It trips over commands without their arguments in ways it does not name.
            raise ValueError(f"TeX that cannot be read: {text[:60]}") from error
    return tidy(records.without_unwanted_characters(text))


def _letter(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return chr(number) if number <= 0x10FFFF else ""


def _unescaped(text: str) -> str:
    """An address or identifier as it is meant: some programs escape `_ & % # ~` even there."""
    text = re.sub(r"\{?\\([_&%#$~])(?:\{\})?\}?", r"\1", text).replace(r"\textasciitilde{}", "~")
    wrapped = re.fullmatch(r"\s*(?:\\url|\\href)?\{([^{}]*)\}\s*", text)
    return re.sub(r"\s+", "", wrapped[1] if wrapped else text)
