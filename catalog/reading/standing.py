"""Which paper a public id stands for today: itself, the one that took it in, or none any more.

Asked each time and never written down, so that the undo of a merge or of a retraction finds everything where it was.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from catalog import records
from catalog.models import Paper, Tombstone
from catalog.records import Record


@dataclass(kw_only=True)
class Standing:
    """A paper by the id it has today. One that is no longer in the catalogue has no record, and the title it had."""

    public_id: str
    record_json: str = ""
    title: str = ""

    @cached_property
    def record(self) -> Record | None:
        return records.from_json(self.record_json) if self.record_json else None

    @property
    def name(self) -> str:
        """What to call it in passing."""
        return (self.record.short_name or self.record.title) if self.record else self.title


class Today:
    """Which paper each of some ids stands for: the survivor of a merge, and for a paper that was retracted, or whose survivor
    was, the last that there was.

    `named` is the ids, or a question that gives them. One question, and one more for each step of papers that took one
    another in.
    """

    def __init__(self, named: Collection[str] | QuerySet[Any, Any]) -> None:
        self._successors: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        asked: Collection[str] | QuerySet[Any, Any] = named
        while asked is named or asked:
            columns = ("public_id", "successor_public_id", "title")
            rows = list(Tombstone.objects.filter(public_id__in=asked).values_list(*columns))
            self._successors |= {public_id: successor for public_id, successor, _title in rows}
            self.titles |= {public_id: title for public_id, _successor, title in rows}
            asked = {successor for _public_id, successor, _title in rows} - self._successors.keys() - {""}

    def of(self, public_id: str) -> str:
        seen = {public_id}
        while (following := self._successors.get(public_id)) and following not in seen:
            seen.add(public_id := following)
        return public_id

    def shown(self, public_ids: Collection[str]) -> dict[str, Standing]:
        """What pages say of these, which are ids that `of` has given. One question."""
        rows = Paper.objects.filter(public_id__in=public_ids).values_list("public_id", "record_json")
        found = {public_id: Standing(public_id=public_id, record_json=json) for public_id, json in rows}
        gone = [public_id for public_id in public_ids if public_id not in found]
        return found | {public_id: Standing(public_id=public_id, title=self.titles.get(public_id, "")) for public_id in gone}


def id_today(public_id: str) -> str:
    return Today([public_id]).of(public_id)


def also_named(public_ids: Iterable[str]) -> dict[str, str]:
    """The papers by every id that stands for them: their own, and those of papers they took in."""
    names = {public_id: public_id for public_id in public_ids}
    asked = set(names)
    while asked:
        rows = Tombstone.objects.filter(successor_public_id__in=asked).values_list("public_id", "successor_public_id")
        taken_in = {public_id: names[successor] for public_id, successor in rows if public_id not in names}
        names |= taken_in
        asked = set(taken_in)
    return names
