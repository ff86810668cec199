"""ORCID iDs: sixteen digits, of which the last proves the others (ISO/IEC 7064, MOD 11-2). Plain functions."""

import re

_WRITTEN = re.compile(r"(?:(?:https?://)?(?:www\.)?orcid\.org/)?((?:\d{4}-?){3}\d{3}[\dX])/?", re.IGNORECASE | re.ASCII)


def normalise(text: str) -> str | None:
    """`0000-0002-1825-0097`, however it was written, address and all; None for what is none, or has a digit wrong."""
    found = _WRITTEN.fullmatch(text.strip())
    digits = found[1].replace("-", "").upper() if found else ""
    if not digits or digits[-1] != _check_digit(digits[:-1]):
        return None
    return "-".join(digits[place : place + 4] for place in range(0, 16, 4))


def _check_digit(digits: str) -> str:
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)
