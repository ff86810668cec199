"""Do we have this already? Papers and open submissions that a record may describe too, each with its reasons.

A suspicion, never a verdict on the work: people decide. Reads only, in a handful of questions whatever the size of the
catalogue.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import reduce
from operator import or_
from typing import Literal

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pyroaring import BitMap

from catalog import index
from catalog.identifiers import LABELS, recognise
from catalog.models import Distinction, Link, Paper, Submission
from catalog.records import Record, fold, spelling_key
from catalog.terms import names_of

type Verdict = Literal["same_identifier", "other_version", "same_link", "similar_title"]

# Words that two titles share by chance.
_SMALL = {
    *("a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its", "of", "on", "or", "the", "their"),
    *("through", "to", "toward", "towards", "using", "via", "we", "with"),
}
_WORDS_ASKED = 12
_NAMES_ASKED = 100
_NEAR_ENOUGH = 2_000
_TITLES_READ = 20
# A name that begins alike says as much as so many words in common.
_POINTS_OF_A_NAME = 4
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

    Papers, and open submissions other than `ignoring`. The record of a paper (it has an id) is not like that paper, nor
    like one that somebody has told apart from it, unless the two share an identifier, which two papers never do. An
    address that more than three papers share is an index page, and no reason: real lists lead to one from eighteen.
    """
    held = holders((link.url for link in record.links), besides=record.id)
    index_pages = {address for address, papers in held.items() if papers >= SHARED_AT_MOST}
    near = [paper for paper in _near(record, held.keys() - index_pages) if not _is_its_own(record, paper, ignoring)]
    found = [match_of(record, paper, index_pages=index_pages) for paper in near]
    apart = _told_apart(record)
    matches = [match for match in found if match and (match.verdict == "same_identifier" or match.record.id not in apart)]
    return sorted([*matches, *_proposed(record, ignoring)], key=lambda match: -match.score)[:limit]


def match_of(record: Record, paper: Paper, *, index_pages: Container[str] = ()) -> Match | None:
    """How the record is like this paper, by the strongest reason there is; None where nobody need be asked.

    `index_pages` are addresses, as `bare_address` writes them, that say nothing about a paper.
    """
    theirs = paper.record
    judged = _judged(record, theirs, index_pages)
    if judged is None:
        return None
    verdict, score = judged
    return Match(paper=paper, verdict=verdict, score=score, reasons=_reasons(record, theirs, index_pages))


def _judged(ours: Record, theirs: Record, index_pages: Container[str]) -> tuple[Verdict, float] | None:
    if ours.identifiers.items() & theirs.identifiers.items():
        return "same_identifier", 1.0
    if _is_same_title(ours, theirs) and not _identifiers_that_differ(ours, theirs):
        return "other_version", 0.97
    if _led_to(ours, theirs):
        return "other_version", 0.9
    if score := _title_score(ours, theirs):
        return "similar_title", score
    return ("same_link", 0.3) if _links_in_common(ours, theirs, index_pages) else None


# -- Where to look -----------------------------------------------------------------------------
def _near(record: Record, addresses: Iterable[str]) -> list[Paper]:
    """The papers worth comparing, each once: by identifier, by title, by an address they share."""
    named = {*record.identifiers.items(), *_identifiers_in_links(record)}
    near = list(Paper.objects.filter(_any_of(_is_identifier("identifiers", named))).distinct()) if named else []
    near += _near_titles(record)
    spellings = [spelling for address in addresses for spelling in _spellings(address)]
    near += Paper.objects.filter(links__url__in=spellings).distinct().order_by("pk") if spellings else []
    return list({paper.pk: paper for paper in near}.values())


def _is_its_own(record: Record, paper: Paper, ignoring: Submission | None) -> bool:
    return paper.public_id == record.id or (ignoring is not None and paper.pk == ignoring.paper_id)


def _told_apart(record: Record) -> set[str]:
    """The papers that somebody has found to be others than the one whose record this is."""
    if not record.id:
        return set()
    pairs = Distinction.objects.filter(Q(first=record.id) | Q(second=record.id)).values_list("first", "second")
    return {public_id for pair in pairs for public_id in pair}


