"""Many rows at once, by the quickest way that the database has. Columns that no row brings have their defaults."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model

type Row = Sequence[Any]

# So few rows are written in one statement; more are worth a table of their own.
_FEW = 500


def insert(model: type[Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows, each with a value for each of these columns. The database counts the primary keys that are not among them."""
    others = {
        field.attname: field.get_default()
        for field in model._meta.concrete_fields
        if field.attname not in columns and not field.primary_key
    }
    defaults = tuple(others.values())
    with connection.cursor() as cursor:
        _add(cursor, model._meta.db_table, [*columns, *others], ((*row, *defaults) for row in rows) if others else rows)


def upsert(model: type[Model], columns: Sequence[str], rows: Sequence[Row], *, unique: Sequence[str]) -> None:
    """The same of rows of which some may be there, by the columns in which no two are alike: they get the other values."""
    if not rows:
        return
    table, names = model._meta.db_table, ", ".join(columns)
    others = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns if name not in unique)
    on_conflict = f"ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {others}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) <= _FEW:
            places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
            values = [value for row in rows for value in row]
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES {places} {on_conflict}", values)  # noqa: S608
        elif connection.vendor == "postgresql":
            new = f"new_{table}"
            cursor.execute(f"CREATE TEMPORARY TABLE {new} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")  # noqa: S608
            _add(cursor, new, columns, rows)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {new} {on_conflict}")  # noqa: S608
            cursor.execute(f"DROP TABLE {new}")
        else:
            _add(cursor, table, columns, rows, also=on_conflict)


def _add(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Row], *, also: str = "") -> None:
    names = ", ".join(columns)
    if connection.vendor == "postgresql":
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as into:
            for row in rows:
                into.write_row(row)
    else:
        places = ", ".join(["%s"] * len(columns))
        # Times are text there, and compared as text: all have to be written as Django writes them.
        written = [[_time(value) if isinstance(value, datetime) else value for value in row] for row in rows]
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places}) {also}", written)  # noqa: S608


def _time(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def new_numbers(model: type[Model], count: int) -> list[int]:
    """Primary keys that nobody else gets, in ascending order. To be used inside a transaction that has the right to write."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
            return [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return list(range(last + 1, last + 1 + count))
