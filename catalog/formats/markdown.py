"""Markdown: an awesome list, written so that awesome-lint has nothing to say and that reading it gives it back.

The title of an item is its link, as the lint wants it; what else is known stands behind a dash, first the facts in italics:

    - [Orca: A Distributed Serving System](https://...) - *OSDI 2022 · by Seoul National University*, [Slides](https://...). Section 3.

A paper is linked once. Where it stands again, and where another has the same address, the link comes later in the line.
What a reader would take for something else is written by the numbers of its signs, as in `&#40;`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from urllib.parse import unquote
from zlib import crc32

from pyroaring import BitMap

from catalog import identifiers, records
from catalog.bullets import ALSO_HERE, Bullet, settle_links
from catalog.formats.format import Catalogue
from catalog.formats.headings import UNPLACED, WITHOUT_PAPERS
from catalog.formats.lists import kind_of, read
from catalog.records import Category, Link, Record, fold, slug_of, tidy, without_unwanted_characters
from catalog.spellings import CORRECTIONS, MAX_LINE, short_name_of
from catalog.vocabulary import EMOJI, SURVEY

__all__ = ["BY_PLACE", "EXTENSION", "LABEL", "MEDIA_TYPE", "NAME", "dump", "read"]

NAME = "md"
LABEL = "Markdown"
EXTENSION = "md"
MEDIA_TYPE = "text/markdown"
# Papers come by their places in the tree, each at every place of its own, the place at hand first among its categories.
BY_PLACE = True


def dump(records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
    """Papers under the headings of their first categories. Where that is not their primary one, they are named and linked later.

    With the `contents` of the file known, they stand at its head. No version is named: a list that is kept in a repository
    changes when its papers do.
    """
    yield f"# {_heading(about.title)} [![Awesome](https://awesome.re/badge.svg)](https://awesome.re)\n\n"
    yield f"> {_text(f'{about.count} papers, {about.license}')}, from <{about.site}/>.\n"
    yield from _contents(about.contents)
    names = {category.path: category.name or UNPLACED for category in about.contents}
    linked = BitMap()
    stood: str | None = None
    for record in records_:
        here = record.categories[0] if record.categories else Category(path="")
        if here.path != stood:
            yield from _headings(here, names, stood)
            yield "\n"
            stood = here.path
        yield _item(record, here, linked)
    yield f"\n## Contributing\n\nPapers and corrections are proposed at <{about.site}/submissions/new/>.\n"


# -- Headings ------------------------------------------------------------------------------------
_DEEPEST = 6
# Sections that the lint or a reader takes for something else.
_RESERVED = {*WITHOUT_PAPERS, "footnotes", "related lists"}


def _contents(contents: Iterable[Category]) -> Iterator[str]:
    """Two levels, as deep as the lint allows."""
    taken: dict[str, int] = {"contents": 0}
    items: list[str] = []
    for category in contents:
        name = _heading(category.name or UNPLACED)
        anchor = _anchor(_as_shown(name), taken)
        depth = category.path.count("/")
        if depth < 2:
            items.append(f"{'  ' * depth}- [{name}](#{anchor})\n")
    if items:
        yield f"\n## Contents\n\n{''.join(items)}"


def _headings(here: Category, names: dict[str, str], stood: str | None) -> Iterator[str]:
    """The heading of a place, and those above it that are not open."""
    parts = here.path.split("/")
    were = (stood or "").split("/") if stood is not None else []
    same = 0
    while same < min(len(parts) - 1, len(were)) and parts[same] == were[same]:
        same += 1
    for depth in range(same, len(parts)):
        path = "/".join(parts[: depth + 1])
        name = names.get(path) or (here.name if path == here.path else "") or parts[depth].replace("-", " ").title() or UNPLACED
        name = _heading(name)
        yield f"\n{'#' * min(depth + 2, _DEEPEST)} {name}\n"
        if path and (slug_of(_as_shown(name)) != parts[depth] or depth + 2 > _DEEPEST):
            yield f"\n<!-- place: {path} -->\n"


def _heading(name: str) -> str:
    """A name without what the lint forbids at the end of a heading, and none that has a meaning of its own."""
    name = _text(tidy(name)[:200].rstrip(".,;:!?。，；：！？")) or "Papers"
    return f"{name} Papers" if fold(name) in _RESERVED else name


def _as_shown(heading: str) -> str:
    return re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), re.sub(r"\\(.)|`", r"\1", heading))


def _anchor(text: str, taken: dict[str, int]) -> str:
    """The anchor that GitHub gives a heading (github-slugger)."""
    plain = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
    anchor = plain
    while anchor in taken:
        taken[plain] = taken.get(plain, 0) + 1
        anchor = f"{plain}-{taken[plain]}"
    taken[anchor] = 0
    return anchor


# -- Items ---------------------------------------------------------------------------------------
def _item(record: Record, here: Category, linked: BitMap) -> str:
    is_again = not here.primary and any(place.primary for place in record.categories)
    record, links = _with_links(record)
    if is_again:
        links = links[:1]
    is_linked = bool(links) and not is_again and _is_first(links[0].url, linked)
    title, name = _title(record.title, record.short_name, is_linked=is_linked)
    if is_linked:
        head = f"[{title}]({_url(links[0])}{_said_of(links[0])})"
        rest = "".join(map(_link, links[1:]))
    else:
        # The lint passes over what begins with words; code is no words, but a sign that nobody sees is.
        head = f"&#8288;{title}" if title.startswith("`") else title
        rest = "".join(map(_late_link, links))
    facts = [ALSO_HERE] if is_again else _facts(record, name, links[0] if is_linked else None, here)
    note, note_here = "" if is_again else _sentence(record.note), _text(here.note)
    if not (facts or rest or note or note_here):
        return f"- {head}\n"
    byline = " · ".join(facts) or record.kind.capitalize()
    # The lint minds a description that begins as its title does, but for a comment.
    mark = "<!-- -->" if len(byline) >= len(record.title) and _as_shown(byline).lower().startswith(record.title.lower()) else ""
    line = f"- {head} - *{mark}{byline}*{rest}."
    prose = f"{note and ' '}{note}" + (f" *Here: {note_here}*." if note_here else "")
    return f"{line}{prose}\n" if len(line) + len(prose) < MAX_LINE else f"{line}{_folded(prose)}\n"


def _folded(prose: str) -> str:
    """Prose on several lines, for readers that refuse long ones, broken where the next one cannot begin anything else."""
    lines: list[str] = []
    while len(prose) > _LONG and (match := _FOLD.search(prose, _LONG)):
        lines.append(prose[: match.start()])
        prose = prose[match.end() :]
    return "\n  ".join((*lines, prose))


def _title(title: str, short_name: str, *, is_linked: bool) -> tuple[str, str]:
    """A title so written that it is read as itself, and the name that is read from it."""
    if _SURE.fullmatch(title) and not any(slip in title for slip in CORRECTIONS):
        written, name = title, short_name_of(title)
    else:
        wanted = tidy(without_unwanted_characters(title))
        ways = (_text(title), _by_numbers(title), _by_numbers(title, letters=True))
        written, name = next(
            ((way, read) for way in ways if (read := _name_read(way, wanted, is_linked=is_linked)) is not None), (ways[-1], "")
        )
    return (_by_numbers(title), "") if name and not short_name else (written, name)


_MORE = "More is said about it."


def _name_read(written: str, title: str, *, is_linked: bool) -> str | None:
    """The short name that a reader takes from a title; None where it would not be read as this title and nothing else."""
    if not is_linked and _BEGINS_A_BLOCK.match(written):
        return None
    bullet = Bullet()
    head = f"[{written}](https://example.org/)" if is_linked else written
    bullet.take_head(f"{head} - *Paper*, [Code](https://example.org/code). {_MORE}")
    reading = bullet.reading()
    if reading is None or (reading.record.title, reading.record.note, len(reading.record.links)) != (title, _MORE, 1 + is_linked):
        return None
    record = reading.record
    return None if record.venue or record.year or record.authors or record.organizations else record.short_name


def _facts(record: Record, name: str, main: Link | None, here: Category) -> list[str]:
    facts: list[str] = []
    if record.short_name and record.short_name != name:
        facts.append(f"named {_name(record.short_name)}")
    year = None
    if venue := record.venue:
        year, its_facts = _venue_facts(venue.name, venue.year, venue.track)
        facts += its_facts
    if year is None and "arxiv" in record.identifiers:
        year = identifiers.year_of("arxiv", record.identifiers["arxiv"])
    if record.year and record.year != year:
        facts.append(str(record.year))
    guess = "survey" if SURVEY.search(record.title) else kind_of(record.title, main, [here.name], is_identified=bool(record.identifiers))
    if record.kind != "paper" or guess != "paper":
        facts.append(record.kind.capitalize())
    if record.organizations:
        facts.append(f"by {', '.join(_name(organization.name) for organization in record.organizations)}")
    return facts


@lru_cache(maxsize=4096)
def _venue_facts(name: str, year: int | None, track: str) -> tuple[int | None, list[str]]:
    """A venue as it is read, and the year that is read with it."""
    if year:
        way = f"{_text(name)} {year}" + (f" ({_text(track)})" if track else "")
        bullet = Bullet()
        bullet.take_head(f"[X](https://example.org/) - *{way}*.")
        read = bullet.venue
        if read and (read.name, read.year, read.track) == (name, year, track):
            return year, [way]
    return year, [", ".join((f"in {_name(name)}", *([str(year)] if year else []), *([_name(track)] if year and track else [])))]


def _sentence(note: str) -> str:
    """Prose that ends as the lint wants it. A full stop that is not its own is escaped, and left out by who reads it."""
    text = _text(note)
    if not text or text[-1] in ".!?…" or (text[-1] in '"”' and text[-2:-1] in tuple(".!?…")):
        return text
    return f"{text} \\." if text.endswith("`") else f"{text}\\."


# -- Links ---------------------------------------------------------------------------------------
_LABELS = {kind: kind.capitalize() for kind in records.LINK_KINDS} | {"pdf": "PDF"}
_LABELS_BY_ADDRESS = {
    "https://arxiv.org/abs/": "arXiv",
    "https://doi.org/": "DOI",
    "https://openreview.net/forum": "OpenReview",
    "https://aclanthology.org/": "ACL",
    "https://www.usenix.org/conference/": "USENIX",
}
_ADDRESSES_OF_PAPERS = tuple(_LABELS_BY_ADDRESS)


def _with_links(record: Record) -> tuple[Record, list[Link]]:
    """A record with all identifiers that its links hold, as it will be read, and the links it is written with.

    These are safe to follow, and lead to every identifier, but not to a PDF that comes along with one.
    """
    links = [link for link in record.links if _SAFE_URL.fullmatch(link.url) or _is_usable(link.url)]
    if len({link.url for link in links}) < len(links):
        links = list({link.url: link for link in reversed(links)}.values())[::-1]
    found = record.identifiers
    own = {identifiers.url_of(*each): identifiers.pdf_url_of(*each) for each in found.items()}
    if any(link.kind in {"paper", "pdf"} and link.url not in own and link.url not in own.values() for link in links):
        settled, also = settle_links(links)
        record, links = records.replace(record, identifiers=found | also), list(settled)
        own = {identifiers.url_of(*each): identifiers.pdf_url_of(*each) for each in record.identifiers.items()}
    known = {link.url for link in links}
    links += (Link(url=url) for url in own if url not in known)
    return record, [link for link in links if link.url not in own.values()]


def _is_usable(url: str) -> bool:
    try:
        return bool(identifiers.clean_url(url))
    except identifiers.UnusableAddress:
        return False


def _is_first(url: str, linked: BitMap) -> bool:
    """Whether no title was linked to this address before, compared as coarsely as the lint does.

    By a number of 32 bits for each: where two addresses share one, the second comes late in its line, and no harm is done.
    """
    place, question_mark, query = unquote(url).lower().partition("://")[2].removeprefix("www.").partition("?")
    query = "&".join(sorted(query.split("&"))) if question_mark else ""
    number = crc32(_NOT_IN_KEYS.sub("", f"{_INDEX_PAGE.sub('', place)}?{query}").encode(errors="replace"))
    is_first = number not in linked
    linked.add(number)
    return is_first


def _label(link: Link) -> tuple[str, bool]:
    """What a link is called, and whether that says by itself what it leads to."""
    usual = _LABELS[link.kind]
    if link.kind == "paper":
        usual = next((label for address, label in _LABELS_BY_ADDRESS.items() if link.url.startswith(address)), usual)
    return (usual, True) if not link.label or link.label == usual else (_text(link.label), False)


def _link(link: Link) -> str:
    label, is_sure = _label(link)
    return f", [{label}]({_url(link)})" if is_sure else f", [{label}]({_url(link)} '{link.kind}')"


def _late_link(link: Link) -> str:
    """As HTML, which the lint does not take for the link of the title."""
    label, is_sure = _label(link)
    return f', <a href="{_url(link)}"{"" if is_sure else f' title="{link.kind}"'}>{label}</a>'


def _said_of(link: Link) -> str:
    """What the link of a title is and is called, where its address does not tell and its words are the title's."""
    if not link.label and link.kind == "paper" and link.url.startswith(_ADDRESSES_OF_PAPERS):
        return ""
    label = "" if _label(link)[1] else _SIGN.sub(lambda match: _numbers(match[0]), tidy(without_unwanted_characters(link.label)))
    if label or link.kind != identifiers.link_kind_of(link.url):
        return f" '{link.kind}{label and ': '}{label}'"
    return ""


