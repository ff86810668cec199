"""BibTeX and BibLaTeX, the files of LaTeX and of most reference managers.

Prose is escaped and its capitals are kept by braces; addresses and identifiers stay raw, as biblatex reads them. Reading
is tolerant: an entry that is broken is reported, the others are kept.
"""

import logging
import re
import textwrap
from collections.abc import Iterable, Iterator

from bibtexparser import Library, parse_string
from bibtexparser.middlewares import NameParts as BibtexName
from bibtexparser.middlewares import RemoveEnclosingMiddleware, ResolveStringReferencesMiddleware
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import Block, ParsingFailedBlock
from bibtexparser.model import Entry as BibtexEntry
from pylatexenc.latex2text import LatexNodes2Text

from catalog import identifiers, records
from catalog.citations import Spellings, read_venue, settle_links
from catalog.citing import citation_key, name_parts
from catalog.formats.format import Catalogue, Entry, NotUnderstood, Piece, account, not_understood
from catalog.records import Author, Kind, Link, Organization, Record, Venue, tidy

NAME = "bib"
LABEL = "BibTeX"
EXTENSION = "bib"
MEDIA_TYPE = "application/x-bibtex"


# What they cannot read is in our report; a stranger's file has no business in the server's log.
for _library in ("bibtexparser", "pylatexenc"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


def dump(records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
    """Under the keys that the catalogue has given; a record without one gets a proposal, with a letter where that is taken."""
    yield f"% {_comment(about.title)}, {about.site}, {_comment(about.license)}, version {about.version}\n"
    taken: set[str] = set()
    for record in records_:
        if not (key := record.citation_key):
            key = _free_key(citation_key(record), taken)
            taken.add(key)
        yield f"\n{entry(record, key)}"


def entry(record: Record, key: str, *, max_authors: int | None = None) -> str:
    """One entry. With `max_authors`, a longer row of authors ends there in `and others`, for a page; a file names all."""
    type_, fields = _type_and_place(record)
    authors = [_author(author.name) for author in record.authors[:max_authors]]
    if max_authors and len(record.authors) > max_authors:
        authors.append("others")
    all_fields = {
        "title": _title(record),
        "shorttitle": _prose(record.short_name),
        "author": " and ".join(authors),
        **fields,
        "year": str(record.year or ""),
        "type": "" if record.kind == "paper" else record.kind,
        "doi": _raw(record.identifiers.get("doi", "")),
        **_eprint(record),
        "url": _raw(record.main_link.url if record.main_link else ""),
        "affiliation": " and ".join(_body(organization.name) for organization in record.organizations),
        "note": _prose(record.note),
        "abstract": _prose(record.abstract),
    }
    lines = (f"  {name:<13} = {{{value if name in _VERBATIM else _folded(value)}}},\n" for name, value in all_fields.items() if value)
    return f"@{type_}{{{key},\n{''.join(lines)}}}\n"


def _resolved(library: Library) -> Library:
    """With macros resolved and values out of their braces or quotation marks."""
    return RemoveEnclosingMiddleware().transform(ResolveStringReferencesMiddleware().transform(library))


_VERBATIM = {"doi", "eprint", "url"}
_INDENT = " " * len("  archivePrefix = {")


def _folded(value: str) -> str:
    """Lines of at most 80 characters, broken between words; to BibTeX a line break is a blank."""
    return textwrap.fill(
        value, 78, initial_indent=_INDENT, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False
    ).removeprefix(_INDENT)


def read(lines: Iterable[str]) -> Iterator[Piece]:
    """Records of every entry with a title; venue and organizations are as written, for the caller to map."""
    kept = list(lines)
    text = "\n".join(kept)
    found = not_understood(1, text, f"longer than {MAX_TEXT} characters", lines=len(kept)) if len(text) > MAX_TEXT else None
    yield from account([found] if found else _pieces(text), lines=kept, between="comment")


def _pieces(text: str) -> Iterator[Entry | NotUnderstood]:
    try:
        library = _resolved(parse_string(text, parse_stack=[]))
    except (RecursionError, ValueError, TypeError, AttributeError, IndexError) as error:
        yield not_understood(1, text, str(error), lines=text.count("\n") + 1)
        return
    blocks: list[Block] = []
    for block in library.blocks:
        if isinstance(block, ParsingFailedBlock) and isinstance(block.ignore_error_block, BibtexEntry):
            # Only its key, or one of its fields, stands twice.
            blocks += _resolved(Library([*library.strings, block.ignore_error_block])).entries
        elif isinstance(block, BibtexEntry | ParsingFailedBlock):
            blocks.append(block)
    for block in blocks:
        line, raw = (block.start_line or 0) + 1, block.raw or ""
        length = raw.count("\n") + 1
        if isinstance(block, BibtexEntry):
            try:
                yield Entry(line=line, record=_record(block), lines=length)
            except _NoTitle:
                yield not_understood(line, raw, "no title", lines=length)
            except RecursionError:
                yield not_understood(line, raw, "braces nested too deep", lines=length)
            except (ValueError, IndexError) as error:
                yield not_understood(line, raw, str(error), lines=length)
        else:
            yield not_understood(line, raw, str(getattr(block, "error", "")), lines=length)


# Writing

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
_JOURNAL = re.compile(r"\b(?:journal|transactions|letters|magazine|review|surveys|pvldb|proceedings of the vldb)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_][\w+]*")


def _type_and_place(record: Record) -> tuple[str, dict[str, str]]:
    if record.venue is None:
        return "misc", {}
    place = _protected(f"{record.venue.name} {record.venue.year or ''}".strip())
    if _JOURNAL.search(record.venue.name):
        return "article", {"journal": place}
    return "inproceedings", {"booktitle": place}


def _eprint(record: Record) -> dict[str, str]:
    """arXiv under both of its names: Zotero reads `eprinttype`, BibTeX styles read `archivePrefix`."""
    if arxiv := record.identifiers.get("arxiv"):
        return {"eprint": arxiv, "archivePrefix": "arXiv", "eprinttype": "arxiv"}
    scheme = next((scheme for scheme in ("openreview", "acl", "usenix") if scheme in record.identifiers), None)
    return {"eprint": _raw(record.identifiers[scheme]), "eprinttype": scheme} if scheme else {}


def _title(record: Record) -> str:
    name = record.headword
    return f"{{{_prose(name)}}}{_protected(record.title[len(name) :])}" if name else _protected(record.title)


def _protected(text: str) -> str:
    """Escaped, with braces around each word that a style must not set in small letters: LLM, ZeRO, H2O."""
    pieces: list[str] = []
    end = 0
    for word in _WORD.finditer(text):
        pieces.append(_prose(text[end : word.start()]))
        plain = _prose(word[0])
        pieces.append(f"{{{plain}}}" if _is_cased(word[0]) else plain)
        end = word.end()
    return "".join(pieces) + _prose(text[end:])


def _is_cased(word: str) -> bool:
    return any(letter.isupper() for letter in word[1:]) or (word[0].isupper() and any(letter.isdigit() for letter in word))


def _prose(text: str) -> str:
    escaped = "".join(_ESCAPES.get(letter, letter) for letter in records.without_unwanted_characters(text))
    # TeX makes dashes and quotation marks of these.
    return re.sub(r"(?<=-)(?=-)|(?<=')(?=')|(?<=`)(?=`)|(?<=[?!])(?=`)|(?<=<)(?=<)|(?<=>)(?=>)|(?<=,)(?=,)", "{}", escaped)


def _raw(text: str) -> str:
    return text.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C").replace(" ", "%20")


def _author(name: str) -> str:
    parts = name_parts(name)
    if not parts.given:
        return _body(parts.family)
    return ", ".join(_name_part(part) for part in (parts.family, parts.suffix, parts.given) if part)


def _body(name: str) -> str:
    """A body of people is one word to BibTeX. The braces of a field and its own make the double ones."""
    return f"{{{_prose(name)}}}"


def _name_part(text: str) -> str:
    return f"{{{_prose(text)}}}" if re.search(r"\band\b|,", text, re.IGNORECASE) else _prose(text)


def _comment(text: str) -> str:
    return re.sub(r"[@{}\s]+", " ", text)


def _free_key(wanted: str, taken: set[str]) -> str:
    key, number = wanted, 1
    while key in taken:
        number += 1
        key = f"{wanted}-{number}"
    return key


# Reading

MAX_TEXT = 5_000_000
MAX_FIELD = 50_000
_VENUE_FIELDS = ("booktitle", "journaltitle", "journal")
_PREPRINT = re.compile(r"\s*(?:arxiv\b.*|corr\b.*|.*\bpreprint\b.*|abs/\d{4}\.\d+)\s*", re.IGNORECASE | re.DOTALL)
_URL = re.compile(r"\\url\{([^{}]*)\}|(https?://[^\s{}\"]+)")
_KINDS: dict[str, Kind] = {"software": "framework", "online": "article", "electronic": "article", "www": "article"}


class _NoTitle(ValueError):
    pass


def _record(block: BibtexEntry) -> Record:
    fields: dict[str, str] = {}
    for field in block.fields:
        fields.setdefault(field.key.lower(), str(field.value))
    if too_long := next((name for name, value in fields.items() if len(value) > MAX_FIELD), None):
        raise ValueError(f"{too_long} is longer than {MAX_FIELD} characters")
    title = _plain(fields.get("title", ""))
    if not title:
        raise _NoTitle
    if subtitle := _plain(fields.get("subtitle", "")):
        title = f"{title}: {subtitle}"
    links, found = _links(fields)
    year = re.search(r"\b(?:19|20)\d\d\b", fields.get("year") or fields.get("date", ""))
    venue = _venue(fields, int(year[0]) if year else None)
    kind = fields.get("type", "").lower()
    stated = int(year[0]) if year else venue.year if venue else None
    return Record(
        title=title,
        short_name=_plain(fields.get("shorttitle", ""))[: records.MAX_SHORT_NAME],
        kind=kind if kind in records.KINDS else _KINDS.get(block.entry_type.lower(), "paper"),  # type: ignore[arg-type]
        year=stated or next(filter(None, (identifiers.year_of(*pair) for pair in found.items())), None),
        abstract=_plain(fields.get("abstract", "")),
        note=_note(fields),
        authors=tuple(_authors(fields.get("author", ""))),
        organizations=tuple(_organizations(fields)),
        venue=venue,
        identifiers=found,
        links=links,
    )


def _venue(fields: dict[str, str], year: int | None) -> Venue | None:
    written = next((fields[name] for name in _VENUE_FIELDS if fields.get(name)), "")
    raw = _plain(written)
    if not raw or _PREPRINT.fullmatch(raw):
        return None
    reading = read_venue(raw, Spellings())
    if reading is None:
        return None
    return Venue(name=reading.name, year=reading.year or year, raw=raw)


def _organizations(fields: dict[str, str]) -> Iterator[Organization]:
    names = _split(fields.get("affiliation", "")) or [fields.get("school") or fields.get("institution", "")]
    yield from (Organization(name=plain) for plain in map(_plain, names) if plain)


def _note(fields: dict[str, str]) -> str:
    note = _plain(_URL.sub(" ", fields.get("note", "")))
    return "" if _PREPRINT.fullmatch(note) or identifiers.recognise(note) else note


def _links(fields: dict[str, str]) -> tuple[tuple[Link, ...], dict[str, str]]:
    """Its own address first, then what the identifiers lead to."""
    addresses = [_unescaped(fields.get("url", ""))]
    for name in ("howpublished", "note"):
        addresses += (_unescaped(match[1] or match[2]) for match in _URL.finditer(fields.get(name, "")))
    links: list[Link] = []
    for address in addresses:
        try:
            url = identifiers.without_tracking(identifiers.clean_url(address))
        except identifiers.UnusableAddress:
            continue
        links.append(Link(kind=identifiers.link_kind_of(url), url=url))
    eprint = _unescaped(fields.get("eprint", ""))
    place = (fields.get("eprinttype") or fields.get("archiveprefix") or "arxiv").lower()
    stated = [("doi", _unescaped(fields.get("doi", ""))), (place, eprint)]
    stated += [("arxiv", match) for name in ("journal", "note", "number") for match in _arxiv_in(fields.get(name, ""))]
    for scheme, value in stated:
        identifier = _identifier(scheme, value)
        if identifier:
            links.append(Link(url=identifiers.url_of(identifier.scheme, identifier.value)))
    return settle_links(links)


def _identifier(scheme: str, text: str) -> identifiers.Identifier | None:
    if not text or scheme not in identifiers.SCHEMES:
        return None
    try:
        return identifiers.Identifier(scheme, identifiers.normalise(scheme, text))
    except identifiers.NotAnIdentifier as refusal:
        return refusal.instead


def _arxiv_in(text: str) -> list[str]:
    return [found.value for found in identifiers.identifiers_in(text) if found.scheme == "arxiv"]


def _authors(text: str) -> Iterator[Author]:
    for name in _split(text)[: records.MAX_AUTHORS + 1]:
        # Braces are looked at before TeX is undone: {The ATLAS Collaboration} is no person.
        if name.startswith("{") and name.endswith("}"):
            plain = _plain(name)
        else:
            plain = _plain(_given_first(parse_single_name_into_parts(name, strict=False)))
        if plain and plain.lower() != "others":
            yield Author(name=plain)


def _given_first(parts: BibtexName) -> str:
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
        # pylatexenc makes an accent of it, of its own.
        text = re.sub(r"\\textasciicircum(?:\{\}|(?![a-zA-Z]))", _CIRCUMFLEX, text)
        try:
            text = _TO_TEXT.latex_to_text(text).replace(_CIRCUMFLEX, "^")
        except RecursionError:
            raise
        except Exception as error:
            # It trips over commands without their arguments in ways it does not name.
            raise ValueError(f"TeX that cannot be read: {text[:60]}") from error
    return tidy(records.without_unwanted_characters(text))


def _unescaped(text: str) -> str:
    """An address or identifier as it is meant: some programs escape `_ & % # ~` even there."""
    text = re.sub(r"\{?\\([_&%#$~])(?:\{\})?\}?", r"\1", text).replace(r"\textasciitilde{}", "~")
    wrapped = re.fullmatch(r"\s*(?:\\url|\\href)?\{([^{}]*)\}\s*", text)
    return re.sub(r"\s+", "", wrapped[1] if wrapped else text)
