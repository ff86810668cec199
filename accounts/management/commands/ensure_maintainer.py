"""The first account of a fresh site: its owner, who may do everything."""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import MAINTAINERS, User


class Command(BaseCommand):
    help = "Make the account 'maintainer' and print its password once; silent where somebody maintains the site already."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(Q(is_superuser=True) | Q(groups__name=MAINTAINERS)).exists():
            return
        password = secrets.token_urlsafe(12)
        maintainer = User.objects.create_superuser("maintainer", "maintainer@localhost", password)
        maintainer.groups.add(Group.objects.get_or_create(name=MAINTAINERS)[0])
        EmailAddress.objects.create(user=maintainer, email=maintainer.email, verified=True, primary=True)
        self.stdout.write(
            _("Sign in as %(username)s with the password %(password)s") % {"username": maintainer.username, "password": password}
        )
