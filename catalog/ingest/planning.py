"""What would each entry of a file do? Asked of the database, and nothing is changed.

An entry is new, or differs from a paper that is here, or says what is known; two entries of one paper are one. What a list had
when it was read before, and has no more, is gone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from django.db.models import Max
from django.utils.translation import gettext as _

from catalog import citations, corrections, records
from catalog.citations import Spellings
from catalog.formats import Entry
from catalog.ingest import comparing
from catalog.ingest.known import Known, Suspicion, differ, is_one_work, suspicion_of
from catalog.ingest.places import Places
from catalog.matching import words_in_common
from catalog.models import ImportedList, ListedPaper, OrganizationAlias, Paper, VenueAlias
from catalog.records import Record, fold, replace

type Act = Literal["add", "change", "remove", "unchanged", "refused"]

# Titles of which so much is the same are one title that was edited, where nothing else was found in its place.
_EDITED = 0.6
# So many pairs of titles are compared at most: where more is left, the list is another.
_COMPARED = 1_000_000


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one paper of a file would do.

    `record` is what would be published or proposed: of a change the paper with all its facts. `listed` is what the file says.
    `paper` is the public id of the one that it is, `submission` the number of the open proposal that it is; `repeats` are the
    lines that say it again, `placements` the places in categories that it would get.
    """

    line: int
    act: Act
    record: Record
    listed: Record
    paper: str = ""
    submission: int = 0
    fields: tuple[str, ...] = ()
    placements: int = 0
    suspected: tuple[Suspicion, ...] = ()
    repeats: tuple[int, ...] = ()
    reason: str = ""


@dataclass(kw_only=True)
class _Said:
    """A paper of the file, with all that its entries say."""

    line: int
    record: Record
    repeats: list[int] = field(default_factory=list)
    suspected: tuple[Suspicion, ...] = ()
    then: ListedPaper | None = None


class Planner:
    """Plans the entries of one file, all at once or chunk by chunk.

    `is_list` is whether it is a list that may go on living elsewhere, of which all entries are known at once; else its records
    stand for themselves, such as those of our own JSON.
    """

    def __init__(self, *, list_name: str, category: str = "", is_list: bool) -> None:
        self.list_name = list_name
        self.places = Places(category=category, list_name=list_name)
        self._venues = Spellings(VenueAlias.objects.values_list("text", "venue__name"))
        self._organizations = Spellings(OrganizationAlias.objects.values_list("text", "organization__name"))
        self._then = _Then(list_name) if is_list else None
        self._last = Paper.objects.aggregate(last=Max("pk"))["last"] or 0
        self.is_list = is_list

    def plan(self, entries: Sequence[Entry]) -> Iterator[Step]:
        """In the order of the file; what is gone comes last."""
        said, refused = self._united(entries)
        yield from refused
        if self._then:
            self._then.recognise(said)
        known = Known([each.record for each in said], last=self._last)
        for each in said:
            yield self._step(each, known)
        if self._then:
            yield from self._then.gone()

    def _united(self, entries: Iterable[Entry]) -> tuple[list[_Said], list[Step]]:
        """The papers of the file, each with its places and under the names that the catalogue knows."""
        said: list[_Said] = []
        refused: list[Step] = []
        by_key: dict[object, _Said] = {}
        for entry in entries:
            record = self._in_our_words(entry)
            if faults := records.faults(record):
                refused.append(Step(line=entry.line, act="refused", record=record, listed=record, reason=" ".join(faults)))
                continue
            name = ("id", record.id) if record.id else ("title", fold(record.title))
            keys: list[object] = [*record.identifiers.items(), name]
            near = [found for key in keys if (found := by_key.get(key))]
            same = next((each for each in near if _is_one(record, each.record)), None)
            # Real lists put the identifier of one work on another.
            others = {other.line: other.record for other in near if other is not same}
            suspected = tuple(suspicion_of(record, other) for other in others.values())
            for other in others.values():
                record = _without_what_is_taken(record, other)
            if same:
                same.repeats.append(entry.line)
                same.record = comparing.united(same.record, record)
            else:
                said.append(same := _Said(line=entry.line, record=record, suspected=suspected))
            for key in keys:
                by_key.setdefault(key, same)
        return said, refused

    def _in_our_words(self, entry: Entry) -> Record:
        record = records.fitted(entry.record)
        if record.organizations or record.venue:
            record = citations.with_known_names(record, venues=self._venues, organizations=self._organizations)
        if self.is_list or not record.id:
            # What only our own records have.
            record = replace(record, id="", slug="", path="", citation_key="", added_at=None, updated_at=None, revision=0)
        return self.places.of(record, entry.headings)

    def _step(self, said: _Said, known: Known) -> Step:
        record, repeats = said.record, tuple(said.repeats)

        def step(act: Act, **more: object) -> Step:
            return msgspec.convert({"line": said.line, "act": act, "record": record, "listed": record, "repeats": repeats, **more}, Step)

        papers, then = known.papers_of(record), said.then
        mine = self._then.paper_of(then) if self._then and then else None
        its_id = mine.public_id if mine else ""
        if mine:
            papers = [mine, *(paper for paper in papers if paper != mine)]
        if then and then.record_json and records.from_json(then.record_json) == record:
            # Whatever was decided about it here, the list says nothing new.
            return step("unchanged", paper=its_id, submission=then.submission_id or 0)
        if then and then.submission and then.submission.is_open:
            return step("unchanged", submission=then.submission.pk)
        if grave := known.grave_of(record):
            return step("refused", reason=_("It was taken off the shelf: %(reason)s") % {"reason": grave.last.reason})
        if len(papers) > 1:
            titles = ", ".join(f"“{paper.title}”" for paper in papers)
            near = tuple(suspicion_of(record, paper.record) for paper in papers)
            reason = _("It says what belongs to two papers: %(titles)s.") % {"titles": titles}
            return step("refused", paper=its_id, suspected=near, reason=reason)
        if not papers:
            return step("add", suspected=(*said.suspected, *known.suspicions(record)), placements=len(record.categories))
        [paper] = papers
        made = self._made(record, then, paper.record)
        fields = tuple(corrections.changes(made, paper.record))
        # It may have the identifier of that paper, and quite another title.
        is_strange = not mine and not record.id and not is_one_work(record, paper.record)
        near = (suspicion_of(record, paper.record),) if is_strange else ()
        if not fields:
            return step("unchanged", paper=paper.public_id, suspected=near)
        here = {place.path for place in paper.record.categories}
        new = sum(place.path not in here for place in made.categories)
        return step("change", paper=paper.public_id, suspected=near, fields=fields, record=made, placements=new)

    def _made(self, record: Record, then: ListedPaper | None, current: Record) -> Record:
        """The paper as it would be, if the file has its way."""
        if record.id:
            return comparing.as_said(record, current)
        if then is None:
            return comparing.filled(record, current)
        if then.record_json:
            return comparing.since_then(records.from_json(then.record_json), record, current)
        return comparing.as_listed(record, current)


