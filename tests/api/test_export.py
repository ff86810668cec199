import json
import threading
from pathlib import Path
from threading import BoundedSemaphore

import bibtexparser
import feedparser
import jsonschema
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.http import QueryDict
from django.test import Client

from catalog import answers, arranging, export, publishing, records, review
from catalog.export import Export
from catalog.filters import PaperFilter
from catalog.formats import FORMATS, READABLE, atom, bibtex, by_extension, json_, markdown
from catalog.models import CatalogueState, Category, Paper, Posting, Revision, Word
from catalog.records import Category as Place
from catalog.records import Record
from catalog.selection import Order
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
    assert int(response["X-Count"]) == (100 if format_ is atom else 185)


# A list with headings has its papers where they stand in the tree: tests/formats/test_markdown.py.
@pytest.mark.parametrize("format_", [each for each in READABLE if each is not markdown], ids=lambda format_: format_.NAME)
def test_every_paper_of_the_catalogue_is_read_back(catalogue, format_):
    loaded = load(format_, body(Client().get(f"/papers.{format_.EXTENSION}")).decode())
    assert loaded.not_understood == ()
    papers = [records.from_json(json) for json in Paper.objects.order_by("-added_at", "-id").values_list("record_json", flat=True)]
    assert [record.title for record in loaded.records] == [record.title for record in papers]
    assert [record.identifiers for record in loaded.records] == [record.identifiers for record in papers]
    assert [len(record.authors) for record in loaded.records] == [len(record.authors) for record in papers]
    assert [record.year for record in loaded.records] == [record.year for record in papers]


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.NAME)
def test_one_paper_is_a_file_too(catalogue, format_):
    paper = Paper.objects.last()
    response = Client().get(f"/papers/{paper.slug}.{format_.EXTENSION}")
    assert response["X-Count"] == "1"
    if format_ in READABLE:
        assert [record.title for record in load(format_, body(response).decode()).records] == [paper.title]
    assert f"{paper.slug}.{format_.EXTENSION}" in response["Content-Disposition"]


def test_a_bibtex_file_has_the_keys_that_are_kept(catalogue):
    content = body(Client().get("/papers.bib")).decode()
    assert all(f"{{{key},\n" in content for key in Paper.objects.values_list("citation_key", flat=True))


def test_the_keys_of_merged_papers_stay_with_the_one_that_took_them_in(db):
    first, second, third = (put_on_the_shelf(number, citation_key=f"key-{number}") for number in (1, 2, 3))
    publishing.retract(first, reason="Twice.", by=None, into=second)
    publishing.retract(second, reason="Twice.", by=None, into=third)
    for address in ("/papers.bib", f"/papers/{third.slug}.bib"):
        [entry] = bibtexparser.parse_string(body(Client().get(address)).decode()).entries
        assert entry.key == third.citation_key
        assert entry["ids"].split(", ") == sorted([first.citation_key, second.citation_key])


@pytest.mark.parametrize(
    "address",
    ["/papers.json", "/papers.jsonl", "/papers.csv", "/papers.bib", "/papers.csl", "/papers.ris", "/papers.atom", "/api/v1/papers/"],
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


PARTS = [
    *("/papers.jsonl?year=2021", "/papers.csv?category=systems/serving", "/papers.ris?sort=title&year_min=2021", "/papers.atom?year=2020"),
    *("/papers.csl?q=serving+queues", "/papers.jsonl?category=systems&sort=curated", "/papers.csv?sort=-year", "/papers/paper-3.csl"),
]
ACTS = {
    "a new paper": lambda: put_on_the_shelf(99, year=2021),
    "the newest paper goes": lambda: publishing.retract(Paper.objects.latest("version"), reason="Made up.", by=None),
    "the oldest paper goes": lambda: publishing.retract(Paper.objects.earliest("version"), reason="Made up.", by=None),
    "a category is renamed": lambda: arranging.rename_category(Category.objects.get(slug="serving"), name="Inference", slug="serving"),
    "all is laid down anew": publishing.rebuild,
    "a paper is moved": lambda: arranging.place_paper(Paper.objects.get(slug="paper-5"), Category.objects.get(slug="serving"), 1),
    "categories change places": lambda: arranging.reorder_category(Category.objects.get(slug="training"), 1),
}


# By reading a short file through, and by the signature of a long one, which JSON Lines have nothing to add to.
@pytest.mark.parametrize(("read_through", "addresses"), [(500, PARTS), (0, [each for each in PARTS if ".jsonl" in each])])
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_the_etag_of_a_part_changes_when_and_only_when_its_bytes_do(shelf, monkeypatch, act, read_through, addresses):
    monkeypatch.setattr(export, "READ_THROUGH", read_through)
    systems = Category.objects.get(slug="systems")
    publishing.publish(Record(title="Last", categories=(Place(path=arranging.add_category("Training", parent=systems).path),)))
    before = {address: (body(Client().get(address)), etag(address)) for address in addresses}
    act()
    now = {address: (body(Client().get(address)), etag(address)) for address in addresses}
    for address in addresses:
        assert (now[address][0] != before[address][0]) == (now[address][1] != before[address][1]), address


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_no_long_file_changes_under_the_same_etag(shelf, monkeypatch, act):
    monkeypatch.setattr(export, "READ_THROUGH", 0)
    arranging.add_category("Training", parent=Category.objects.get(slug="systems"))
    before = {address: (body(Client().get(address)), etag(address)) for address in PARTS}
    act()
    for address, (content, tag) in before.items():
        assert body(Client().get(address)) == content or etag(address) != tag, address


def test_a_long_file_is_not_read_to_know_its_etag(catalogue, monkeypatch):
    monkeypatch.setattr(export, "READ_THROUGH", 100)
    monkeypatch.setattr(Order, "stream", lambda *of: pytest.fail("it was read"))
    for format_ in FORMATS:
        assert Client().head(f"/papers.{format_.EXTENSION}").status_code == 200


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
        put_on_the_shelf(number, minutes=number, abstract="words " * 1000, note="words " * 500)
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


def is_whole(format_, content, count):
    """What whoever received it can tell."""
    if format_ is atom:
        feed = feedparser.parse(content)
        return not feed.bozo and len(feed.entries) == count
    return len(load(format_, content.decode()).records) == count


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.NAME)
def test_a_file_that_breaks_off_is_seen_to_be_no_whole_one(format_, monkeypatch):
    for number in range(1, 41):
        put_on_the_shelf(number, minutes=number, abstract="words " * 1000, note="words " * 500)

    def failing(rows):
        for number, row in enumerate(rows):
            if number == 30:
                raise OperationalError("the database went away")
            yield row

    stream, rows = Order.stream, Order.rows
    monkeypatch.setattr(Order, "stream", lambda *of: failing(stream(*of)))
    monkeypatch.setattr(Order, "rows", lambda *of: failing(rows(*of)))
    # The headers of what names no version come of a reading of their own.
    monkeypatch.setattr(Export, "digest", "as it was")
    response = Client().get(f"/papers.{format_.EXTENSION}")
    received = b""
    with pytest.raises(OperationalError):
        for piece in response.streaming_content:
            received += piece
    response.close()
    assert response["X-Count"] == "40"
    assert not is_whole(format_, received, 40)
    assert not connection.in_atomic_block
    monkeypatch.undo()
    assert is_whole(format_, body(Client().get(f"/papers.{format_.EXTENSION}")), 40)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.NAME)
