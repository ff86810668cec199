"""Many rows at once, by the quickest way that the database has. The columns that no row brings have their defaults."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model

type Row = Sequence[Any]


def insert(model: type[Model], columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows, each with a value for each of these columns. The database counts the primary keys that are not among them."""
    others = {
        field.attname: field.get_default()
        for field in model._meta.concrete_fields
        if field.attname not in columns and not field.primary_key
    }
    names, defaults = ", ".join([*columns, *others]), tuple(others.values())
    table = model._meta.db_table
    whole = [(*row, *defaults) for row in rows]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as into:
                for row in whole:
                    into.write_row(row)
        else:
            places = ", ".join(["%s"] * (len(columns) + len(others)))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", whole)  # noqa: S608


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
