"""What one would put up instead of the portal, with the same papers; and the floor under whatever Django answers.

Peers come from the dependency group `bench`. One whose packages are not installed is left out, and said to be.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

from tests.bench import postgres
from tests.bench.measuring import Target
from tests.bench.papers import CATEGORIES, COMMON, PREFIX, RARE, TYPO
from tests.bench.portal import A_PAGE, CATEGORY, YEAR
from tests.bench.serving import Server, serving


@dataclass(frozen=True, kw_only=True)
class Peer:
    """`package` is what it needs beyond the portal's own dependencies; `port` is for `command`, where it answers at `ready`.

    `data` says whose papers it reads, as `fill` knows them.
    """

    name: str
    data: str
    package: str
    port: int
    command: tuple[str, ...]
    ready: str
    target: Callable[[int, str], Target]

    @property
    def is_here(self) -> bool:
        return find_spec(self.package) is not None

    def served(self, label: str, place: Path) -> AbstractContextManager[Server]:
        log, environ = place / f"{self.name.lower()}.log", environment(label, place)
        return serving(list(self.command), port=self.port, path=self.ready, environ=environ, log=log)


def environment(label: str, place: Path) -> dict[str, str]:
    return {"PLAIN_DATABASE": f"plain_{label}", "DATASETTE_FILE": str(place / f"datasette_{label}.db")}


def load(size: int, label: str, place: Path, *, keep: bool) -> None:
    """Give the peers that are here the corpus, unless they have it and are to keep it."""
    for data in {peer.data for peer in PEERS if peer.is_here}:
        has_it = place / f"{data}_{label}.loaded"
        if keep and has_it.exists():
            continue
        has_it.unlink(missing_ok=True)
        if data == "plain":
            postgres.create(f"plain_{label}")
        command = [sys.executable, "-m", "tests.bench.peers.fill", data, str(size)]
        subprocess.run(command, env={**os.environ, **environment(label, place)}, check=True)
        has_it.touch()


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _plain(size: int, _label: str) -> Target:
    chosen = urlencode({"category": [path for path, _name in CATEGORIES].index(CATEGORY) + 1, "year": YEAR})
    return Target(
        name="plain",
        role="peer",
        port=8621,
        marker=b"<article>",
        paths={
            "list": "/",
            "last": f"/?page={-(-size // A_PAGE)}",
            "filter": f"/?{chosen}",
            "filter, counts": f"/?{chosen}&facets=1",
            "counts": "/?facets=1",
            "rare": f"/?q={RARE}",
            "common": f"/?q={COMMON}",
            "beginning": f"/?q={PREFIX}",
            "typo": f"/?q={TYPO}",
            "json": "/api/papers/",
        },
    )


def _datasette(size: int, label: str) -> Target:
    table = f"/datasette_{label}/papers"
    chosen = urlencode({"categories__arraycontains": CATEGORY, "year": YEAR})
    counts = urlencode([("_facet", "kind"), ("_facet", "venue"), ("_facet_array", "categories")])
    return Target(
        name="Datasette",
        role="peer",
        port=8622,
        marker=b'<td class="col-id ',
        paths={
            "list": table,
            "last": f"{table}?_next={size - A_PAGE}",
            "filter": f"{table}?{chosen}",
            "filter, counts": f"{table}?{chosen}&{counts}",
            "counts": f"{table}?{counts}",
            "rare": f"{table}?_search={RARE}",
            "common": f"{table}?_search={COMMON}",
            "beginning": f"{table}?_search={PREFIX}*&_searchmode=raw",
            "typo": f"{table}?_search={TYPO}",
            "json": f"{table}.json?_size=100&_shape=array",
        },
    )


def _django(_size: int, _label: str) -> Target:
    return Target(
        name="Django, constant", role="floor", port=8623, marker=b"<article>", paths={"list": "/constant/", "unchanged": "/constant/"}
    )


_APPLICATION = "tests.bench.peers.plain:application"
PEERS = (
    Peer(
        name="Datasette",
        data="datasette",
        package="datasette",
        port=8622,
        command=(sys.executable, "-m", "tests.bench.peers.datasette", "8622"),
        ready="/-/versions.json",
        target=_datasette,
    ),
    Peer(
        name="plain",
        data="plain",
        package="gunicorn",
        port=8621,
        command=(
            _program("gunicorn"),
            "--bind=127.0.0.1:8621",
            "--workers=2",
            "--threads=8",
            "--timeout=600",
            "--keep-alive=60",
            _APPLICATION,
        ),
        ready="/constant/",
        target=_plain,
    ),
    # The floor, on the portal's own server program.
    Peer(
        name="Django",
        data="plain",
        package="granian",
        port=8623,
        command=(_program("granian"), "--interface=wsgi", "--workers=2", "--blocking-threads=8", "--port=8623", _APPLICATION),
        ready="/constant/",
        target=_django,
    ),
)


def left_out() -> list[str]:
    return [f"{peer.name} ({peer.package} is not installed)" for peer in PEERS if not peer.is_here]
