"""A peer's papers, loaded in a process of its own: `python -m tests.bench.peers.fill plain 100000`."""

import os
import sys
from pathlib import Path

from tests.bench.papers import corpus_of


def main(data: str, size: int) -> None:
    if data == "plain":
        from tests.bench.peers import plain

        plain.load(corpus_of(size))
    else:
        from tests.bench.peers import datasette

        datasette.load(corpus_of(size), Path(os.environ["DATASETTE_FILE"]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
