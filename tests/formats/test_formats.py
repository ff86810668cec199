"""One contract for every format: dump matches a golden file, read brings back what the syntax can hold."""

from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest

from catalog import records
from catalog.formats import FORMATS, READABLE, Catalogue, Entry, atom, by_extension, markdown
from catalog.records import Author, Category, Link, Organization, Record, Venue, tidy
from tests.formats.reading import load

GOLDEN = Path(__file__).parent.parent / "data"
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

RECORDS = [
    Record(
        id="7Q4MHX2KD9RTW3VB",
        slug="orca-a-distributed-serving-system",
        path="/papers/orca-a-distributed-serving-system/",
        title="Orca: A Distributed Serving System for Transformer-Based Generative Models",
        short_name="Orca",
        year=2022,
        authors=(Author(name="Gyeong-In Yu", orcid="0000-0002-1825-0097"), Author(name="Luke de Oliveira"), Author(name="Chun, Byung-Gon")),
        organizations=(Organization(slug="seoul-national-university", name="Seoul National University"),),
        venue=Venue(slug="osdi", name="OSDI", year=2022, raw="OSDI 22"),
        identifiers={"usenix": "osdi22/yu"},
        links=(
            Link(url="https://www.usenix.org/conference/osdi22/presentation/yu"),
            Link(kind="slides", url="https://www.usenix.org/system/files/osdi22_slides-yu.pdf", label="Slides"),
        ),
        categories=(Category(path="llm-systems/serving", name="Serving", position=1, primary=True),),
        added_at=AT,
        updated_at=AT,
        revision=1,
        citation_key="yu-2022-orca",
    ),
    Record(
        id="8Q4MHX2KD9RTW3VB",
        title="ZeRO++: 50% less & “déjà vu” -- {why} $5_000^2 ~ #1 \\o/ 深度 in NumPy?",
        short_name="ZeRO++",
        kind="survey",
        year=2021,
        abstract="First line.\nSecond, with a <b>tag</b> & 100% `code'.",
        note="Section 3",
        authors=(Author(name="The ATLAS Collaboration"), Author(name="Sammy Davis Jr."), Author(name="Ünal Şahin")),
        venue=Venue(name="ACM Computing Surveys", year=2023, raw="ACM Computing Surveys 2023"),
        identifiers={"arxiv": "2104.04473", "doi": "10.1145/3458817.3476209"},
        links=(Link(url="https://arxiv.org/abs/2104.04473"), Link(kind="pdf", url="https://arxiv.org/pdf/2104.04473")),
        added_at=AT,
        updated_at=AT,
        revision=2,
    ),
    Record(title="vLLM", kind="framework", links=(Link(kind="code", url="https://github.com/vllm-project/vllm?a=1&b={2}"),)),
]
ABOUT = Catalogue(
    site="https://shelf.example",
    title="Awesome {Papers} @ Home",
    license="CC0-1.0",
    version=412,
    updated_at=AT,
    count=len(RECORDS),
)

formats = pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: format_.NAME)
readable = pytest.mark.parametrize("format_", READABLE, ids=lambda format_: format_.NAME)
# A page of a feed is made as a whole: it says first when it has changed last.
streaming = pytest.mark.parametrize("format_", [each for each in FORMATS if each is not atom], ids=lambda format_: format_.NAME)


@formats
def test_a_dump_matches_its_golden_file(format_):
    golden = (GOLDEN / f"golden.{format_.EXTENSION}").read_bytes().decode()
    assert "".join(format_.dump(RECORDS, ABOUT)) == golden


@streaming
def test_a_dump_comes_in_pieces_while_the_records_do(format_):
    drawn = []
    pieces = format_.dump((drawn.append(number) or record for number in range(1_000) for record in RECORDS), ABOUT)
    seen = ""
    while "Orca" not in seen:
        seen += next(pieces)
    assert len(drawn) < 200


@readable
def test_an_empty_selection_is_a_file_that_reads_as_empty(format_):
    loaded = load(format_, "".join(format_.dump([], ABOUT)))
    assert (loaded.entries, loaded.not_understood) == ((), ())


@readable
def test_loading_brings_back_what_the_syntax_can_hold(format_):
    loaded = load(format_, "".join(format_.dump(RECORDS, ABOUT)))
    assert loaded.not_understood == ()
    for before, after in zip(RECORDS, loaded.records, strict=True):
        for field in ("title", "short_name", "kind", "year", "note", "identifiers"):
            assert getattr(after, field) == getattr(before, field)
        # A list of papers names no authors and holds no abstracts.
        assert format_ is markdown or after.abstract.split() == before.abstract.split()
        assert after.main_link.url.replace("%7B", "{").replace("%7D", "}") == before.main_link.url
        assert [organization.name for organization in after.organizations] == [organization.name for organization in before.organizations]
        if before.venue:
            assert (after.venue.name, after.venue.year) == (before.venue.name, before.venue.year)


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_json_brings_back_everything(name):
    format_ = by_extension(name)
    assert load(format_, "".join(format_.dump(RECORDS, ABOUT))).records == RECORDS


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_stored_json_passes_through_byte_for_byte(name):
    format_ = by_extension(name)
    stored = [records.to_json(record) for record in RECORDS]
    assert "".join(format_.dump_stored(stored, ABOUT)) == "".join(format_.dump(RECORDS, ABOUT))