def _url(link: Link) -> str:
    if _SAFE_URL.fullmatch(link.url):
        return link.url
    return _NOT_IN_TARGETS.sub(lambda match: f"%{ord(match[0]):02X}", identifiers.clean_url(link.url))


# -- Signs ---------------------------------------------------------------------------------------
_SAFE_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][A-Za-z0-9._~:/?#@!$*+,=%-]*(?:&[A-Za-z0-9._~:/?#@!$*+,=%-]*)*)?")
_NOT_IN_TARGETS = re.compile(r"[()\[\]<>\"';\\^`{|}]")
_NOT_IN_KEYS = re.compile(r"[^a-z0-9?\u0080-\U0010ffff]+")
_INDEX_PAGE = re.compile(r"index\.[a-z]+$")
# Titles that say no more than they say: words, with a name before a colon, that do not end like a year.
_SURE = re.compile(
    r"(?!.*(?:['’]|\d)\d$)[^\W_]+\+{0,2}(?:(?: - |- | \((?=[^\W_]+\) )|\) |[ /+&'’-]|, |[,.](?=\d)|\? |: )[^\W_]+\+{0,2}){0,80}[?!]?"
)
_LONG = 1_000
_FOLD = re.compile(
    r"(?<=[a-z0-9,]) (?=[a-z]{2,15}[ ,])(?!(?:by|authors?|venue|paper|code|abstract|published|accepted)\b)(?![^:]{0,30}[:：])"
)
_BEGINS_A_BLOCK = re.compile(r"[^\w&`]|\d{1,9}[.)]")
_NAME = re.compile(r"(?!.*www\.)[^\W_](?:[^\W_]|[ .'-](?=[^\W_]))*")
# Text that needs no escape, and in which the lint finds nothing to say.
_PLAIN = re.compile(
    r"(?!.*www\.)(?:[^\W_]|[ .()/+%=;-]|,(?!,|$)|[!?](?=[ )]|$)|(?<!arxiv)(?<!doi)(?<!openreview):(?=[ )]|$)|(?<=[^\W_])['’])*",
    re.IGNORECASE,
)
_SPECIAL = re.compile(rf"(?P<sign>[\\`*_<>&|~$#])|[\[\]｜·•]|:(?=\S)|(?<=arxiv):|(?<=doi):|(?<=openreview):|{EMOJI.pattern}", re.IGNORECASE)
_SIGN, _SIGN_OR_LETTER = re.compile(r"[^\w\s]|_"), re.compile(r"\S")
# GitHub makes links of these, wherever they stand.
_AUTOLINKS = re.compile(r":(?=//)|(?<=www)\.|(?<=[\w.+-])@(?=[\w-]+\.)", re.IGNORECASE)
# The same sign twice; a comma at the end of words is followed by one of ours.
_REPEATED = re.compile(r"([!！~～,，·?？])(?=\1)")
_PAIRS = {"“": "”", "‘": "’", "『": "』", "（": "）", "《": "》", "「": "」", "【": "】", '"': '"'}
_HALVES = re.compile('[“”‘’『』（）《》「」【】"]')
_APOSTROPHE = re.compile(r"(?<=\w)’(?=\w|$|[\s.,;:!?()\[\]{}\"'—–])")


def _text(text: str) -> str:
    """Words as Markdown, on one line."""
    text = text.strip()
    if text.isascii() and _PLAIN.fullmatch(text) and "  " not in text:
        return text
    text = tidy(without_unwanted_characters(text))
    return text if _PLAIN.fullmatch(text) else _in_code(text, lambda part: _SPECIAL.sub(_escaped, part))


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}" if match["sign"] else _numbers(match[0])


