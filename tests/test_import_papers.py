"""`manage.py import_papers`: a file in, a report out, an exit status that scripts can trust."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Decision, Paper, Submission
from catalog.records import Link, Record, to_json

pytestmark = pytest.mark.django_db
BIB = """@string{osdi = "OSDI"}

@inproceedings{a, title = {Sparrow: Serving Without Waiting}, booktitle = osdi, year = 2024, doi = {10.1145/1111111.2222222}}
@misc{b, year = 2020}
@article{c,
  title = {Wren: Tiny Models},
  year = 2023
}
"""


@pytest.fixture
def write(tmp_path):
    def write(content, name="birds.bib"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def report(path, **options):
    out = io.StringIO()
    call_command("import_papers", path, report="json", stdout=out, **options)
    return json.loads(out.getvalue())


def test_the_report_accounts_for_every_line(catalogue, mel, write):
    told = report(write(BIB), publish=True, username="mel")
    assert (told["lines"], told["entries"], told["added"], told["proposed"]) == (8, 2, 2, 0)
    assert told["lines"] == told["entries"] + len(told["not_understood"]) + sum(told["ignored"].values())
    assert [(each["line"], each["reason"]) for each in told["not_understood"]] == [(4, "no title")]
    for name in ("changed", "unchanged", "placements", "suspected", "ignored"):
        assert name in told


def test_without_a_word_it_proposes_in_the_name_of_the_first_maintainer(catalogue, mel, write):
    assert report(write(BIB))["proposed"] == 2
    assert set(Submission.objects.values_list("contributor__username", flat=True)) == {"mel"}
    assert report(write(BIB))["proposed"] == 0


def test_it_publishes_as_whoever_is_named(catalogue, mel, root, write):
    report(write(BIB), publish=True, username="root")
    assert Decision.objects.get(verdict="import").by == root


def test_a_dry_run_says_so_and_changes_nothing(catalogue, mel, write):
    out = io.StringIO()
    call_command("import_papers", write(BIB), dry_run=True, publish=True, stdout=out)
    assert out.getvalue().startswith("Nothing was changed")
    assert "no title" in out.getvalue()
    assert Paper.objects.count() == 185


def test_standard_input_needs_to_be_told_its_format(catalogue, mel, monkeypatch):
    class Input:
        buffer = io.BytesIO(f"{to_json(Record(title='From a Pipe', links=(Link(url='https://example.org/p'),)))}\n".encode())

    monkeypatch.setattr(sys, "stdin", Input)
    with pytest.raises(CommandError, match="--format"):
        report("-")
    Input.buffer.seek(0)
    assert report("-", format="jsonl", category="ml-systems")["proposed"] == 1


@pytest.mark.parametrize(
    ("content", "name", "options", "said"),
    [
        ("x", "list.xyz", {}, "--format"),
        (b"\xff\xfea\0", "list.bib", {}, "UTF-16"),
        (b"fine\n\xe9", "list.bib", {}, "line 2"),
        (b"PK\x03\x04", "list.bib", {}, "zip"),
        (BIB, "list.bib", {"category": "no/such"}, "no/such"),
        (BIB, "list.bib", {"username": "nobody"}, "nobody"),
        (BIB, "list.bib", {"username": "alice", "publish": True}, "alice may not publish"),
    ],
)
def test_what_is_refused_is_said_in_one_line_and_nothing_changes(catalogue, mel, alice, write, content, name, options, said):
    with pytest.raises(CommandError) as caught:
        report(write(content, name), **options)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not Submission.objects.exists()


def test_a_file_that_is_not_there(catalogue, mel, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        report(str(tmp_path / "none.bib"))


def test_wrong_usage_has_a_status_of_its_own(catalogue, mel, write):
    with pytest.raises(CommandError, match="not allowed with"):
        call_command("import_papers", write(BIB), "--propose", "--publish")


def test_a_truncated_json_file_brings_nothing_in_silence(catalogue, mel, write):
    told = report(write('{"papers":[\n' + to_json(Record(title="A")) + ",\n" + '{"title":"B', "papers.json"), publish=True)
    assert told["added"] == 0 or told["not_understood"]
    assert told["not_understood"]


def test_bombs_take_bounded_time(catalogue, mel, write):
    for content, name in [
        ("[" * 1_000_000, "a.json"),
        ("[" * 1_000_000, "a.bib"),
        ("@a{b," * 20_000, "b.bib"),
        ("{" * 1_000_000, "c.jsonl"),
    ]:
        assert report(write(content, name), publish=True)["added"] == 0
