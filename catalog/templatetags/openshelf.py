"""What templates draw and set: icons, shelves, headwords, lists of names. Everything returned is escaped here, once."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.core.paginator import Page
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from accounts.models import User
from catalog import credit, formats, periods, records
from catalog.facets import Choice
from catalog.formats.format import Format
from catalog.keeping import keep
from catalog.models import Link
from catalog.records import Author, Organization, Record, fold, spelling_key
from catalog.terms import JOINT

register = template.Library()

# A grid of sixteen units, line 1.5, round ends, no fill. Hidden from readers: a word always stands beside one.
ICONS = {
    "arrow": "M3 8h10M9 4l4 4-4 4",
    "chevron": "m3.5 6 4.5 4.5L12.5 6",
    "copy": "M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3",
    "cross": "m4 4 8 8M12 4l-8 8",
    "dash": "M4 8h8",
    "download": "M8 2v8M4.6 7 8 10.4 11.4 7M2.5 13.5h11",
    "external": "M6 3.5h6.5V10M12.2 3.8 4 12",
    "eye": "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8ZM8 9.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2Z",
    "fail": "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
    "filter": "M2 4h12M4.5 8h7M6.5 12h3",
    "key": "M10.5 9.5a3.5 3.5 0 1 0-3.3-2.3L2 12.4V14h2.4v-1.6H6v-1.6h1.4l1-1a3.5 3.5 0 0 0 2.1-.3ZM11 5v.1",
    "plus": "M8 3v10M3 8h10",
    "search": "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.8 10.8 14 14",
    "tick": "m3 8.5 3.2 3.2L13 4.8",
    "warn": "M8 2.2 14.6 13.6H1.4ZM8 6.6v3.2M8 11.7v.1",
}

AUTHORS_SHOWN = 6
ORGANIZATIONS_SHOWN = 4
LINKS_SHOWN = 6


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html('<svg class="ico" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>', ICONS[name])


# -- The shelf -----------------------------------------------------------------------------
@register.simple_tag
def spines(
    years: Iterable[int | None],
    *,
    newest: int | None = None,
    big: bool = False,
    here: int | None = None,
    gap: int | None = None,
    label: str = "",
    room: int = 0,
) -> SafeString:
    """One stroke a paper, in the order given: the newest year is tallest, a year less is a step less, no year is shortest.

    `newest` makes shelves comparable: without it each has its own scale. `here` is the place, counted from 1, that takes
    the accent; `gap` the place before which a dotted paper would stand (one more than there are: at the end). With `room` for
    so many strokes, shelves are comparable in length too, and may be drawn narrower than they are. Hidden from readers unless
    there is a `label`, because words beside it say the same.
    """
    years = list(years)
    tallest = newest or max((year for year in years if year), default=0)
    board, step, first = (28, 7, 2.0) if big else (20, 5, 1.5)
    strokes, accent, dotted = [], "", ""
    x = first
    for place, year in enumerate([*years, None], start=1):
        if place == gap:
            width, height = (6, 27) if big else (4, 19)
            dotted = f"M{x + 1:g} {board}v-{height}h{width}v{height}"
            x += 2 * step
        if place > len(years):
            break
        stroke = f"M{x:g} {board}v-{_height(year, tallest, big=big)}"
        if place == here:
            accent = stroke
        else:
            strokes.append(stroke)
        x += step
    width = step * room or max(round(x - first), 1)
    return format_html(
        '<svg class="spines{}" width="{}" height="{}" viewBox="0 0 {} {}"{} {}>{}{}{}</svg>',
        " big" if big else "",
        width,
        board,
        width,
        board,
        mark_safe(' preserveAspectRatio="none"') if room else "",
        format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"'),
        format_html('<path d="{}"/>', "".join(strokes)) if strokes else "",
        format_html('<path class="here" d="{}"/>', accent) if accent else "",
        format_html('<path class="gap" d="{}"/>', dotted) if dotted else "",
    )


def _height(year: int | None, newest: int, *, big: bool) -> int:
    small = 5 if year is None else min(18, max(6, 18 - 2 * (newest - year)))
    return round(small * 1.4) if big else small


# The pictures of pages with nothing to show; the words beside them say it.
STILLS = {
    "none": (90, '<path d="M1.5 20V8M6.5 20V5M71.5 20V9M76.5 20V6M81.5 20V10"/>'),
    "one": (90, '<path class="here" d="M2 20V4"/>'),
    "lost": (90, '<path d="M1.5 20V8M6.5 20V5M11.5 20V9"/><path class="here" d="m24 19.4 7-16.6"/>'),
    "gap": (90, '<path d="M1.5 20V8M6.5 20V5M11.5 20V9M26.5 20V7M31.5 20V4M36.5 20V9"/><path class="gap" d="M16.5 20V2h4v18"/>'),
    "merged": (90, '<path d="M1.5 20V8M6.5 20V5M16.5 20V9"/><path class="gap" d="M10 20V7h3v13"/><path class="here" d="M46.5 20V4"/>'),
}


@register.simple_tag
def still(name: str) -> SafeString:
    """A drawn shelf for `.nothing`: none, one, lost, gap or merged."""
    width, paths = STILLS[name]
    drawing = '<div class="shelf"><svg class="spines" width="{}" height="20" viewBox="0 0 {} 20" aria-hidden="true">{}</svg></div>'
    return format_html(drawing, width, width, mark_safe(paths))  # noqa: S308


# -- Words of a record -----------------------------------------------------------------------
_WORD = re.compile(r"[\w+'’]+")
_CHUNK = re.compile(r"\S+")


@register.simple_tag
def headword(record: Record, mark: str | Collection[str] = "") -> SafeString:
    """The title, isolated from its surroundings, with the system's name before the colon set apart.

    `mark` is folded words, such as a search has found: marked is each of them, also where it is a part of a word
    (FlashAttention) or written with a hyphen. Or it is a text that is being typed: marked is what begins with its words.
    """
    name = record.headword
    if not mark:
        return (
            format_html("<bdi><b>{}</b>{}</bdi>", name, record.title[len(name) :]) if name else format_html("<bdi>{}</bdi>", record.title)
        )
    is_marked = _is_begun(fold(mark)) if isinstance(mark, str) else frozenset(mark).__contains__
    rest = _marked(record.title[len(name) :], is_marked)
    return format_html("<bdi><b>{}</b>{}</bdi>", _marked(name, is_marked), rest) if name else format_html("<bdi>{}</bdi>", rest)


@register.simple_tag
def marked(text: str, words: Collection[str] | None = None) -> SafeString:
    """A text, with what a search has found marked in it as in a title."""
    return _marked(text, frozenset(words).__contains__) if words else conditional_escape(text)


def _is_begun(text: str) -> Callable[[str], bool]:
    """Does a word begin with one of these? A single letter begins none: it would mark half the page."""
    words = text.split()
    whole, beginnings = {word for word in words if len(word) == 1}, tuple(word for word in words if len(word) > 1)
    return lambda word: word in whole or word.startswith(beginnings)


def _marked(text: str, is_marked: Callable[[str], bool]) -> SafeString:
    def pieces() -> Iterator[tuple[SafeString]]:
        end = 0
        for start, stop in _to_mark(text, is_marked):
            yield (conditional_escape(text[end:start]),)
            yield (format_html("<mark>{}</mark>", text[start:stop]),)
            end = stop
        yield (conditional_escape(text[end:]),)

    return format_html_join("", "{}", pieces())


def _to_mark(text: str, is_marked: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Where to mark: words, else their parts; else all that has no blank in it, where that is one of the words joined."""
    for chunk in _CHUNK.finditer(text):
        words = list(_WORD.finditer(text, chunk.start(), chunk.end()))
        spans = [span for word in words for span in _spans_in(word, is_marked)]
        if not spans and len(words) > 1 and is_marked(spelling_key(chunk[0])):
            spans = [(words[0].start(), words[-1].end())]
        yield from spans


