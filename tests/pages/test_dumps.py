"""The dated dumps on the site: what there is and how fresh it is, and each file, whole, packed or in ranges."""

import base64
import gzip
import hashlib
import json
import re
from contextlib import ExitStack
from threading import BoundedSemaphore

import pytest

from catalog import answers, dumps
from catalog.answers import DOWNLOADS
from catalog.views.dumps import BLOCK, Blocks
from tests.factories import make_paper


@pytest.fixture(autouse=True)
def _places_are_free(monkeypatch):
    """Not every test reads its answers to the end."""
    monkeypatch.setattr(answers, "_places", BoundedSemaphore(DOWNLOADS))


@pytest.fixture
def dump(catalogue, settings, tmp_path):
    settings.DUMPS_DIR = tmp_path / "dumps"
    return dumps.write(settings.DUMPS_DIR, keep=7)


@pytest.fixture
def address(dump):
    return f"/dumps/{dump.name}/papers.json"


@pytest.fixture
def body(dump):
    return (dump.folder / "papers.json").read_bytes()


def content(response):
    return response.getvalue() if response.streaming else response.content


# -- The page ----------------------------------------------------------------------------------
def test_everyone_sees_what_there_is_and_how_fresh_it_is(dump, anyone, questions, a_minute_passes):
    page = anyone.get("/dumps/").text
    assert re.search(r"Made 0.minutes ago, of version \d+, with 185 papers\. Nothing has changed since\.", page.replace("\xa0", " "))
    for file in dump.files.values():
        assert f'href="/dumps/{dump.name}/{file.name}" download' in page
        if file.format:
            assert f"{file.sha256}  {file.name}" in page

    make_paper("Brand new")
    assert f"The catalogue is at {dump.version + 1}." in anyone.get("/dumps/").text
    questions(anyone, "/dumps/")


def test_without_a_dump_the_page_says_so(db, visitor, settings, tmp_path):
    settings.DUMPS_DIR = tmp_path / "nothing"

    assert "There is no dump yet" in visitor.get("/dumps/").text
    assert visitor.get("/dumps/latest/papers.json").status_code == 404


def test_search_engines_find_the_data_set(dump, visitor):
    said = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', visitor.get("/dumps/").text)[1])

    assert said["@type"] == "Dataset"
    assert said["license"] == "https://spdx.org/licenses/CC0-1.0.html"
    for file in said["distribution"]:
        answer = visitor.get(file["contentUrl"].removeprefix("http://127.0.0.1:8000"))
        assert hashlib.sha256(content(answer)).hexdigest() == file["sha256"]
        assert answer["Content-Type"].partition(";")[0] == file["encodingFormat"]


def test_every_page_and_the_rules_lead_to_the_dumps(dump, visitor):
    assert '<a href="/dumps/">Dated dumps</a>' in visitor.get("/").text
    assert '<a href="/oai?verb=Identify">OAI-PMH</a>' in visitor.get("/about/").text


# -- Whole files ---------------------------------------------------------------------------------
def test_a_file_comes_with_all_that_proves_it(dump, visitor):
    for file in dump.files.values():
        answer = visitor.get(f"/dumps/{dump.name}/{file.name}")
        got = content(answer)
        assert got == file.path.read_bytes()
        assert answer["Content-Length"] == str(len(got))
        assert answer["Accept-Ranges"] == "bytes"
        assert answer["Repr-Digest"] == f"sha-256=:{base64.b64encode(hashlib.sha256(got).digest()).decode()}:"
        assert answer["ETag"].startswith('"')
        assert "Last-Modified" in answer
        assert "Content-Encoding" not in answer
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert f'filename="{dump.name}-{file.name}"' in answer["Content-Disposition"]
        assert not answer.cookies


