"""What waits, told to those who may decide it: one letter a period for each of them, in place of one for each submission.

Safe to run twice at once, and at any time: a person's letter of a period is written down as begun before it goes out. A
process that ends between the two, or a mail server that refuses, costs that letter; it never makes two of it.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts import notify
from accounts.models import MAINTAINERS, User
from catalog import letters, notices
from catalog.letters import Kind
from catalog.models import Decision, Submission
from catalog.models.submission import SubmissionQuerySet

log = logging.getLogger(__name__)

SHOWN = 10


def send_review_digests() -> int:
    """Write to every reviewer who wants it, whose letter of this period is not begun, and for whom something waits.

    Says how many letters went out. One that is refused stops none of the others.
    """
    now = timezone.now()
    return sum(_sent(reviewer, now) for reviewer in _reviewers())


def _reviewers() -> list[User]:
    reviews = Q(is_superuser=True) | Q(groups__name=MAINTAINERS) | Q(maintained_categories__isnull=False)
    wanted = User.objects.filter(reviews, is_active=True).exclude(review_digest=User.ReviewDigest.NEVER)
    return list(wanted.distinct().order_by("pk"))


def _sent(reviewer: User, now: datetime) -> bool:
    waiting = _decidable(reviewer).awaiting_review().order_by("submitted_at", "pk")
    oldest = waiting.first()
    if oldest is None or notify.address_of(reviewer) is None:
        return False
    before = reviewer.digests.filter(kind=Kind.REVIEW).first()
    if not notify.begin_digest(reviewer, Kind.REVIEW, letters.period(now, is_weekly=_is_weekly(reviewer))):
        return False
    since = before.sent_at if before else now - (timedelta(days=7) if _is_weekly(reviewer) else timedelta(days=1))
    decided = Decision.objects.filter(verdict__in=Decision.ON_SUBMISSIONS, at__gt=since, submission__in=_decidable(reviewer))
    shown = list(waiting[:SHOWN])
    for submission in shown:
        submission.age = now - submission.submitted_at  # type: ignore[attr-defined]
    count = waiting.count()
    facts = {
        "waiting": count,
        "oldest": now - oldest.submitted_at,
        "decided": decided.count(),
        "since": since,
        "shown": shown,
        "more": max(0, count - SHOWN),
    }
    try:
        notices.write("review_digest", reviewer, facts, kind=Kind.REVIEW)
    except OSError as error:
        # Every refusal of a mail server is one, also smtplib's own. Its words may hold an address.
        log.error("A digest was not sent to no. %d: %s", reviewer.pk, type(error).__name__)
        return False
    return True


def _is_weekly(reviewer: User) -> bool:
    return reviewer.review_digest == User.ReviewDigest.WEEKLY


def _decidable(reviewer: User) -> SubmissionQuerySet:
    """What they may decide: what they see in the queue, without their own where nobody decides that."""
    seen = Submission.objects.reviewable_by(reviewer)
    return seen if settings.SELF_APPROVAL == "maintainers" else seen.exclude(contributor=reviewer)
