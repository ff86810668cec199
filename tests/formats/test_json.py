"""The envelope that scripts build on, and what becomes of a broken one."""

import json
from datetime import UTC, datetime

from catalog.formats import Catalogue, json_, jsonl
from catalog.records import Record, to_json
from tests.formats.reading import load

ABOUT = Catalogue(
    site="https://shelf.example", title="Übersicht", license="CC0-1.0", version=7, updated_at=datetime(2026, 11, 22, 9, tzinfo=UTC), count=2
)


def test_the_envelope_has_its_keys_in_order_and_a_record_a_line():
    text = "".join(json_.dump([Record(title="A"), Record(title="é")], ABOUT))
    assert list(json.loads(text)) == ["schema", "site", "title", "license", "version", "updated_at", "count", "papers"]
    assert json.loads(text)["schema"] == "https://shelf.example/api/schema/record/v1.json"
    assert json.loads(text)["updated_at"] == "2026-11-22T09:00:00Z"
    lines = text.splitlines()
    assert lines[1:] == [to_json(Record(title="A")) + ",", to_json(Record(title="é")), "]}"]
    assert text.endswith("]}\n")
    assert "Übersicht" in text


def test_a_file_that_was_cut_off_is_not_taken_for_whole():
    text = "".join(json_.dump([Record(title="A"), Record(title="B")], ABOUT))
    loaded = load(json_, text[:-4])
    assert loaded.entries == ()
    assert len(loaded.not_understood) == 1


def test_a_record_that_is_none_is_reported_with_its_line_and_the_others_are_kept():
    text = "".join(json_.dump_stored([to_json(Record(title="A")), '{"title":7}', to_json(Record(title="B"))], ABOUT))
    loaded = load(json_, text)
    assert [(entry.line, entry.record.title) for entry in loaded.entries] == [(2, "A"), (4, "B")]
    assert [(each.line, each.text) for each in loaded.not_understood] == [(3, '{"title":7}')]
    assert "title" in loaded.not_understood[0].reason


def test_json_lines_reports_the_lines_it_cannot_read():
    loaded = load(jsonl, f"{to_json(Record(title='A'))}\n\nnonsense\n{to_json(Record(title='B'))}")
    assert [(entry.line, entry.record.title) for entry in loaded.entries] == [(1, "A"), (4, "B")]
    assert [(each.line, each.text) for each in loaded.not_understood] == [(3, "nonsense")]


def test_unknown_fields_of_a_later_version_do_no_harm():
    assert load(jsonl, '{"title":"A","mood":"good"}').records == [Record(title="A")]
