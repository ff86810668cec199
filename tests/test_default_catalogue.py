"""The default catalogue, fact by fact, against the tables in tests/data: one row a bullet of the list, one row an author list."""

import csv
import json
import re
from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog import bulk, identifiers, records, taxonomy
from catalog.management.commands import load_catalogue
from catalog.models import CatalogueState, Category, Edition, Organization, Paper, Revision, Venue

TABLES = Path(__file__).parent / "data"
DATA = Path(records.__file__).parent / "data"

# As the list writes its headings, and where its entries stand here; None holds no entries of its own.
SECTIONS = {
    None: ("llm-systems", "LLM Systems"),
    "LLM Systems > Pre-Training": ("llm-systems/pre-training", "Pre-Training"),
    "LLM Systems > Serving": ("llm-systems/serving", "Serving"),
    "LLM Systems > Fine-tuning Systems": ("llm-systems/fine-tuning-systems", "Fine-tuning Systems"),
    "LLM Systems > Multi-Model Systems": ("llm-systems/multi-model-systems", "Multi-Model Systems"),
    "LLM for Systems": ("llm-for-systems", "LLM for Systems"),
    "System Efficiency Optimization": ("system-efficiency-optimization", "System Efficiency Optimization"),
    "ML Systems": ("ml-systems", "ML Systems"),
    "Survey Paper": ("survey-paper", "Survey Paper"),
    "LLM Benchmark / Leaderboard ? Traces": ("llm-benchmark-leaderboard-traces", "LLM Benchmark / Leaderboard / Traces"),
    "LLM Frameworks": ("llm-frameworks", "LLM Frameworks"),
    "Related ML Readings": ("related-ml-readings", "Related ML Readings"),
    "MLSys Courses": ("mlsys-courses", "MLSys Courses"),
    "Other Reading": ("other-reading", "Other Reading"),
}
# Where two bullets are one work: the line of the repeat and of the first.
REPEATS = {"83": "76", "85": "82", "97": "74", "106": "15", "165": "29"}


def rows_of(name):
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = rows_of("entries.tsv")
AUTHORS = {row["line_no"]: row["authors"].split("; ") for row in rows_of("authors.tsv") if row["authors"]}
LINES = (DATA / "papers.jsonl").read_text(encoding="utf-8").splitlines()
RECORDS = [records.from_json(line) for line in LINES]
CATEGORIES = json.loads((DATA / "categories.json").read_text(encoding="utf-8"))
VENUES = json.loads((DATA / "venues.json").read_text(encoding="utf-8"))
ORGANIZATIONS = json.loads((DATA / "organizations.json").read_text(encoding="utf-8"))


def first_line(row):
    return REPEATS.get(row["line_no"], row["line_no"])


def number(text):
    return int(text) if text else None


def facts_of_the_tables():
    """What the tables say of each work, repeats united, by the line on which it first stands; in the order of the list."""
    works = {}
    papers_in = Counter()
    for row in ROWS:
        organizations = [name for name in row["organizations"].split(";") if name]
        path, _name = SECTIONS[row["section"]]
        if row["line_no"] not in REPEATS:
            works[row["line_no"]] = {
                "title": row["title"],
                "short_name": row["short_name"],
                "note": row["note"],
                "kind": row["kind"],
                "year": number(row["year"]),
                "venue": (row["venue"], number(row["venue_year"])) if row["venue"] else None,
                "arxiv": row["arxiv_id"] or None,
                "doi": row["doi"] or None,
                "main link": row["url"],
                "authors": AUTHORS.get(row["line_no"], []),
                "organizations": [],
                "placements": [],
            }
        work = works[first_line(row)]
        work["organizations"] += [name for name in organizations if name not in work["organizations"]]
        if path not in {place for place, _position, _primary in work["placements"]}:
            papers_in[path] += 1
            work["placements"].append((path, papers_in[path], not work["placements"]))
    return works


