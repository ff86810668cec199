"""Lay down anew what readers are served, from the relational rows, while the site goes on."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog import publishing, terms
from catalog.models import CatalogueState, Paper


class Command(BaseCommand):
    help = _("Lay down the records, the search documents and the index anew. Can be broken off and begun again at any time.")

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--if-outdated", action="store_true", help=_("only where it was laid down by the rules of an older release"))

    def handle(self, *args: Any, **options: Any) -> None:
        state = CatalogueState.objects.first()
        if options["if_outdated"] and (state is None or state.rules == terms.RULES):
            return
        steps, done = 2 * Paper.objects.count(), 0
        shows_progress = self.stdout.isatty() and options["verbosity"] > 0

        def progress(papers: int) -> None:
            nonlocal done
            done += papers
            if shows_progress:
                self.stdout.write(f"{100 * done // steps} %", ending="\r")

        changed = publishing.rebuild(progress=progress)
        if shows_progress:
            said = ngettext("%(count)s paper was other than its rows say.", "%(count)s papers were other than their rows say.", changed)
            self.stdout.write(said % {"count": changed})
