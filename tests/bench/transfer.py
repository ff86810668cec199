"""Files out and in, beside what the peers and the database alone do: `python -m tests.bench.transfer --size 100k`.

Every file is read to its end from the portal as README says that it is run, on PostgreSQL, by one client on the same machine. Says
of each how many records a second there were, when the first byte came and by how much the memory of a worker grew.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import psycopg

from catalog.formats import FORMATS
from catalog.records import replace, to_json
from tests.bench import peers, portal, postgres
from tests.bench.__main__ import PLACE, SIZES, loaded
from tests.bench.goals import Verdict
from tests.bench.papers import RARE, Corpus, corpus_of
from tests.bench.serving import Server

# Plain Django builds the whole answer in memory.
MOST_OF_PLAIN = 100_000
AT_ONCE = 1 << 20


class Sent(NamedTuple):
    rows_a_second: float
    first_byte: float
    megabytes: float
    grown: float | None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.transfer", description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), default="100k")
    parser.add_argument("--import", dest="imported", choices=[*SIZES, "none"], default="100k", help="how many papers are imported")
    wanted = parser.parse_args()
    size = SIZES[wanted.size]
    PLACE.mkdir(parents=True, exist_ok=True)
    portal.collect_static_files()
    postgres.start(PLACE / "pg")
    sent = exports(wanted.size, size)
    if wanted.imported != "none":
        sent |= {name: Sent(rate, 0, 0, None) for name, rate in imports(SIZES[wanted.imported]).items()}
    print("| file | records/s | first byte, s | MB | worker grew by, MB |\n|---|---|---|---|---|")
    for name, each in sent.items():
        grown = "–" if each.grown is None else f"{each.grown:.0f}"
        print(f"| {name} | {each.rows_a_second:,.0f} | {each.first_byte:.3f} | {each.megabytes:,.0f} | {grown} |")
    print(*verdicts(sent), sep="\n")
    return 0


def exports(label: str, size: int) -> dict[str, Sent]:
    url, _seconds = loaded("postgres", label, keep=True)
    peers.load(size, label, PLACE, keep=True)
    found: dict[str, Sent] = {"COPY of the stored JSON": copied(url, size)}
    with ExitStack() as running:
        server = running.enter_context(portal.served(url, log=PLACE / "portal.log"))
        for _worker in range(8):
            # What a worker does once for all.
            sent(server, f"/api/v1/export/?q={RARE}", size)
        for format_ in FORMATS:
            if format_.NAME != "atom":
                found[f"portal, {format_.NAME}"] = sent(server, f"/api/v1/export/?format={format_.NAME}", size)
        found["portal, stops after a hang-up, s"] = Sent(seconds_to_stop(url), 0, 0, None)
        for peer in peers.PEERS:
            if peer.is_here and peer.name == "Datasette":
                there = running.enter_context(peer.served(label, PLACE))
                found["Datasette, csv"] = sent(there, f"/datasette_{label}/papers.csv?_stream=on&_size=max", size)
            elif peer.is_here and peer.name == "plain" and size <= MOST_OF_PLAIN:
                there = running.enter_context(peer.served(label, PLACE))
                found["plain, json"] = sent(there, "/api/export/", size)
    return found


def copied(url: str, size: int) -> Sent:
    """What PostgreSQL alone does: the limit."""
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        # The first time the disk is read.
        for _time in range(2):
            began, read = time.perf_counter(), 0
            with cursor.copy("COPY (SELECT record_json FROM catalog_paper ORDER BY added_at DESC, id DESC) TO STDOUT") as out:
                for piece in out:
                    read += len(piece)
        return Sent(size / (time.perf_counter() - began), 0, read / 1e6, None)


def sent(server: Server, path: str, size: int) -> Sent:
    before = server.memory_of_a_worker()
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=1800)
    connection.request("GET", path)
    response = connection.getresponse()
    if response.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path}: {response.status}")
    response.read(1)
    first, read = time.perf_counter() - began, 1
    while piece := response.read(AT_ONCE):
        read += len(piece)
    seconds = time.perf_counter() - began
    connection.close()
    after = server.peak_of_a_worker()
    return Sent(size / seconds, first, read / 1e6, None if before is None or after is None else after - before)


def seconds_to_stop(url: str) -> float:
    """How long the database is still asked after a client has hung up in the middle of a file."""
    connection = http.client.HTTPConnection("127.0.0.1", portal.PORT, timeout=60)
    connection.request("GET", "/api/v1/export/?format=csv")
    connection.getresponse().read(AT_ONCE)
    connection.close()
    began = time.perf_counter()
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as watching:
        while time.perf_counter() - began < 60 and watching.execute(busy).fetchone() != (0,):
            time.sleep(0.02)
    return time.perf_counter() - began


def imports(size: int) -> dict[str, float]:
    """JSON Lines into an empty database: published by us with all that goes with it, and by the bulk_create that one would write."""
    file = PLACE / f"papers_{size}.jsonl"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in _lines(corpus_of(size)))
    postgres.create("openshelf_import")
    postgres.create("plain_import")
    url = postgres.url_of("openshelf_import")
    for command in (["migrate", "-v0"], ["createcachetable"], ["ensure_maintainer"]):
        portal.run("tests.bench.manage", *command, database_url=url)
    began = time.perf_counter()
    account = json.loads(portal.run("tests.bench.manage", "import_papers", str(file), "--publish", "--report", "json", database_url=url))
    ours = account["added"] / (time.perf_counter() - began)
    environ = {**os.environ, "PLAIN_DATABASE": "plain_import"}
    command = [sys.executable, "-c", f"from tests.bench.peers import plain; print(plain.bring({str(file)!r}))"]
    plain = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return {"portal, import": ours, "plain, bulk_create": size / float(plain.stdout)}


def _lines(corpus: Corpus) -> Iterator[str]:
    for record in corpus:
        yield to_json(replace(record, id="", slug="", path="", added_at=None, updated_at=None))


def verdicts(sent: dict[str, Sent]) -> Iterator[Verdict]:
    def at_least(name: str, times: float, other: str) -> Iterator[Verdict]:
        if name in sent and other in sent:
            ratio = sent[name].rows_a_second / sent[other].rows_a_second
            yield Verdict(f"{name} >= {times:g} x {other}", "records/s", f"{ratio:.2f}", ratio >= times)

    for name in ("portal, json", "portal, jsonl"):
        yield from at_least(name, 25, "plain, json")
        yield from at_least(name, 3, "Datasette, csv")
        yield from at_least(name, 0.6, "COPY of the stored JSON")
    for name in ("portal, csv", "portal, bib", "portal, csl", "portal, ris", "portal, md"):
        yield from at_least(name, 1, "Datasette, csv")
    yield from at_least("portal, import", 3, "plain, bulk_create")
    for name, each in sent.items():
        if name.startswith("portal, ") and each.grown is not None:
            yield Verdict(f"{name}: first byte within 0.1 s", "", f"{each.first_byte:.3f} s", each.first_byte <= 0.1)
            yield Verdict(f"{name}: a worker grows by at most 10 MB", "", f"{each.grown:.0f} MB", each.grown <= 10)


if __name__ == "__main__":
    sys.exit(main())
