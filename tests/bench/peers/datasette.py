"""Datasette over one table of an immutable SQLite file, inspected and with full-text search: its quickest way.

DATASETTE_FILE names the file; beside it lies what `inspect` said. Needs nothing of the catalogue but its papers.
"""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.papers import Corpus

_TABLE = """
CREATE TABLE papers (id INTEGER PRIMARY KEY, title TEXT, abstract TEXT, authors TEXT, year INTEGER, venue TEXT, organizations TEXT,
 categories TEXT, kind TEXT, arxiv TEXT, url TEXT)
"""
# Without statistics SQLite looks for the year first, which makes counts ten times as quick.
_AFTERWARDS = """
CREATE INDEX papers_by_year ON papers (year); CREATE INDEX papers_by_venue ON papers (venue); CREATE INDEX papers_by_kind ON papers (kind);
CREATE VIRTUAL TABLE papers_fts USING fts5 (title, abstract, content="papers", content_rowid="id");
INSERT INTO papers_fts (papers_fts) VALUES ('rebuild');
"""
# Limits of time and size would make answers quick by leaving them out.
_SETTINGS = {
    "allow_csv_stream": True,
    "default_cache_ttl": 0,
    "default_page_size": 50,
    "facet_time_limit_ms": 60_000,
    "max_csv_mb": 0,
    "sql_time_limit_ms": 60_000,
    "suggest_facets": False,
}


def load(corpus: Corpus, file: Path) -> None:
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    connection.executescript(f"PRAGMA journal_mode = off; PRAGMA synchronous = off; {_TABLE}")
    connection.executemany(
        f"INSERT INTO papers VALUES ({', '.join('?' * 11)})",
        (
            (
                number,
                record.title,
                record.abstract,
                json.dumps([author.name for author in record.authors], ensure_ascii=False),
                record.year,
                record.venue.name if record.venue else None,
                json.dumps([organization.name for organization in record.organizations]),
                json.dumps([category.path for category in record.categories]),
                record.kind,
                record.identifiers["arxiv"],
                record.links[0].url,
            )
            for number, record in enumerate(corpus, start=1)
        ),
    )
    connection.commit()
    connection.executescript(_AFTERWARDS)
    connection.close()
    command = [str(Path(sys.executable).with_name("datasette")), "inspect", str(file), "--inspect-file", str(_inspected(file))]
    subprocess.run(command, check=True, capture_output=True)


def _inspected(file: Path) -> Path:
    return file.with_suffix(".inspected.json")


def application() -> Any:
    """For uvicorn, which makes it in each worker."""
    from datasette.app import Datasette

    file = Path(os.environ["DATASETTE_FILE"])
    inspected = json.loads(_inspected(file).read_text())
    return Datasette([], immutables=[str(file)], inspect_data=inspected, cache_headers=True, settings=_SETTINGS).app()


def serve(port: int) -> None:
    import uvicorn

    # A socket shared by workers lacks what asyncio sets on its own: each answer would wait 40 ms for an acknowledgement.
    bind = uvicorn.Config.bind_socket

    def bind_without_delay(config: uvicorn.Config) -> socket.socket:
        bound = bind(config)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound

    uvicorn.Config.bind_socket = bind_without_delay
    uvicorn.run(f"{__spec__.name}:application", factory=True, host="127.0.0.1", port=port, workers=2, log_level="warning")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
