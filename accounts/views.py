"""Your own account, what you were told, what others read of you, and the keys of your programs.

Signing in and what it is done by (addresses, passwords, codes, passkeys, other sites) are allauth's.
"""

from http import HTTPStatus
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import leaving, notify, profiles, tokens
from accounts.forms import ReviewDigestForm, TokenForm
from accounts.fresh import fresh_only
from accounts.models import User
from accounts.profile_forms import LeaveForm, ProfileForm
from accounts.unsent import keep_unsent, typed, unsent

NOTIFICATIONS_A_PAGE = 30


class Member(HttpRequest):
    """A request of somebody who is signed in."""

    user: User


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def account_detail(request: Member) -> HttpResponse:
    """How often a reviewer hears of the queue is set here; all else has a page of its own."""
    if request.method == "POST":
        if not request.user.is_reviewer:
            raise PermissionDenied
        form = ReviewDigestForm(request.POST, instance=request.user)
        if form.is_valid():
            form.save()
            messages.success(request, _("Saved."))
            return redirect("accounts:account-detail")
    else:
        form = ReviewDigestForm(instance=request.user, initial=typed(request))
    context = {"addresses": EmailAddress.objects.filter(user=request.user).order_by("-primary", "email"), **_ways_in(request.user)}
    return render(request, "accounts/account_detail.html", {**context, "form": form if request.user.is_reviewer else None})


def _ways_in(user: User) -> dict[str, Any]:
    """What signs this person in, or helps to, as far as the page says it."""
    found = list(Authenticator.objects.filter(user=user))
    codes = next((each for each in found if each.type == Authenticator.Type.RECOVERY_CODES), None)
    return {
        "passkeys": [each for each in found if each.type == Authenticator.Type.WEBAUTHN],
        "app": next((each for each in found if each.type == Authenticator.Type.TOTP), None),
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "other_sites": [app["APP"]["name"] for app in settings.SOCIALACCOUNT_PROVIDERS.values()],
        "connected": SocialAccount.objects.filter(user=user, provider__in=settings.SOCIALACCOUNT_PROVIDERS).count(),
        "tokens": user.tokens.count(),
    }


@require_POST
@login_required
def session_end(request: Member, number: int) -> HttpResponse:
    session = get_object_or_404(UserSession, user=request.user, pk=number)
    end_sessions(request, [session])
    messages.success(request, _("That browser is signed out."))
    return redirect("usersessions_list")


@require_GET
@never_cache
@login_required
def notification_list(request: Member) -> HttpResponse:
    """Reading it marks nothing as read: that is what its buttons are for."""
    try:
        page = Paginator(request.user.notifications.all(), NOTIFICATIONS_A_PAGE).page(request.GET.get("page") or 1)
    except InvalidPage as missing:
        raise Http404 from missing
    return render(request, "accounts/notifications.html", {"page": page, "unread": request.user.notifications.unread().count()})


@require_POST
@login_required
def notifications_read(request: Member) -> HttpResponse:
    notify.mark_read(request.user)
    return redirect("accounts:notifications")


@require_POST
@login_required
def notification_read(request: Member, number: int) -> HttpResponse:
    """Leads back to where it stands on the page of the list that the address names."""
    get_object_or_404(request.user.notifications, pk=number)
    notify.mark_read(request.user, number)
    return redirect(reverse("accounts:notifications", query={"page": request.GET.get("page") or 1}, fragment=f"notification-{number}"))


# -- Tokens ------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
@reauthentication_required(allow_get=True)
def token_list(request: Member) -> HttpResponse:
    """Makes one, too: the answer to that is the only page that ever shows its key."""
    form = TokenForm(request.POST if request.method == "POST" else None, user=request.user, initial=typed(request))
    made, key = None, ""
    if form.is_bound and form.is_valid():
        try:
            made, key = tokens.make(request.user, **form.cleaned_data)
        except tokens.TooMany:
            form.add_error(None, _("You have %(limit)d tokens, which is the limit. Revoke one first.") % {"limit": tokens.PER_PERSON})
        else:
            form = TokenForm(user=request.user)
    context = {"form": form, "tokens": request.user.tokens.all(), "made": made, "key": key}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def token_revoke(request: Member, number: int) -> HttpResponse:
    if not tokens.revoke(request.user, number):
        raise Http404
    messages.success(request, _("The token is revoked: no program can use it any more."))
    return redirect("accounts:tokens")


# -- Your page ---------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def profile(request: Member) -> HttpResponse:
    """What was typed by somebody whose sign-in had ended is there when they are back."""
    if not request.user.is_authenticated:
        return _sign_in_first(request)
    if request.method != "POST":
        kept = unsent(request)
        form = ProfileForm(kept, person=request.user) if kept else ProfileForm(initial=_said_by(request.user), person=request.user)
        return _profile_page(request, form, notice="signed_in" if kept else "")
    form = ProfileForm(request.POST, person=request.user)
    if not form.is_valid():
        return _profile_page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    profiles.write(request.user, **form.cleaned_data)
    messages.success(request, _("Saved. Your page is public.") if request.user.is_public else _("Saved. You have no public page."))
    return redirect("accounts:profile")


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        keep_unsent(request)
    return redirect_to_login(request.get_full_path())


def _said_by(person: User) -> dict[str, Any]:
    return {name: getattr(person, name) for name in ProfileForm.base_fields}


def _profile_page(request: Member, form: ProfileForm, *, notice: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    # What is stored, whatever the form has made of it.
    person = User.objects.get(pk=request.user.pk)
    return render(request, "accounts/profile.html", {"form": form, "person": person, "notice": notice}, status=status)


def _profile_not_sent(request: Member) -> HttpResponse:
    """The form again, with what was typed and a token that is good."""
    if not request.user.is_authenticated:
        return _sign_in_first(request)
    return _profile_page(request, ProfileForm(request.POST, person=request.user), notice="not_sent", status=HTTPStatus.FORBIDDEN)


profile.not_sent = _profile_not_sent  # type: ignore[attr-defined]


# -- Leaving -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@fresh_only
def account_delete(request: Member) -> HttpResponse:
    """Deletes the account of who asks, and of nobody else."""
    form = LeaveForm(request.POST if request.method == "POST" else None, person=request.user)
    if form.is_bound and form.is_valid():
        person = User.objects.get(pk=request.user.pk)
        try:
            leaving.leave(person)
        except leaving.Needed:
            pass
        else:
            request.session.flush()
            request.user = AnonymousUser()  # type: ignore[assignment]
            return render(request, "accounts/deleted.html")
    context = {"form": form, "is_needed": leaving.is_needed(request.user)}
    return render(request, "accounts/delete.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK)
