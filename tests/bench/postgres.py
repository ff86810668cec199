"""A PostgreSQL server of the benchmark's own, kept between runs, and how millions of rows come in quickly."""

import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.run import NotAvailable, program, unprivileged_user

PORT = 54331
# What a small server of its own would be given. Nothing it holds is missed after a crash.
SETTINGS = {
    "port": str(PORT),
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "shared_buffers": "2GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "1GB",
    "effective_cache_size": "8GB",
    "random_page_cost": "1.1",
    "max_wal_size": "8GB",
    "jit": "off",
    "fsync": "off",
    "full_page_writes": "off",
}


def url_of(database: str) -> str:
    return f"postgres://postgres@127.0.0.1:{PORT}/{database}"


def start(directory: Path) -> None:
    """Let the server run that keeps its data there; it goes on after the benchmark. Raises NotAvailable."""
    if _answers():
        return
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    if not initdb or not pg_ctl:
        raise NotAvailable("PostgreSQL's own programs are not installed")
    data = directory / "data"
    if not data.exists():
        directory.mkdir(parents=True, exist_ok=True)
        if owner := unprivileged_user():
            shutil.chown(directory, owner)
        _run(directory, initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
    _run(directory, pg_ctl, "-D", str(data), "-l", str(directory / "log"), "-w", "start")


def stop(directory: Path) -> None:
    if _answers() and (pg_ctl := program("pg_ctl")):
        _run(directory, pg_ctl, "-D", str(directory / "data"), "-m", "fast", "-w", "stop")


def create(database: str, *, keep: bool = False) -> None:
    """An empty database, or, to keep, the one that is there."""
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        if keep and connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            return
        connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {database}")


def _answers() -> bool:
    try:
        psycopg.connect(url_of("postgres"), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _run(directory: Path, *command: str) -> None:
    # What runs on in the background must not hold our ends of pipes.
    done = subprocess.run(
        command, user=unprivileged_user(), cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise NotAvailable(f"{Path(command[0]).name} failed; see {directory}")


# -- Many rows at once ---------------------------------------------------------------------
# A cursor is psycopg's or Django's around it.
def copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as into:
        for row in rows:
            into.write_row(row)


@contextmanager
def without_indexes(cursor: Any, tables: Sequence[str]) -> Iterator[None]:
    """Take the indexes and unique constraints off these tables, but for primary keys, and make them anew afterwards.

    Foreign keys are not looked at meanwhile: the rows come from where the keys were given out.
    """
    cursor.execute(_INDEXES, [list(tables)])
    indexes = cursor.fetchall()
    cursor.execute("SET session_replication_role = replica")
    for table, name, _definition, is_constraint in indexes:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"' if is_constraint else f'DROP INDEX "{name}"')
    yield
    for table, name, definition, is_constraint in indexes:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}' if is_constraint else definition)
    cursor.execute("RESET session_replication_role")


_INDEXES = """
SELECT indrelid::regclass::text, class.relname, coalesce(pg_get_constraintdef(con.oid), pg_get_indexdef(indexrelid)), con.oid IS NOT NULL
FROM pg_index JOIN pg_class class ON class.oid = indexrelid LEFT JOIN pg_constraint con ON con.conindid = indexrelid AND con.contype = 'u'
WHERE indrelid::regclass::text = ANY(%s) AND NOT indisprimary
"""
