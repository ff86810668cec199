"""One line of Markdown, with the HTML that people put into it, as words with marks in them: here a link begins, there it ends.

Made for lines that are broken in every way: what does not close stays as it is written, and time is proportional to the
line. A sign that was escaped is no sign of structure any more: it is written apart until `plain` gives it back. Knows
nothing of papers.
"""

import re
from collections.abc import Callable, Mapping
from html import unescape
from html.entities import html5

import msgspec

from catalog.records import without_unwanted_characters

# Marks are letters of Unicode's private use, which no text from outside may hold (records.without_unwanted_characters).
LINK, END = "\ue000", "\ue001"
IMAGE = "\ue002"
STRONG, STRONG_END = "\ue003", "\ue004"
EMPHASIS, EMPHASIS_END = "\ue005", "\ue006"
CODE, CODE_END = "\ue007", "\ue008"
BREAK = "\ue009"
_MARKS = re.compile("[\ue000-\ue0ff]")
_ESCAPED = 0xF0000
_ESCAPES = re.compile("[\U000f0000-\U0010fffd]")


class Target(msgspec.Struct, frozen=True):
    """Where a link leads. `is_bare` if the address itself was all there was to read."""

    url: str
    title: str = ""
    is_bare: bool = False


class Image(msgspec.Struct, frozen=True):
    alt: str
    url: str


class Markup(msgspec.Struct, frozen=True):
    """`text` has one LINK for each of `links` and one IMAGE for each of `images`, in their order."""

    text: str
    links: tuple[Target, ...] = ()
    images: tuple[Image, ...] = ()


def plain(text: str) -> str:
    """The text without marks, with escaped signs as themselves."""
    return _ESCAPES.sub(lambda match: chr(ord(match[0]) - _ESCAPED), without_marks(text))


def without_marks(text: str) -> str:
    """The same, but escaped signs are still told from those of structure."""
    return _MARKS.sub("", text)


def has_escapes(text: str) -> bool:
    """Somebody took care that it is read as the words it is."""
    return bool(_ESCAPES.search(text))


def escaped(text: str) -> str:
    """No sign of this text is one of structure."""
    return "".join(chr(_ESCAPED + ord(sign)) if not sign.isspace() and ord(sign) < 0x1FFFE else sign for sign in text)


