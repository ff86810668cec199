"""File formats, both ways: text to records and back, pure and in a stream.

A new one is a module with the words of `format.Format` and its place in FORMATS; menus, addresses, the API and the
importer look there.
"""

from catalog.formats import bibtex, json_, jsonl
from catalog.formats.format import Catalogue, Format, Loaded

FORMATS: tuple[Format, ...] = (json_, jsonl, bibtex)


def by_extension(extension: str) -> Format | None:
    """The format of `/papers.<extension>`, of a file name's end, or of `?format=`."""
    wanted = extension.removeprefix(".").lower()
    return {format_.EXTENSION: format_ for format_ in FORMATS}.get(wanted)


__all__ = ["FORMATS", "Catalogue", "Format", "Loaded", "by_extension"]