class _Then:
    """What a list had when it was read the last time."""

    def __init__(self, list_name: str) -> None:
        self._list = ImportedList.objects.filter(key=ImportedList.key_of(list_name)).first()
        rows = self._list.papers.select_related("submission").order_by("position") if self._list else ()
        self._rows = list(rows)
        self._papers = {paper.public_id: paper for paper in Paper.objects.filter(public_id__in=set(map(_public_id, self._rows)) - {""})}
        self._records = {row.pk: self._record(row) for row in self._rows}
        self._left = {row.pk: row for row in self._rows}

    def paper_of(self, row: ListedPaper) -> Paper | None:
        return self._papers.get(_public_id(row))

    def _record(self, row: ListedPaper) -> Record | None:
        if row.record_json:
            return records.from_json(row.record_json)
        paper = self.paper_of(row)
        return paper.record if paper else None

    def recognise(self, said: Iterable[_Said]) -> None:
        """Give each paper of the file the row that it has been, by what it says, else by its title, identifier or address."""
        waiting = list(said)
        for keys_of in (_all_of_it, _title, _identifiers, _address):
            index = {key: row for row in self._left.values() if (record := self._records[row.pk]) for key in keys_of(record)}
            for each in waiting:
                row = next((row for key in keys_of(each.record) if (row := index.get(key)) and row.pk in self._left), None)
                if row and not (keys_of is _title and self._is_another(each.record, row)):
                    each.then = self._left.pop(row.pk)
            waiting = [each for each in waiting if each.then is None]
        if len(waiting) * len(self._left) <= _COMPARED:
            self._recognise_edited(waiting)

    def _is_another(self, record: Record, row: ListedPaper) -> bool:
        """Two papers may have one title. What the catalogue comes from is known by its title, whatever else a line says."""
        before = self._records[row.pk]
        return bool(row.record_json) and before is not None and differ(record, before)

    def _recognise_edited(self, waiting: Iterable[_Said]) -> None:
        titles = {pk: fold(record.title) for pk, record in self._records.items() if record}
        for each in waiting:
            key = fold(each.record.title)
            near = [(words_in_common(key, titles[pk]), pk) for pk in self._left if pk in titles]
            likeness, pk = max(near, default=(0.0, 0))
            if likeness >= _EDITED:
                each.then = self._left.pop(pk)

    def gone(self) -> Iterator[Step]:
        for row in self._left.values():
            proposed = row.submission
            if paper := self.paper_of(row):
                yield Step(line=0, act="remove", record=paper.record, listed=paper.record, paper=paper.public_id)
            elif proposed and proposed.is_open:
                yield Step(line=0, act="remove", record=proposed.record, listed=proposed.record, submission=proposed.pk)

    @property
    def count(self) -> int:
        return len(self._rows)


def _is_one(record: Record, other: Record) -> bool:
    if record.id and other.id:
        return record.id == other.id
    return not differ(record, other) and is_one_work(record, other)


def _without_what_is_taken(record: Record, other: Record) -> Record:
    """Its identifiers but for those of the other; their links stay, for a person to look at."""
    free = {scheme: value for scheme, value in record.identifiers.items() if other.identifiers.get(scheme) != value}
    return replace(record, identifiers=free)


def _public_id(row: ListedPaper) -> str:
    return row.paper_public_id or (row.submission.paper_public_id if row.submission else "")


def _all_of_it(record: Record) -> list[object]:
    return [records.to_json(record)]


def _identifiers(record: Record) -> list[object]:
    return list(record.identifiers.items())


def _title(record: Record) -> list[object]:
    return [fold(record.title)]


def _address(record: Record) -> list[object]:
    return [link.url for link in record.links[:1]]
