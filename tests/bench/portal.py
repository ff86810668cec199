"""The portal as README says that it is run for others, and the three ways of asking it."""

import json
import os
import re
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from tests.bench.measuring import Connection, Target
from tests.bench.papers import CATEGORIES, COMMON, MEANT, PREFIX, RARE, TYPO
from tests.bench.serving import Server, serving

PORT = 8620
# A branch with about one paper of forty, and a year with about one of nine.
CATEGORY, YEAR = CATEGORIES[22][0], 2024
A_PAGE = 50


def paths(size: int) -> dict[str, str]:
    """Where the portal answers each question. Counts stand on every page of its list."""
    chosen = urlencode({"category": CATEGORY, "year": YEAR})
    return {
        "list": "/papers/",
        "last": f"/papers/?page={-(-size // A_PAGE)}",
        "filter": f"/papers/?{chosen}",
        "filter, counts": f"/papers/?{chosen}",
        "counts": "/papers/",
        "rare": f"/papers/?q={RARE}",
        "common": f"/papers/?q={COMMON}",
        "beginning": f"/papers/?q={PREFIX}",
        "typo": f"/papers/?q={TYPO}",
        "json": "/api/v1/papers/?page_size=100",
        "unchanged": "/papers/",
    }


@dataclass(frozen=True, kw_only=True)
class Inside:
    """What only a process of the portal can tell: the key of somebody's session, and the questions a page asks the database."""

    session: str
    queries: dict[str, dict[str, int]]


def environment(database_url: str) -> dict[str, str]:
    """Production, on this address, with this database."""
    return {
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database_url,
        "DEBUG": "off",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "MALLOC_ARENA_MAX": "2",
        "SECRET_KEY": "only-for-measuring-0123456789-0123456789-0123456789",
        "SITE_URL": f"http://127.0.0.1:{PORT}",
    }


def run(*command: str, database_url: str) -> str:
    """A module in a process of the portal's own, and what it printed."""
    environ = {**os.environ, **environment(database_url)}
    return subprocess.run([sys.executable, "-m", *command], env=environ, stdout=subprocess.PIPE, text=True, check=True).stdout


def collect_static_files() -> None:
    environ = {**os.environ, **environment("")}
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"], env=environ, check=True)


def look_inside(database_url: str, size: int) -> Inside:
    found: dict[str, Any] = json.loads(run("tests.bench.inside", str(size), database_url=database_url).splitlines()[-1])
    return Inside(**found)


@contextmanager
def served(database_url: str, *, log: Path) -> Iterator[Server]:
    granian = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "config.wsgi:application"]
    command = [*granian, "--workers", "2", "--blocking-threads", "8", "--port", str(PORT)]
    with serving(command, port=PORT, path="/healthz", environ=environment(database_url), log=log) as server:
        yield server


def targets(database_url: str, size: int, *, session: str) -> list[Target]:
    """Read again by anybody, whose page is kept; read by somebody, whose page is not; and read first after a change."""

    def way(name: str, **more: Any) -> Target:
        return Target(name=f"portal, {name}", role="portal", port=PORT, paths=paths(size), marker=b'<li class="entry"', **more)

    return [
        way("kept"),
        way("signed in", headers={"Cookie": f"sessionid={session}"}),
        way("anew", before=_change(database_url)),
    ]


def _change(database_url: str) -> Callable[[], None]:
    """Have everything that was kept be out of date, as after a decision."""
    connection: Any
    if database_url.startswith("postgres"):
        connection, place = psycopg.connect(database_url, autocommit=True), "%s"
    else:
        connection, place = sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=20, isolation_level=None), "?"

    def change() -> None:
        connection.execute(f"UPDATE catalog_cataloguestate SET stamp = {place}", [secrets.token_urlsafe(12)])

    return change


def corrects_the_typo(target: Target) -> bool:
    """Whether the first paper that the slip finds is about what was meant."""
    connection = Connection(target)
    _seconds, _response, page = connection.ask(target.paths["typo"], {})
    first = re.search(rb'<li class="entry".*?href="/papers/([^"/]+)/["?]', page, re.DOTALL)
    if first is None:
        return False
    _seconds, _response, record = connection.ask(f"/papers/{first[1].decode()}.json", {})
    return MEANT.encode() in record.lower()
