"""Do we have this already? Papers and open submissions that a record may describe too, each with its reasons.

A suspicion, never a verdict on the work: people decide. Reads only, in a handful of questions whatever the size of the
catalogue.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import reduce
from operator import or_
from typing import Literal

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Length, Replace
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.identifiers import LABELS
from catalog.models import Paper, Submission
from catalog.records import Record, fold, spelling_key

type Verdict = Literal["same_identifier", "other_version", "same_link", "similar_title"]

# Words that two titles share by chance.
_SMALL = {
    *("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its", "of", "on", "or", "the", "their"),
    *("through", "to", "toward", "towards", "using", "via", "we", "with"),
}
_WORDS_ASKED = 12
_TITLES_READ = 20
_WORDS_ENOUGH = 0.75
_WORDS_ENOUGH_WITH_AUTHOR = 0.6


@dataclass(frozen=True, kw_only=True)
class Reason:
    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Match:
    """Either `paper` or `submission` is set. `score` runs from 0 to 1."""

    paper: Paper | None = None
    submission: Submission | None = None
    verdict: Verdict
    score: float
    reasons: list[Reason]

    @property
    def record(self) -> Record:
        return (self.paper or self.submission).record  # type: ignore[union-attr]


def find_candidates(record: Record, *, limit: int = 5, ignoring: Submission | None = None) -> list[Match]:
    """Return what this record may already describe, likeliest first.

    Papers and open submissions other than `ignoring`. A shared address counts for little: it may be an index page, and
    real lists lead to one from eighteen papers.
    """
    found = [*_by_identifier(record), *_proposed(record, ignoring)]
    known = {match.paper for match in found}
    similar = [match for match in _by_title(record) if match.paper not in known]
    known |= {match.paper for match in similar}
    found += similar + [match for match in _by_link(record, limit) if match.paper not in known]
    if ignoring is not None and ignoring.paper_id:
        found = [match for match in found if match.paper is None or match.paper.pk != ignoring.paper_id]
    return sorted(found, key=lambda match: -match.score)[:limit]


def _by_identifier(record: Record) -> list[Match]:
    if not record.identifiers:
        return []
    same = _any_of(Q(identifiers__scheme=scheme, identifiers__value=value) for scheme, value in record.identifiers.items())
    papers = Paper.objects.filter(same).distinct()
    return [Match(paper=paper, verdict="same_identifier", score=1, reasons=_reasons(record, paper.record)) for paper in papers]


def _proposed(record: Record, ignoring: Submission | None) -> list[Match]:
    """Open submissions that lay claim to one of the identifiers, or bear the very title."""
    same = [Q(proposed_identifiers__scheme=scheme, proposed_identifiers__value=value) for scheme, value in record.identifiers.items()]
    waiting = Submission.objects.open().filter(_any_of([Q(title__iexact=record.title), *same])).distinct()
    if ignoring is not None:
        waiting = waiting.exclude(pk=ignoring.pk)
    return [_proposal(record, submission) for submission in waiting.order_by("submitted_at", "pk")[:_TITLES_READ]]


def _proposal(record: Record, submission: Submission) -> Match:
    reasons = _reasons(record, submission.record)
    if record.identifiers.items() & submission.record.identifiers.items():
        return Match(submission=submission, verdict="same_identifier", score=1, reasons=reasons)
    return Match(submission=submission, verdict="similar_title", score=0.95, reasons=reasons)


def _by_link(record: Record, limit: int) -> list[Match]:
    addresses = {spelling for link in record.links for spelling in _spellings(link.url)}
    if not addresses:
        return []
    papers = Paper.objects.filter(links__url__in=addresses).distinct().order_by("pk")[:limit]
    return [Match(paper=paper, verdict="same_link", score=0.3, reasons=_reasons(record, paper.record)) for paper in papers]


def _spellings(url: str) -> set[str]:
    """An address with and without its last stroke, open and encrypted."""
    bare = url.partition("://")[2].rstrip("/")
    return {f"{scheme}://{bare}{end}" for scheme in ("https", "http") for end in ("", "/")}


def _by_title(record: Record) -> list[Match]:
    papers = _near_titles(record)
    return [match for match in (_compared(record, paper) for paper in papers) if match]


def _near_titles(record: Record) -> QuerySet[Paper]:
    """The papers whose titles share most words with this one, or whose name begins like its name."""
    words = sorted(_words(record.title), key=lambda word: (-len(word), word))[:_WORDS_ASKED]
    if not words:
        return Paper.objects.none()
    points: Combinable = Case(When(title_key=fold(record.title), then=Value(100)), default=Value(0), output_field=IntegerField())
    for word in words:
        points += Case(When(title_key__contains=word, then=Value(1)), default=Value(0), output_field=IntegerField())
    enough = Q(points__gte=2) if len(words) > 1 else Q(points__gte=1)
    if beginning := _name_key(record)[:5].rstrip("0123456789+"):
        points += Case(When(joined__startswith=beginning, then=Value(4)), default=Value(0), output_field=IntegerField())
    papers = Paper.objects.annotate(joined=Replace(F("title_key"), Value(" "), Value(""))).annotate(points=points)
    return papers.filter(enough).order_by("-points", Length("title_key"), "pk")[:_TITLES_READ]


def _compared(record: Record, paper: Paper) -> Match | None:
    """The match of two titles, where they are close enough to ask a person."""
    theirs = paper.record
    if fold(record.title) == paper.title_key and not _identifiers_that_differ(record, theirs):
        return Match(paper=paper, verdict="other_version", score=0.97, reasons=_reasons(record, theirs))
    words = _likeness(record, theirs)
    named = _NAME_SCORES.get(_names_compared(record, theirs), 0.0)
    with_author = bool(_common_authors(record, theirs))
    if not named and words < (_WORDS_ENOUGH_WITH_AUTHOR if with_author else _WORDS_ENOUGH):
        return None
    score = min(0.96, max(words, named) + (0.15 if with_author else 0))
    return Match(paper=paper, verdict="similar_title", score=score, reasons=_reasons(record, theirs))


# -- Titles ----------------------------------------------------------------------------------
def _words(title: str) -> set[str]:
    return set(fold(title).split()) - _SMALL


def _likeness(ours: Record, theirs: Record) -> float:
    """Twice the words in common over all words, or how alike the letters run, whichever is larger."""
    a, b = _words(ours.title), _words(theirs.title)
    common = 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
    letters = SequenceMatcher(None, fold(ours.title), fold(theirs.title), autojunk=False)
    return max(common, letters.ratio() if letters.quick_ratio() > 0.9 else 0.0)


def _name_key(record: Record) -> str:
    """The system's name, as two spellings of it are compared: the short name, or what stands before the colon."""
    head = record.title.partition(": ")[0]
    return spelling_key(record.short_name or (head if len(head.split()) <= 2 else ""))


