"""Tables as spreadsheets and other programs write them, and what no spreadsheet may take for a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.formats import Catalogue, csv_
from catalog.records import Author, Category, Link, Organization, Record
from tests.formats.reading import load

ABOUT = Catalogue(site="https://shelf.example", title="T", license="CC0-1.0", version=1, updated_at=None, count=1)
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''", "'tis", "＝1", "＋1", "－1", "＠1"]


def written(*records):
    return "".join(csv_.dump(records, ABOUT))


def rows(text):
    """As Python's own reader has them, formulas and all."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def one(text):
    loaded = load(csv_, text)
    assert loaded.not_understood == ()
    assert len(loaded.entries) == 1
    return loaded.records[0]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula_and_each_comes_back(text):
    record = Record(
        title=text, short_name=text, note=text, abstract=text, authors=(Author(name=text),), organizations=(Organization(name=text),)
    )
    [row] = rows(written(record))
    for name in ("title", "short_name", "note", "abstract", "authors", "organizations"):
        assert row[name] == f"'{text}"
    assert one(written(record)) == record


def test_lists_in_cells_are_parted_again_whatever_is_in_them():
    record = Record(
        title="A",
        authors=(Author(name="Ann; Bee"), Author(name="C\\", orcid="0000-0002-1825-0097"), Author(name="D; E\\; F")),
        links=(Link(url="https://x.org/a;b", label="Text; more"), Link(kind="code", url="https://x.org/c")),
        categories=(Category(path="a/b", position=3, primary=True), Category(path="c", position=1, note="See; there")),
    )
    assert one(written(record)) == record


def test_lines_end_as_the_standard_says_and_there_is_no_mark():
    text = written(Record(title="A", abstract="one\ntwo"))
    assert text.startswith("id,slug,title,")
    assert text.count("\r\n") == 2
    assert text.endswith("\r\n")


texts = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" ;\\,'\"=+-@"), min_size=1)


@given(texts, st.lists(texts, max_size=4))
def test_any_texts_come_back(title, names):
    record = Record(title=title, note=title, authors=tuple(Author(name=name) for name in names))
    if title.strip():
        assert one(written(record)) == record


@pytest.mark.parametrize(
    "text",
    [
        'Title,Authors,Year,Conference,Link\n"Orca, served",Gyeong-In Yu and Byung-Gon Chun,2022,OSDI,https://x.org/orca\n',
        "Title;Authors;Year;Conference;Link\nOrca, served;Gyeong-In Yu, Byung-Gon Chun;2022;OSDI;https://x.org/orca\n",
        "Paper\tAuthor\tDate\tVenue\tURL\nOrca, served\tYu, Gyeong-In; Chun, Byung-Gon\t2022-07-11\tOSDI\thttps://x.org/orca\n",
        'sep=,\n"Document Title","Author Names","Year","Source","PDF"\n"Orca, served","Gyeong-In Yu\nByung-Gon Chun",2022,OSDI,https://x.org/orca\n',
    ],
    ids=["comma", "semicolon", "tab", "excel"],
)
def test_tables_of_other_people_are_understood(text):
    record = one(text)
    assert record.title == "Orca, served"
    assert [author.name for author in record.authors] == ["Gyeong-In Yu", "Byung-Gon Chun"]
    assert (record.year, record.venue.name, record.links[0].url) == (2022, "OSDI", "https://x.org/orca")


def test_an_export_of_zotero_is_understood():
    record = one(
        '"Key","Item Type","Publication Year","Author","Title","Publication Title","ISSN","DOI","Url",'
        '"Abstract Note","Date","Short Title"\r\n'
        '"AB12","conferencePaper","2023","Kwon, Woosuk; Li, Zhuohan","Efficient Memory","SOSP 2023","","10.1145/3600006.3613165",'
        '"https://dl.acm.org/doi/10.1145/3600006.3613165","We ""page"" it.","2023-10-23","Memory"\r\n'
    )
    assert [author.name for author in record.authors] == ["Woosuk Kwon", "Zhuohan Li"]
    assert record.identifiers == {"doi": "10.1145/3600006.3613165"}
    assert (record.year, record.venue.year, record.short_name, record.abstract) == (2023, 2023, "Memory", 'We "page" it.')


def test_an_export_of_google_scholar_is_understood():
    record = one(
        "Authors,Title,Publication,Volume,Number,Pages,Year,Publisher\n"
        '"Dao, Tri; Fu, Dan; ",FlashAttention,Advances in neural information processing systems,35,,16344-16359,2022,\n'
    )
    assert [author.name for author in record.authors] == ["Tri Dao", "Dan Fu"]
    assert record.venue.name == "Advances in neural information processing systems"


def test_columns_of_links_say_what_they_lead_to():
    record = one("Title,Paper link,Code,Slides,arXiv\nA,https://x.org/a,https://github.com/x/a,https://x.org/s,arXiv:2307.08691v2\n")
    assert [(link.kind, link.url) for link in record.links][:3] == [
        ("paper", "https://x.org/a"),
        ("code", "https://github.com/x/a"),
        ("slides", "https://x.org/s"),
    ]
    assert record.identifiers == {"arxiv": "2307.08691"}


def test_a_title_may_be_a_link():
    record = one("Name,Year\n[Orca](https://x.org/orca),2022\n")
    assert (record.title, record.links[0].url) == ("Orca", "https://x.org/orca")


def test_what_is_wrong_with_a_row_is_reported_with_its_line():
    loaded = load(csv_, 'title,year\n"A\nB",2020\n\nC\n,2021\nD,2022,extra\nE,2023,,\n')
    assert [(entry.line, entry.lines, entry.record.title) for entry in loaded.entries] == [(2, 2, "A B"), (8, 1, "E")]
    assert [(each.line, each.reason) for each in loaded.not_understood] == [
        (5, "1 cells, where the header has 2"),
        (6, "no title"),
        (7, "3 cells, where the header has 2"),
    ]


def test_a_quote_that_is_never_closed_swallows_no_more_than_a_field_may_hold():
    text = 'title,year\n"A,2020\n' + "B,2021\n" * 50_000
    loaded = load(csv_, text)
    assert loaded.not_understood[0].line == 2
    assert len(loaded.entries) > 25_000


def test_a_table_without_titles_is_one_report():
    loaded = load(csv_, "a,b\n1,2\n3,4\n")
    assert [(each.line, each.reason) for each in loaded.not_understood] == [(1, "no column for the title")]


def test_a_cell_of_ours_that_was_spoilt_is_reported():
    text = written(Record(title="A", year=2020), Record(title="B")).replace(",2020,", ",in spring,")
    loaded = load(csv_, text)
    assert [record.title for record in loaded.records] == ["B"]
    assert [each.line for each in loaded.not_understood] == [2]
