"""What maintainers do to papers themselves: merge them, tell them apart, place a notice; and the line for what is arranged."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import publishing
from catalog.models import Decision, DisputeNotice, Distinction, Paper, Submission, Tombstone
from catalog.records import Record
from catalog.review import states
from catalog.review.refusals import NotAllowed, PaperChanged, PaperGone, ReasonMissing, Refusal
from catalog.review.roles import maintainer


class SamePaper(Refusal):
    """A paper is not merged into itself, nor told apart from itself."""


class NoticeStands(Refusal):
    """The paper bears a notice of this kind already, or one is proposed."""


@transaction.atomic
def merge(
    paper: Paper, survivor: Paper, record: Record, *, by: User, reason: str = "", seen_revisions: tuple[int, int] | None = None
) -> Decision:
    """Fold a paper into another, which then says what the record says; submissions about the one are about the other.

    `seen_revisions` are those of both papers when they were compared. For full maintainers. Raises NotAllowed, SamePaper,
    PaperGone, PaperChanged, AlreadyCatalogued.
    """
    maintainer(by)
    publishing.take_turn()
    if paper.pk == survivor.pk:
        raise SamePaper
    paper, survivor = _as_it_stands(paper), _as_it_stands(survivor)
    for each, seen in zip((paper, survivor), seen_revisions or (paper.revision, survivor.revision), strict=True):
        if each.revision != seen:
            raise PaperChanged(each)
    decision = Decision.objects.create(
        verdict=states.MERGE, by=by, at=timezone.now(), reason=reason.strip(), paper_public_id=paper.public_id, subject=paper.title
    )
    # A removal was asked for of the paper that goes, not of the one that stays.
    about = list(paper.submissions.exclude(kind=Submission.Kind.REMOVAL).values_list("pk", flat=True))
    why = reason.strip() or _("The same work as “%(title)s”.") % {"title": survivor.title}
    publishing.merge(paper, survivor, record, reason=why, decision=decision, by=by)
    Submission.objects.filter(pk__in=about).update(paper=survivor)
    return decision


def _as_it_stands(paper: Paper) -> Paper:
    current = Paper.objects.filter(pk=paper.pk).first()
    if current is None:
        raise PaperGone(Tombstone.objects.filter(public_id=paper.public_id).first())
    return current


@transaction.atomic
def tell_apart(one: Paper, other: Paper, *, by: User, because: str = "") -> None:
    """Remember that these are two papers: the pair is not shown as a likeness again. Raises NotAllowed, SamePaper."""
    maintainer(by)
    if one.pk == other.pk:
        raise SamePaper
    remember_distinction(one, other, by=by, because=because)


def remember_distinction(one: Paper, other: Paper, *, by: User | None, because: str) -> None:
    first, second = sorted((one.public_id, other.public_id))
    Distinction.objects.get_or_create(first=first, second=second, defaults={"by": by, "because": because, "at": timezone.now()})


# -- Notices -----------------------------------------------------------------------------------
@transaction.atomic
def propose_notice(paper: Paper, kind: str, text: str, *, by: User, url: str = "") -> DisputeNotice:
    """A neutral word for a paper's page. Nobody sees it there before another maintainer has confirmed it.

    Raises NotAllowed, ReasonMissing, PaperGone, NoticeStands.
    """
    maintainer(by)
    publishing.take_turn()
    paper = _as_it_stands(paper)
    if not text.strip():
        raise ReasonMissing
    if DisputeNotice.objects.filter(paper_public_id=paper.public_id, kind=kind, lifted_at=None).exists():
        raise NoticeStands
    return DisputeNotice.objects.create(
        paper_public_id=paper.public_id, kind=kind, text=text.strip(), url=url, proposed_by=by, proposed_at=timezone.now()
    )


@transaction.atomic
def confirm_notice(notice: DisputeNotice, *, by: User) -> Decision:
    """Show it. For a second maintainer: raises NotAllowed for the one who proposed it, and where it is shown or lifted already."""
    maintainer(by)
    now = timezone.now()
    publishing.next_version(publishing.whole_second(now))
    waiting = DisputeNotice.objects.filter(pk=notice.pk, confirmed_at=None, lifted_at=None).exclude(proposed_by=by)
    if not waiting.update(confirmed_by=by, confirmed_at=now):
        raise NotAllowed
    return _log_notice(states.NOTICE, notice, by=by, reason=notice.text)


@transaction.atomic
def lift_notice(notice: DisputeNotice, *, by: User, reason: str) -> Decision | None:
    """Take it off the page. One that was never shown goes without a word in the log. Raises NotAllowed, ReasonMissing."""
    maintainer(by)
    if not reason.strip():
        raise ReasonMissing
    now = timezone.now()
    publishing.next_version(publishing.whole_second(now))
    if not DisputeNotice.objects.filter(pk=notice.pk, lifted_at=None).update(lifted_by=by, lifted_at=now):
        raise NotAllowed
    notice.refresh_from_db()
    return _log_notice(states.LIFT, notice, by=by, reason=reason) if notice.confirmed_at else None


def _log_notice(verdict: str, notice: DisputeNotice, *, by: User, reason: str) -> Decision:
    paper = Paper.objects.filter(public_id=notice.paper_public_id).first()
    return Decision.objects.create(
        verdict=verdict,
        by=by,
        at=timezone.now(),
        reason=reason.strip(),
        reason_code=notice.kind,
        paper_public_id=notice.paper_public_id,
        subject=paper.title if paper else "",
    )


def log_arrangement(subject: str, what: str, *, by: User) -> Decision:
    """One line in the public log about names and order, in the caller's transaction."""
    publishing.new_state()
    return Decision.objects.create(verdict=states.ARRANGE, by=by, at=timezone.now(), subject=subject[:500], reason=what)
