"""Servers that run while something is measured: started, waited for, looked at and ended."""

import http.client
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60


class DidNotStart(Exception):
    """Says which server, and where its last words are."""


@dataclass(frozen=True, kw_only=True)
class Server:
    pid: int
    port: int

    def peak_of_a_worker(self) -> float | None:
        """The most memory that one of its workers had since it was last looked at, in MB; None where the system does not tell."""
        return self._most("VmHWM")

    def memory_of_a_worker(self) -> float | None:
        """What the largest of them has now, from where its peak counts anew."""
        for worker in self._workers():
            try:
                Path(f"/proc/{worker}/clear_refs").write_text("5")
            except OSError:
                return None
        return self._most("VmRSS")

    def _workers(self) -> list[str]:
        try:
            return Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split() or [str(self.pid)]
        except OSError:
            return []

    def _most(self, what: str) -> float | None:
        try:
            found = [re.search(rf"{what}:\s+(\d+)", Path(f"/proc/{worker}/status").read_text()) for worker in self._workers()]
        except OSError:
            return None
        return max((int(one[1]) for one in found if one), default=0) / 1024 or None


@contextmanager
def serving(command: list[str], *, port: int, path: str, environ: Mapping[str, str], log: Path) -> Iterator[Server]:
    """The server of this command, from when it answers at the path until the block ends. Raises DidNotStart."""
    with log.open("wb") as words:
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=words, stderr=words, start_new_session=True)
    try:
        _wait_for(process, port, path, log)
        yield Server(pid=process.pid, port=port)
    finally:
        _end(process)


def _wait_for(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", path)
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise DidNotStart(f"No answer at {path} on port {port}; see {log}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(timeout=10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
