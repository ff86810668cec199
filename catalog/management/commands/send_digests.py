"""The periodic letters. Run it as often as you like, also twice at once: nobody gets a letter of one period twice."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog import digests


class Command(BaseCommand):
    help = _("Write to reviewers about what waits for them: once a day or a week, as each of them chose.")

    def handle(self, *args: Any, **options: Any) -> None:
        sent = digests.send_review_digests()
        if self.stdout.isatty() and options["verbosity"] > 0:
            self.stdout.write(ngettext("%(count)d letter was sent.", "%(count)d letters were sent.", sent) % {"count": sent})
