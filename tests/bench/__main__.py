"""Measure the portal beside its peers, on papers that nobody wrote: `python -m tests.bench --sizes 1k,100k`.

What is made lies in var/bench, also the server of PostgreSQL with its data; nothing else is touched.
"""

import argparse
import json
import os
import platform
import sqlite3
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psycopg

from tests.bench import goals, measuring, peers, portal, postgres, report
from tests.bench.measuring import Target
from tests.bench.serving import Server

PLACE = Path(__file__).parents[2] / "var" / "bench"
SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}
# What is asked all the time by many, not only once by one.
OFTEN = ("list", "filter", "rare", "json", "unchanged")


def main() -> int:
    wanted = arguments()
    result: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "left_out": peers.left_out(),
        "runs": [],
    }
    PLACE.mkdir(parents=True, exist_ok=True)
    portal.collect_static_files()
    postgres.start(PLACE / "pg")
    try:
        for database, label in wanted.runs:
            say(f"{database}, {label}")
            result["runs"].append(one_run(database, label, wanted))
            verdicts = goals.verdicts(result["runs"])
            result["verdicts"] = [verdict._asdict() for verdict in verdicts]
            # After each run: one that is broken off keeps what it has.
            wanted.out.write_text(json.dumps(result, indent=1))
            wanted.out.with_suffix(".md").write_text(report.markdown(result, verdicts) + "\n")
    finally:
        if not wanted.keep:
            postgres.stop(PLACE / "pg")
    print(wanted.out.with_suffix(".md").read_text())
    print(*verdicts, sep="\n")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sizes", help=f"of {', '.join(SIZES)}; by default 1k,10k,100k, and 100k on SQLite")
    parser.add_argument("--database", choices=["postgres", "sqlite"], help="by default PostgreSQL, and SQLite at 100k")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", help=f"questions of {', '.join(report.LABELS)}; separated by semicolons")
    parser.add_argument("--keep", action="store_true", help="use what an earlier run has loaded, and leave the server running")
    parser.add_argument("--out", type=Path, default=PLACE / "latest.json")
    wanted = parser.parse_args()
    sizes = wanted.sizes.lower().split(",") if wanted.sizes else ["1k", "10k", "100k"]
    if unknown := set(sizes) - set(SIZES):
        parser.error(f"unknown sizes: {', '.join(sorted(unknown))}")
    wanted.questions = wanted.only.split(";") if wanted.only else list(report.LABELS)
    wanted.runs = [(wanted.database or "postgres", label) for label in sizes]
    if not wanted.database and "100k" in sizes:
        wanted.runs.append(("sqlite", "100k"))
    return wanted


def one_run(database: str, label: str, wanted: argparse.Namespace) -> dict[str, Any]:
    size = SIZES[label]
    has_peers = database == "postgres"
    url, loaded_in = loaded(database, label, keep=wanted.keep)
    if has_peers:
        peers.load(size, label, PLACE, keep=wanted.keep)
    inside = portal.look_inside(url, size)
    with ExitStack() as running:
        targets, servers = start(running, url, label, inside.session, has_peers=has_peers)
        say("measuring")
        cells = measuring.latencies(targets, wanted.questions, rounds=wanted.rounds)
        often = [question for question in OFTEN if question in wanted.questions]
        throughput = measuring.throughput(targets, often, cells, rounds=max(1, wanted.rounds // 2))
        return {
            "database": database,
            "size": size,
            "loaded_in": loaded_in,
            "latency": {question: {name: cell.summary() for name, cell in found.items()} for question, found in cells.items()},
            "throughput": throughput,
            "memory": {name: server.peak_of_a_worker() for name, server in servers.items()},
            "queries": inside.queries,
            "corrects_the_typo": portal.corrects_the_typo(targets[0]),
        }


def loaded(database: str, label: str, *, keep: bool) -> tuple[str, float]:
    """The address of the database with this corpus, and the seconds until it was there: few where it was there before."""
    name, file = f"openshelf_{label}", PLACE / f"openshelf_{label}.sqlite3"
    if database == "postgres":
        postgres.create(name, keep=keep)
    elif not keep:
        for leftover in PLACE.glob(f"{file.name}*"):
            leftover.unlink()
    url = postgres.url_of(name) if database == "postgres" else f"sqlite:///{file}"
    began = time.monotonic()
    portal.run("tests.bench.fill", str(SIZES[label]), database_url=url)
    return url, time.monotonic() - began


def start(running: ExitStack, url: str, label: str, session: str, *, has_peers: bool) -> tuple[list[Target], dict[str, Server]]:
    """All servers at once, so that each round can visit each of them."""
    size = SIZES[label]
    servers = {"portal": running.enter_context(portal.served(url, log=PLACE / "portal.log"))}
    targets = portal.targets(url, size, session=session)
    for peer in peers.PEERS if has_peers else ():
        if peer.is_here:
            servers[peer.name] = running.enter_context(peer.served(label, PLACE))
            targets.append(peer.target(size, label))
    return targets, servers


def machine() -> dict[str, Any]:
    packages = ("django", "granian", "datasette", "gunicorn")
    versions = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", f"libpq {psycopg.pq.version() // 10_000}"]
    for package in packages:
        try:
            versions.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cores": os.cpu_count(), "memory_gb": round(memory / 2**30), "versions": versions}


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
