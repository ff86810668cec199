"""A file as lines of text, and what kind of file it is. Refuses what is no text, naming the line."""

from collections.abc import Iterator
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO

from django.utils.translation import gettext as _

from catalog import formats
from catalog.formats import Readable
from catalog.records import tidy

# A file that is one line, as programs write JSON, may be as long as a whole file.
LONGEST_LINE = 256 * 1024 * 1024
MAX_NAME = 200
# Ends of names that formats do not bear themselves.
_ALSO = {"ndjson": "jsonl", "bibtex": "bib", "markdown": "md", "txt": "md", "tsv": "csv", "mkd": "md"}
_PACKED = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"%PDF": "PDF"}
_OTHER_TEXT = (b"\xff\xfe", b"\xfe\xff")


class Unreadable(Exception):
    """The file is no text that can be read. `line` is where that shows."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def lines_of(file: BinaryIO, *, most: int | None = None) -> Iterator[str]:
    """The lines of a file in UTF-8, without their ends, one at a time. `most` is how many bytes are read before it is too much.

    Raises Unreadable.
    """
    size = 0
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        size += len(raw)
        if number == 1:
            _refuse_what_is_no_text(raw)
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if len(raw) > LONGEST_LINE or (most is not None and size > most):
            limit = min(LONGEST_LINE, most or LONGEST_LINE) // 1_000_000
            raise Unreadable(number, _("The file is too large: at most %(limit)d MB are read.") % {"limit": limit})
        if b"\0" in raw:
            raise Unreadable(number, _("Line %(line)d holds a NUL: this is no text file.") % {"line": number})
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise Unreadable(number, _("Line %(line)d is not UTF-8. Save the file as UTF-8 first.") % {"line": number}) from None
        # Files of old Macs end their lines with a carriage return alone.
        text = text.removesuffix("\n").removesuffix("\r")
        yield from text.split("\r") if "\r" in text else [text]


def _refuse_what_is_no_text(beginning: bytes) -> None:
    if packed := next((name for signature, name in _PACKED.items() if beginning.startswith(signature)), None):
        raise Unreadable(1, _("This is a %(kind)s file. Unpack it, or save it as text, first.") % {"kind": packed})
    if beginning.startswith(_OTHER_TEXT):
        raise Unreadable(1, _("The file is UTF-16. Save it as UTF-8 first."))


def format_of(name: str, lines: Iterator[str]) -> tuple[Readable | None, Iterator[str]]:
    """The format of a file by the end of its name and, where two share one, by its first line; the lines again with it."""
    end = PurePath(name.lower()).suffix.removeprefix(".")
    found = _named(_ALSO.get(end, end))
    passed: list[str] = []
    if found is formats.json_:
        for line in lines:
            passed.append(line)
            if line.strip():
                break
        if passed and passed[-1].lstrip().startswith("["):
            found = _named("csl")
    return found, chain(passed, lines)


def is_list(format_name: str) -> bool:
    """Whether a file of this format is a list, which may go on living elsewhere; our own JSON holds whole records, of any number."""
    return format_name not in (formats.json_.NAME, formats.jsonl.NAME)


def _named(name: str) -> Readable | None:
    return next((format_ for format_ in formats.READABLE if name == format_.NAME), None)


def name_of(file_name: str, first_lines: list[str]) -> str:
    """What the list calls itself in its first heading, else its file, without the end of its name."""
    for line in first_lines:
        if line.startswith("# ") and (name := tidy(line.removeprefix("# ").partition("[![")[0].partition(" ![")[0])):
            return name[:MAX_NAME]
    return (tidy(PurePath(file_name).stem) or file_name)[:MAX_NAME]
