"""Write a selection of papers to a file or to standard output: the same bytes as the site."""

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.export import Export
from catalog.filters import PaperFilter
from catalog.formats import FORMATS, by_extension


class Command(BaseCommand):
    help = _("Write a selection of papers in one of the formats. What stands in the file is what the site gives for the same selection.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", default="json", choices=[format_.NAME for format_ in FORMATS])
        parser.add_argument("--output", type=Path, metavar="FILE", help=_("A file instead of standard output; appears when it is whole."))
        selection = parser.add_argument_group(
            _("selection"), _("The parameters of the list. Repeat one for any of its values; write --sort=-year with an equals sign.")
        )
        for name in PaperFilter.base_filters:
            names = dict.fromkeys([f"--{name.replace('_', '-')}", f"--{name}"])
            selection.add_argument(*names, action="append", default=[], dest=name, metavar="VALUE")

    def handle(self, *args: Any, **options: Any) -> None:
        format_ = by_extension(options["format"])
        assert format_ is not None  # noqa: S101 -- argparse has checked it
        papers = self._selection(options)
        with closing(Export.of(papers, format_)) as export:
            if options["output"]:
                self._write_file(export, options["output"])
            else:
                self._write_out(export)

    def _selection(self, options: dict[str, Any]) -> PaperFilter:
        data = QueryDict(mutable=True)
        for name in PaperFilter.base_filters:
            data.setlist(name, options[name])
        papers = PaperFilter(data)
        if not papers.is_valid():
            raise CommandError(" ".join(f"--{name.replace('_', '-')}: {text}" for name, texts in papers.errors.items() for text in texts))
        return papers

    def _write_file(self, export: Export, path: Path) -> None:
        """All of it or nothing: readers of the file never see a part."""
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            with unfinished.open("wb") as file:
                file.writelines(export)
            unfinished.replace(path)
        except OSError as error:
            raise CommandError(_("%(file)s cannot be written: %(reason)s.") % {"file": path, "reason": error.strerror}) from error
        finally:
            unfinished.unlink(missing_ok=True)

    def _write_out(self, export: Export) -> None:
        out: BinaryIO = sys.stdout.buffer
        try:
            out.writelines(export)
            out.flush()
        except BrokenPipeError:
            # Who reads has seen enough. Python would say so again when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
