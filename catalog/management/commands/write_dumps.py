"""Write the whole catalogue in every format, dated, for others to take away. From cron, as often as you like."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from catalog import dumps


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(_("a number from 1 on is expected"))
    return int(text)


class Command(BaseCommand):
    help = _("Write the whole catalogue in every format, with checksums, into a folder named by the day. Does nothing if it is there.")

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, metavar="DIR", help=_("where the folders of the days are, instead of DUMPS_DIR"))
        parser.add_argument("--keep", type=_at_least_one, default=7, metavar="N", help=_("how many stay (default: %(default)s)"))

    def handle(self, *args: Any, **options: Any) -> None:
        shows_progress = self.stdout.isatty() and options["verbosity"] > 0

        def progress(name: str) -> None:
            if shows_progress:
                self.stdout.write(name)

        folder: Path = options["output"] or settings.DUMPS_DIR
        try:
            made = dumps.write(folder, keep=options["keep"], progress=progress)
        except OSError as error:
            problem = {"file": error.filename or folder, "reason": error.strerror}
            raise CommandError(_("%(file)s cannot be written: %(reason)s.") % problem) from error
        if shows_progress:
            self.stdout.write(str(made.folder) if made else _("Today’s dump is there, and nothing has changed since."))
