"""The public log: what anyone may know of each decision.

What was approved is known by its paper. Of what was rejected, sent back or waits again the log holds number, kind,
verdict and reason, and none of what was proposed. Private notes and addresses are not even read. Reads only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog import credit, periods, reasons, records
from catalog.identifiers import LABELS
from catalog.models import Decision, DisputeNotice, Paper, Revision, Submission
from catalog.records import Record

Verdict = Decision.Verdict

# Verdicts that are about papers readers can see, and so are told with a title.
_NAMED = {Verdict.APPROVE, Verdict.TAKE, Verdict.MERGE, Verdict.NOTICE, Verdict.LIFT}

TAKEN_BACK = {
    Verdict.APPROVE: _("approval taken back"),
    Verdict.TAKE: _("approval in part taken back"),
    Verdict.REQUEST_CHANGES: _("request for changes taken back"),
    Verdict.REJECT: _("rejection taken back"),
    Verdict.MERGE: _("merge taken back"),
}

_FIELDS = {
    "title": _("title"),
    "short_name": _("short name"),
    "kind": _("kind"),
    "authors": _("authors"),
    "venue": _("venue"),
    "year": _("year"),
    "organizations": _("organizations"),
    "categories": _("categories"),
    "links": _("links"),
    "abstract": _("abstract"),
    "note": _("note"),
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One decision. `by` and `contributor` are None where the account is gone.

    `paper` says what the paper is called that an approval is about: now, where it `is_here`; else as it was called last.
    None where its name is nobody's business. `survivor` is the one that took it in, `subject` what was arranged, or imported from.
    `taken` are the fields of an approval in part; `undone_at` is when this was taken back, `taken_back` what this took
    back; `history` is where the maintainer's edits can be read. `submission` is its number, 0 where it is about none.
    `why` is the contributor's sentence about what was approved, and stands.
    """

    number: int
    at: datetime
    verdict: str
    verdict_name: str
    by: User | None
    is_own: bool
    submission: int = 0
    kind_name: str = ""
    contributor: User | None = None
    reason_name: str
    reason: str
    paper: Record | None = None
    is_here: bool = False
    survivor: Record | None = None
    survivor_is_here: bool = False
    subject: str = ""
    taken: str = ""
    taken_back: str = ""
    undone_at: datetime | None = None
    history: str = ""
    why: str = ""


def decisions(decided: str = "") -> QuerySet[Decision]:
    """All of them, newest first, each with no more than its public facts; or those on proposals, `decided` in a year or a month."""
    found = Decision.objects.select_related("by", "submission__contributor", "undoes", "undone_by").order_by("-at", "-id")
    facts = ("verdict", "reason_code", "reason", "is_own", "at", "fields", "paper_public_id", "subject")
    about = ("submission__kind", "submission__why", "submission__paper_public_id")
    people = [f"{whose}__{name}" for whose in ("by", "submission__contributor") for name in credit.COLUMNS]
    undoing = ("undoes__verdict", "undone_by__undoes", "undone_by__at")
    has_edits = ExpressionWrapper(~Q(record_json=""), output_field=BooleanField())
    if decided:
        begin, end = periods.bounds(decided)
        found = found.filter(verdict__in=Decision.ON_SUBMISSIONS, at__gte=begin, at__lt=end)
    return found.only(*facts, *about, *people, *undoing).annotate(has_edits=has_edits)


def changes(page: Iterable[Decision]) -> list[Change]:
    """Of some `decisions()`, in as many questions however many they are."""
    page = list(page)
    merges = {each.pk: each.undoes_id or each.pk for each in page if Verdict.MERGE in {each.verdict, _about(each).verdict}}
    survivors = dict(Revision.objects.filter(decision__in=merges.values()).values_list("decision", "paper_public_id"))
    names = _Names({_public_id(each) for each in page} | set(survivors.values()))
    wordings = reasons.names()
    return [_change(each, names, survivors.get(merges.get(each.pk, 0), ""), wordings) for each in page]