FACTS = facts_of_the_tables()
RECORD_AT = dict(zip(FACTS, RECORDS, strict=True))


def facts_of_a_record(record):
    return {
        "title": record.title,
        "short_name": record.short_name,
        "note": record.note,
        "kind": record.kind,
        "year": record.year,
        "venue": record.venue and (record.venue.name, record.venue.year),
        "arxiv": record.identifiers.get("arxiv"),
        "doi": record.identifiers.get("doi"),
        "main link": record.main_link.url,
        "authors": [author.name for author in record.authors],
        "organizations": [organization.name for organization in record.organizations],
        "placements": [(category.path, category.position, category.primary) for category in record.categories],
    }


# -- The files, without a database ------------------------------------------------------------------------------------


def test_190_bullets_are_185_papers_and_187_placements():
    assert len(ROWS) == 190
    assert {row["line_no"]: row["duplicate_of"] for row in ROWS if row["duplicate_of"]} == REPEATS
    assert len(RECORDS) == 185
    assert sum(len(record.categories) for record in RECORDS) == 187


@pytest.mark.parametrize("line", FACTS)
def test_a_record_says_what_the_tables_say(line):
    assert facts_of_a_record(RECORD_AT[line]) == FACTS[line]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"line-{row['line_no']}")
def test_every_bullet_is_found_in_its_paper(row):
    record = RECORD_AT[first_line(row)]
    assert (record.title, record.short_name, record.note, record.kind) == (row["title"], row["short_name"], row["note"], row["kind"])
    assert record.year == number(row["year"])
    assert row["url"] in {link.url for link in record.links}
    assert SECTIONS[row["section"]][0] in {category.path for category in record.categories}
    assert {name for name in row["organizations"].split(";") if name} <= {organization.name for organization in record.organizations}
    if row["venue"]:
        assert (record.venue.name, record.venue.year) == (row["venue"], int(row["venue_year"]))
        assert row["raw"].endswith(record.venue.raw)
    assert row["arxiv_id"] in {"", record.identifiers.get("arxiv")}
    assert row["doi"] in {"", record.identifiers.get("doi")}


def test_a_repeat_brings_its_organization_and_its_section_along():
    assert [organization.name for organization in RECORD_AT["76"].organizations] == ["Carnegie Mellon University"]
    assert [organization.name for organization in RECORD_AT["82"].organizations] == ["University of Washington"]
    assert len(RECORD_AT["74"].categories) == 1
    assert [category.path for category in RECORD_AT["15"].categories] == ["llm-systems/pre-training", "llm-systems/multi-model-systems"]
    assert [category.path for category in RECORD_AT["29"].categories] == ["llm-systems/pre-training", "ml-systems"]


@pytest.mark.parametrize(
    "lines",
    [
        ["109", "167"],
        ["67", "130"],
        ["149", "162"],
        ["45", "91"],
        ["48", "190"],
        ["6", "7", "187"],
        ["22", "40"],
        ["143", "144", "145", "154"],
        ["41", "53", "142", "182"],
        ["174", "175", "177"],
    ],
)
def test_false_friends_are_papers_of_their_own(lines):
    friends = [RECORD_AT[line] for line in lines]
    assert len({record.id for record in friends}) == len({record.slug for record in friends}) == len(lines)
    assert len({tuple(record.identifiers.items()) or record.main_link.url for record in friends}) == len(lines)


def test_the_sections_hold_as_many_papers_as_the_list():
    assert Counter(category.name for record in RECORDS for category in record.categories) == {
        "Pre-Training": 29,
        "Serving": 63,
        "Fine-tuning Systems": 1,
        "Multi-Model Systems": 6,
        "LLM for Systems": 8,
        "System Efficiency Optimization": 16,
        "ML Systems": 30,
        "Survey Paper": 4,
        "LLM Benchmark / Leaderboard / Traces": 7,
        "LLM Frameworks": 10,
        "Related ML Readings": 4,
        "MLSys Courses": 3,
        "Other Reading": 6,
    }


