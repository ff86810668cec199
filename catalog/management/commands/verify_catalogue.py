"""Prove that what readers are served agrees with the relational rows; say where not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Paper
from catalog.verification import disagreements


class Command(BaseCommand):
    help = _("Compare what readers are served with the rows it was made from. Changes nothing; ends with 1 where they do not agree.")

    def handle(self, *args: Any, **options: Any) -> None:
        count, found = Paper.objects.count(), 0
        shows_progress = self.stdout.isatty() and options["verbosity"] > 0

        def progress(checked: int) -> None:
            if shows_progress:
                self.stdout.write(f"{checked}/{count}", ending="\r")

        for disagreement in disagreements(progress=progress):
            self.stdout.write(str(disagreement))
            found += 1
        if found:
            raise CommandError(ngettext("%(count)s thing does not agree.", "%(count)s things do not agree.", found) % {"count": found})
        self.stdout.write(
            ngettext(
                "What readers are served agrees with the rows: %(count)s paper.",
                "What readers are served agrees with the rows: %(count)s papers.",
                count,
            )
            % {"count": count}
        )
