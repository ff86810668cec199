"""Pictures of numbers, drawn as SVG: each mark is a link to the list behind it. Everything returned is escaped here, once.

The tables beside them say the same; readers of the screen are told each mark by its name.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from math import ceil, sqrt

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog import periods
from catalog.records import LAST_YEAR
from catalog.statistics import Grid, Mark, Month
from catalog.templatetags.openshelf import spines
from catalog.templatetags.waiting import duration

register = template.Library()

# Units of a drawing, which is as wide as its place: columns fill it, so that each is wide enough for a finger.
WIDTH, BOARD, TOP, HEIGHT = 640, 194, 30, 220
GAP = 8
# Strokes of a row: as many as are told apart.
STROKES = 80


@dataclass(frozen=True, kw_only=True)
class _Column:
    """One mark: what is over it and under it, how it is called, and where it leads. `base` is what it stands upon."""

    under: str
    over: str
    name: str
    address: str
    size: float
    base: float = 0


# -- Months ----------------------------------------------------------------------------------
@register.simple_tag
def growth(months: Iterable[Month]) -> SafeString:
    """Papers there were before each month, and those that came in."""

    def column(month: Month) -> _Column:
        name = _("%(month)s: %(added)d added, %(papers)d in all") % {
            "month": month.added.label,
            "added": month.added.count,
            "papers": month.papers,
        }
        added = month.added.count
        over = f"+{_short(added)}" if added else ""
        return _column(month, name, size=added, base=month.papers - added, over=over, address=month.added.address)

    return _columns(map(column, months), label=_("Papers by month"))


@register.simple_tag
def decisions(months: Iterable[Month]) -> SafeString:
    def column(month: Month) -> _Column:
        count = month.decided.count
        name = ngettext("%(month)s: %(count)d decision", "%(month)s: %(count)d decisions", count)
        name %= {"month": month.decided.label, "count": count}
        return _column(month, name, size=count, over=_short(count) if count else "", address=month.decided.address)

    return _columns(map(column, months), label=_("Decisions by month"))


@register.simple_tag
def waits(months: Iterable[Month]) -> SafeString:
    """Half of what was settled in each month had waited so long at most. A month in which nothing was breaks the line."""

    def column(month: Month) -> _Column:
        if month.wait is None:
            return _column(month, "", size=0, over="", address="")
        name = _("%(month)s: half within %(time)s") % {"month": month.decided.label, "time": duration(month.wait)}
        hours = month.wait.total_seconds() / 3600
        return _column(month, name, size=hours, over=_hours(hours), address=month.decided.address)

    return _line(list(map(column, months)), label=_("Hours to a decision by month"))


def _column(month: Month, name: str, *, size: float, over: str, address: str, base: float = 0) -> _Column:
    return _Column(under=periods.in_words(month.period, "M"), over=over, name=name, address=address, size=size, base=base)


def _short(count: int) -> str:
    """No more than fits a column; the table has all of it."""
    if count < 10_000:
        return str(count)
    return _("%(count)sk") % {"count": count // 1000} if count < 1_000_000 else _("%(count)sM") % {"count": round(count / 1_000_000, 1)}


def _hours(hours: float) -> str:
    return _short(round(hours)) if hours >= 1 else "<1"


# -- Drawing ---------------------------------------------------------------------------------
def _columns(columns: Iterable[_Column], *, label: str) -> SafeString:
    columns = list(columns)
    height_of = _scale(columns)
    width = WIDTH / len(columns)

    def drawn(place: int, column: _Column) -> SafeString:
        left, base = place * width + GAP / 2, height_of(column.base)
        # What is there at all is seen.
        size = max(2.0, height_of(column.base + column.size) - base) if column.size else 0
        parts = format_html_join(
            "",
            '<rect class="bar{}" x="{}" y="{}" width="{}" height="{}"/>',
            (
                (hot, _n(left), _n(BOARD - low - tall), _n(width - GAP), _n(tall))
                for hot, low, tall in (("", 0, base), (" hot" if column.base or place == len(columns) - 1 else "", base, size))
                if tall
            ),
        )
        return format_html("{}{}", parts, _words(column, place, width, y=BOARD - base - size - 7))

    return _drawing(columns, drawn, label=label)


def _line(columns: Sequence[_Column], *, label: str) -> SafeString:
    height_of = _scale(columns)
    width = WIDTH / len(columns)
    at = {place: (place * width + width / 2, BOARD - height_of(column.size)) for place, column in enumerate(columns) if column.over}
    line = "".join(f"{'L' if place - 1 in at else 'M'}{_n(x)} {_n(y)}" for place, (x, y) in at.items())

    def drawn(place: int, column: _Column) -> SafeString:
        x, y = at.get(place, (0, BOARD))
        dot = format_html('<circle class="dot" cx="{}" cy="{}" r="4"/>', _n(x), _n(y)) if place in at else ""
        return format_html("{}{}", dot, _words(column, place, width, y=y - 12))

    return _drawing(columns, drawn, label=label, behind=format_html('<path class="ln" d="{}"/>', line))


def _scale(columns: Sequence[_Column]) -> Callable[[float], float]:
    most = max((column.base + column.size for column in columns), default=0) or 1
    return lambda size: size / most * (BOARD - TOP)


def _words(column: _Column, place: int, width: float, *, y: float) -> SafeString:
    x = _n(place * width + width / 2)
    over = format_html('<text class="val" x="{}" y="{}" text-anchor="middle">{}</text>', x, _n(y), column.over) if column.over else ""
    return format_html('{}<text x="{}" y="{}" text-anchor="middle">{}</text>', over, x, HEIGHT - 4, column.under)


def _drawing(
    columns: Sequence[_Column], drawn: Callable[[int, _Column], SafeString], *, label: str, behind: SafeString | str = ""
) -> SafeString:
    width = WIDTH / len(columns)

    def mark(place: int, column: _Column) -> SafeString:
        if not column.address:
            return drawn(place, column)
        hit = format_html('<rect class="hit" x="{}" y="0" width="{}" height="{}"/>', _n(place * width), _n(width), HEIGHT)
        return format_html('<a href="{}" aria-label="{}">{}{}</a>', column.address, column.name, hit, drawn(place, column))

    marks = format_html_join("", "{}", ((mark(place, column),) for place, column in enumerate(columns)))
    board = format_html('<path class="ax" d="M0 {}H{}"/>', BOARD, WIDTH)
    return format_html('<svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}{}{}</svg>', WIDTH, HEIGHT, label, board, behind, marks)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


# -- Tables that are their own picture ---------------------------------------------------------
@register.filter
def most(marks: Iterable[Mark]) -> int:
    """What the longest row counts."""
    return max((mark.count for mark in marks), default=0)


@register.simple_tag
def unit_of(marks: Iterable[Mark]) -> int:
    """How many one stroke stands for, so that the longest row has no more than STROKES: 1, 2, 5, 10, 20 and so on."""
    longest = most(marks)
    return next(unit for power in count() for unit in (10**power, 2 * 10**power, 5 * 10**power) if longest <= STROKES * unit)


@register.simple_tag
def strokes(mark: Mark, unit: int, age: int) -> SafeString:
    """A row is as tall as its years are new: `age` counts from the newest."""
    return spines([LAST_YEAR - age] * -(-mark.count // unit), newest=LAST_YEAR, big=True, room=STROKES)


@register.simple_tag
def level(cell: Mark, grid: Grid) -> str:
    """How dark, from 0 for none to 3 for the most. By square roots: a few large numbers leave the others told apart."""
    return f"h{ceil(3 * sqrt(cell.count / grid.most)) if cell.count else 0}"
