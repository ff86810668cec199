"""The envelope that scripts build on, and what becomes of a broken one."""

import json
from datetime import UTC, datetime

import pytest

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


@pytest.mark.parametrize(
    "text",
    [
        '{"title":"A","title":"B"}',
        '{"title":"A","venue":{"name":"a","name":"b"}}',
        '{"title":"A","year":' + "9" * 5_000 + "}",
        '{"title":"A","year":NaN}',
        '{"title":"A","mood":NaN}',
        '{"title":"\\ud800"}',
        '{"title":"\ud800"}',
        '{"title":"A","mood":' + "[" * 100_000 + "}",
        '{"title":["A"]}',
        '{"title":"A","kind":"poem"}',
        '{"title":"A","links":[{"kind":"x","url":"y"}]}',
        "7",
        "null",
        '{"title":"A"',
        '{"title":"A"} {"title":"B"}',
        '"' + "x" * 1_100_000 + '"',
    ],
)
def test_what_is_no_record_is_reported_with_its_line(text):
    loaded = load(jsonl, f'{{"title":"Before"}}\n{text}\n{{"title":"After"}}\n')
    assert [record.title for record in loaded.records] == ["Before", "After"]
    assert [each.line for each in loaded.not_understood] == [2]
    # A report can be sent.
    loaded.not_understood[0].text.encode()


@pytest.mark.parametrize(
    "text", ['[{"title":"A"}]', '{"next":null,"previous":null,"results":[{"title":"A"}]}', '\ufeff{"papers":[{"title":"A"}]}']
)
def test_arrays_and_pages_of_the_api_are_read_too(text):
    assert load(json_, text).records == [Record(title="A")]


def test_lines_are_accounted_for_however_a_file_is_laid_out():
    loaded = load(json_, '{"papers":[\n\n{"title":\n"A"},{"title":"B"},\n{"title":"C"}\n]}\n')
    assert [(entry.line, entry.lines) for entry in loaded.entries] == [(3, 2), (4, 0), (5, 1)]
    assert loaded.ignored == {"envelope": 2, "blank": 2, "continuation": 1}


def test_a_file_that_is_too_large_is_refused_as_a_whole(monkeypatch):
    monkeypatch.setattr(json_, "MAX_TEXT", 40)
    loaded = load(json_, '{"papers":[\n{"title":"A"},\n{"title":"B"}\n]}\n')
    assert (loaded.entries, [each.reason for each in loaded.not_understood]) == ((), ["longer than 40 characters"])


def test_where_a_file_is_broken_is_said_by_its_line():
    [broken] = load(json_, '{"papers":[\n{"title":"A"},\n{"title":"é" x}\n]}').not_understood
    assert broken.line == 3
