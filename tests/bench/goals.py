"""What was promised of the portal, in ratios to its peers in the same run, and whether it holds.

A goal that cannot be judged, for want of a peer or of a size, is not listed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

LARGE = 100_000
MANY = 1_000_000
KEPT, SIGNED_IN, ANEW, FLOOR = "portal, kept", "portal, signed in", "portal, anew", "Django, constant"
PEERS = ("Datasette", "plain")


class Verdict(NamedTuple):
    goal: str
    where: str
    found: str
    holds: bool

    def __str__(self) -> str:
        return f"{'holds ' if self.holds else 'FAILS '} {self.goal}: {self.found} ({self.where})"


@dataclass(frozen=True)
class Run:
    """What was measured on one database at one size."""

    data: dict[str, Any]

    @property
    def size(self) -> int:
        return int(self.data["size"])

    @property
    def database(self) -> str:
        return str(self.data["database"])

    def p50(self, question: str, target: str) -> float | None:
        found: float | None = self.data["latency"].get(question, {}).get(target, {}).get("p50")
        return found

    def best_peer(self, question: str) -> float | None:
        """Of those that found something: a quick answer with nothing in it is none."""
        cells = self.data["latency"].get(question, {})
        times = [cells[peer]["p50"] for peer in PEERS if cells.get(peer, {}).get("p50") and cells[peer]["hits"]]
        return min(times, default=None)

    def rate(self, question: str, target: str) -> float | None:
        found: float | None = self.data["throughput"].get(question, {}).get(target)
        return found

    def best_peer_rate(self, question: str) -> float | None:
        return max((rate for peer in PEERS if (rate := self.rate(question, peer))), default=None)


def verdicts(runs: list[dict[str, Any]]) -> list[Verdict]:
    found = [Run(run) for run in runs]
    return [verdict for run in found for verdict in _of_one(run)] + [*_growth(found), *_of_both_databases(found)]


def _of_one(run: Run) -> Iterator[Verdict]:
    where = f"{run.database}, {run.size:,}"
    if run.database == "postgres" and run.size >= LARGE:
        yield from _beside_peers(run, where)
    if (last := run.p50("last", SIGNED_IN)) and (first := run.p50("list", SIGNED_IN)):
        yield _at_most("last page / first page", 1.2, last / first, where)
    if run.size >= MANY:
        yield from _more("filter by category and year, more than the list", 5, run, "filter", SIGNED_IN, where)
    yield from _more("counts, kept, more than the list", 1, run, "filter, counts", KEPT, where)
    yield from _more("typo, more than the list", 30, run, "typo", SIGNED_IN, where)
    if "corrects_the_typo" in run.data:
        yield Verdict(
            "typo: what was meant comes first", where, "yes" if run.data["corrects_the_typo"] else "no", run.data["corrects_the_typo"]
        )
    if (unchanged := run.p50("unchanged", KEPT)) and (constant := run.p50("list", FLOOR)):
        yield _at_most("304 / Django answering constant bytes", 1.5, unchanged / constant, where)
    if memory := run.data["memory"].get("portal"):
        yield Verdict("memory of a web worker <= 150 MB", where, f"{memory:.0f} MB", memory <= 150)


def _beside_peers(run: Run, where: str) -> Iterator[Verdict]:
    for goal, question, target, most in (
        ("list, not kept / best peer", "list", SIGNED_IN, 1 / 3),
        ("counts of a filter on a miss / best peer", "filter, counts", ANEW, 1 / 4),
        ("counts of everything on a miss / best peer", "counts", ANEW, 1 / 4),
        ("search, rare word / best peer", "rare", SIGNED_IN, 1 / 3),
        ("search, common word / best peer", "common", SIGNED_IN, 1 / 5),
        ("JSON page of 100, not kept / best peer", "json", ANEW, 2 / 3),
    ):
        if (ours := run.p50(question, target)) and (peer := run.best_peer(question)):
            yield _at_most(goal, most, ours / peer, where)
    for goal, question, least in (("list, kept: requests/s of best peer", "list", 20), ("JSON, kept: requests/s of best peer", "json", 5)):
        if (ours := run.rate(question, KEPT)) and (peer := run.best_peer_rate(question)):
            yield Verdict(f"{goal} >= {least}x", where, f"{ours / peer:.1f}x", ours / peer >= least)


def _at_most(goal: str, most: float, ratio: float, where: str) -> Verdict:
    return Verdict(f"{goal} <= {most:.2f}", where, f"{ratio:.2f}", ratio <= most)


def _more(goal: str, most: float, run: Run, question: str, target: str, where: str) -> Iterator[Verdict]:
    if (ours := run.p50(question, target)) and (plain := run.p50("list", target)):
        yield Verdict(f"{goal} <= {most:g} ms", where, f"{ours - plain:+.1f} ms", ours - plain <= most)


def _growth(runs: list[Run]) -> Iterator[Verdict]:
    measured = [run for run in runs if run.database == "postgres"]
    exponent = growth(measured, "list", SIGNED_IN)
    if exponent is not None:
        sizes = f"{min(run.size for run in measured):,} to {max(run.size for run in measured):,}"
        yield Verdict("list, not kept: growth exponent <= 0.1", f"postgres, {sizes}", f"{exponent:.2f}", exponent <= 0.1)


def growth(runs: list[Run], question: str, target: str) -> float | None:
    """The exponent k of time ~ size^k, by least squares; None of fewer than two sizes."""
    points = [(math.log(run.size), math.log(p50)) for run in runs if (p50 := run.p50(question, target))]
    if len({size for size, _time in points}) < 2:
        return None
    middle, level = (sum(values) / len(points) for values in zip(*points, strict=True))
    return sum((x - middle) * (y - level) for x, y in points) / sum((x - middle) ** 2 for x, _y in points)


def _of_both_databases(runs: list[Run]) -> Iterator[Verdict]:
    on = {(run.database, run.size): run for run in runs}
    for (database, size), run in on.items():
        other = on.get(("postgres", size))
        if database != "sqlite" or other is None:
            continue
        for question in ("list", "filter", "rare"):
            if (ours := run.p50(question, SIGNED_IN)) and (theirs := other.p50(question, SIGNED_IN)):
                yield _at_most(f"{question} on SQLite / on PostgreSQL", 2, ours / theirs, f"{size:,}")
