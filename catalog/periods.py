"""Years and months, as addresses name them: `2026` and `2026-11`. In UTC, and knowing nothing of papers."""

import re
from datetime import UTC, date, datetime

from django.utils.formats import date_format

from catalog.records import FIRST_YEAR, LAST_YEAR

_PERIOD = re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?")


def checked(text: str) -> str:
    """The period itself. Raises ValueError where it is none."""
    found = _PERIOD.fullmatch(text)
    if not found or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        raise ValueError(text)
    return text


def in_words(period: str, form: str = "F Y") -> str:
    """`2026` or `November 2026`; `form` is how a month is written, in the letters of Django's dates."""
    return date_format(date(*_numbers(period), 1), form) if "-" in period else period


def bounds(period: str) -> tuple[datetime, datetime]:
    """When it begins, and when what follows it does."""
    year, month = _numbers(period) if "-" in period else (int(period), 0)
    following = (year + 1, 1) if month in {0, 12} else (year, month + 1)
    return datetime(year, month or 1, 1, tzinfo=UTC), datetime(*following, 1, tzinfo=UTC)


def latest_months(number: int, *, now: datetime) -> list[str]:
    """So many, in order; the last is the one that has begun."""
    last = now.astimezone(UTC).year * 12 + now.astimezone(UTC).month - 1
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(last - number + 1, last + 1)]


def _numbers(month: str) -> tuple[int, int]:
    year, _dash, number = month.partition("-")
    return int(year), int(number)