def _proposed(record: Record, ignoring: Submission | None) -> list[Match]:
    """Open submissions that lay claim to one of the identifiers; of two additions also one that bears the very title.

    What else is open about the same paper is no duplicate of it.
    """
    same = _is_identifier("proposed_identifiers", record.identifiers.items())
    if not record.id:
        same.append(Q(kind=Submission.Kind.ADDITION, title__iexact=record.title))
    if not same:
        return []
    waiting = Submission.objects.open().filter(_any_of(same)).distinct()
    if record.id:
        waiting = waiting.exclude(paper_public_id=record.id)
    if ignoring is not None:
        waiting = waiting.exclude(pk=ignoring.pk)
    return [_proposal(record, submission) for submission in waiting.order_by("submitted_at", "pk")[:_TITLES_READ]]


def _proposal(record: Record, submission: Submission) -> Match:
    reasons = _reasons(record, submission.record)
    if record.identifiers.items() & submission.record.identifiers.items():
        return Match(submission=submission, verdict="same_identifier", score=1, reasons=reasons)
    return Match(submission=submission, verdict="similar_title", score=0.95, reasons=reasons)


def _is_identifier(relation: str, named: Iterable[tuple[str, str]]) -> list[Q]:
    return [Q(**{f"{relation}__scheme": scheme, f"{relation}__value": value}) for scheme, value in sorted(named)]


def _near_titles(record: Record) -> list[Paper]:
    """The papers whose titles share most words with this one, or whose name begins like its name.

    Of words that stand in many papers only those are looked at that share a rarer word, or a name, with this title.
    """
    words = sorted(_words(record.title), key=lambda word: (-len(word), word))[:_WORDS_ASKED]
    if not words:
        return []
    called = names_of(record)
    known = index.papers_of([*(("title", word) for word in words), *(("name", name) for name in called)])
    holders = {word: known["title", word] for word in words}
    namesakes = BitMap.union(*(known["name", name] for name in called), _namesakes(record))
    near = BitMap()
    for papers in (namesakes, *sorted(holders.values(), key=len)):
        if len(near) < _NEAR_ENOUGH:
            near |= papers[-_NEAR_ENOUGH:]
    points = Counter({number: sum(number in papers for papers in holders.values()) for number in near})
    enough = 2 if len(words) > 1 else 1
    points.update(dict.fromkeys(namesakes & near, _POINTS_OF_A_NAME))
    best = sorted((number for number in points if points[number] >= enough), key=lambda number: (-points[number], number))
    found = Paper.objects.in_bulk(best[:_TITLES_READ])
    return sorted(found.values(), key=lambda paper: (-points[paper.pk], len(paper.title_key), paper.pk))


def _namesakes(record: Record) -> BitMap:
    """The papers whose name begins like the name of this one."""
    beginning = _name_key(record)[:5].rstrip("0123456789+")
    return BitMap.union(BitMap(), *index.beginning_with("name", beginning, limit=_NAMES_ASKED).values()) if beginning else BitMap()


# -- Addresses -------------------------------------------------------------------------------
# An address that more papers lead to is an index page, such as a conference's list of accepted papers.
SHARED_AT_MOST = 3


def bare_address(url: str) -> str:
    """An address as two of them are compared: open or encrypted, with or without its last stroke."""
    return url.partition("://")[2].rstrip("/")


def _spellings(address: str) -> list[str]:
    return [f"{scheme}://{address}{end}" for scheme in ("https", "http") for end in ("", "/")]


def holders(urls: Iterable[str], *, besides: str = "") -> Counter[str]:
    """To each of these addresses, written barely, how many papers lead; those that none leads to are left out."""
    held: Counter[str] = Counter()
    spellings = [spelling for address in {bare_address(url) for url in urls} for spelling in _spellings(address)]
    if spellings:
        links = Link.objects.filter(url__in=spellings).exclude(paper__public_id=besides)
        for url, papers in links.order_by().values_list("url").annotate(papers=Count("paper", distinct=True)):
            held[bare_address(url)] += papers
    return held