def _spans_in(word: re.Match[str], is_marked: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    if is_marked(fold(word[0])):
        yield word.span()
        return
    at = word.start()
    parts = JOINT.split(word[0])
    for part in parts if len(parts) > 1 else ():
        if is_marked(fold(part)):
            yield at, at + len(part)
        at += len(part)


@register.simple_tag
def entry(record_json: str, **shown: Any) -> SafeString:
    """One row of a list, as components/entry.html draws it. What is drawn of one record is kept: most pages share their rows."""

    def draw() -> SafeString:
        return mark_safe(render_to_string("components/entry.html", {"record": records.from_json(record_json), **shown}))  # noqa: S308

    made_of = sha256(record_json.encode()).hexdigest()
    return keep(made_of, ("entry", made_of, *shown.items()), draw)


@register.filter
def person(person: User | None) -> SafeString:
    """Somebody as readers see them, with a link to their page if they have one. Nobody, or an empty text, is a deleted user."""
    return credit.named(person or None, reverse("catalog:person-detail", args=[person.username]) if person and person.has_page else "")


@register.filter
def host(address: str) -> str:
    """Where an address leads: its host, in ASCII."""
    return (urlsplit(address).hostname or "").removeprefix("www.")


@register.filter
def called(record: Record) -> str:
    """What to call a paper in passing: its short name, else its title."""
    return record.short_name or record.title


@register.simple_tag
def byline(record: Record) -> SafeString:
    """The first authors and organizations; empty where neither is known."""
    groups = [_names(record.authors, AUTHORS_SHOWN), _names(record.organizations, ORGANIZATIONS_SHOWN)]
    return format_html_join(" · ", "{}", ((group,) for group in groups if group))


def _names(named: Sequence[Author | Organization], shown: int) -> SafeString:
    names = format_html_join(", ", "<bdi>{}</bdi>", ((one.name,) for one in named[:shown]))
    more = len(named) - shown
    if more <= 0:
        return names
    return format_html(
        '{} <span class="quiet">{}</span>', names, ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more}
    )


