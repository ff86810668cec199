"""The periodic letters. Run it as often as you like, also twice at once: nobody gets a letter of one period twice."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog import digests, news


class Command(BaseCommand):
    help = _("Tell reviewers what waits for them, and everybody what is new in what they follow: once a day or a week, as each chose.")

    def handle(self, *args: Any, **options: Any) -> None:
        sent = digests.send_review_digests() + news.tell()
        if self.stdout.isatty() and options["verbosity"] > 0:
            self.stdout.write(ngettext("%(count)d letter was sent.", "%(count)d letters were sent.", sent) % {"count": sent})
