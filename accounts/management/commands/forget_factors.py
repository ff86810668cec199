"""For an owner who has lost every second factor, and with it the desk, where that of others is taken away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts import factors
from accounts.models import User


class Command(BaseCommand):
    help = "Take a person's second factor away, end their sessions and write to them, as the desk does."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("Nobody here is called %s.") % username)
        factors.remove_all(user)
