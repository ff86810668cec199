import json
import threading
from pathlib import Path

import jsonschema
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import QueryDict
from django.test import Client

from catalog import arranging, publishing, records, review
from catalog.export import Export
from catalog.filters import PaperFilter
from catalog.formats import FORMATS, by_extension, json_
from catalog.models import CatalogueState, Category, Paper, Posting, Revision, Word
from catalog.records import Record
from tests.api.conftest import asked, body, put_on_the_shelf
from tests.formats.reading import load

DATA = Path(records.__file__).parent / "data"


@pytest.fixture(scope="module")
def record_validator(django_db_setup):
    schema = json.loads(Client().get("/api/schema/record/v1.json").content)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def etag(address, client=None):
    return (client or Client()).head(address)["ETag"]


def test_the_export_holds_the_default_catalogue_as_its_file_says(catalogue):
    export = asked("/api/v1/export/")
    loaded = {record["id"]: record for record in map(json.loads, (DATA / "papers.jsonl").read_text(encoding="utf-8").splitlines())}
    assert export["count"] == len(export["papers"]) == len(loaded) == 185
    for paper in export["papers"]:
        given = loaded[paper["id"]]
        assert {name: paper[name] for name in given} == given


def test_the_envelope_says_where_the_data_comes_from(catalogue):
    export = asked("/papers.json")
    assert list(export) == ["schema", "site", "title", "license", "version", "updated_at", "count", "papers"]
    assert export["schema"] == f"{settings.SITE_URL}/api/schema/record/v1.json"
    assert (export["site"], export["title"], export["license"]) == (settings.SITE_URL, settings.SITE_NAME, settings.DATA_LICENSE)
    assert export["version"] == CatalogueState.now().version
    assert export["updated_at"].endswith("Z")


def test_every_record_fits_the_schema(catalogue, record_validator):
    for paper in asked("/api/v1/export/")["papers"]:
        record_validator.validate(paper)
    for paper in asked("/api/v1/papers/?page_size=10")["results"]:
        record_validator.validate(paper)


def test_the_schema_refuses_what_is_no_record(catalogue, record_validator):
    good = asked("/api/v1/papers/?page_size=1")["results"][0]
    for bad in ({**good, "kind": "poem"}, {**good, "year": "2020"}, {name: good[name] for name in good if name != "links"}):
        assert not record_validator.is_valid(bad)


def test_two_exports_are_the_same_bytes_at_every_address(catalogue):
    first = body(Client().get("/api/v1/export/"))
    assert first == body(Client().get("/api/v1/export/")) == body(Client().get("/papers.json"))
    assert first.endswith(b"]}\n")


def test_the_order_of_writing_leaves_no_trace(db):
    def exported(numbers):
        for number in numbers:
            put_on_the_shelf(number, minutes=number)
        content = {format_.NAME: body(Client().get(f"/papers.{format_.EXTENSION}?sort=added")) for format_ in FORMATS}
        for model in (Paper, Posting, Word, Revision, CatalogueState):
            model.objects.all().delete()
        return content

    assert exported([1, 2, 3]) == exported([2, 1, 3])


@pytest.mark.parametrize(
    "query", ["", "?category=llm-systems&sort=curated", "?q=serving", "?year=2023&year=2024&sort=title", "?venue=osdi&has=arxiv"]
)
def test_what_is_downloaded_is_what_is_listed(catalogue, query):
    listed = [record["slug"] for record in asked(f"/api/v1/papers/{query or '?'}&page_size=200")["results"]]
    assert [record["slug"] for record in asked(f"/papers.json{query}")["papers"]] == listed != []


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.NAME)
def test_every_format_is_had_by_suffix_by_parameter_and_by_accept(catalogue, format_):
    expected = body(Client().get(f"/papers.{format_.EXTENSION}"))
    assert body(Client().get(f"/api/v1/export/?format={format_.NAME}")) == expected
    response = Client().get("/api/v1/export/", headers={"Accept": format_.MEDIA_TYPE})
    assert body(response) == expected
    assert response["Content-Type"].partition(";")[0] == format_.MEDIA_TYPE
    assert response["Content-Disposition"] == f'attachment; filename="{settings.SITE_NAME} 2026-11-22.{format_.EXTENSION}"'
    assert len(load(format_, expected.decode()).records) == int(response["X-Count"]) == 185


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.NAME)
def test_one_paper_is_a_file_too(catalogue, format_):
    paper = Paper.objects.last()
    response = Client().get(f"/papers/{paper.slug}.{format_.EXTENSION}")
    assert [record.title for record in load(format_, body(response).decode()).records] == [paper.title]
    assert f"{paper.slug}.{format_.EXTENSION}" in response["Content-Disposition"]


def test_a_bibtex_file_has_the_keys_that_are_kept(catalogue):
    content = body(Client().get("/papers.bib")).decode()
    assert all(f"{{{key},\n" in content for key in Paper.objects.values_list("citation_key", flat=True))


@pytest.mark.parametrize(
    "address", ["/papers.json", "/papers.jsonl", "/papers.bib", "/api/v1/export/", "/api/v1/papers/", "/api/v1/categories/"]
)
def test_a_client_that_has_the_bytes_is_told_so(catalogue, address):
    response = Client().get(address)
    again = Client().get(address, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, body(again)) == (304, b"")
    for name in ("ETag", "Vary", "Cache-Control", "Link", "Access-Control-Allow-Origin"):
        assert again[name] == response[name]
    assert Client().get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    assert Client().get(address, headers={"If-None-Match": "*"}).status_code == 304