def test_positions_count_the_papers_of_a_category_from_one_without_gaps():
    positions = {}
    for record in RECORDS:
        for category in record.categories:
            positions.setdefault(category.path, []).append(category.position)
    for path, found in positions.items():
        assert sorted(found) == list(range(1, len(found) + 1)), path


def test_the_first_placement_is_the_primary_one():
    for record in RECORDS:
        assert [category.primary for category in record.categories] == [True] + [False] * (len(record.categories) - 1)


def test_kinds_are_counted_as_in_the_list():
    # 156 rows are papers; five of them are repeats.
    assert Counter(record.kind for record in RECORDS) == {
        "paper": 151,
        "framework": 11,
        "survey": 5,
        "leaderboard": 5,
        "article": 5,
        "course": 3,
        "list": 3,
        "benchmark": 1,
        "talk": 1,
    }


def test_venues_are_counted_as_in_the_list():
    # 14 rows are at OSDI, 11 at EuroSys, ...; of the repeats only DISTMM (NSDI) names a venue.
    assert Counter(record.venue.name for record in RECORDS if record.venue) == {
        "OSDI": 14,
        "EuroSys": 11,
        "SOSP": 9,
        "ICML": 5,
        "NSDI": 3,
        "MLSys": 4,
        "USENIX ATC": 2,
        "ICLR": 1,
        "VLDB": 1,
        "ASPLOS": 1,
        "NAIC": 1,
        "ICS": 1,
        "ICML ES-FoMo Workshop": 1,
        "MobiSys": 1,
    }


def test_organizations_are_counted_as_in_the_list():
    # No repeat names an organization that its first bullet names too.
    assert Counter(organization.name for record in RECORDS for organization in record.organizations) == {
        "UC Berkeley": 11,
        "Microsoft": 6,
        "Stanford University": 4,
        "Carnegie Mellon University": 3,
        "Peking University": 3,
        "University of Michigan": 3,
        "Hugging Face": 3,
        "NVIDIA": 3,
        "MIT": 2,
        "National University of Singapore": 2,
        "Tsinghua University": 2,
        "Google": 1,
        "ByteDance": 1,
        "Sea AI Lab": 1,
        "Apple": 1,
        "Cisco Research": 1,
        "University of Washington": 1,
        "Adobe Research": 1,
        "Seoul National University": 1,
        "Harvard University": 1,
        "Anyscale": 1,
        "Ray": 1,
        "PyTorch": 1,
        "Georgia Institute of Technology": 1,
    }


def test_a_paper_of_557_authors_names_them_all_in_order():
    llama = RECORD_AT["24"]
    names = [author.name for author in llama.authors]
    assert len(names) == 557 == max(len(record.authors) for record in RECORDS)
    assert names == AUTHORS["24"]
    assert names[:2] == ["Aaron Grattafiori", "Abhimanyu Dubey"]


def test_154_papers_name_their_authors():
    assert sum(1 for record in RECORDS if record.authors) == 154


def test_identifiers_are_normalised_and_counted_as_in_the_list():
    # 129 rows have an arXiv number and 37 a DOI; the repeats have 4 and 1 of them.
    assert Counter(scheme for record in RECORDS for scheme in record.identifiers) == {
        "arxiv": 125,
        "doi": 36,
        "usenix": 19,
        "openreview": 1,
    }
    for record in RECORDS:
        assert {scheme: identifiers.normalise(scheme, value) for scheme, value in record.identifiers.items()} == record.identifiers


def test_an_identifier_comes_with_its_page_and_its_pdf():
    for record in RECORDS:
        links = {(link.kind, link.url) for link in record.links}
        for scheme, value in record.identifiers.items():
            assert ("paper", identifiers.url_of(scheme, value)) in links
            pdf = identifiers.pdf_url_of(scheme, value)
            assert not pdf or ("pdf", pdf) in links


