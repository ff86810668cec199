"""Who may contribute, and that whatever they typed before they were let in is there when they are.

What the views of contributors share; answers no address of its own.
"""

from collections.abc import Callable
from functools import wraps

from allauth.account.decorators import verified_email_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from accounts.notify import has_verified_address
from accounts.unsent import keep_unsent, unsent
from catalog import review
from catalog.models import Submission

__all__ = ["Contributor", "contributors_only", "retry_after", "shown_the_way", "submission_of", "unsent"]

type View = Callable[..., HttpResponse]


class Contributor(HttpRequest):
    """A request that `contributors_only` has let through."""

    user: User
    htmx: HtmxDetails


def contributors_only(view: View) -> View:
    """Let in who is signed in with a verified address. Others are shown the way, and find what they typed when they are back."""
    guarded = verified_email_required(view)

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: object) -> HttpResponse:
        if _may_contribute(request):
            return view(request, **kwargs)
        if request.method == "POST":
            keep_unsent(request)
        return _way(request, guarded(request, **kwargs))

    return answer


def shown_the_way(request: HttpRequest) -> HttpResponse | None:
    """For a form without its token: the sign-in for who needs it, with the fields kept; None for who may contribute."""
    if _may_contribute(request):
        return None
    keep_unsent(request)
    return _way(request, redirect_to_login(request.get_full_path()))


def _way(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """What asked for a part of a page is not given the whole of another one to put there: its page goes."""
    is_part = "HX-Request" in request.headers
    return HttpResponseClientRedirect(answer["Location"]) if is_part and "Location" in answer else answer


def _may_contribute(request: HttpRequest) -> bool:
    return request.user.is_authenticated and has_verified_address(request.user)


def submission_of(request: Contributor, number: int, *, own: bool = False) -> Submission:
    """The submission, for its contributor and, unless only the own is asked for, for who may review it; for others there is none."""
    submission = get_object_or_404(Submission.objects.select_related("contributor", "paper", "opened_by"), pk=number)
    if submission.contributor_id == request.user.pk:
        return submission
    reviewed = Submission.objects.reviewable_by(request.user)
    if own or not (request.user.is_maintainer or reviewed.filter(pk=submission.pk).exists()):
        raise Http404
    if request.user.owes_factor:
        raise PermissionDenied
    return submission


def retry_after(response: HttpResponse, limit: review.LimitReached) -> HttpResponse:
    """The answer with the seconds to wait, where somebody knows them."""
    if limit.until:
        response["Retry-After"] = str(max(1, round((limit.until - timezone.now()).total_seconds())))
    return response
