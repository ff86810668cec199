"""A dump is the whole catalogue, of one state, the same bytes for the same catalogue, and there only when it is whole."""

import gzip
import hashlib
import json
import subprocess
import threading
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from catalog import dumps, publishing
from catalog.formats import FORMATS, json_
from catalog.models import CatalogueState, Paper
from tests.factories import make_paper, make_papers

WHOLE = [format_ for format_ in FORMATS if not hasattr(format_, "PAGE_SIZE")]


@pytest.fixture
def folder(settings, tmp_path):
    settings.DUMPS_DIR = tmp_path / "dumps"
    return settings.DUMPS_DIR


@pytest.fixture
def day(monkeypatch):
    """Let it be another day: `day(3)` is the third of a month."""

    def be(number):
        monkeypatch.setattr(dumps.timezone, "now", lambda: datetime(2026, 11, number, 9, tzinfo=UTC))

    be(1)
    return be


def write(folder, **more):
    call_command("write_dumps", output=folder, **more)
    return dumps.dumps(folder)


def contents(dump):
    return {path.name: path.read_bytes() for path in dump.folder.iterdir()}


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_dump_has_every_paper_in_every_format(catalogue, folder, day):
    [dump] = write(folder)
    files = contents(dump)

    assert dump.name == "2026-11-01"
    assert set(files) == {"SHA256SUMS", "datapackage.json", "LICENSE.txt"} | {
        f"papers.{format_.EXTENSION}{packed}" for format_ in WHOLE for packed in ("", ".gz")
    }
    for format_ in WHOLE:
        name = f"papers.{format_.EXTENSION}"
        assert files[name] == Client().get(f"/{name}").getvalue()
        assert gzip.decompress(files[f"{name}.gz"]) == files[name]
    assert json.loads(files["papers.json"])["count"] == 185
    assert dump.version == CatalogueState.now().version


def test_the_sums_and_the_manifest_say_what_the_files_are(catalogue, folder, day):
    [dump] = write(folder)
    files = contents(dump)
    checked = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=dump.folder, capture_output=True, check=False)
    manifest = json.loads(files["datapackage.json"])

    assert checked.returncode == 0, checked.stdout
    assert checked.stdout.count(b": OK") == len(files) - 1
    assert manifest["licenses"][0]["name"] == "CC0-1.0"
    assert {each["path"] for each in manifest["resources"]} == {name for name in files if name.startswith("papers.")}
    for each in manifest["resources"]:
        body = files[each["path"]]
        assert (each["bytes"], each["hash"]) == (len(body), f"sha256:{hashlib.sha256(body).hexdigest()}")
    assert {name: file.size for name, file in dump.files.items()} == {name: len(body) for name, body in files.items()}
    assert b"CC0-1.0" in files["LICENSE.txt"]


def test_the_same_catalogue_gives_the_same_bytes(catalogue, folder, day):
    [first] = write(folder)
    day(2)
    second = write(folder)[0]

    assert (first.name, second.name) == ("2026-11-01", "2026-11-02")
    assert contents(first) == contents(second)
    # The time in the head of a gzip file (RFC 1952, section 2.3.1).
    assert {body[4:8] for name, body in contents(first).items() if name.endswith(".gz")} == {bytes(4)}


def test_a_second_run_of_a_day_does_nothing_unless_something_has_changed(catalogue, folder, day):
    [first] = write(folder)
    before = contents(first)
    assert len(write(folder)) == 1

    make_paper("Brand new")
    newest, oldest = write(folder)
    assert (newest.name, oldest.name) == ("2026-11-01-2", "2026-11-01")
    assert contents(oldest) == before
    assert b"Brand new" in contents(newest)["papers.jsonl"]
    for number in range(9):
        make_paper(f"Another {number}")
        write(folder, keep=20)
    assert dumps.dumps(folder)[0].name == "2026-11-01-11"


def test_old_ones_go(db, folder, day):
    make_paper()
    for number in range(1, 6):
        day(number)
        write(folder, keep=3)

    assert [dump.name for dump in dumps.dumps(folder)] == ["2026-11-05", "2026-11-04", "2026-11-03"]
    assert len(names(folder)) == 3


@pytest.mark.parametrize("keep", ["0", "-1", "x", "²"])
def test_a_number_of_dumps_is_one_or_more(db, folder, keep):
    with pytest.raises((CommandError, SystemExit)):
        call_command("write_dumps", f"--output={folder}", f"--keep={keep}")
    assert not folder.exists()


def test_what_fails_leaves_nothing(catalogue, folder, day, monkeypatch):
    def broken(*args):
        yield "half"
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(json_, "dump_stored", broken)
        with pytest.raises(CommandError, match="No space left on device"):
            write(folder)
        assert names(folder) == []
    assert len(write(folder)) == 1


def test_what_a_killed_run_left_goes_with_the_next(catalogue, folder, day):
    (folder / ".part-killed").mkdir(parents=True)
    (folder / ".part-killed" / "papers.json").write_text("half")

    assert dumps.dumps(folder) == []
    write(folder)
    assert names(folder) == ["2026-11-01"]


def test_a_folder_that_cannot_be_written_is_said_in_one_line(db, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written") as refused:
        call_command("write_dumps", output=tmp_path / "file" / "dumps")
    assert "\n" not in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_all_files_are_of_one_state_whoever_publishes_meanwhile(folder, day, monkeypatch):
    make_papers(3)
    begun, done = threading.Event(), threading.Event()

    def publish():
        begun.wait(10)
        try:
            with transaction.atomic():
                publishing.retract(Paper.objects.first(), reason="Withdrawn.", by=None)
                make_paper("Published meanwhile")
        finally:
            connection.close()
            done.set()

    def wait(name):
        if name != "papers.json":
            begun.set()
            assert done.wait(10), "who publishes had to wait"

    publisher = threading.Thread(target=publish)
    publisher.start()
    dump = dumps.write(folder, keep=7, progress=wait)
    publisher.join()

    files = contents(dump)
    assert Paper.objects.filter(title="Published meanwhile").exists()
    assert not [name for name, body in files.items() if b"Published meanwhile" in body]
    lines = files["papers.jsonl"].splitlines()
    assert [json.loads(line)["id"] for line in lines] == [paper["id"] for paper in json.loads(files["papers.json"])["papers"]]
    assert dump.version < CatalogueState.now().version


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_make_one_dump(folder, day):
    make_papers(3)

    def run():
        try:
            dumps.write(folder, keep=7)
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _each in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()

    assert names(folder) == ["2026-11-01"]
