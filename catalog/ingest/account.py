"""The report of an import: every line that was read is in it."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Account:
    """`lines` = `entries` + the lines of `ignored` + the items of `not_understood`, in every syntax that has lines.

    `entries` = what is new, differs or is `unchanged`, `repeated` what the file has said before, and what was `refused`.
    `added` and `changed` papers are published, `proposed` counts submissions; `gone` is what an earlier version of the
    list had. `placements` are the places in categories that were given or proposed. `kept_though_gone` are papers of a list
    of which so little is left that it must be a part of it.
    """

    lines: int = 0
    entries: int = 0
    added: int = 0
    proposed: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    gone: int = 0
    kept_though_gone: int = 0
    placements: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    categories_added: list[str] = field(default_factory=list)
    suspected: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    not_understood: list[dict[str, Any]] = field(default_factory=list)

    def as_plain(self) -> dict[str, Any]:
        return {**asdict(self), "ignored": dict(sorted(self.ignored.items()))}