_URL = r"https?://[^\s<>|｜\"`\\{}^]+"
_TOKEN = re.compile(
    rf"""
    \\(?P<sign>[!-/:-@\[-`{{-~])
  | (?P<entity>&(?:\#\d{{1,7}}|\#[xX][0-9a-fA-F]{{1,6}}|[A-Za-z][A-Za-z0-9]{{1,31}});)
  | (?P<ticks>`+)
  | (?P<comment><!--)
  | <(?P<auto>{_URL})>
  | <(?P<tag>/?[A-Za-z][A-Za-z0-9]{{0,15}})(?P<attributes>(?:\s[^<>]{{0,2500}})?)/?>
  | (?P<open>!?\[)
  | (?P<close>\])
  | (?P<url>{_URL})
  | (?P<delimiter>\*{{1,3}}|(?<!\w)_{{1,3}}(?=\S)|(?<=\S)_{{1,3}}(?!\w)|~~)
    """,
    re.VERBOSE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_DESTINATION = re.compile(
    r"""\(\s{0,9}(?:<(?P<angled>[^<>\n]*)>|(?P<url>[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*))"""
    r"""(?:\s{1,9}(?:"(?P<double>[^"]{0,4000})"|'(?P<single>[^']{0,4000})'|\((?P<round>[^()]{0,4000})\)))?\s{0,9}\)"""
)
_APART = re.compile(r"\s(?=\(\s?https?://)")
_REFERENCE = re.compile(r"\[([^\[\]]{0,200})\]")
_TURNED = re.compile(r"\(([^()\[\]]{0,200})\)\[(https?://[^\s\[\]]+)\]")
_HREF = re.compile(r"""\b(href|src|alt|title)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_TAGS = {
    "b": STRONG, "/b": STRONG_END, "strong": STRONG, "/strong": STRONG_END, "i": EMPHASIS, "/i": EMPHASIS_END,
    "em": EMPHASIS, "/em": EMPHASIS_END, "code": CODE, "/code": CODE_END, "br": BREAK,
}  # fmt: skip
_DELIMITERS = {1: (EMPHASIS, EMPHASIS_END), 2: (STRONG, STRONG_END), 3: (STRONG, STRONG_END)}
_PAIRS = {")": "(", "]": "["}


def key_of(reference: str) -> str:
    """By what a reference and its definition are compared (CommonMark, 4.7)."""
    return " ".join(reference.split()).casefold()


def parse(line: str, references: Mapping[str, str] | None = None) -> Markup:
    """Read one line. `references` are the addresses that a file defines for `[text][reference]`, by key_of."""
    return _Parser(line, references or {}).parse()


def _entity(written: str) -> str:
    """What an entity stands for. The library would also find `&not` in `&nothing;`."""
    return unescape(written) if written[1] == "#" else html5.get(written[1:], written)


def _unescaped(text: str) -> str:
    """`&copy=1` in an address is no sign for copyright: what has no semicolon is no entity (CommonMark, 6.2)."""
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text) if "\\" in text else text
    return (_ENTITY.sub(lambda match: _entity(match[0]), text) if "&" in text else text).strip()


class _Parser:
    def __init__(self, line: str, references: Mapping[str, str]) -> None:
        self.line = _TURNED.sub(r"[\1](\2)", line) if ")[h" in line else line
        self.references = references
        self.pieces: list[str] = []
        # By the place of the piece where they begin.
        self.links: dict[int, Target] = {}
        self.images: dict[int, Image] = {}
        self.brackets: list[int] = []
        self.anchors: list[tuple[int, dict[str, str]]] = []
        self.delimiters: dict[str, list[int]] = {}

    def parse(self) -> Markup:
        line, place = self.line, 0
        while match := _TOKEN.search(line, place):
            if match.start() > place:
                self.pieces.append(line[place : match.start()])
            place = self._READERS[match.lastgroup or ""](self, match)
        self.pieces.append(line[place:])
        return Markup("".join(self.pieces), tuple(self._in_order(self.links)), tuple(self._in_order(self.images)))

    def _in_order[Of](self, found: dict[int, Of]) -> list[Of]:
        return [found[place] for place in sorted(found)]

    def _sign(self, match: re.Match[str]) -> int:
        # Brackets are escaped by many only because they stand around links.
        sign = match["sign"]
        self.pieces.append(sign if sign in "[]()" else escaped(sign))
        return match.end()

    def _entity(self, match: re.Match[str]) -> int:
        """A sign that was written by its number is not one of structure; `&amp;` is how HTML writes any ampersand."""
        text = _entity(match["entity"])
        text = " " if text.isspace() else without_unwanted_characters(text)
        self.pieces.append(escaped(text) if match["entity"][1] == "#" else text)
        return match.end()

    def _code(self, match: re.Match[str]) -> int:
        ticks = match["ticks"]
        closing = re.compile(rf"(?<!`){ticks}(?!`)").search(self.line, match.end()) if len(ticks) <= 3 else None
        if closing is None:
            self.pieces.append(ticks)
            return match.end()
        inside = self.line[match.end() : closing.start()]
        inside = inside[1:-1] if len(inside) > 2 and inside[0] == inside[-1] == " " else inside
        # Signs alone are there to be themselves.
        self.pieces += (CODE, inside if any(map(str.isalnum, inside)) else escaped(inside), CODE_END)
        return closing.end()

    def _comment(self, match: re.Match[str]) -> int:
        end = self.line.find("-->", match.end())
        return len(self.line) if end < 0 else end + 3

    def _auto(self, match: re.Match[str]) -> int:
        self._bare(match["auto"])
        return match.end()

    def _url(self, match: re.Match[str]) -> int:
        url = match["url"]
        while url and (url[-1] in ".,:;!?'*_~" or (url[-1] in _PAIRS and url.count(url[-1]) > url.count(_PAIRS[url[-1]]))):
            url = url[:-1]
        # A bracket that is not its own ends it.
        closed = url.find("](")
        url = url[:closed] if closed >= 0 else url
        self._bare(url)
        return match.start() + len(url)

    def _bare(self, url: str) -> None:
        self.links[len(self.pieces)] = Target(url, is_bare=True)
        self.pieces += (LINK, END)

    def _tag(self, match: re.Match[str]) -> int:
        name = match["tag"].lower()
        if name in {"a", "img"}:
            attributes = {name.lower(): _unescaped(one or two or three) for name, one, two, three in _HREF.findall(match["attributes"])}
            if name == "img":
                self._image(attributes.get("alt", ""), attributes.get("src", ""))
            else:
                self.anchors.append((len(self.pieces), attributes))
                self.pieces.append("")
        elif name == "/a":
            if self.anchors:
                place, attributes = self.anchors.pop()
                if url := attributes.get("href"):
                    self._link(place, Target(url.strip(), attributes.get("title", "")))
        else:
            self.pieces.append(_TAGS.get(name, ""))
        return match.end()

    def _image(self, alt: str, url: str) -> None:
        self.images[len(self.pieces)] = Image(alt, url)
        self.pieces.append(IMAGE)

    def _open(self, match: re.Match[str]) -> int:
        self.brackets.append(len(self.pieces))
        self.pieces.append(match[0])
        return match.end()

    def _close(self, match: re.Match[str]) -> int:
        opened = self.brackets.pop() if self.brackets else None
        target, end = self._target(match.end(), opened) if opened is not None else (None, match.end())
        if opened is None or target is None:
            self.pieces.append("]")
        elif self.pieces[opened] == "![":
            alt = plain("".join(self.pieces[opened + 1 :]))
            del self.pieces[opened:]
            self._forget_from(opened)
            self._image(alt, target.url)
        else:
            self._link(opened, target)
        return end

    def _link(self, opened: int, target: Target) -> None:
        """An image may be in a link; of links in a link, the outer one is what was meant."""
        while self.links and (inner := next(reversed(self.links))) > opened:
            del self.links[inner]
            self.pieces[inner] = ""
            self.pieces[self.pieces.index(END, inner)] = ""
        self.links[opened] = target
        self.pieces[opened] = LINK
        self.pieces.append(END)

    def _forget_from(self, place: int) -> None:
        while self.links and next(reversed(self.links)) >= place:
            self.links.popitem()
        while self.images and next(reversed(self.images)) >= place:
            self.images.popitem()
        for places in self.delimiters.values():
            while places and places[-1] >= place:
                places.pop()
        self.anchors = [anchor for anchor in self.anchors if anchor[0] < place]

    def _target(self, place: int, opened: int) -> tuple[Target | None, int]:
        line = self.line
        if apart := _APART.match(line, place):
            place = apart.end()
        if line.startswith("(", place):
            if match := _DESTINATION.match(line, place):
                title = next((match[name] for name in ("double", "single", "round") if match[name]), "")
                url = match["angled"] if match["angled"] is not None else match["url"]
                return Target(_unescaped(url), _unescaped(title)), match.end()
        elif self.references:
            match = _REFERENCE.match(line, place)
            reference = match[1] if match and match[1] else plain("".join(self.pieces[opened + 1 :]))
            if url := self.references.get(key_of(reference)):
                return Target(url), match.end() if match else place
        return None, place

    def _delimiter(self, match: re.Match[str]) -> int:
        run = match["delimiter"]
        before, after = self.line[match.start() - 1 : match.start()], self.line[match.end() : match.end() + 1]
        opened = self.delimiters.setdefault(run, [])
        if run == "~~":
            self.pieces.append("")
        elif opened and before and not before.isspace():
            begin, end = _DELIMITERS[len(run)]
            self.pieces[opened.pop()] = begin
            self.pieces.append(end)
        else:
            if after and not after.isspace() and not (run[0] == "_" and before.isalnum()):
                opened.append(len(self.pieces))
            self.pieces.append(run)
        return match.end()

    _READERS: Mapping[str, Callable[["_Parser", re.Match[str]], int]] = {
        "sign": _sign, "entity": _entity, "ticks": _code, "comment": _comment, "auto": _auto, "attributes": _tag, "open": _open,
        "close": _close, "url": _url, "delimiter": _delimiter,
    }  # fmt: skip