def test_a_main_link_to_a_known_place_is_an_identifier_too():
    for record in RECORDS:
        found = identifiers.recognise(record.main_link.url)
        assert found is None or record.identifiers[found.scheme] == found.value


def test_links_are_fit_to_be_kept_and_stand_once():
    for record in RECORDS:
        urls = [link.url for link in record.links]
        assert len(urls) == len(set(urls))
        assert [identifiers.clean_url(url) for url in urls] == urls


def test_no_identifier_stands_on_two_papers():
    held = Counter(identifier for record in RECORDS for identifier in record.identifiers.items())
    assert held and max(held.values()) == 1


def test_ids_and_slugs_are_well_formed_and_unique():
    assert len({record.id for record in RECORDS}) == len({record.slug for record in RECORDS}) == 185
    for record in RECORDS:
        assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{16}", record.id)
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", record.slug) and len(record.slug) <= 60
        assert record.slug == records.slug_of(record.title)
        assert record.path == f"/papers/{record.slug}/"


def test_the_newest_additions_are_the_newest_papers():
    by_age = sorted(RECORDS, key=lambda record: record.added_at)
    assert len({record.added_at for record in RECORDS}) == 185
    assert all((one.year or 0) <= (other.year or 0) for one, other in pairwise(by_age))
    assert [record.identifiers["arxiv"] for record in by_age[-3:]] == ["2410.21680", "2411.01738", "2411.01783"]


def test_every_record_is_as_it_was_added():
    for record in RECORDS:
        assert record.updated_at == record.added_at and record.revision == 1


def test_a_line_of_the_file_is_exactly_what_would_be_served():
    assert [records.to_json(record) for record in RECORDS] == LINES


def test_the_tree_has_14_categories_in_the_order_of_the_list():
    assert [(category["path"], category["name"]) for category in CATEGORIES] == list(SECTIONS.values())
    assert all(category["description"] for category in CATEGORIES)


def test_records_name_categories_venues_and_organizations_as_their_files_do():
    categories = {(category["path"], category["name"]) for category in CATEGORIES}
    venues = {(venue["slug"], venue["name"]) for venue in VENUES}
    organizations = {(organization["slug"], organization["name"]) for organization in ORGANIZATIONS}
    for record in RECORDS:
        assert {(category.path, category.name) for category in record.categories} <= categories
        assert record.venue is None or (record.venue.slug, record.venue.name) in venues
        assert {(organization.slug, organization.name) for organization in record.organizations} <= organizations


@pytest.mark.parametrize(("named", "count"), [(VENUES, 14), (ORGANIZATIONS, 24)], ids=["venues", "organizations"])
def test_a_spelling_means_one_thing(named, count):
    spellings = Counter(records.spelling_key(text) for entry in named for text in [entry["name"], *entry["aliases"]])
    assert len(named) == count and max(spellings.values()) == 1
    assert all(entry["slug"] == records.slug_of(entry["name"]) for entry in named)


# -- The database it is loaded into -----------------------------------------------------------------------------------


def load():
    """What the command says, in a pipe."""
    said = StringIO()
    call_command("load_catalogue", stdout=said)
    return said.getvalue()


def facts_of_the_rows(paper):
    identifiers = dict(paper.identifiers.values_list("scheme", "value"))
    return {
        "title": paper.title,
        "short_name": paper.short_name,
        "note": paper.note,
        "kind": paper.kind,
        "year": paper.year,
        "venue": paper.edition and (paper.edition.venue.name, paper.edition.year),
        "arxiv": identifiers.get("arxiv"),
        "doi": identifiers.get("doi"),
        "main link": paper.links.order_by("position")[0].url,
        "authors": list(paper.authors.order_by("position").values_list("name", flat=True)),
        "organizations": list(paper.affiliations.order_by("position").values_list("organization__name", flat=True)),
        "placements": list(
            paper.placements.order_by("-is_primary", "category__path").values_list("category__path", "position", "is_primary")
        ),
    }


