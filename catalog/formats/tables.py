"""Tables of papers, in Markdown and in HTML: which cell holds what follows from the words over its column."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from catalog import markup
from catalog.bullets import Bullet
from catalog.records import fold
from catalog.vocabulary import FIELDS, NAME_COLUMNS, TITLE_COLUMNS

DELIMITERS = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_BARS = re.compile(r"(?<!\\)\|")
_TAG = re.compile(r"<(?P<end>/?)(?P<tag>table|thead|tbody|ul|ol|li|tr|td|th)\b[^<>]{0,500}>", re.IGNORECASE)


def cells_of(line: str) -> list[str]:
    """The cells of a row of Markdown, with or without bars at its ends."""
    cells = [cell.strip() for cell in _BARS.split(line.strip())]
    if cells and not cells[0] and line.lstrip().startswith("|"):
        del cells[0]
    if cells and not cells[-1]:
        del cells[-1]
    return cells


def columns_of(cells: Sequence[str]) -> list[str]:
    """What the cells of a header call their columns."""
    return [fold(markup.plain(markup.parse(cell).text)) for cell in cells]


def read_row(columns: Sequence[str], cells: Sequence[str], references: Mapping[str, str]) -> Bullet:
    bullet = Bullet(references=references)
    filled = [(name, cell) for name, cell in zip(columns, cells, strict=False) if cell.strip()]
    titles = sorted((pair for pair in filled if pair[0] in TITLE_COLUMNS), key=lambda pair: TITLE_COLUMNS.index(pair[0]))
    # Without a column that is called so, the first that is not called otherwise.
    titles = titles or [pair for pair in filled if pair[0] not in FIELDS][:1] or filled[:1]
    for pair in titles:
        if not bullet.title:
            bullet.take_head(pair[1])
        else:
            bullet.take_cell("short name" if pair[0] in NAME_COLUMNS else "links", pair[1])
    for pair in filled:
        if pair not in titles:
            bullet.take_cell(*pair)
    return bullet


class Part(NamedTuple):
    """What follows a tag of HTML, up to the next: the line where it begins, how deep its list is in others, its text on one line."""

    line: int
    tag: str
    depth: int
    text: str


def parts_of(text: str, first_line: int) -> list[Part]:
    """The items, rows and cells of lists and tables in HTML, in order."""
    found: list[Part] = []
    tags = list(_TAG.finditer(text))
    line, seen, depth = first_line, 0, 0
    for tag, after in zip(tags, [*tags[1:], None], strict=True):
        line += text.count("\n", seen, tag.start())
        seen = tag.start()
        name = tag["tag"].lower()
        if name in {"ul", "ol", "table"}:
            depth += -1 if tag["end"] else 1
        elif not tag["end"] and name in {"li", "tr", "td", "th"}:
            inside = text[tag.end() : after.start() if after else len(text)]
            found.append(Part(line, name, depth, " ".join(inside.split())))
    return found


def rows_of(parts: Sequence[Part]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The columns, where a row names them, and the rows of cells with their lines; the header is among them."""
    rows: list[tuple[int, list[Part]]] = []
    for part in parts:
        if part.tag == "tr" or not rows:
            rows.append((part.line, []))
        if part.tag in {"td", "th"}:
            rows[-1][1].append(part)
    texts = [(line, [cell.text for cell in cells]) for line, cells in rows if cells]
    first = next((cells for _line, cells in rows if cells), [])
    columns = columns_of([cell.text for cell in first])
    names_columns = any(cell.tag == "th" for cell in first) or any(name in TITLE_COLUMNS for name in columns)
    return (columns if names_columns else []), texts
