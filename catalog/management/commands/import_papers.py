"""Bring the papers of a file into the catalogue: as proposals, or published."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import MAINTAINERS, User
from catalog import formats, ingest, review
from catalog.ingest.applying import Choice
from catalog.models import Category


class Command(BaseCommand):
    help = _("Import papers from a file in any format that can be read. All of it or nothing; a second time changes nothing.")

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        names = [format_.NAME for format_ in formats.READABLE]
        parser.add_argument("file", help=_("the file; - is standard input"))
        parser.add_argument("--format", choices=names, help=_("by default what the end of the file's name says"))
        parser.add_argument("--category", default="", metavar="PATH", help=_("put all papers there, not where the file's headings say"))
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--propose", action="store_true", help=_("make proposals for the review queue (the default)"))
        how.add_argument("--publish", action="store_true", help=_("publish at once; what may be here already is proposed"))
        parser.add_argument("--as", dest="username", metavar="USER", help=_("whose act it is; by default the first maintainer's"))
        parser.add_argument("--dry-run", action="store_true", help=_("say what would happen, and change nothing"))
        parser.add_argument("--report", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        choice: Choice = "publish" if options["publish"] else "propose"
        by = _user(options["username"])
        with _opened(options["file"]) as file:
            try:
                account = self._run(file, by=by, choice=choice, options=options)
            except ingest.Unreadable as error:
                raise CommandError(f"{options['file']}, {_('line')} {error.line}: {error.reason}") from error
            except Category.DoesNotExist as error:
                raise CommandError(_("There is no category %(path)s.") % {"path": options["category"]}) from error
            except review.NotAllowed as error:
                raise CommandError(_("%(name)s may not publish what they bring; leave out --publish.") % {"name": by.username}) from error
        if options["report"] == "json":
            self.stdout.write(msgspec.json.format(msgspec.json.encode(account.as_plain()), indent=1).decode())
        else:
            self.stdout.write(_in_words(account, is_dry=options["dry_run"]))

    def _run(self, file: BinaryIO, *, by: User, choice: Choice, options: dict[str, Any]) -> ingest.Account:
        name = "" if options["file"] == "-" else options["file"]
        lines = ingest.lines_of(file)
        format_, lines = ingest.format_of(f"x.{options['format']}" if options["format"] else name, lines)
        if format_ is None:
            raise CommandError(_("Say what it is: --format %(names)s.") % {"names": "|".join(each.NAME for each in formats.READABLE)})
        is_list = ingest.is_list(format_.NAME)
        first = list(islice(lines, 200)) if is_list else []
        return ingest.run(
            format_.read(chain(first, lines)),
            by=by,
            choice=choice,
            list_name=ingest.name_of(Path(name).name or _("standard input"), first),
            category=options["category"].strip("/"),
            is_list=is_list,
            is_dry=options["dry_run"],
            progress=self._progress if self.stderr.isatty() and options["verbosity"] else lambda entries: None,
        )

    def _progress(self, entries: int) -> None:
        self.stderr.write(f"{entries}", ending="\r")


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise CommandError(f"{name}: {error.strerror}") from error


def _user(username: str | None) -> User:
    """Whose act it is. Raises CommandError."""
    people = User.objects.filter(is_active=True)
    if username is None:
        maintains = Q(is_superuser=True) | Q(groups__in=Group.objects.filter(name=MAINTAINERS))
        found = people.filter(maintains).order_by("pk").first()
    else:
        found = people.filter(username=username).first()
    if found is None:
        raise CommandError(_("There is no such account: %(name)s.") % {"name": username or _("a maintainer")})
    return found


def _in_words(account: ingest.Account, *, is_dry: bool) -> str:
    facts = account.as_plain()
    names = ("lines", "entries", "added", "proposed", "changed", "gone", "unchanged", "repeated", "placements", "kept_though_gone")
    lines = [_("Nothing was changed: this was a dry run.")] if is_dry else []
    lines += [f"{name.replace('_', ' '):<17} {facts[name]:>7}" for name in names if facts[name] or name in {"lines", "entries"}]
    lines += [f"{_('ignored')}: {kind:<8} {count:>7}" for kind, count in facts["ignored"].items()]
    lines += [_("New category: %(path)s") % {"path": path} for path in account.categories_added]
    for each in account.not_understood:
        lines.append(_("Line %(line)d not understood (%(reason)s): %(text)s") % each)
    for each in account.refused:
        lines.append(_("Line %(line)d refused (%(reason)s): %(title)s") % each)
    for each in account.suspected:
        lines.append(_("Line %(line)d may be “%(candidate)s”: %(reasons)s") % {**each, "reasons": "; ".join(each["reasons"])})
    return "\n".join(lines)
