"""Who may decide what."""

from django.conf import settings
from django.db.models import prefetch_related_objects

from accounts.models import User
from catalog import taxonomy
from catalog.models import Category, Decision, Submission
from catalog.models.submission import SubmissionQuerySet
from catalog.review.refusals import NotAllowed


def is_category_maintainer(person: User) -> bool:
    """Named on a category, with an open account. Asked of the database once for this object, however many pieces of a page ask."""
    prefetch_related_objects([person], "maintained_categories")
    return person.is_active and bool(person.maintained_categories.all())


def may_decide(submission: Submission, *, by: User) -> bool:
    """Whether this person may decide this submission as it stands.

    A full maintainer any, their own only where the site allows it. A category maintainer what others propose for
    categories all of which are theirs or below theirs, wherever these stand now: one that is gone is nobody's. What is
    about a paper must be theirs where the paper stands, too.
    """
    is_own = submission.contributor_id == by.pk
    if by.is_maintainer:
        return not is_own or settings.SELF_APPROVAL == "maintainers"
    return by.is_active and not is_own and is_in_care_of(by, paths_of(submission))


def decidable_by(person: User) -> SubmissionQuerySet:
    """What waits for a decision that this person may take."""
    waiting = Submission.objects.awaiting_review().reviewable_by(person)
    return waiting if settings.SELF_APPROVAL == "maintainers" else waiting.exclude(contributor=person)


def paths_of(submission: Submission) -> set[str]:
    """The categories that the submission asks for, and those where the paper that it is about stands now."""
    paths = {place.path for place in submission.record.categories}
    if submission.paper_id and not submission.is_addition:
        paths.update(submission.paper.placements.values_list("category__path", flat=True))  # type: ignore[union-attr]
    return paths


def is_in_care_of(person: User, paths: set[str]) -> bool:
    """Whether all these categories, and at least one, are this person's or below theirs."""
    try:
        asked_for = {taxonomy.category_at(path).pk for path in paths}
    except Category.DoesNotExist:
        return False
    return bool(asked_for) and not Category.objects.filter(pk__in=asked_for).exclude(lineage__maintainers=person).exists()


def may_undo(decision: Decision, *, by: User) -> bool:
    """Whoever may decide the submission may undo what was decided; what concerns papers alone is for full maintainers."""
    return may_decide(decision.submission, by=by) if decision.submission else by.is_maintainer


def reviewer(person: User) -> User:
    """The person, read anew: a role that was lost a moment ago is lost. Raises NotAllowed for one who reviews nothing."""
    current = User.objects.filter(pk=person.pk).first()
    if current is None or not (current.is_maintainer or is_category_maintainer(current)):
        raise NotAllowed
    return current


def maintainer(person: User) -> User:
    """The person, read anew. Raises NotAllowed for one who is no full maintainer."""
    current = User.objects.filter(pk=person.pk).first()
    if current is None or not current.is_maintainer:
        raise NotAllowed
    return current