def _by_numbers(text: str, *, letters: bool = False) -> str:
    """Words with every sign, or every letter too, written by its number: nobody takes them for anything but words."""
    signs = _SIGN_OR_LETTER if letters else _SIGN
    return _in_code(tidy(without_unwanted_characters(text)), lambda part: signs.sub(lambda match: _numbers(match[0]), part))


def _numbers(text: str) -> str:
    return "".join(f"&#{ord(sign)};" for sign in text)


def _name(text: str) -> str:
    return text if _NAME.fullmatch(text) else _by_numbers(text)


def _in_code(text: str, written: Callable[[str], str]) -> str:
    """The text as it is `written`, but signs that the lint would object to stand as code: it looks at no code."""
    signs = {match.start() for match in _AUTOLINKS.finditer(text)}
    if text.endswith(","):
        signs.add(len(text) - 1)
    for match in _REPEATED.finditer(text):
        # Behind code, the next one is the first again.
        if match.start() not in signs:
            signs.add(match.start() + 1)
    if _HALVES.search(text):
        signs |= _unbalanced(text)
    pieces: list[str] = []
    done = 0
    for is_code, run in groupby(range(len(text)), key=signs.__contains__) if signs else ((False, range(len(text))),):
        done, start = done + len(list(run)), done
        part = text[start:done]
        pieces.append(f"`{part}`" if is_code else written(part))
    return "".join(pieces)


def _unbalanced(text: str) -> set[int]:
    """Where quotation marks and wide brackets stand that have no partner, or all of them where they cross."""
    apostrophes = {match.start() for match in _APOSTROPHE.finditer(text)}
    halves = [match.start() for match in _HALVES.finditer(text) if match.start() not in apostrophes]
    open_: list[str] = []
    for place in halves:
        sign = text[place]
        if open_ and sign == open_[-1]:
            open_.pop()
        elif sign in _PAIRS:
            open_.append(_PAIRS[sign])
        else:
            return set(halves)
    return set(halves) if open_ else set()
