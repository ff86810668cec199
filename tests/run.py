"""Run every test on every database that can be had, and say in the last lines what ran, what was left out and why.

REQUIRE_POSTGRES=1, REQUIRE_BROWSER=1 and REQUIRE_AWESOME_LINT=1 turn "left out" into a failure.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import psycopg

from tests.awesome import linter
from tests.browser.chromium import CHROMIUM

DEFAULT_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
OLDEST_POSTGRES = 15
PROGRAM_PLACES = ["usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"]


class Result(NamedTuple):
    what: str
    outcome: str
    failed: bool


class NotAvailable(Exception):
    """Says in one line what is missing."""


def main() -> int:
    linting = with_awesome_lint()
    results = [on_sqlite(), on_postgres(), in_browser(), linting]
    print()
    for result in results:
        print(f"{result.what:<13} {result.outcome}")
    return int(any(result.failed for result in results))


def on_sqlite() -> Result:
    return run_tests("SQLite", database_url="", server="a file")


def on_postgres() -> Result:
    try:
        with postgres_server() as (url, server):
            # A name of this run's own: two runs at once on one server leave each other alone.
            own = urlsplit(url)._replace(path=f"/openshelf_{os.getpid()}").geturl()
            return run_tests("PostgreSQL", "-m", "not once", database_url=own, server=f"{server}, without what asks no database")
    except NotAvailable as reason:
        return left_out("PostgreSQL", str(reason), requirement="REQUIRE_POSTGRES")


def in_browser() -> Result:
    if CHROMIUM is None:
        return left_out("Browser", "Chromium is not installed", requirement="REQUIRE_BROWSER")
    return Result("Browser", f"ran with {CHROMIUM}, what asks a database on each above", failed=False)


def with_awesome_lint() -> Result:
    if problem := linter.install():
        return left_out("awesome-lint", problem, requirement="REQUIRE_AWESOME_LINT")
    return Result("awesome-lint", f"ran with {linter.NODE}, what asks a database on each above", failed=False)


def left_out(what: str, reason: str, *, requirement: str) -> Result:
    required = os.environ.get(requirement) == "1"
    return Result(what, f"left out: {reason}" + (f" ({requirement}=1)" if required else ""), failed=required)


def run_tests(what: str, *options: str, database_url: str, server: str) -> Result:
    print(f"\n{what}: {server}", flush=True)
    began = time.monotonic()
    environ = {**os.environ, "DATABASE_URL": database_url}
    command = [sys.executable, "-m", "pytest", "-q", "--numprocesses", "auto", "--dist", "worksteal", *options]
    failed = subprocess.run(command, env=environ, check=False).returncode != 0
    return Result(what, f"{'FAILED' if failed else 'passed'} on {server} in {time.monotonic() - began:.0f} s", failed=failed)


# -- A PostgreSQL server -------------------------------------------------------------------
@contextmanager
def postgres_server() -> Iterator[tuple[str, str]]:
    """Yield the address of a server and what to call it: the one named, else a throwaway one that ends with the block."""
    url = os.environ.get("TEST_DATABASE_URL") or DEFAULT_SERVER
    named = urlsplit(url).hostname or "the server TEST_DATABASE_URL names"
    problem = problem_with(url)
    if problem is None:
        yield url, named
        return
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    if not initdb or not pg_ctl:
        raise NotAvailable(f"{named}: {problem}; and PostgreSQL's own programs are not installed")
    with throwaway_server(initdb, pg_ctl) as url:
        yield url, f"a throwaway server ({named}: {problem})"


def problem_with(url: str) -> str | None:
    """What keeps the tests from this server, in one line; None where nothing does."""
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            if connection.info.server_version < OLDEST_POSTGRES * 10_000:
                return f"older than PostgreSQL {OLDEST_POSTGRES}"
            able = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolcreatedb OR rolsuper)").fetchone()
            return None if able else "its user may not create databases"
    except psycopg.Error as error:
        return str(error).strip().splitlines()[0]


def program(name: str) -> str | None:
    """PostgreSQL's own programs are seldom on the PATH; the newest ones are taken."""
    places = [place for pattern in PROGRAM_PLACES for place in sorted(map(str, Path("/").glob(pattern)), reverse=True)]
    return shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))


@contextmanager
def throwaway_server(initdb: str, pg_ctl: str) -> Iterator[str]:
    """A server on a socket of its own, without a port, that trusts this machine and promises no durability."""
    # Not in var/: the path of a socket must be short, and PostgreSQL refuses root, so its user has to get here.
    with tempfile.TemporaryDirectory(prefix="openshelf-postgres-") as directory:
        owner = unprivileged_user()
        if owner:
            shutil.chown(directory, owner)

        def run(*command: str) -> None:
            done = subprocess.run(command, user=owner, cwd=directory, capture_output=True, text=True, check=False)
            if done.returncode:
                raise NotAvailable(f"{Path(command[0]).name} said: {(done.stderr or done.stdout).strip().splitlines()[-1]}")

        data = f"{directory}/data"
        run(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories='{directory}' -c fsync=off"
        run(pg_ctl, "-D", data, "-l", f"{directory}/log", "-o", options, "-w", "start")
        try:
            yield f"postgres://postgres@{quote(directory, safe='')}/postgres"
        finally:
            run(pg_ctl, "-D", data, "-m", "immediate", "stop")


def unprivileged_user() -> str | None:
    """Who runs PostgreSQL where we are root, which it refuses; None where we are not."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


if __name__ == "__main__":
    sys.exit(main())
