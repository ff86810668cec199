"""Two records field by field: whether they describe one paper, and what one version changed. Pure: asks nothing, decides nothing.

A field is named as `catalog.corrections` names it, so that what is shown as changed is what can be taken.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.identifiers import LABELS, SCHEMES, url_of
from catalog.records import LINK_KINDS, Category, Record, fold, spelling_key

NAMES_SHOWN = 24
# Asked of every paper; the others only where one of the two has them.
_ALWAYS = ("arxiv", "doi")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of text; `mark` is ins (only proposed), del (only in the other), quiet, or empty. `url` is of the web, or empty."""

    text: str
    mark: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A side is a list of items, each a list of pieces; an empty side says nothing. `look` names how the items are set.

    `name` is what `corrections` calls the field, in `side_by_side` and `differences`.
    """

    label: str
    proposed: list[list[Piece]] = field(default_factory=list)
    other: list[list[Piece]] = field(default_factory=list)
    verdict: str = ""
    look: str = "names"
    name: str = ""


def compare(proposed: Record, other: Record | None = None) -> list[Row]:
    """The proposed record beside another, in the order a person asks. Without another the verdicts are empty."""
    theirs = other or Record(title="")
    rows = [_title(proposed, theirs)]
    if proposed.kind != "paper" or theirs.kind != "paper":
        rows.append(_fact(_("Kind"), _kind(proposed), _kind(theirs) if other else ""))
    rows.append(_names(_("Authors"), [one.name for one in proposed.authors], [one.name for one in theirs.authors]))
    rows += [_identifier(scheme, proposed, theirs) for scheme in _schemes(proposed, theirs)]
    rows.append(_venue(proposed, theirs))
    rows.append(_fact(_("Year"), str(proposed.year or ""), str(theirs.year or "")))
    rows.append(_names(_("Organizations"), [one.name for one in proposed.organizations], [one.name for one in theirs.organizations]))
    rows.append(_categories(proposed, theirs))
    rows.append(_links(proposed, theirs))
    rows += [_text(label, a, b) for label, a, b in _texts(proposed, theirs) if a or b]
    return rows if other else [Row(label=row.label, proposed=_unmarked(row.proposed), look=row.look) for row in rows]


def _kind(record: Record) -> str:
    """As it is called where it is chosen."""
    return _(record.kind.capitalize())


def _verdict(ours: object, theirs: object) -> str:
    if not ours or not theirs:
        return _("Nothing to say")
    return _("Same") if ours == theirs else _("Differs")


def _fact(label: str, ours: str, theirs: str, *, from_: str = "", look: str = "number", url: str = "", their_url: str = "") -> Row:
    same = ours == theirs
    said = [[Piece(text=ours, mark="" if same else "ins", url=url)]] if ours else []
    if said and from_:
        said[0].append(Piece(text=_("from “%(text)s”") % {"text": from_}, mark="quiet"))
    held = [[Piece(text=theirs, mark="" if same else "del", url=their_url)]] if theirs else []
    return Row(label=label, proposed=said, other=held, verdict=_verdict(ours, theirs), look=look)


# -- Titles ----------------------------------------------------------------------------------
# A word, or what a hyphen ties to one: `FlashAttention` and `-2`.
_WORD = re.compile(r"(\s*)(-?\w+|[^\w\s])")


def _title(proposed: Record, theirs: Record) -> Row:
    ours, other, alike = _words_compared(proposed.title, theirs.title)
    if fold(proposed.title) == fold(theirs.title):
        verdict = _("Same")
    elif alike:
        verdict = ngettext("%(count)d word alike", "%(count)d words alike", alike) % {"count": alike}
    else:
        verdict = _("Differs")
    return Row(label=_("Title"), proposed=[ours], other=[other] if other else [], verdict=verdict, look="title")


def _words_compared(ours: str, theirs: str) -> tuple[list[Piece], list[Piece], int]:
    """Both texts in pieces, those that only one has marked; and the number of words they share in this order."""
    a, b = _WORD.findall(ours), _WORD.findall(theirs)
    matcher = SequenceMatcher(None, [word.casefold() for _blank, word in a], [word.casefold() for _blank, word in b], autojunk=False)
    left: list[Piece] = []
    right: list[Piece] = []
    alike = 0
    for act, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if act == "equal":
            alike += sum(word.isalnum() for _blank, word in a[a_from:a_to])
        _append(left, a[a_from:a_to], "" if act == "equal" else "ins")
        _append(right, b[b_from:b_to], "" if act == "equal" else "del")
    return left, right, alike


def _append(pieces: list[Piece], words: list[tuple[str, str]], mark: str) -> None:
    """Add a run of words; the blank before it stays outside the mark."""
    if not words:
        return
    if words[0][0]:
        pieces.append(Piece(text=" "))
    text = "".join(f"{' ' if blank else ''}{word}" for blank, word in words)
    pieces.append(Piece(text=text.strip(), mark=mark))


# -- Lists of names --------------------------------------------------------------------------
def _names(label: str, ours: list[str], theirs: list[str]) -> Row:
    known, new = {spelling_key(name) for name in theirs}, {spelling_key(name) for name in ours}
    if not ours or not theirs or known == new:
        verdict = _verdict(new, known)
    else:
        verdict = _("%(common)d of %(all)d") % {"common": len(known & new), "all": max(len(known), len(new))}
    return Row(label=label, proposed=_listed(ours, known, "ins"), other=_listed(theirs, new, "del"), verdict=verdict)


def _listed(names: list[str], others: set[str], mark: str) -> list[list[Piece]]:
    items = [[Piece(text=name, mark="" if spelling_key(name) in others else mark)] for name in names[:NAMES_SHOWN]]
    return items + _more(len(names) - NAMES_SHOWN)


def _more(count: int) -> list[list[Piece]]:
    if count <= 0:
        return []
    return [[Piece(text=ngettext("and %(count)d more", "and %(count)d more", count) % {"count": count}, mark="quiet")]]


# -- Single facts ----------------------------------------------------------------------------
def _schemes(proposed: Record, theirs: Record) -> list[str]:
    given = {*_ALWAYS, *proposed.identifiers, *theirs.identifiers}
    return [*_ALWAYS, *(scheme for scheme in SCHEMES if scheme in given and scheme not in _ALWAYS)]


def _identifier(scheme: str, proposed: Record, theirs: Record) -> Row:
    ours, other = proposed.identifiers.get(scheme, ""), theirs.identifiers.get(scheme, "")
    url, their_url = (url_of(scheme, value) if value else "" for value in (ours, other))
    return _fact(LABELS[scheme], ours, other, url=url, their_url=their_url)


def _venue(proposed: Record, theirs: Record) -> Row:
    ours, other = _edition(proposed), _edition(theirs)
    raw = proposed.venue.raw if proposed.venue else ""
    return _fact(_("Venue"), ours, other, from_=raw if raw != ours else "", look="names")


def _edition(record: Record) -> str:
    venue = record.venue
    return " ".join(str(part) for part in (venue.name, venue.year, venue.track) if part) if venue else ""


def _categories(proposed: Record, theirs: Record) -> Row:
    ours, other = [place.path for place in proposed.categories], [place.path for place in theirs.categories]
    return Row(label=_("Categories"), proposed=_places(proposed), other=_places(theirs), verdict=_verdict(ours, other))


def _places(record: Record) -> list[list[Piece]]:
    return [
        [
            Piece(text=place.name or place.path),
            Piece(text=_("no. %(position)d") % {"position": place.position} if place.position else _("at the end"), mark="quiet"),
        ]
        for place in record.categories
    ]


def _links(proposed: Record, theirs: Record) -> Row:
    ours, other = {link.url for link in proposed.links}, {link.url for link in theirs.links}
    return Row(label=_("Links"), proposed=_addresses(proposed), other=_addresses(theirs), verdict=_verdict(ours, other), look="lines")


def _addresses(record: Record) -> list[list[Piece]]:
    items = []
    for link in record.links:
        is_web = link.url.startswith(("https://", "http://"))
        shown = link.url.partition("://")[2].rstrip("/") if is_web else link.url
        said = [Piece(text=shown, url=link.url if is_web else "")]
        if link.kind != LINK_KINDS[0]:
            said.append(Piece(text=link.label or link.kind, mark="quiet"))
        items.append(said)
    return items


def _texts(proposed: Record, theirs: Record) -> Iterable[tuple[str, str, str]]:
    yield _("Short name"), proposed.short_name, theirs.short_name
    yield _("Abstract"), proposed.abstract, theirs.abstract
    yield _("Note"), proposed.note, theirs.note


def _text(label: str, ours: str, theirs: str) -> Row:
    said, held = ([[Piece(text=text)]] if text else [] for text in (ours, theirs))
    return Row(label=label, proposed=said, other=held, verdict=_verdict(fold(ours), fold(theirs)), look="lines")


def _unmarked(items: list[list[Piece]]) -> list[list[Piece]]:
    return [[Piece(text=piece.text, mark=piece.mark if piece.mark == "quiet" else "", url=piece.url) for piece in item] for item in items]


# -- Two versions of one record --------------------------------------------------------------
# Of names in a row that both versions have, so many tell where in the list one is.
_KEPT_SHOWN = 3


LABELS_OF = {
    "title": gettext_lazy("Title"),
    "short_name": gettext_lazy("Short name"),
    "kind": gettext_lazy("Kind"),
    "authors": gettext_lazy("Authors"),
    "venue": gettext_lazy("Venue"),
    "year": gettext_lazy("Year"),
    "organizations": gettext_lazy("Organizations"),
    "categories": gettext_lazy("Categories"),
    "links": gettext_lazy("Links"),
    "abstract": gettext_lazy("Abstract"),
    "note": gettext_lazy("Note"),
}
_IDENTIFIER = "identifiers."


def label_of(name: str) -> str:
    """How a person calls the field that `corrections` calls so."""
    scheme = name.removeprefix(_IDENTIFIER)
    return str(LABELS_OF.get(name) or LABELS.get(scheme, scheme))


def differences(newer: Record, older: Record) -> list[Row]:
    """The fields that differ, the newer as `proposed`; exact where `compare` is lenient: order, case and small print count."""
    return [_row(name, ours, theirs, look) for name, ours, theirs, look in _pairs(newer, older) if ours != theirs]


def side_by_side(newer: Record, older: Record) -> list[Row]:
    """Every field that either may have, set like `differences`: what is the same bears no mark."""
    return [_row(name, ours, theirs, look) for name, ours, theirs, look in _pairs(newer, older)]


def _pairs(newer: Record, older: Record) -> Iterable[tuple[str, list[str], list[str], str]]:
    schemes = sorted({*newer.identifiers, *older.identifiers})
    fields = zip(_fields(newer, schemes), _fields(older, schemes), strict=True)
    return ((name, ours, theirs, look) for (name, ours, look), (_name, theirs, _look) in fields)


def _row(name: str, ours: list[str], theirs: list[str], look: str) -> Row:
    changed = _text_changed(ours[0], theirs[0]) if look == "title" else _list_changed(ours, theirs)
    return Row(name=name, label=label_of(name), proposed=changed[0], other=changed[1], look=look)


def _fields(record: Record, schemes: Iterable[str]) -> list[tuple[str, list[str], str]]:
    """Name, what stands there, and how it is set: a text of its own as `title`."""
    authors = [f"{one.name} ({one.orcid})" if one.orcid else one.name for one in record.authors]
    links = [f"{', '.join(_given(link.label, link.kind))}: {link.url}" for link in record.links]
    identifiers = [(f"{_IDENTIFIER}{scheme}", _given(record.identifiers.get(scheme, "")), "number") for scheme in schemes]
    venue = (
        [" ".join(_given(_edition(record), _("from “%(text)s”") % {"text": record.venue.raw} if record.venue.raw else ""))]
        if record.venue
        else []
    )
    return [
        ("title", [record.title], "title"),
        ("short_name", _given(record.short_name), "names"),
        ("kind", [_kind(record)], "names"),
        ("authors", authors, "names"),
        *identifiers,
        ("venue", venue, "names"),
        ("year", _given(str(record.year or "")), "number"),
        ("organizations", [one.name for one in record.organizations], "names"),
        ("categories", [_placed(place, of=len(record.categories)) for place in record.categories], "lines"),
        ("links", links, "lines"),
        ("abstract", [record.abstract], "title"),
        ("note", [record.note], "title"),
    ]


def _given(*texts: str) -> list[str]:
    return [text for text in texts if text]


def _placed(place: Category, *, of: int) -> str:
    number = _("no. %(position)d") % {"position": place.position} if place.position else ""
    home = _("its home") if place.primary and of > 1 else ""
    return ", ".join(_given(place.name or place.path, number, home, place.note))


type Sides = tuple[list[list[Piece]], list[list[Piece]]]


def _text_changed(ours: str, theirs: str) -> Sides:
    a, b = _WORD.findall(ours), _WORD.findall(theirs)
    left: list[Piece] = []
    right: list[Piece] = []
    for act, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b).get_opcodes():
        _append(left, a[a_from:a_to], "" if act == "equal" else "ins")
        _append(right, b[b_from:b_to], "" if act == "equal" else "del")
    return [left] if left else [], [right] if right else []


def _list_changed(ours: list[str], theirs: list[str]) -> Sides:
    left: list[list[Piece]] = []
    right: list[list[Piece]] = []
    for act, a_from, a_to, b_from, b_to in SequenceMatcher(None, ours, theirs).get_opcodes():
        left += _run(ours[a_from:a_to], "" if act == "equal" else "ins")
        right += _run(theirs[b_from:b_to], "" if act == "equal" else "del")
    return left, right


def _run(texts: list[str], mark: str) -> list[list[Piece]]:
    shown = NAMES_SHOWN if mark else _KEPT_SHOWN
    return [[Piece(text=text, mark=mark)] for text in texts[:shown]] + _more(len(texts) - shown)