@readable
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "nonsense",
        "{",
        "[" * 100_000,
        '{"papers":[1]}',
        '{"papers":[{}]}',
        "null",
        '{"title":1e999}',
        "@misc{",
        "}",
        "@a{b,title={c}",
        "\ufeff",
    ],
)
def test_no_text_is_too_broken_to_be_answered(format_, text):
    loaded = load(format_, text)
    assert loaded.entries == ()


HOSTILE = [
    "=cmd|' /C calc'!A0",
    "} @misc{x, title={y}} {",
    "{",
    "}}}",
    "\\input{/etc/passwd} $x$ %",
    "]]><script>alert(1)</script>&amp;",
    "ER  - \r\nTY  - JOUR",
    '","title":"x"}]}\n{"title":"y"}',
    "a;b\\;c, d and e",
    "'=1",
    "x" * 500,
    "-- `` '' ?` << ,,",
    "# ~ ^ _ & $",
    "深度学习 שלום Ünïcödé",
]


@readable
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_taken_for_syntax_and_each_comes_back(format_, text):
    hostile = Record(
        title=tidy(text),
        short_name=tidy(text)[:80],
        abstract=tidy(text),
        note=tidy(text),
        authors=(Author(name="Ann Bee"), Author(name=f"{{{tidy(text)}}} Group")),
        organizations=(Organization(name=tidy(text)),),
        venue=Venue(name=tidy(text), year=2020, raw=tidy(text)),
        categories=(Category(path="a", name=tidy(text), note=tidy(text)),),
        links=(Link(url="https://x.org/a", label=tidy(text)),),
    )
    loaded = load(format_, "".join(format_.dump([Record(title="Before"), hostile, Record(title="After")], ABOUT)))
    assert loaded.not_understood == ()
    before, back, after = loaded.records
    assert (before.title, after.title) == ("Before", "After")
    assert (back.title, back.short_name, back.note) == (hostile.title, hostile.short_name, hostile.note)
    assert format_ is markdown or (back.abstract == hostile.abstract and len(back.authors) == 2)


@formats
@pytest.mark.parametrize("hidden", ["\x00", "\x1b[31m", "\u202e", "\u200b", "\ufeff"])
def test_no_file_for_people_holds_what_nobody_can_see(format_, hidden):
    if format_.NAME in {"json", "jsonl"}:
        return
    text = "".join(format_.dump([Record(title=f"A{hidden}B", note=hidden, authors=(Author(name=f"C{hidden}"),))], ABOUT))
    assert hidden[0] not in text


@readable
def test_a_file_is_read_while_its_lines_come(format_):
    """Not those that are one value from beginning to end, nor one in which the end may say where a link leads."""
    if format_.NAME in {"json", "csl", "md"}:
        return
    lines = "".join(format_.dump([Record(title=f"Paper {number}") for number in range(100)], ABOUT)).split("\n")
    taken = []
    pieces = format_.read(taken.append(line) or line for line in lines)
    first = next(piece for piece in pieces if isinstance(piece, Entry))
    assert first.record.title == "Paper 0"
    assert len(taken) < 40


BOMBS = {
    "braces": "{" * 300_000,
    "brackets": "[" * 300_000,
    "an entry of braces": "@misc{a, title = " + "{" * 300_000,
    "lines of brackets": "[\n" * 100_000,
    "at signs": "@a{" * 100_000,
    "quotes": '"' * 300_001,
    "commas": "," * 300_000,
    "backslashes": "@misc{a, title = {" + "\\" * 199_000 + "}}",
    "tags": "TY  - \n" * 50_000,
    "blanks": "@misc{a," + " " * 199_000 + "title",
    "dollars": "@misc{a, title = {" + "$" * 49_000 + "}}",
    "accents": "@misc{a, title = {" + "\\'" * 24_000 + "}}",
    "begins": "@misc{a, title = {" + r"\begin{a}" * 4_900 + "}}",
    "nested items": '[{"title":' * 30_000,
    "macros": "".join(f"@string{{a{n} = a{n - 1} # a{n - 1}}}\n" for n in range(1, 60)),
}


@readable
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_answered_soon(format_, bomb):
    began = process_time()
    loaded = load(format_, f"{bomb}\n")
    assert process_time() - began < 5
    assert len(loaded.not_understood) + sum(loaded.ignored.values()) + len(loaded.entries) == bomb.count("\n") + 2


@formats
def test_a_format_says_what_it_is(format_):
    assert by_extension(f".{format_.EXTENSION.upper()}") is format_
    assert format_.NAME == format_.EXTENSION
    assert "/" in format_.MEDIA_TYPE
    assert format_.LABEL


def test_an_unknown_extension_has_no_format():
    assert by_extension("exe") is None
