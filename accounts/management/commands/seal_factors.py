"""For when SECRET_KEY has changed: afterwards no second factor needs the former one any more."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand

from accounts import sealing


class Command(BaseCommand):
    help = "Seal what second factors are made of by the SECRET_KEY of now, wherever one of SECRET_KEY_FALLBACKS did."

    def handle(self, *args: Any, **options: Any) -> None:
        sealing.seal_anew(Authenticator.objects.all())