def everything_readers_see():
    state = CatalogueState.now()
    return [state.version, state.updated_at, list(Paper.objects.order_by("public_id").values_list("public_id", "record_json"))]


@pytest.mark.django_db
def test_the_loaded_catalogue_says_what_the_tables_say():
    load()
    papers = {paper.public_id: paper for paper in Paper.objects.select_related("edition__venue")}
    assert len(papers) == 185
    for line, facts in FACTS.items():
        assert facts_of_the_rows(papers[RECORD_AT[line].id]) == facts, line
    assert list(Category.objects.order_by("tree_position").values_list("path", "name")) == list(SECTIONS.values())
    assert list(Category.objects.get(path="llm-systems").children.order_by("position").values_list("slug", flat=True)) == [
        "pre-training",
        "serving",
        "fine-tuning-systems",
        "multi-model-systems",
    ]
    assert Paper.objects.in_category(Category.objects.get(path="llm-systems")).count() == 98
    assert set(Venue.objects.values_list("slug", "full_name")) == {(venue["slug"], venue["full_name"]) for venue in VENUES}
    assert set(Edition.objects.values_list("venue__name", "year")) == {
        (row["venue"], int(row["venue_year"])) for row in ROWS if row["venue"]
    }
    assert set(Organization.objects.values_list("slug", flat=True)) == {entry["slug"] for entry in ORGANIZATIONS}


@pytest.mark.django_db
def test_what_is_served_is_the_line_of_the_file_byte_for_byte():
    load()
    assert dict(Paper.objects.values_list("public_id", "record_json")) == {
        record.id: line for record, line in zip(RECORDS, LINES, strict=True)
    }
    assert dict(Revision.objects.values_list("paper_public_id", "record_json")) == dict(
        Paper.objects.values_list("public_id", "record_json")
    )
    assert CatalogueState.now().updated_at == datetime(2026, 11, 22, 9, tzinfo=UTC) == max(record.updated_at for record in RECORDS)
    assert CatalogueState.now().paper_count == 185


@pytest.mark.django_db
def test_every_spelling_in_the_files_is_understood():
    load()
    for venue in VENUES:
        for spelling in [venue["name"], venue["full_name"], *venue["aliases"]]:
            assert taxonomy.venue_named(spelling).slug == venue["slug"]
    for organization in ORGANIZATIONS:
        for spelling in [organization["name"], *organization["aliases"]]:
            assert taxonomy.organization_named(spelling).slug == organization["slug"]


@pytest.mark.django_db
def test_loading_twice_changes_nothing_and_says_so():
    assert load() == ""
    before = everything_readers_see()
    assert "185 papers" in load()
    assert everything_readers_see() == before


@pytest.mark.django_db
def test_of_two_processes_that_load_at_once_the_later_changes_nothing(monkeypatch):
    load()
    before = everything_readers_see()
    looks = iter([False, True])
    monkeypatch.setattr(load_catalogue, "_is_in_use", lambda: next(looks))
    assert "Nothing was changed" in load()
    assert everything_readers_see() == before


@pytest.mark.django_db
def test_a_catalogue_that_someone_has_begun_is_left_as_it_is():
    taxonomy.add_category("Our own")
    assert "Nothing was changed" in load()
    assert list(Category.objects.values_list("path", flat=True)) == ["our-own"]
    assert not Paper.objects.exists()


@pytest.mark.django_db
def test_a_load_that_breaks_off_leaves_the_database_empty(monkeypatch):
    insert = bulk.insert

    def insert_papers_alone(model, columns, rows):
        if Paper.objects.exists():
            raise OSError("the disk is full")
        insert(model, columns, rows)

    monkeypatch.setattr(bulk, "insert", insert_papers_alone)
    with pytest.raises(OSError, match="disk is full"):
        load()
    assert not Paper.objects.exists() and not Category.objects.exists() and not Venue.objects.exists()
