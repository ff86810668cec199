"""Lists of papers as people keep them: Markdown of every kind, the HTML in it, and plain lines with or without marks.

Reads line by line, because such files are often broken and the report has to name the line. What does not close ends where
it began, so that one slip does not swallow the rest. Time is proportional to the file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile

import msgspec

from catalog import identifiers, markup, records
from catalog.bullets import MARKER, Bullet
from catalog.formats.format import Entry, Ignored, Piece, not_understood
from catalog.formats.headings import Headings
from catalog.formats.tables import DELIMITERS, Part, cells_of, columns_of, parts_of, read_row, rows_of
from catalog.records import Category, Kind, Link, tidy
from catalog.spellings import MAX_LINE
from catalog.vocabulary import kind_of_heading

# In characters. Definitions may stand at the end, so a file is read as a whole; who takes it from strangers has a smaller limit.
MAX_TEXT = 256_000_000
PLACE = re.compile(r"<!-- place: (?P<path>[\w/-]{1,300}) -->")


def read(lines: Iterable[str]) -> Iterator[Piece]:
    kept: list[str] = []
    size, lines = 0, iter(lines)
    for line in lines:
        size += len(line) + 1
        if size > MAX_TEXT:
            yield not_understood(1, line, f"longer than {MAX_TEXT} characters", lines=len(kept) + 1 + sum(1 for _line in lines))
            return
        kept.append(records.without_unwanted_characters(line).expandtabs(4) if not line.isprintable() else line)
    yield from _at_home(list(_List(kept).read()))


def _at_home(pieces: list[Piece]) -> Iterator[Piece]:
    """Entries that only say that a paper stands here too, with the place where the same list has it in full."""
    homes: dict[str, Category] = {}
    for piece in pieces:
        if isinstance(piece, Entry) and piece.record.categories and (place := piece.record.categories[0]).primary:
            homes.setdefault(piece.record.title, place)
    for piece in pieces:
        if isinstance(piece, Entry) and piece.record.categories and not piece.record.categories[0].primary:
            home = [homes[piece.record.title]] if piece.record.title in homes else []
            record = records.replace(piece.record, categories=(*piece.record.categories, *home))
            yield msgspec.structs.replace(piece, record=record)
        else:
            yield piece


class _Item(msgspec.Struct):
    """An item of a list with the lines that are its own; `above` is the number of the item it stands below, in its block."""

    line: int
    indent: int
    head: str
    above: int | None = None
    below: list[str] = []


# Lines below one item: more of them are no list.
_MOST_BELOW = 200
_ATX = re.compile(r"\s{0,3}(?P<signs>#{1,6})(?:\s+|(?=[^#\s!]))(?P<text>.*?)(?:\s+#+)?\s*|\s{0,3}(?P<empty>#{1,6})\s*")
_UNDERLINE = re.compile(r"\s{0,3}(?:(=+)|(-{2,}))\s*")
_RULE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})[^`]*")
_DEFINITION = re.compile(r"\s{0,3}\[(?P<name>[^\[\]^]{1,200})\]:\s*<?(?P<url>[^\s<>]+)>?.*")
_HTML_HEADING = re.compile(
    r"\s*(?:<(?:div|p|center|a|br)\b[^<>]*>\s*)*<h(?P<level>[1-6])\b[^<>]*>(?P<text>.*?)(?P<close></h[1-6]\s*>.*)?", re.IGNORECASE
)
_SUMMARY = re.compile(r"\s*(?:<details\b[^<>]*>)?\s*<summary\b[^<>]*>(?P<text>.*?)(?:</summary\s*>(?P<rest>.*))?", re.IGNORECASE)
_HTML_BLOCK = re.compile(r"\s*<(?P<tag>table|ul|ol|li|tr)\b", re.IGNORECASE)
_ANY_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2500}>|<!--.*?-->")
_BOLD = re.compile(
    r"\s*(?:\*\*|__)(?P<text>[^*_\[\]]{1,150}?)(?:\*\*|__)\s*:?\s*|\s*<(b|strong)>(?P<html>[^<>\[\]]{1,150})</\2>\s*:?(?:<br\s*/?>)?\s*"
)
_ITEM = re.compile(rf"(?P<indent>\s*)(?:>\s*)?(?P<marker>{MARKER.pattern.removeprefix('^').removeprefix(chr(92) + 's*')})(?=\S)")
_EMPTY_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,4}[.)])\s*")
_ANCHOR = re.compile(
    r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]\(\s*#[^()]*\)[\s*_.,;:|]*|<a\s[^<>]*href=[\"']?#[^<>]*>.*</a>\s*", re.IGNORECASE
)
_RELATED = re.compile(
    r"\W*(?:(?:an?|the|its|see|our)\s\W*)?(?:arxiv|extended|journal|conference|full|long|short|earlier|previous|related|also|follow|preprint|code|slides?|video"
    r"|talk|blog|website|project|paper|pdf|link|note|notes|summary|tl;?dr|abstract|authors?|venue|poster|demo|data|dataset)\b",
    re.IGNORECASE,
)
# `[Journal version of it](address)`
_VERSION = re.compile(r"\W*(?:\w+ ){0,2}version\b", re.IGNORECASE)


class _List:
    def __init__(self, lines: list[str]) -> None:
        if lines:
            lines[0] = lines[0].removeprefix("\ufeff")
        self.lines = lines
        # What was looked for and does not come any more.
        self.never: set[str] = set()
        self.references = self._definitions()
        real = [
            match for line in lines if "#" in line or "<" in line for match in [_ATX.fullmatch(line) or _HTML_HEADING.match(line)] if match
        ]
        self.is_plain = not real and not any(map(self._is_underlined, range(len(lines))))
        self.headings = Headings(is_section=self._begins_with_a_section())

    def _definitions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self.lines:
            if "]:" in line and (match := _DEFINITION.fullmatch(line)):
                found.setdefault(markup.key_of(match["name"]), match["url"])
        return found

    # -- Blocks ------------------------------------------------------------------------------------
    def read(self) -> Iterator[Piece]:
        place = 0
        while place < len(self.lines):
            line = self.lines[place]
            if len(line) > MAX_LINE and not line.isspace():
                yield not_understood(place + 1, line, f"longer than {MAX_LINE} characters")
                place += 1
                continue
            for reader in self._READERS:
                if found := reader(self, place, line):
                    end, pieces = found
                    yield from pieces
                    place = end
                    break

    def _ignore(self, place: int, end: int, kind: str) -> tuple[int, list[Piece]]:
        return end, [Ignored(line=place + 1, kind=kind, lines=end - place)]

    def _find(self, start: int, text: str) -> int | None:
        """The line that holds a text, from this one on."""
        if text in self.never:
            return None
        for place in range(start, len(self.lines)):
            if text in self.lines[place]:
                return place
        self.never.add(text)
        return None

    def _blank(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        if line.strip():
            return None
        end = place + 1
        while end < len(self.lines) and not self.lines[end].strip():
            end += 1
        return self._ignore(place, end, "blank")

    def _front_matter(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        if place or line.rstrip() not in {"---", "+++"}:
            return None
        end = next((end for end in range(1, min(len(self.lines), 500)) if self.lines[end].rstrip() in {line.rstrip(), "..."}), None)
        return self._ignore(place, end + 1, "front-matter") if end else None

    def _fence(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        match = _FENCE.fullmatch(line)
        if match is None:
            return None
        end = self._end_of_fence(place, match[1])
        return self._ignore(place, end, "code")

    def _end_of_fence(self, place: int, fence: str) -> int:
        """Behind the line that closes it; one that nothing closes is no more than its line."""
        if f"fence {fence}" in self.never:
            return place + 1
        for end in range(place + 1, len(self.lines)):
            line = self.lines[end].strip()
            if line.startswith(fence) and not line.strip(fence[0]):
                return end + 1
        self.never.add(f"fence {fence}")
        return place + 1

    def _comment(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        if not line.lstrip().startswith("<!--"):
            return None
        if match := PLACE.fullmatch(line.strip()):
            self.headings.say_path(match["path"])
        end = self._find(place, "-->")
        if end == place and line.rpartition("-->")[2].strip():
            return None
        return self._ignore(place, place + 1 if end is None else end + 1, "comment")

    def _definition(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        return self._ignore(place, place + 1, "definition") if _DEFINITION.fullmatch(line) else None

    # -- Headings ----------------------------------------------------------------------------------
    def _heading(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        if match := _ATX.fullmatch(line):
            self.headings.begin(len(match["signs"] or match["empty"]), match["text"] or "")
            return self._ignore(place, place + 1, "heading")
        if self._is_underlined(place):
            self.headings.begin(1 if "=" in self.lines[place + 1] else 2, line)
            return self._ignore(place, place + 2, "heading")
        return None

    def _is_underlined(self, place: int) -> bool:
        line = self.lines[place]
        if place + 1 >= len(self.lines) or not line.strip() or not _UNDERLINE.fullmatch(self.lines[place + 1]):
            return False
        return not (
            _ITEM.match(line) or "|" in line or _RULE.fullmatch(line) or _ATX.fullmatch(line) or line.lstrip().startswith((">", "<"))
        )

    def _html_heading(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        if "<" not in line:
            return None
        if match := _HTML_HEADING.fullmatch(line):
            end, text = place, match["text"]
            if not match["close"]:
                for end in range(place + 1, min(place + 6, len(self.lines))):
                    text += " " + self.lines[end]
                    if re.search(r"</h[1-6]\s*>", self.lines[end], re.IGNORECASE):
                        break
                else:
                    end = place
            self.headings.begin(int(match["level"]), text)
            return self._ignore(place, end + 1, "heading")
        if (match := _SUMMARY.fullmatch(line)) and self.headings.begin_fold(match["text"]):
            return self._ignore(place, place + 1, "heading")
        if re.match(r"\s*</details\s*>", line, re.IGNORECASE):
            self.headings.end_fold()
            return self._ignore(place, place + 1, "html")
        return None

    def _bold_heading(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        """`**General**`, alone and over a list."""
        match = _BOLD.fullmatch(line)
        if match is None:
            return None
        after = next((each for each in self.lines[place + 1 : place + 4] if each.strip()), "")
        if not (_ITEM.match(after) or "|" in after or _HTML_BLOCK.match(after)):
            return None
        self.headings.begin_bold(match["text"] or match["html"])
        return self._ignore(place, place + 1, "heading")

    def _begins_with_a_section(self) -> bool:
        """The first heading does not name the list if papers stand right under it and more of its kind follow."""
        starts = [place for place, line in enumerate(self.lines) if line.lstrip().startswith("# ") and _ATX.fullmatch(line)]
        under = takewhile(lambda line: not _ATX.fullmatch(line), self.lines[starts[0] + 1 :]) if len(starts) > 1 else ()
        return any(map(_ITEM.match, under))

    def _rule(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        return self._ignore(place, place + 1, "rule") if _RULE.fullmatch(line) else None

    # -- Items -------------------------------------------------------------------------------------
    def _items(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        if not _ITEM.match(line):
            return self._ignore(place, place + 1, "blank") if _EMPTY_ITEM.fullmatch(line) and not _RULE.fullmatch(line) else None
        if _RULE.fullmatch(line):
            return None
        items, end = self._block(place)
        return end, list(self._pieces_of(items, end))

    def _block(self, place: int) -> tuple[list[_Item], int]:
        """One item with everything that stands below it: its lines, the items under it, their lines."""
        items: list[_Item] = []
        open_: list[int] = []
        base = self._indent(place)
        end = place
        while end < len(self.lines):
            line = self.lines[end]
            if not line.strip():
                after = self._after_blank(end)
                if after is None or self._indent(after) <= base or not (self._indent(after) >= base + 2 or _ITEM.match(self.lines[after])):
                    break
                end = after
                continue
            if end > place and (len(line) > MAX_LINE or len(items[-1].below) == _MOST_BELOW):
                break
            if (match := _ITEM.match(line)) and not _RULE.fullmatch(line):
                indent = len(match["indent"])
                if items and indent <= base:
                    break
                while open_ and items[open_[-1]].indent >= indent:
                    open_.pop()
                items.append(_Item(line=end, indent=indent, head=line[match.end() :], above=open_[-1] if open_ else None))
                open_.append(len(items) - 1)
            elif (fence := _FENCE.fullmatch(line)) and self._indent(end) > base:
                end = self._end_of_fence(end, fence[1]) - 1
            elif _OPEN_BRACKET.search(self.lines[end - 1][-1_000:]):
                items[-1].below.append(line)
            elif self._indent(end) <= base and (self._begins_block(end) or not self.lines[end - 1].strip()):
                break
            else:
                items[-1].below.append(line)
            end += 1
        return items, end

    def _after_blank(self, place: int) -> int | None:
        return next((after for after in range(place, min(place + 3, len(self.lines))) if self.lines[after].strip()), None)

    def _indent(self, place: int) -> int:
        line = self.lines[place]
        return len(line) - len(line.lstrip())

    def _begins_block(self, place: int) -> bool:
        line = self.lines[place]
        if line.lstrip().startswith(("#", ">", "<!--")) or _RULE.fullmatch(line) or _FENCE.fullmatch(line) or _DEFINITION.fullmatch(line):
            return True
        if re.match(r"\s*</?(?:details|summary|h[1-6]|table|ul|ol|div|p|center)\b", line, re.IGNORECASE) or _BOLD.fullmatch(line):
            return True
        return self.is_plain or self._is_underlined(place) or self._begins_table(place)

    def _pieces_of(self, items: list[_Item], end: int) -> Iterator[Piece]:
        """Papers, and what belongs to the paper above; the lines of each are settled at the end."""
        found: list[tuple[int, Callable[[int], Piece]]] = []
        owners: dict[int | None, Bullet] = {}
        groups: list[int] = []
        papers = [item.above is None or self._is_paper(item) for item in items]
        heads = {item.above for item, is_paper in zip(items, papers, strict=True) if is_paper}
        for number, item in enumerate(items):
            while groups and items[groups[-1]].indent >= item.indent:
                groups.pop()
                self.headings.end_group()
            owner = owners.get(item.above)
            if self.headings.ignored_as or _ANCHOR.fullmatch(item.head):
                found.append((item.line, self._as_ignored(item.line, self.headings.ignored_as or "contents")))
            elif number in heads and self._is_group(item):
                self.headings.begin_group(item.head)
                groups.append(number)
                found.append((item.line, self._as_ignored(item.line, "heading")))
            elif owner and not papers[number]:
                owner.take_remark(" ".join((item.head, *map(str.strip, item.below))))
                owners[number] = owner
            else:
                bullet = owners[number] = self._bullet(item)
                found.append((item.line, self._as_entry(item.line, bullet)))
        for _group in groups:
            self.headings.end_group()
        yield from _ended(found, end)

    def _as_ignored(self, place: int, kind: str) -> Callable[[int], Piece]:
        return lambda end: Ignored(line=place + 1, kind=kind, lines=end - place)

    def _as_entry(self, place: int, bullet: Bullet) -> Callable[[int], Piece]:
        """What a bullet has become once everything below it is read, at the place that is open now."""
        category, names = self.headings.category, self.headings.names

        def piece(end: int) -> Piece:
            reading = bullet.reading()
            if reading is None:
                reason = "an address without a title" if bullet.links else "no title"
                return not_understood(place + 1, self.lines[place], reason, lines=end - place)
            record = reading.record
            if bullet.kind is None and record.kind == "paper":
                record = records.replace(record, kind=kind_of(record.title, bullet.own_link, names, is_identified=bool(record.identifiers)))
            if category:
                position = self.headings.next_position(category.path)
                here = records.replace(category, position=position, primary=not bullet.is_also_here, note=bullet.note_here)
                record = records.replace(record, categories=(here,))
            return Entry(line=place + 1, record=record, lines=end - place, headings=names)

        return piece

    def _bullet(self, item: _Item) -> Bullet:
        bullet = Bullet(references=self.references)
        head, details = _unfolded(item)
        bullet.take_head(head)
        for detail in details:
            bullet.take_detail(detail)
        return bullet

    def _is_paper(self, item: _Item) -> bool:
        """An item below another is a paper of its own if it has a title that is a link, or a venue before it."""
        if _VERSION.match(item.head) or (_RELATED.match(item.head) and not item.head.lstrip("*_").startswith("[")):
            return False
        bullet = Bullet(references=self.references)
        bullet.take_head(item.head)
        return len(bullet.title.split()) >= 3 and bullet.has_own_link_or_venue

    def _is_group(self, item: _Item) -> bool:
        """An item without a link over items that are papers: a heading."""
        bullet = Bullet(references=self.references)
        bullet.take_head(item.head)
        return not bullet.links and not bullet.venue and not bullet.refused and len(item.head.split()) <= 8

    # -- Tables and lists in HTML --------------------------------------------------------------------
    def _table(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        if not self._begins_table(place):
            return None
        end = place + 2
        while end < len(self.lines) and "|" in self.lines[end] and not _ATX.fullmatch(self.lines[end]):
            end += 1
        rows = ((number, cells_of(self.lines[number])) for number in range(place + 2, end))
        return end, [Ignored(line=place + 1, kind="table", lines=2), *self._rows(columns_of(cells_of(line)), rows, end)]

    def _begins_table(self, place: int) -> bool:
        if place + 1 >= len(self.lines) or "|" not in self.lines[place] or "-" not in (below := self.lines[place + 1]):
            return False
        return "|" in below and len(below) <= MAX_LINE and bool(DELIMITERS.fullmatch(below))

    def _rows(self, columns: Sequence[str], rows: Iterable[tuple[int, list[str]]], end: int) -> Iterator[Piece]:
        found: list[tuple[int, Callable[[int], Piece]]] = []
        for place, cells in rows:
            if self.headings.ignored_as or not any(map(str.strip, cells)):
                found.append((place, self._as_ignored(place, self.headings.ignored_as or "table")))
            elif len(self.lines[place]) > MAX_LINE:
                found.append((place, self._as_too_long(place)))
            else:
                found.append((place, self._as_entry(place, read_row(columns, cells, self.references))))
        return _ended(found, end)

    def _as_too_long(self, place: int) -> Callable[[int], Piece]:
        return lambda end: not_understood(place + 1, self.lines[place], f"longer than {MAX_LINE} characters", lines=end - place)

    def _html(self, place: int, line: str) -> tuple[int, list[Piece]] | None:
        match = _HTML_BLOCK.match(line)
        if match is None:
            return None
        tag = match["tag"].lower()
        end = self._end_of_html(place, tag)
        parts = parts_of("\n".join(self.lines[place:end]), place)
        if any(part.tag in {"td", "th"} for part in parts):
            pieces = self._html_rows(*rows_of(parts), end)
        else:
            pieces = self._html_items([part for part in parts if part.tag == "li"], end)
        found = list(pieces)
        before = (found[0].line - 1 if found else end) - place
        return end, [*([Ignored(line=place + 1, kind="html", lines=before)] if before else []), *found]

    def _end_of_html(self, place: int, tag: str) -> int:
        """Behind the tag that closes it; where none does, the block is what its line holds."""
        depth = 0
        if f"</{tag}" in self.never:
            return place + 1
        for end in range(place, len(self.lines)):
            line = self.lines[end].lower()
            if len(line) > MAX_LINE:
                return max(end, place + 1)
            if f"{tag}" in line:
                depth += len(re.findall(rf"<{tag}\b", line)) - line.count(f"</{tag}")
                if depth <= 0:
                    return end + 1
        self.never.add(f"</{tag}")
        return place + 1

    def _html_rows(self, columns: Sequence[str], rows: Sequence[tuple[int, list[str]]], end: int) -> Iterator[Piece]:
        if columns:
            (header, _names), *rows = rows
            after = rows[0][0] if rows else end
            yield Ignored(line=header + 1, kind="table", lines=after - header)
        yield from self._rows(columns or [""] * max((len(cells) for _line, cells in rows), default=0), rows, end)

    def _html_items(self, parts: Iterable[Part], end: int) -> Iterator[Piece]:
        items: list[_Item] = []
        open_: list[int] = []
        for part in parts:
            while open_ and items[open_[-1]].indent >= part.depth:
                open_.pop()
            items.append(_Item(line=part.line, indent=part.depth, head=part.text, above=open_[-1] if open_ else None))
            open_.append(len(items) - 1)
        yield from self._pieces_of(items, end)

    # -- Paragraphs ----------------------------------------------------------------------------------
    def _paragraph(self, place: int, line: str) -> tuple[int, list[Piece]]:
        end = place + 1
        while end < len(self.lines) and self._goes_on(end):
            end += 1
        if self.is_plain and (begin := self._plain_headings(place, end)) < end:
            return end, [
                *([Ignored(line=place + 1, kind="prose", lines=begin - place)] if begin > place else []),
                Ignored(line=begin + 1, kind="heading", lines=end - begin),
            ]
        if not self.headings.ignored_as and self.headings and self._is_entry(line):
            item = _Item(line=place, indent=0, head=line.strip(), below=self.lines[place + 1 : end])
            return end, [self._as_entry(place, self._bullet(item))(end)]
        words = markup.parse(_ANY_TAG.sub("", " ".join(self.lines[place:end])[:MAX_LINE]))
        if line.lstrip().startswith(">"):
            kind = "quote"
        elif markup.plain(words.text).strip() or any(link.is_bare for link in words.links):
            kind = "prose"
        else:
            kind = "image" if words.images or "<img" in line else "html"
        return self._ignore(place, end, self.headings.ignored_as or kind)

    def _goes_on(self, place: int) -> bool:
        line = self.lines[place]
        is_other = not line.strip() or _ITEM.match(line) or len(line) > MAX_LINE or _ATX.fullmatch(line)
        return not is_other and ((self.is_plain and not _HTML_BLOCK.match(line)) or not self._begins_block(place))

    def _plain_headings(self, place: int, end: int) -> int:
        """In a file without marks, the lines over a list are its headings: where they begin. Two are one below the other."""
        after = self._after_blank(end)
        if after is None or not _ITEM.match(self.lines[after]):
            return end
        begin = end
        while begin > place and len(self.lines[begin - 1]) <= 100 and not self.lines[begin - 1].rstrip().endswith((".", ":", "!")):
            begin -= 1
        for level, text in enumerate(self.lines[begin:end], start=2):
            self.headings.begin(level, text)
        return begin

    def _is_entry(self, line: str) -> bool:
        """A paragraph that begins with its linked title, in a list that has no bullets."""
        return bool(_ENTRY.match(line)) and self._is_paper(_Item(line=0, indent=0, head=line.strip()))

    _READERS: Sequence[Callable[["_List", int, str], tuple[int, list[Piece]] | None]] = (
        _blank, _front_matter, _fence, _comment, _html_heading, _heading, _rule, _table, _bold_heading, _items, _html, _definition,
        _paragraph,
    )  # fmt: skip


_ENTRY = re.compile(
    r"\s*(?:\d{1,4}[.)]\s*)?(?:[\[(][^\[\]()]{1,60}[\])]\s*)?(?:\*\*|__|[*_\"“]|<b>|<strong>)*"
    r"(?:\[[^\[\]]+\]\([^\s()]+\)|<a\s[^<>]*>[^<>]*</a>)(?:\*\*|__|[*_\"”]|</b>|</strong>)*\s*(?:$|[,.;(|\[*_]|<|[-–—:]\s)",
    re.IGNORECASE,
)
# A line that is broken in the source only.
_OPEN_BRACKET = re.compile(r"\[[^\[\]]*$|\]\([^()\s]*$")
_HARD_BREAK = re.compile(r"(?:\s\s|\\|<br\s*/?>)\s*$", re.IGNORECASE)
_ENDS = re.compile(r"(?:[)\]*_`>.;]|\*\*)\s*$")
_BEGINS = re.compile(r"[\[!<*_`(|📄💻]|(?:by|authors?|venue|paper|code|tl;?dr|abstract|published|accepted)\b", re.IGNORECASE)
_DETAILS = re.compile(r"</?(?:details|div|p|ul|li|center)\b[^<>]*>|</summary\s*>", re.IGNORECASE)
_SUMMARY_IN_ITEM = re.compile(r"<summary\b[^<>]*>\s*([^<>]*?)\s*:?\s*</summary\s*>", re.IGNORECASE)


def _ended(found: Sequence[tuple[int, Callable[[int], Piece]]], end: int) -> Iterator[Piece]:
    """Each piece reaches to where the next begins, the last to the end."""
    ends = [place for place, _piece in found[1:]] + [end]
    return (piece(its_end) for (_place, piece), its_end in zip(found, ends, strict=False))


def _unfolded(item: _Item) -> tuple[str, list[str]]:
    """The head of an item, and what stands on lines of its own below it."""
    head, details = item.head, list[str]()
    text = item.head
    for line in item.below:
        stripped = line.strip()
        if _OPEN_BRACKET.search(text[-1_000:]):
            text = f"{text.rstrip()}{'' if stripped.startswith(']') else ' '}{stripped}"
        elif details or _HARD_BREAK.search(text) or _ENDS.search(text) or _BEGINS.match(stripped) or Bullet().is_fact(stripped):
            details.append(text)
            text = stripped
        else:
            text = f"{text.rstrip()} {stripped}"
    details.append(text)
    head = details.pop(0)
    joined = " ".join(details) if any("<" in detail for detail in details) else ""
    if "<details" in joined or "<summary" in joined:
        details = [_DETAILS.sub(" ", _SUMMARY_IN_ITEM.sub(r"\1: ", joined))]
    return tidy(head), [tidy(detail) for detail in details if detail.strip()]


def kind_of(title: str, main: Link | None, headings: Sequence[str], *, is_identified: bool) -> Kind:
    """What its title and address, or else the nearest heading that does, say a work is. What has an identifier is a paper or a survey."""
    said: Kind | None = next(filter(None, map(kind_of_heading, reversed(headings))), None)
    if is_identified:
        return "survey" if said == "survey" else "paper"
    url = main.url if main else ""
    if _LIST.search(title) or _LIST.search(url):
        return "list"
    if _TALK.search(title) or (main and identifiers.link_kind_of(url) == "video"):
        return "talk"
    if said == "leaderboard" and "leaderboard" not in title.lower() and "benchmark" in title.lower():
        return "benchmark"
    return said or ("framework" if main and main.kind == "code" else "paper")


_LIST = re.compile(r"\b(?:curated|paper|reading) list\b|\blist of\b|github\.com/[^/]+/awesome[-_]", re.IGNORECASE)
_TALK = re.compile(r"\b(?:keynote|invited talk)\b", re.IGNORECASE)
