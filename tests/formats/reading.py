"""A whole file read at once, with the account of its lines settled."""

from catalog import formats


def load(format_, text):
    lines = text.split("\n")
    pieces = list(format_.read(lines))
    assert sum(piece.lines for piece in pieces) == len(lines)
    return formats.loaded(pieces)