_NUMBER_AT_END = re.compile(r"[\d+]+$")
type _Names = Literal["same", "other_number", "near", ""]
_NAME_SCORES: dict[_Names, float] = {"same": 0.7, "other_number": 0.6, "near": 0.5}


def _names_compared(ours: Record, theirs: Record) -> _Names:
    a, b = _name_key(ours), _name_key(theirs)
    if not a or not b:
        return ""
    if a == b:
        return "same"
    bare_a, bare_b = _NUMBER_AT_END.sub("", a), _NUMBER_AT_END.sub("", b)
    if bare_a == bare_b and bare_a:
        return "other_number"
    shorter, longer = sorted((bare_a, bare_b), key=len)
    return "near" if len(shorter) >= 5 and longer.startswith(shorter) else ""


# -- Reasons ---------------------------------------------------------------------------------
def _reasons(ours: Record, theirs: Record) -> list[Reason]:
    """What is alike, and the identifiers that say the contrary, in the order a person asks."""
    reasons = []
    if title := _title_reason(ours, theirs):
        reasons.append(Reason(label=_("Title"), text=title))
    if authors := _common_authors(ours, theirs):
        label = ngettext("Author in common", "Authors in common", len(authors))
        more = len(authors) - 3
        names = ", ".join(authors[:3])
        text = names if more <= 0 else _("%(names)s and %(more)d more") % {"names": names, "more": more}
        reasons.append(Reason(label=label, text=text))
    same = [scheme for scheme, value in theirs.identifiers.items() if ours.identifiers.get(scheme) == value]
    said = [_("the same: %(value)s") % {"value": f"{LABELS.get(scheme, scheme)} {theirs.identifiers[scheme]}"} for scheme in same]
    said += [_("differs: %(value)s") % {"value": value} for value in _identifiers_that_differ(ours, theirs)]
    reasons += [Reason(label=_("Identifier"), text=text) for text in said]
    addresses = {spelling for link in ours.links for spelling in _spellings(link.url)}
    if any(link.url in addresses for link in theirs.links):
        reasons.append(Reason(label=_("Link"), text=_("leads to the same page")))
    return reasons


def _title_reason(ours: Record, theirs: Record) -> str:
    if fold(ours.title) == fold(theirs.title):
        return _("the same")
    match _names_compared(ours, theirs):
        case "same":
            return _("same name, other words")
        case "other_number":
            return _("same name, other number")
        case "near":
            return _("nearly the same name")
    common = len(_words(ours.title) & _words(theirs.title))
    return ngettext("%(count)d word in common", "%(count)d words in common", common) % {"count": common} if common else ""


def _common_authors(ours: Record, theirs: Record) -> list[str]:
    known = {fold(author.name) for author in theirs.authors}
    return [author.name for author in ours.authors if fold(author.name) in known]


def _identifiers_that_differ(ours: Record, theirs: Record) -> list[str]:
    """Their values of the schemes that both have and disagree in."""
    return [value for scheme, value in theirs.identifiers.items() if ours.identifiers.get(scheme, value) != value]


def _any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
