"""RIS, strictly as the format's inventors have it when written, in the dialects of its writers when read."""

import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from catalog.formats import Catalogue, ris
from catalog.records import Author, Link, Record, Venue, tidy
from tests.formats.reading import load
from tests.formats.test_formats import RECORDS

ABOUT = Catalogue(site="https://shelf.example", title="T", license="CC0-1.0", version=1, updated_at=None, count=1)


def written(*records):
    return "".join(ris.dump(records, ABOUT))


def one(text):
    loaded = load(ris, text)
    assert loaded.not_understood == ()
    assert len(loaded.entries) == 1
    return loaded.records[0]


def test_another_reader_finds_the_same():
    """rispy, which knows nothing of ours."""
    for record, found in zip(RECORDS, rispy.loads(written(*RECORDS)), strict=True):
        assert found["title"] == record.title
        assert len(found.get("authors", [])) == len(record.authors)
        assert found.get("doi", "") == record.identifiers.get("doi", "")
        assert found.get("year", "") == str(record.year or "")
        assert found["urls"][0] == record.links[0].url
        assert found.get("notes", []) == ([record.note] if record.note else [])
        assert found.get("abstract", "") == " ".join(record.abstract.split())
    assert [each["type_of_reference"] for each in rispy.loads(written(*RECORDS))] == ["CONF", "JOUR", "COMP"]


def test_each_line_is_a_tag_and_a_value_whatever_the_text():
    text = written(Record(title="A\nER  - \nTY  - JOUR", abstract="one\r\n\u2028two\x0bTI  - x", note="\x00a\x1bb"))
    lines = text.split("\r\n")
    assert all(len(line) >= 6 and line[2:6] == "  - " for line in lines if line)
    assert [line[:2] for line in lines if line] == ["TY", "ID", "TI", "N1", "AB", "ER"]
    assert "\n" not in text.replace("\r\n", "")


def test_names_stand_family_first():
    text = written(Record(title="A", authors=tuple(Author(name=name) for name in ("Luke de Oliveira", "Sammy Davis Jr.", "DeepSeek-AI"))))
    assert [line[6:] for line in text.split("\r\n") if line.startswith("AU")] == ["de Oliveira, Luke", "Davis, Sammy, Jr.", "DeepSeek-AI"]
    assert [author.name for author in one(text).authors] == ["Luke de Oliveira", "Sammy Davis Jr.", "DeepSeek-AI"]


def test_a_pdf_is_an_attachment_and_a_journal_has_its_own_tag():
    text = written(Record(title="A", venue=Venue(name="PVLDB", year=2020), links=(Link(kind="pdf", url="https://x.org/a.pdf"),)))
    assert "L1  - https://x.org/a.pdf\r\n" in text
    assert "JO  - PVLDB 2020\r\n" in text


def test_an_export_of_zotero_is_read():
    record = one(
        "TY  - CONF\nTI  - Efficient Memory Management\nAU  - Kwon, Woosuk\nAU  - Li, Zhuohan\nT2  - SOSP '23\n"
        "DA  - 2023/10/23/\nPY  - 2023\n"
        "DO  - 10.1145/3600006.3613165\nDP  - ACM Digital Library\nUR  - https://dl.acm.org/doi/10.1145/3600006.3613165\n"
        "L1  - https://x.org/a.pdf\nER  - \n\n"
    )
    assert [author.name for author in record.authors] == ["Woosuk Kwon", "Zhuohan Li"]
    assert (record.year, record.venue.raw, record.identifiers) == (2023, "SOSP '23", {"doi": "10.1145/3600006.3613165"})


def test_a_file_in_the_wild_is_read():
    """A mark at its beginning, old tags, no blank behind ER, lines that go on, tags that nobody knows."""
    record = one(
        "\ufeffTY  - JOUR\nT1  - A long title\nthat goes on\nA1  - Yu, Gyeong-In; Chun, Byung-Gon\nY1  - 2022/07/11/\nJF  - Some Journal\n"
        "ZZ  - what is this\nN2  - First line.\n\nSecond paragraph.\nM1  - 3\nER  -"
    )
    assert record.title == "A long title that goes on"
    assert [author.name for author in record.authors] == ["Gyeong-In Yu", "Byung-Gon Chun"]
    assert (record.year, record.venue.name) == (2022, "Some Journal")
    assert record.abstract == "First line.\nSecond paragraph."


def test_a_preprint_is_recognised_and_has_no_venue():
    record = one("TY  - GEN\nTI  - A\nAN  - arXiv:2307.08691\nT2  - arXiv preprint arXiv:2307.08691\nER  - ")
    assert (record.identifiers, record.venue) == ({"arxiv": "2307.08691"}, None)


def test_an_entry_that_is_never_ended_is_read_and_the_next_one_too():
    loaded = load(
        ris,
        "TY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two\nER  - \n\nTI  - Lost\nTY  - JOUR\nAU  - Nobody, A\nER  - \nTY  - JOUR\nTI  - Three",
    )
    assert [(entry.line, entry.record.title) for entry in loaded.entries] == [(1, "One"), (3, "Two"), (11, "Three")]
    assert [(each.line, each.reason) for each in loaded.not_understood] == [(7, "no TY before it"), (8, "no title")]


@pytest.mark.parametrize("line", ["AB  - " + "x" * 60_000, "\n".join(["x" * 1_000] * 60), "\n".join(["AU  - A"] * 25_000)])
def test_what_would_exhaust_a_reader_is_reported(line):
    loaded = load(ris, f"TY  - JOUR\nTI  - A\n{line}\nER  - \nTY  - JOUR\nTI  - B\nER  - ")
    assert [record.title for record in loaded.records] == ["B"]
    assert [each.line for each in loaded.not_understood] == [1]


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40))
def test_any_title_comes_back(title):
    title = tidy(f"T {title}")
    assert one(written(Record(title=title))).title == title