def fields_in_words(names: Iterable[str]) -> str:
    """The fields of a correction, as `corrections` names them."""
    return ", ".join(str(_FIELDS.get(name) or LABELS.get(name.rpartition(".")[2], name)) for name in names)


def _about(decision: Decision) -> Decision:
    """The decision that an undo takes back; any other is about itself."""
    return decision.undoes or decision


def _public_id(decision: Decision) -> str:
    if _about(decision).verdict not in _NAMED:
        return ""
    return decision.paper_public_id or (decision.submission.paper_public_id if decision.submission else "")


class _Names:
    """What some papers are called: those on the shelf, and those that left it after standing there by right.

    One whose addition was approved and undone is proposed again, and its name nobody's business.
    """

    def __init__(self, public_ids: set[str]) -> None:
        papers = Paper.objects.filter(public_id__in=public_ids).only("public_id", "slug", "title", "short_name")
        self.here = {paper.public_id: _called(paper) for paper in papers}
        gone = public_ids - self.here.keys()
        came = Q(decision__verdict=Verdict.APPROVE, decision__submission__kind=Submission.Kind.ADDITION)
        added = Revision.objects.filter(came | Q(decision__verdict=Verdict.IMPORT), paper_public_id__in=gone)
        ends = list(added.values_list("paper_public_id", "decision__undone_by"))
        undone = {public_id for public_id, end in ends if end} - {public_id for public_id, end in ends if not end}
        newest = Revision.objects.filter(paper_public_id=OuterRef("paper_public_id")).order_by("-number").values("number")[:1]
        last = Revision.objects.filter(paper_public_id__in=gone - undone, number=Subquery(newest))
        self.gone = {public_id: records.from_json(json) for public_id, json in last.values_list("paper_public_id", "record_json")}

    def of(self, public_id: str) -> Record | None:
        return self.here.get(public_id) or self.gone.get(public_id)


def _called(paper: Paper) -> Record:
    return Record(slug=paper.slug, path=paper.get_absolute_url(), title=paper.title, short_name=paper.short_name)


def _change(decision: Decision, names: _Names, survivor: str, wordings: dict[tuple[str, str], str]) -> Change:
    submission, public_id = decision.submission, _public_id(decision)
    paper, is_here = names.of(public_id), public_id in names.here
    stands = decision.verdict == Verdict.APPROVE and not decision.is_undone
    has_edits: bool = decision.has_edits  # type: ignore[attr-defined]
    return Change(
        number=decision.pk,
        at=decision.at,
        verdict=decision.verdict,
        verdict_name=gettext("Approved, with the maintainer’s edits") if has_edits else decision.get_verdict_display(),
        by=decision.by,
        is_own=decision.is_own,
        submission=submission.pk if submission else 0,
        kind_name=submission.get_kind_display() if submission else "",
        contributor=submission.contributor if submission else None,
        reason_name=_reason_name(decision, wordings),
        reason=decision.reason,
        paper=paper,
        is_here=is_here,
        survivor=names.of(survivor),
        survivor_is_here=survivor in names.here,
        subject=decision.subject if decision.verdict in {Verdict.ARRANGE, Verdict.IMPORT} else "",
        taken=fields_in_words(decision.fields),
        taken_back=str(TAKEN_BACK[Verdict(decision.undoes.verdict)]) if decision.undoes else "",
        undone_at=decision.undone_by.at if decision.is_undone else None,
        history=reverse("catalog:paper-history", args=[paper.slug]) if has_edits and paper and is_here else "",
        why=submission.why if submission and stands else "",
    )


def _reason_name(decision: Decision, wordings: dict[tuple[str, str], str]) -> str:
    """A notice gives its kind for a reason."""
    if decision.verdict in {Verdict.NOTICE, Verdict.LIFT}:
        return str(dict(DisputeNotice.Kind.choices).get(decision.reason_code, ""))
    return reasons.name_of(decision, wordings)