@register.filter
def destinations(record: Record) -> list[tuple[str, str]]:
    """Where a row of a list leads: a word and an address each. Only addresses of the web are let through."""
    kinds = dict(Link.Kind.choices)
    web = [link for link in record.links if link.url.startswith(("https://", "http://"))]
    return [(link.label or str(kinds[link.kind]), link.url) for link in web[:LINKS_SHOWN]]


@register.simple_tag
def choices(name: str, choices: Iterable[Choice]) -> SafeString:
    """The rows of a facet: what can be ticked, with how many papers it would give; nothing to tick where it would give none."""
    return format_html_join("", _CHOICE, (_choice(name, choice) for choice in choices))


_CHOICE = (
    '<li><label{}><input type="checkbox" name="{}" id="{}:{}" value="{}"{}><span><bdi>{}</bdi></span><span class="n">{}</span></label></li>'
)


def _choice(name: str, choice: Choice) -> tuple[object, ...]:
    state = " checked" if choice.is_chosen else "" if choice.count else " disabled"
    depth = mark_safe(' class="sub"') if choice.depth else ""
    return (depth, name, name, choice.value, choice.value, state, choice.label, choice.count)


register.filter("period", periods.in_words)


# -- Pages and addresses ---------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def current(context: template.Context, address: str) -> SafeString:
    """`aria-current` for a link of the masthead: the page itself, or one below it."""
    request: HttpRequest | None = context.get("request")
    if request is None or not request.path.startswith(address):
        return SafeString("")
    return mark_safe('aria-current="page"' if request.path == address else 'aria-current="true"')  # noqa: S308


@register.filter
def numbers(page: Page) -> list[int | str]:
    """The page numbers worth showing around this one, with an ellipsis for those left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


@register.simple_tag
def download_formats() -> tuple[Format, ...]:
    """The formats a selection downloads in, from the registry."""
    return formats.FORMATS
