"""How long answers take, and how many there are in a second.

Machines are shared and noisy. So every round visits every target with every question, in another order each time, and what
counts is the median over all rounds, beside that of others in the same run.
"""

import http.client
import math
import re
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

# For one question to one target in one round.
SLICE, MOST, FEWEST = 0.4, 40, 2
# One answer slower than that ends the slice, and one slower than that is not asked for again.
SLOW, TOO_SLOW = 1.0, 10.0
CONNECTIONS, SECONDS = 8, 3
# Stands once for each record in the JSON of all.
RECORD = b'"abstract":'
ENCODINGS = {"Accept-Encoding": "gzip, deflate, br"}


class NoValidator(Exception):
    """This answer cannot be asked for again with `If-None-Match`."""


def _nothing() -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Target:
    """One way of asking one server. `before` happens before each question and is not measured; `marker` stands in a page once a hit."""

    name: str
    role: Literal["portal", "peer", "floor"]
    port: int
    paths: Mapping[str, str]
    marker: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], None] = _nothing


@dataclass(kw_only=True)
class Cell:
    """What one target said to one question: times in seconds, and of the first answer its size in bytes and its hits."""

    times: list[float] = field(default_factory=list)
    size: int = 0
    hits: int | None = None
    error: str = ""

    def summary(self) -> dict[str, Any]:
        if self.error or not self.times:
            return {"error": self.error or "not measured"}
        ordered = sorted(self.times)
        p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
        return {
            "p50": round(statistics.median(ordered) * 1000, 3),
            "p95": round(p95 * 1000, 3),
            "asked": len(ordered),
            "bytes": self.size,
            "hits": self.hits,
        }


class Connection:
    """One that stays open, as a browser's does; made anew where the server closes it, which is the server's time."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, path: str, headers: Mapping[str, str]) -> tuple[float, http.client.HTTPResponse, bytes]:
        self._target.before()
        for is_last in (False, True):
            began = time.perf_counter()
            try:
                connection = self._connection or http.client.HTTPConnection("127.0.0.1", self._target.port, timeout=120)
                self._connection = connection
                connection.request("GET", path, headers={**self._target.headers, **headers})
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException):
                self._connection = None
                if is_last:
                    raise
            else:
                if response.will_close:
                    self._connection = None
                return time.perf_counter() - began, response, body
        raise AssertionError


def latencies(targets: Sequence[Target], questions: Sequence[str], *, rounds: int) -> dict[str, dict[str, Cell]]:
    """By question and name of the target. `unchanged` asks again with the validator that came with the first answer."""
    cells: dict[str, dict[str, Cell]] = {
        question: {target.name: Cell() for target in targets if question in target.paths} for question in questions
    }
    connections = {target.name: Connection(target) for target in targets}
    validators: dict[str, dict[str, str]] = {}
    for number in range(rounds):
        for question in questions:
            for target in _rotated(targets, number):
                cell = cells[question].get(target.name)
                if cell is None or cell.error or max(cell.times, default=0) > TOO_SLOW:
                    continue
                try:
                    if question == "unchanged" and target.name not in validators:
                        validators[target.name] = _validator(target, connections[target.name])
                    _ask(target, question, connections[target.name], validators.get(target.name, {}), cell)
                except NoValidator:
                    del cells[question][target.name]
                except (OSError, http.client.HTTPException, ValueError) as error:
                    cell.error = f"{type(error).__name__}: {error}"
    return cells


def _rotated(targets: Sequence[Target], by: int) -> Sequence[Target]:
    by %= len(targets)
    return [*targets[by:], *targets[:by]]


def _validator(target: Target, connection: Connection) -> dict[str, str]:
    _seconds, response, _body = connection.ask(target.paths["unchanged"], ENCODINGS)
    etag = response.getheader("ETag")
    if not etag:
        raise NoValidator
    return {"If-None-Match": etag}


def _ask(target: Target, question: str, connection: Connection, validator: Mapping[str, str], cell: Cell) -> None:
    path, headers, expected = target.paths[question], dict(ENCODINGS), 200
    if question == "unchanged":
        headers, expected = {**headers, **validator}, 304
    if cell.hits is None:
        # Not encoded, so that hits can be counted.
        body = connection.ask(path, {})[2]
        cell.hits = body.count(RECORD if question == "json" else target.marker)
    # Whatever was out of date since the last round is made by now.
    if (seconds := connection.ask(path, headers)[0]) > SLOW:
        cell.times.append(seconds)
        return
    asked, until = 0, time.monotonic() + SLICE
    while asked < FEWEST or (asked < MOST and time.monotonic() < until):
        seconds, response, body = connection.ask(path, headers)
        if response.status != expected:
            raise ValueError(f"status {response.status}")
        cell.times.append(seconds)
        cell.size = len(body)
        asked += 1
        if seconds > SLOW:
            break


# -- In a second ---------------------------------------------------------------------------
def throughput(
    targets: Sequence[Target], questions: Sequence[str], cells: Mapping[str, Mapping[str, Cell]], *, rounds: int
) -> dict[str, dict[str, float]]:
    """Requests answered in a second, of CONNECTIONS that ask all the time: the median of the rounds."""
    seen: dict[str, dict[str, list[float]]] = {question: {} for question in questions}
    for number in range(rounds):
        for question in questions:
            for target in _rotated(targets, number):
                cell = cells.get(question, {}).get(target.name)
                if target.before is not _nothing or cell is None or cell.error or not cell.times or statistics.median(cell.times) > SLOW:
                    continue
                headers = {**target.headers, **ENCODINGS}
                if question == "unchanged":
                    headers |= _validator(target, Connection(target))
                rate = _with_wrk if shutil.which("wrk") else _with_threads
                seen[question].setdefault(target.name, []).append(rate(target.port, target.paths[question], headers))
    return {question: {name: round(statistics.median(rates), 1) for name, rates in found.items()} for question, found in seen.items()}


def _with_wrk(port: int, path: str, headers: Mapping[str, str]) -> float:
    named = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--timeout", "20s", *named, f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return float(found[1]) if found and "Non-2xx" not in said else 0.0


def _with_threads(port: int, path: str, headers: Mapping[str, str]) -> float:
    """Where wrk is not installed: as many as Python manages to ask for."""
    target = Target(name="", role="portal", port=port, paths={}, marker=b"")
    answers, until = [0] * CONNECTIONS, time.monotonic() + SECONDS

    def ask(number: int) -> None:
        connection = Connection(target)
        while time.monotonic() < until:
            connection.ask(path, headers)
            answers[number] += 1

    threads = [threading.Thread(target=ask, args=[number]) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answers) / SECONDS
