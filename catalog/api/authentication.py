"""Who a program acts for: the person whose token it sends, in a header and nowhere else.

A session is no answer: what a browser sends by itself authenticates nothing here, so there is nothing to forge.
"""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import tokens
from accounts.models import Token, User

SCHEMES = ("token", "bearer")


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token <key>`, or `Bearer` (RFC 6750, section 2.1). Another scheme is somebody else's business."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        scheme, *rest = request.META.get("HTTP_AUTHORIZATION", "").split() or [""]
        if scheme.lower() not in SCHEMES:
            return None
        token = tokens.find(rest[0]) if len(rest) == 1 else None
        if token is None:
            raise AuthenticationFailed(_("There is no such token, or it is good no more."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Token realm="api", Bearer realm="api"'
