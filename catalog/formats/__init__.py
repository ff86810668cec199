"""File formats, both ways: text to records and back, pure and in a stream.

A new one is a module with the words of `format.Format` and its place in FORMATS; menus, addresses, the API and the
importer look there.
"""

from catalog.formats import atom, bibtex, csl, csv_, json_, jsonl, markdown, ris
from catalog.formats.format import Catalogue, Entry, Format, Ignored, Loaded, NotUnderstood, Page, Piece, Readable, loaded

FORMATS: tuple[Format, ...] = (json_, jsonl, csv_, bibtex, csl, ris, markdown, atom)
READABLE: tuple[Readable, ...] = (json_, jsonl, csv_, bibtex, csl, ris, markdown)


def by_extension(extension: str) -> Format | None:
    """The format of `/papers.<extension>`, of a file name's end, or of `?format=`."""
    wanted = extension.removeprefix(".").lower()
    return {format_.EXTENSION: format_ for format_ in FORMATS}.get(wanted)


__all__ = [
    "FORMATS",
    "READABLE",
    "Catalogue",
    "Entry",
    "Format",
    "Ignored",
    "Loaded",
    "NotUnderstood",
    "Page",
    "Piece",
    "Readable",
    "by_extension",
    "loaded",
]
