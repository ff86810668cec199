"""Where a person is signed in, one row a browser: allauth writes them down, here they end.

A session also ends by itself when what it was begun by changes, as the model of a person says.
"""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest

from accounts.models import User


def end_all(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


def keep_this_one(request: HttpRequest, user: User, **more: Any) -> None:
    """When the first address has changed, every other session is at its end; this one goes on under another key."""
    if request.user == user:
        update_session_auth_hash(request, user)
        UserSession.objects.create_from_request(request)


def keep_only_this_one(request: HttpRequest, user: User, authenticator: Authenticator, **more: Any) -> None:
    """When a person has their first factor: a session that was begun elsewhere never showed it."""
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    if [factor.pk for factor in factors] == [authenticator.pk]:
        for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
            session.end()


def begin_fresh(request: HttpRequest, email_address: EmailAddress, **more: Any) -> None:
    """Whoever finishes an account by the code of its letter has just shown who they are, as by a code that signs in."""
    if email_address.user.last_login is None:
        record_authentication(request, email_address.user, "code", email=email_address.email)