def _links_in_common(ours: Record, theirs: Record, index_pages: Container[str]) -> bool:
    addresses = {bare_address(link.url) for link in ours.links}
    shared = {bare_address(link.url) for link in theirs.links} & addresses
    return any(address not in index_pages for address in shared)


def _identifiers_in_links(record: Record) -> set[tuple[str, str]]:
    """What the links hold besides the record's own: another version of it, as a rule."""
    found = [identifier for identifier in (recognise(link.url) for link in record.links) if identifier]
    held: set[tuple[str, str]] = {(identifier.scheme, identifier.value) for identifier in found}
    return held - record.identifiers.items()


def _led_to(ours: Record, theirs: Record) -> set[tuple[str, str]]:
    """The identifiers of the one to which links of the other lead."""
    return (_identifiers_in_links(ours) & theirs.identifiers.items()) | (_identifiers_in_links(theirs) & ours.identifiers.items())


# -- Titles ----------------------------------------------------------------------------------
def _words(title: str) -> set[str]:
    return set(fold(title).split()) - _SMALL


def _is_same_title(ours: Record, theirs: Record) -> bool:
    key = fold(ours.title)
    return bool(key) and key == fold(theirs.title)


def _title_score(ours: Record, theirs: Record) -> float:
    """How alike two titles are; 0 where they are not close enough to ask a person."""
    words = _likeness(ours, theirs)
    named = _NAME_SCORES.get(_names_compared(ours, theirs), 0.0)
    with_author = bool(_common_authors(ours, theirs))
    if not named and words < (_WORDS_ENOUGH_WITH_AUTHOR if with_author else _WORDS_ENOUGH):
        return 0.0
    return min(0.96, max(words, named) + (0.15 if with_author else 0))


def _likeness(ours: Record, theirs: Record) -> float:
    """The words in common, or how alike the letters run, whichever is larger."""
    a, b = fold(ours.title), fold(theirs.title)
    letters = SequenceMatcher(None, a, b, autojunk=False)
    return max(words_in_common(a, b), letters.ratio() if letters.quick_ratio() > 0.9 else 0.0)


def words_in_common(key: str, other: str) -> float:
    """Of two titles as `fold` leaves them: twice the words in common over all words, small ones aside."""
    a, b = set(key.split()) - _SMALL, set(other.split()) - _SMALL
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


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
def _reasons(ours: Record, theirs: Record, index_pages: Container[str] = ()) -> list[Reason]:
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
    if schemes := _schemes_that_meet(ours, theirs):
        reasons.append(Reason(label=_("Identifier"), text=schemes))
    for scheme, value in sorted(_led_to(ours, theirs)):
        text = _("leads to the other’s %(value)s") % {"value": f"{LABELS.get(scheme, scheme)} {value}"}
        reasons.append(Reason(label=_("Link"), text=text))
    if _links_in_common(ours, theirs, index_pages):
        reasons.append(Reason(label=_("Link"), text=_("leads to the same page")))
    return reasons


def reasons_in_words(ours: Record, theirs: Record) -> list[str]:
    return [f"{reason.label}: {reason.text}" for reason in _reasons(ours, theirs)]


def _title_reason(ours: Record, theirs: Record) -> str:
    if _is_same_title(ours, theirs):
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


def _schemes_that_meet(ours: Record, theirs: Record) -> str:
    """Of two papers with one title: a preprint has an arXiv number, what was printed a DOI."""
    if not _is_same_title(ours, theirs) or not ours.identifiers or not theirs.identifiers or ours.identifiers.keys() & theirs.identifiers:
        return ""
    here, there = (", ".join(LABELS.get(scheme, scheme) for scheme in record.identifiers) for record in (ours, theirs))
    return _("%(here)s and %(there)s: versions of one work") % {"here": here, "there": there}


def _any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)
