"""What became of a paper, revision by revision: who proposed, who decided, and what it changed.

For the public page and for the desk. What is kept for maintainers only is not even read. Reads only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet

from catalog import comparison, corrections, reasons
from catalog.models import Decision, DisputeNotice, Revision, SubmissionVersion


@dataclass(frozen=True, kw_only=True)
class Step:
    """A revision and what it changed; `differences` is empty for the first, and where no fact differs.

    `edits` is what the maintainer changed in the proposal before approving it, while the approval stands.
    """

    revision: Revision
    reason_name: str
    differences: list[comparison.Row]
    edits: list[comparison.Row]


def revisions(public_id: str) -> QuerySet[Revision]:
    """Each with who proposed, who decided, and what was undone or has been undone since."""
    found = Revision.objects.filter(paper_public_id=public_id).select_related(
        "by", "decision__by", "decision__submission__contributor", "decision__undoes__submission", "decision__undone_by__by"
    )
    for_maintainers = [f"{decision}__private_note" for decision in ("decision", "decision__undoes", "decision__undone_by")]
    proposed = [
        f"{submission}__{text}"
        for submission in ("decision__submission", "decision__undoes__submission")
        for text in ("record_json", "base_json")
    ]
    return found.defer(*for_maintainers, *proposed, "decision__undoes__record_json")


def steps(shown: Sequence[Revision], before: Revision | None) -> list[Step]:
    """Of some `revisions()`, newest first; `before` is the one made before the last of them."""
    wordings = reasons.names()
    said = _proposals(revision.decision for revision in shown if revision.decision)
    return [
        Step(
            revision=revision,
            reason_name=reasons.name_of(revision.decision, wordings) if revision.decision else "",
            differences=comparison.differences(revision.record, older.record) if older else [],
            edits=_edits(revision.decision, said),
        )
        for revision, older in zip(shown, [*shown[1:], before], strict=True)
    ]


def notices_shown(public_id: str | OuterRef) -> QuerySet[DisputeNotice]:
    """What stands under a paper's title: notices that a second maintainer has confirmed and nobody has lifted."""
    return DisputeNotice.objects.filter(paper_public_id=public_id, confirmed_at__isnull=False, lifted_at=None).order_by(
        "confirmed_at", "id"
    )


def _proposals(decisions: Iterable[Decision]) -> dict[tuple[int | None, int | None], SubmissionVersion]:
    """The versions that were approved with edits."""
    edited = [decision for decision in decisions if decision.record_json and not decision.is_undone]
    if not edited:
        return {}
    versions = SubmissionVersion.objects.filter(submission__in=[decision.submission_id for decision in edited])
    return {(version.submission_id, version.number): version for version in versions}


def _edits(decision: Decision | None, said: dict[tuple[int | None, int | None], SubmissionVersion]) -> list[comparison.Row]:
    version = said.get((decision.submission_id, decision.submission_version)) if decision else None
    if decision is None or decision.record is None or version is None:
        return []
    edited = corrections.take(version.record, decision.record, corrections.changes(decision.record, version.record))
    return comparison.differences(edited, version.record)