def test_what_is_gzip_by_name_is_a_file_and_what_is_not_may_come_packed(address, body, visitor):
    packed = visitor.get(address, headers={"Accept-Encoding": "br, gzip"})
    plain = visitor.get(address)
    file = visitor.get(f"{address}.gz", headers={"Accept-Encoding": "gzip"})

    assert (packed["Content-Encoding"], packed["Content-Type"]) == ("gzip", "application/json")
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(content(packed)) == body == content(plain)
    assert packed["ETag"] != plain["ETag"]
    assert (file["Content-Type"], "Content-Encoding" in file) == ("application/gzip", False)
    assert gzip.decompress(content(file)) == body
    assert "Content-Encoding" not in visitor.get(address, headers={"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert "Content-Encoding" not in visitor.get(address, headers={"Accept-Encoding": "gzip;q=0"})


def test_head_says_what_get_would(address, visitor):
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        got, head = visitor.get(address, headers=headers), visitor.head(address, headers=headers)
        assert content(head) == b""
        assert {name: value for name, value in head.items() if name != "Date"} == dict(got.items())


def test_who_has_it_is_told_so(address, visitor):
    first = visitor.get(address)
    for known in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        answer = visitor.get(address, headers=known)
        assert (answer.status_code, content(answer)) == (304, b"")
        assert (answer["ETag"], answer["Cache-Control"]) == (first["ETag"], first["Cache-Control"])
    assert visitor.get(address, headers={"If-None-Match": '"other"', "If-Modified-Since": first["Last-Modified"]}).status_code == 200
    assert visitor.get(address, headers={"If-Match": '"other"'}).status_code == 412


def test_the_newest_is_always_at_one_address(dump, visitor):
    answer = visitor.get("/dumps/latest/papers.jsonl.gz")
    assert (answer.status_code, answer["Location"]) == (302, f"/dumps/{dump.name}/papers.jsonl.gz")
    assert answer["Cache-Control"] == "public, no-cache"
    assert visitor.get("/dumps/latest/")["Location"] == visitor.get(f"/dumps/{dump.name}/")["Location"] == f"/dumps/#{dump.name}"


# -- Ranges --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("range_", "start", "stop"),
    [("0-0", 0, 1), ("0-99", 0, 100), ("100-", 100, None), ("-100", -100, None), ("5-999999999", 5, None), ("-999999999", 0, None)],
)
def test_a_range_is_a_part(address, body, visitor, range_, start, stop):
    answer = visitor.get(address, headers={"Range": f"bytes={range_}"})
    part = body[start:stop]
    first = start % len(body)

    assert (answer.status_code, content(answer)) == (206, part)
    assert answer["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(body)}"
    assert answer["Content-Length"] == str(len(part))
    assert answer["Repr-Digest"] == visitor.get(address)["Repr-Digest"]


@pytest.mark.parametrize("range_", ["bytes=999999999-", "bytes=999999999-9999999999", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused(address, body, visitor, range_):
    answer = visitor.get(address, headers={"Range": range_})

    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(body)}")


@pytest.mark.parametrize(
    "range_", ["bytes=0-1,5-6", "bytes=9-5", "bytes=-", "bytes=", "bytes=a-b", "items=0-5", "bytes=0x1-2", "bytes=²-", "bytes=" + "9" * 400]
)
def test_what_is_no_range_gets_the_whole(address, body, visitor, range_):
    answer = visitor.get(address, headers={"Range": range_})

    assert (answer.status_code, content(answer)) == (200, body)


def test_a_download_goes_on_only_with_the_same_file(address, body, visitor):
    first = visitor.get(address)
    ranged = {"Range": "bytes=10-19"}
    for good in (first["ETag"], first["Last-Modified"]):
        answer = visitor.get(address, headers={**ranged, "If-Range": good})
        assert (answer.status_code, content(answer)) == (206, body[10:20])
    for other in ('"other"', f"W/{first['ETag']}", "Thu, 01 Jan 1970 00:00:00 GMT", "nonsense"):
        answer = visitor.get(address, headers={**ranged, "If-Range": other})
        assert (answer.status_code, content(answer)) == (200, body)


def test_parts_put_together_are_the_file(address, body, visitor):
    step = 50_000
    parts = [content(visitor.get(address, headers={"Range": f"bytes={at}-{at + step - 1}"})) for at in range(0, len(body), step)]

    assert b"".join(parts) == body


# -- What nobody gets ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address",
    [
        "{}/../.lock", "{}/%2e%2e/.lock", "{}/..%2f.lock", "../dumps/{}/papers.json", ".lock/papers.json", "%2e%2e/secret-key", "{}/.lock",
        "{}/papers.json%00", "%00/papers.json", "{}/nothing", "2026-01-01/papers.json", "latest/nothing", "{}/papers.JSON",
        ".part-x/papers.json",
    ],
)  # fmt: skip
def test_only_files_of_a_dump_are_served(dump, visitor, settings, address):
    (settings.DUMPS_DIR / ".part-x").mkdir()
    (settings.DUMPS_DIR / ".part-x" / "papers.json").write_text("half")
    (dump.folder / "nothing").write_text("not of the dump")
    address = f"/dumps/{address.format(dump.name)}"

    assert visitor.get(address).status_code == 404


def test_a_dump_that_is_taken_away_is_not_found(dump, address, visitor):
    (dump.folder / "papers.json").unlink()

    assert visitor.get(address).status_code == 404
    assert visitor.post(address).status_code == 405


def test_a_file_is_read_in_blocks_and_closed(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * (2 * BLOCK + 5))
    file = (tmp_path / "file").open("rb", buffering=0)
    blocks = Blocks(file, 2 * BLOCK + 1, taking=ExitStack())

    assert [len(block) for block in blocks] == [BLOCK, BLOCK, 1]
    blocks.close()
    assert file.closed


def test_slow_readers_leave_room_for_others(dump, address, body, visitor):
    running = [visitor.get(address) for _each in range(DOWNLOADS)]
    refused = visitor.get(address)
    assert (refused.status_code, int(refused["Retry-After"]) > 0) == (503, True)
    assert visitor.head(address).status_code == 200
    assert visitor.get("/dumps/").status_code == 200

    for each in running:
        each.close()
        each.close()
    assert content(visitor.get(address)) == body


def test_nothing_stays_open(dump, address, visitor, monkeypatch):
    opened = []
    path = type(dump.folder)
    real = path.open

    def watched(self, *args, **more):
        opened.append(real(self, *args, **more))
        return opened[-1]

    monkeypatch.setattr(path, "open", watched)
    for headers in ({}, {"Range": "bytes=0-1"}, {"Range": "bytes=999999999-"}, {"If-None-Match": "*"}, {"If-Match": '"x"'}):
        for ask in (visitor.get, visitor.head):
            response = ask(address, headers=headers)
            content(response)
            response.close()

    # The file and its sum, each time.
    assert len(opened) == 2 * 10
    assert all(file.closed for file in opened)
