"""What a program sends twice, because the answer was lost on the way, is done once (draft-ietf-httpapi-idempotency-key-header).

To be asked behind the door that publishers pass one at a time: of many at once, the second finds the answer to the first.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Self

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.models import User
from catalog.answers import Problem
from catalog.models import AnsweredRequest

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_KEPT_HEADERS = ("Content-Type", "ETag", "Location")


@dataclass(frozen=True)
class Sending:
    """What somebody's program sends, with the key it gave; without one, nothing is remembered."""

    user: User
    key: str
    digest: str

    @classmethod
    def of(cls, request: Request, user: User) -> Self:
        """Raises Problem for a key that cannot be one."""
        key = request.headers.get("Idempotency-Key")
        if key is not None and not _KEY.fullmatch(key):
            raise Problem(400, _("An Idempotency-Key has from 1 to 255 visible characters of ASCII."))
        return cls(user, key or "", sha256(b"\n".join([request.path.encode(), request._request.body])).hexdigest())

    def answer(self) -> HttpResponse | None:
        """What the same was answered before, within KEPT. Raises Problem where something else was sent with this key."""
        if not self.key:
            return None
        AnsweredRequest.objects.filter(at__lte=timezone.now() - KEPT).delete()
        before = AnsweredRequest.objects.filter(user=self.user, key=self.key).first()
        if before is None:
            return None
        if before.digest != self.digest:
            raise Problem(422, _("This Idempotency-Key came with something else before. Use another for each thing you send."))
        return HttpResponse(before.body, status=before.status, headers=before.headers)

    def remember(self, response: HttpResponse) -> None:
        if self.key:
            AnsweredRequest.objects.create(
                user=self.user,
                key=self.key,
                digest=self.digest,
                status=response.status_code,
                headers={name: response[name] for name in _KEPT_HEADERS if name in response},
                body=response.content.decode(),
                at=timezone.now(),
            )