def test_a_reader_who_hangs_up_costs_nothing_more(format_):
    for number in range(1, 31):
        put_on_the_shelf(number, minutes=number, abstract="words " * 1000, note="words " * 500)
    response = Client().get(f"/papers.{format_.EXTENSION}")
    received = next(iter(response.streaming_content))
    response.close()
    assert not is_whole(format_, received, 30)
    assert not connection.in_atomic_block
    put_on_the_shelf(99)
    assert asked("/papers.json")["count"] == 31


def links_of(content):
    return {link.rel: link.href.removeprefix(settings.SITE_URL) for link in feedparser.parse(content).feed.links}


def test_a_feed_is_paged_and_its_pages_are_the_selection_newest_first(catalogue):
    address, seen, pages = "/papers.atom?kind=paper&sort=title", [], 0
    while address:
        content = body(Client().get(address))
        feed = feedparser.parse(content)
        assert not feed.bozo
        seen += [entry.link for entry in feed.entries]
        pages += 1
        address = links_of(content).get("next")
    newest = asked("/papers.json?kind=paper")["papers"]
    assert seen == [settings.SITE_URL + record["path"] for record in newest]
    assert pages == 2


def test_a_page_of_a_feed_says_where_it_stands(catalogue):
    second = body(Client().get("/papers.atom?sort=-year&page=2&kind=paper"))
    assert links_of(second) == {
        "self": "/papers.atom?kind=paper&page=2",
        "first": "/papers.atom?kind=paper",
        "previous": "/papers.atom?kind=paper",
        "alternate": "/papers/?kind=paper",
    }
    assert second == body(Client().get("/api/v1/export/?format=atom&kind=paper&page=2"))


@pytest.mark.parametrize(
    ("page", "status"), [("3", 404), ("999999999", 404), ("0", 400), ("-1", 400), ("x", 400), ("²", 400), ("9" * 400, 400)]
)
def test_a_page_that_is_none_is_refused(catalogue, page, status):
    assert asked(f"/papers.atom?page={page}", status=status)["status"] == status


@pytest.mark.parametrize("address", ["/papers.json?page=1", "/papers.csv?page=1", "/papers.json?ascii=1", "/papers.bib?ascii=yes"])
def test_a_parameter_of_another_format_is_refused(catalogue, address):
    [error] = asked(address, status=400)["errors"]
    assert error["parameter"] in {"page", "ascii"}


def test_an_empty_selection_is_a_feed_without_entries(db):
    feed = feedparser.parse(body(Client().get("/papers.atom")))
    assert (feed.bozo, feed.entries) == (False, [])


@pytest.mark.parametrize("address", ["/papers.bib?ascii=1", "/api/v1/export/?format=bib&ascii=1"])
def test_bibtex_can_be_had_in_ascii(catalogue, address):
    content = body(Client().get(address))
    assert content.isascii()
    assert [r.title for r in load(bibtex, content.decode()).records] == [
        r.title for r in load(bibtex, body(Client().get("/papers.bib")).decode()).records
    ]
    assert etag("/papers.bib?ascii=1") != etag("/papers.bib")


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


def test_slow_readers_of_long_files_leave_room_for_others(shelf, visitor, monkeypatch):
    monkeypatch.setattr(answers, "SHORT", 0)
    monkeypatch.setattr(answers, "_places", BoundedSemaphore(2))
    reading = [visitor.get("/papers.json"), visitor.get("/api/v1/export/?format=csv")]
    refused = visitor.get("/papers.bib")
    assert (refused.status_code, refused["Retry-After"]) == (503, "10")
    assert visitor.head("/papers.bib").status_code == 200
    assert visitor.get("/papers.json", headers={"If-None-Match": reading[0]["ETag"]}).status_code == 304
    for answer in reading:
        body(answer)
    assert body(visitor.get("/papers.bib")).startswith(b"%")