ADDRESSES = ["/papers.json", "/papers.jsonl", "/papers.bib", "/api/v1/papers/", "/api/v1/categories/", "/papers.json?category=systems"]


def changes(act):
    """The addresses whose bytes an act changes; the ETag has to agree with the bytes on each."""
    before = {address: (body(Client().get(address)), etag(address)) for address in ADDRESSES}
    act()
    changed = []
    for address, (content, tag) in before.items():
        now = body(Client().get(address))
        assert (now != content) == (etag(address) != tag), address
        changed += [address] if now != content else []
    return changed


def test_a_new_paper_changes_what_shows_it(shelf):
    assert set(changes(lambda: put_on_the_shelf(99))) == {*ADDRESSES} - {"/api/v1/categories/"}


def test_a_renamed_category_changes_what_shows_it(shelf):
    changed = changes(lambda: arranging.rename_category(Category.objects.get(slug="serving"), name="Inference", slug="serving"))
    assert {"/papers.json", "/papers.jsonl", "/api/v1/papers/", "/api/v1/categories/"} <= set(changed)


def test_a_retraction_changes_what_showed_the_paper(shelf):
    paper = Paper.objects.get(slug="paper-1")
    assert set(changes(lambda: publishing.retract(paper, reason="Made up.", by=None))) == {*ADDRESSES}


def test_the_sites_own_name_is_part_of_the_export(shelf, settings):
    assert set(changes(lambda: setattr(settings, "SITE_NAME", "Another list"))) == {
        "/papers.json",
        "/papers.bib",
        "/papers.json?category=systems",
    }


def test_what_is_only_proposed_changes_nothing(shelf, alice, mel):
    def propose_and_reject():
        submission = review.submit(Record(title="A proposal"), by=alice, why="It belongs.", token="7c9e6679-7425-40de-944b-e07fc1f90ae7")
        review.decide(submission, review.REJECT, by=mel, seen_version=1, reason="Out of scope.", private_note="Not again.")

    assert changes(propose_and_reject) == []


def test_different_selections_have_different_etags(catalogue):
    tags = [etag(f"/papers.json{query}") for query in ("", "?sort=title", "?kind=paper", "?kind=survey", "?year=2023", "?q=serving")]
    assert len(set(tags)) == len(tags)


def test_head_says_what_get_says_and_sends_nothing(catalogue):
    for address in ("/papers.json", "/api/v1/papers/", "/api/v1/export/?format=bib"):
        head, get = Client().head(address), Client().get(address)
        assert body(head) == b""
        assert {name: head[name] for name in head.headers} == {name: get[name] for name in get.headers}


@pytest.mark.django_db(transaction=True)
def test_an_export_shows_one_state_while_papers_are_published():
    for number in range(1, 31):
        put_on_the_shelf(number, minutes=number, abstract="words " * 1000)
    export = Export(PaperFilter(QueryDict("sort=added")).selection, json_)
    pieces = iter(export)
    content = next(pieces)

    def publish():
        put_on_the_shelf(99)
        publishing.retract(Paper.objects.get(slug="paper-30"), reason="Made up.", by=None)
        connection.close()

    other = threading.Thread(target=publish)
    other.start()
    other.join(timeout=15)
    assert not other.is_alive(), "who writes had to wait for who reads"
    content += b"".join(pieces)
    export.close()
    told = json.loads(content)
    assert told["version"] == 30
    assert told["count"] == 30
    assert [paper["slug"] for paper in told["papers"]] == [f"paper-{number}" for number in range(1, 31)]
    assert asked("/papers.json")["version"] == 32


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_hangs_up_leaves_the_connection_as_it_was():
    put_on_the_shelf(1)
    response = Client().get("/papers.json")
    next(iter(response.streaming_content))
    response.close()
    assert not connection.in_atomic_block
    put_on_the_shelf(2)
    assert asked("/papers.json")["count"] == 2


def test_a_file_that_breaks_off_is_no_json(shelf, monkeypatch):
    def broken(lines, about):
        whole = json_dump(lines, about)
        yield next(whole)
        yield next(whole)
        raise OSError

    json_dump = json_.dump_stored
    response = Client().get("/papers.json")
    monkeypatch.setattr(json_, "dump_stored", broken)
    received = b""
    with pytest.raises(OSError):
        for piece in response.streaming_content:
            received += piece
    with pytest.raises(ValueError):
        json.loads(received)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.NAME)
def test_the_command_writes_the_bytes_of_the_site(catalogue, tmp_path, format_, capfdbinary):
    file = tmp_path / "papers"
    options = {"format": format_.NAME, "category": ["llm-systems"], "year_min": ["2023"], "sort": ["-year"]}
    call_command("export_papers", output=file, **options)
    expected = body(Client().get(f"/papers.{format_.EXTENSION}?category=llm-systems&year_min=2023&sort=-year"))
    assert file.read_bytes() == expected
    assert list(tmp_path.iterdir()) == [file]
    call_command("export_papers", **options)
    assert capfdbinary.readouterr().out == expected


def test_the_command_names_the_option_it_cannot_use(catalogue, tmp_path):
    with pytest.raises(CommandError, match=r"--category: There is no category “poems”\."):
        call_command("export_papers", category=["poems"])
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_papers", output=tmp_path / "nowhere" / "papers.json")


def test_formats_are_found_by_the_end_of_the_address_only(db):
    assert by_extension("JSON") is json_
    for address in ("/papers.JSON", "/papers.exe", "/papers.json.gz", "/papers/x.exe"):
        assert asked(address, status=404)["status"] == 404
