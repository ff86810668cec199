"""What is decided and how long it takes, for everyone: the public log and the state of the queue. Shows nothing that waits."""

from collections import Counter
from datetime import timedelta
from itertools import groupby

from django.db.models import Count, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from catalog import log, periods, review
from catalog.models import Decision, Submission
from catalog.serving import for_everybody
from catalog.views.entries import one_page

DECISIONS_A_PAGE = 50
# Over how many decisions the work of reviewers is told apart.
SHARED = 30


@require_safe
@for_everybody
def change_list(request: HttpRequest) -> HttpResponse:
    """Everything, or with `?decided=2026-11` what was decided about proposals in that year or month."""
    try:
        decided = request.GET.get("decided") and periods.checked(request.GET["decided"])
    except ValueError as error:
        raise Http404 from error
    page = one_page(request, log.decisions(decided or ""), size=DECISIONS_A_PAGE)
    days = [(day, list(changes)) for day, changes in groupby(log.changes(page.object_list), key=lambda change: change.at.date())]
    return render(request, "catalog/change_list.html", {"page": page, "days": days, "decided": decided})


@require_safe
@for_everybody
def review_queue(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    waits, is_back = Q(status=Submission.Status.PENDING), Q(status=Submission.Status.CHANGES_REQUESTED)
    queue = Submission.objects.open().aggregate(
        waiting=Count("pk", filter=waits), oldest=Min("submitted_at", filter=waits), back=Count("pk", filter=is_back)
    )
    decided = Decision.objects.filter(verdict__in=Decision.ON_SUBMISSIONS)
    latest = Counter(decided.order_by("-at", "-id").values_list("by", flat=True)[:SHARED]).most_common()
    people = User.objects.in_bulk([number for number, _count in latest if number])
    context = {
        "waiting": queue["waiting"],
        "oldest": now - queue["oldest"] if queue["oldest"] else None,
        "back": queue["back"],
        "usual_wait": review.usual_wait(),
        "this_week": decided.filter(at__gt=now - timedelta(days=7)).count(),
        "reviewers": [(people.get(number or 0), count) for number, count in latest],
        "shared": sum(count for _number, count in latest),
    }
    return render(request, "catalog/review_queue.html", context)
