"""BibTeX as other programs write it, and as they read ours."""

import re

import bibtexparser
import pytest
from citeproc.source.bibtex import BibTeX
from hypothesis import given
from hypothesis import strategies as st

from catalog.formats import Catalogue, bibtex
from catalog.records import Author, Link, Organization, Record, Venue, tidy, without_unwanted_characters
from tests.formats.reading import load
from tests.formats.test_formats import RECORDS

ABOUT = Catalogue(site="https://shelf.example", title="T", license="CC0-1.0", version=1, updated_at=None, count=1)


def one(text):
    loaded = load(bibtex, text)
    assert loaded.not_understood == ()
    assert len(loaded.entries) == 1
    return loaded.records[0]


def test_capitals_that_a_style_would_lose_are_kept_by_braces():
    entry = bibtex.entry(Record(title="Orca: LLM serving with ZeRO on H100 for Everyone", short_name="Orca"), "k")
    assert "{{Orca}: {LLM} serving with {ZeRO} on {H100} for Everyone}" in entry


def test_special_characters_are_escaped():
    entry = " ".join(bibtex.entry(Record(title="a & b % c $ d # e _ f { g } h ~ i ^ j \\ k"), "k").split())
    assert r"a \& b \% c \$ d \# e \_ f \{ g \} h \textasciitilde{} i \textasciicircum{} j \textbackslash{} k" in entry


def test_an_address_stays_raw_but_cannot_close_its_field():
    entry = bibtex.entry(Record(title="A", links=(Link(url="https://x.org/a_b%20c?d=1&e={f}"),)), "k")
    assert "{https://x.org/a_b%20c?d=1&e=%7Bf%7D}" in entry


def test_an_arxiv_number_stands_under_both_names():
    entry = bibtex.entry(Record(title="A", identifiers={"arxiv": "2307.08691"}), "k")
    assert re.search(r"eprint\s+= \{2307.08691\}", entry)
    assert re.search(r"archivePrefix = \{arXiv\}", entry)
    assert re.search(r"eprinttype\s+= \{arxiv\}", entry)


@pytest.mark.parametrize(
    ("record", "type_", "place"),
    [
        (Record(title="A"), "misc", None),
        (Record(title="A", venue=Venue(name="OSDI", year=2022)), "inproceedings", "booktitle     = {{OSDI} 2022}"),
        (Record(title="A", venue=Venue(name="ACM Computing Surveys")), "article", "journal       = {{ACM} Computing Surveys}"),
    ],
)
def test_the_type_follows_the_venue(record, type_, place):
    entry = bibtex.entry(record, "k")
    assert entry.startswith(f"@{type_}{{k,\n")
    assert place is None or place in entry


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Gyeong-In Yu", "Yu, Gyeong-In"),
        ("Luke de Oliveira", "de Oliveira, Luke"),
        ("Guy Van den Broeck", "Van den Broeck, Guy"),
        ("Carlo C. Del Mundo", "Del Mundo, Carlo C."),
        ("Tiziano De Matteis", "De Matteis, Tiziano"),
        ("Sammy Davis Jr.", "Davis, Jr., Sammy"),
        ("Chun, Byung-Gon", "Chun, Byung-Gon"),
        ("DeepSeek-AI", "{DeepSeek-AI}"),
        ("Qwen Team", "{Qwen Team}"),
        ("The ATLAS Collaboration", "{The ATLAS Collaboration}"),
        ("Barnes and Noble Research", "{Barnes and Noble Research}"),
    ],
)
def test_authors_are_written_family_first_and_bodies_in_double_braces(name, written):
    entry = bibtex.entry(Record(title="A", authors=(Author(name=name),)), "k")
    assert re.search(r"author\s+= \{(.*)\},", entry)[1] == written


def test_a_file_names_all_authors_and_a_page_ends_in_others():
    record = Record(title="A", authors=tuple(Author(name=f"Ann Author{number}") for number in range(30)))
    assert bibtex.entry(record, "k").count("Ann") == 30
    short = bibtex.entry(record, "k", max_authors=20)
    assert short.count("Ann") == 20
    assert "Author19, Ann and others}" in short
    assert len(one(short).authors) == 20


def test_keys_are_those_of_the_catalogue_and_never_clash():
    about = Catalogue(site="s", title="T", license="L", version=1, updated_at=None, count=3)
    text = "".join(
        bibtex.dump(
            [Record(id="1", title="A", citation_key="kept-key"), Record(title="Same", year=2020), Record(title="Same", year=2020)], about
        )
    )
    assert re.findall(r"^@\w+\{(.*),$", text, re.MULTILINE) == ["kept-key", "2020-same", "2020-same-2"]


prose = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" -'`<>?!,.%&$#_{}~^\\\"@"), max_size=60
)


@given(prose)
def test_any_title_comes_back(text):
    title = tidy(without_unwanted_characters(f"T {text}"))
    assert one("".join(bibtex.dump([Record(title=title)], ABOUT))).title == title


@given(st.lists(st.from_regex(r"[A-Z][a-zé'-]{1,8}( [A-Z]\.)?( van der| de| Di)? [A-Z][a-z]{1,8}", fullmatch=True), min_size=1, max_size=5))
def test_any_authors_come_back(names):
    record = Record(title="T", authors=tuple(Author(name=name) for name in names))
    assert one("".join(bibtex.dump([record], ABOUT))).authors == record.authors


def test_an_entry_of_another_program():
    record = one(r"""
% Encoding: UTF-8
@string{aw = {Addison}}
@InProceedings{Kwon2023,
  Author    = {Kwon, Woosuk and Zhuohan Li and {The {ATLAS} Collaboration} and M{\"u}ller, J{\'e}r\^ome and others},
  title     = "Efficient {M}emory {M}anagement: 50% less \& more, $60^\circ$ --- \emph{really}",
  booktitle = {Proceedings of the 29th Symposium on Operating Systems Principles (SOSP '23)},
  month     = oct,
  year      = 2023,
  doi       = {https://doi.org/10.1145/3600006.3613165},
  url       = {https://x.org/a\_b%20c?utm_source=z},
  note      = {arXiv preprint arXiv:2309.06180},
}
""")
    assert record.title == "Efficient Memory Management: 50% less & more, 60^∘ — really"
    assert [author.name for author in record.authors] == ["Woosuk Kwon", "Zhuohan Li", "The ATLAS Collaboration", "Jérôme Müller"]
    assert record.venue.raw == "Proceedings of the 29th Symposium on Operating Systems Principles (SOSP '23)"
    assert record.venue.year == 2023
    assert record.year == 2023
    assert record.identifiers == {"arxiv": "2309.06180", "doi": "10.1145/3600006.3613165"}
    assert record.links[0].url == "https://x.org/a_b%20c"
    assert record.note == ""


@pytest.mark.parametrize(
    "fields",
    [
        "journal = {arXiv preprint arXiv:2307.08691}",
        "journal = {CoRR}, eprint = {2307.08691}, eprinttype = {arXiv}",
        "eprint = {2307.08691v2}, archivePrefix = {arXiv}, primaryClass = {cs.LG}",
        "doi = {10.48550/arXiv.2307.08691}",
        r"howpublished = {\url{https://arxiv.org/abs/2307.08691}}",
        "url = {https://arxiv.org/pdf/2307.08691v1.pdf}",
    ],
)
def test_an_arxiv_paper_is_recognised_however_it_is_stated(fields):
    record = one(f"@article{{k, title = {{A}}, {fields}}}")
    assert record.identifiers == {"arxiv": "2307.08691"}
    assert record.links[0].url == "https://arxiv.org/abs/2307.08691"
    assert record.venue is None
    assert record.year == 2023


def test_a_school_is_an_organization_and_no_venue():
    record = one("@PhdThesis{k, title = {A}, school = {Umea University}, year = 2019}")
    assert record.organizations == (Organization(name="Umea University"),)
    assert record.venue is None


def test_a_broken_entry_is_reported_and_the_others_are_kept():
    loaded = load(bibtex, "@misc{a, title = {One}}\n\n@misc{b, year = 2020}\n@misc{a, title = {Two}}\n@misc{c, title = {Three}\n")
    assert [(entry.line, entry.record.title) for entry in loaded.entries] == [(1, "One"), (4, "Two")]
    assert [(each.line, each.reason == "no title") for each in loaded.not_understood] == [(3, True), (5, False)]


@pytest.mark.parametrize(
    "title", ["{" * 5_000 + "}" * 5_000, r"\emph{" * 5_000 + "}" * 5_000, "x" * 60_000], ids=["braces", "commands", "length"]
)
def test_what_would_exhaust_a_reader_is_reported(title):
    loaded = load(bibtex, f"@misc{{a, title = {{{title}}}}}")
    assert loaded.entries == ()
    assert len(loaded.not_understood) == 1


def test_a_command_without_its_argument_is_reported_and_no_file_is_read():
    loaded = load(bibtex, "@misc{a, title = {\\title}}\n@misc{b, title = {A \\input{/etc/passwd} \\include{/etc/passwd}}}")
    assert [each.line for each in loaded.not_understood] == [1]
    assert loaded.records[0].title == "A"


def test_dangerous_addresses_are_left_out():
    assert one("@misc{a, title = {A}, url = {javascript:alert(1)}}").links == ()


def test_long_prose_is_read_back_whole():
    authors = tuple(Author(name=f"Given Family{letter * 9}") for letter in "abcdefgh")
    record = Record(title="Long " * 30 + "title", authors=authors, links=(Link(url="https://example.org/" + "a" * 200),))
    back = one(bibtex.entry(record, "k"))
    assert (back.title, back.authors, back.links) == (record.title, record.authors, record.links)


def test_an_entry_whose_key_stands_twice_is_read_like_any_other():
    macro = "@string{sosp = {SOSP 2023}}\n"
    entries = [f"@inproceedings{{k, title={{A {name}}}, author={{Yu, A and Li, B}}, booktitle=sosp}}\n" for name in ("one", "two")]
    first, second = load(bibtex, macro + "".join(entries)).records
    assert (second.title, second.authors, second.venue) == ("A two", first.authors, first.venue)


def test_another_reader_finds_every_field():
    """bibtexparser, of which only the splitting of names is ours too."""
    library = bibtexparser.parse_string("".join(bibtex.dump(RECORDS, ABOUT)))
    assert library.failed_blocks == []
    for record, entry in zip(RECORDS, library.entries, strict=True):
        fields = {name: field.value for name, field in entry.fields_dict.items()}
        assert fields["title"].count("{") == fields["title"].count("}")
        assert fields["url"].replace("%7B", "{").replace("%7D", "}") == record.links[0].url
        assert fields.get("doi") == record.identifiers.get("doi")
        assert fields.get("year", "") == str(record.year or "")


@pytest.mark.filterwarnings("ignore:Unsupported BibTeX field")
def test_a_citation_processor_reads_the_same(tmp_path):
    """citeproc-py, whose reader of BibTeX and of TeX is its own."""
    file = tmp_path / "papers.bib"
    file.write_text("".join(bibtex.dump(RECORDS[:1], ABOUT)), encoding="utf-8")
    [found] = BibTeX(str(file)).values()
    assert str(found["title"]) == RECORDS[0].title
    assert [str(name.family) for name in found["author"]] == ["Yu", "Oliveira", "Chun"]
    assert found["issued"].year == 2022


@given(st.text(alphabet=st.sampled_from("{}\\a$ %"), max_size=30))
def test_braces_come_in_pairs_in_every_field(text):
    """As BibTeX counts them: also behind a backslash."""
    record = Record(
        title=f"T{text}", note=text, abstract=text, authors=(Author(name=f"Ann {text} B"),), organizations=(Organization(name=text),)
    )
    for line in bibtex.entry(record, "k").splitlines()[1:-1]:
        depth = 0
        for sign in line:
            depth += (sign == "{") - (sign == "}")
            assert depth >= 0
        assert depth == 0


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20))
def test_ascii_is_ascii_whatever_the_text(text):
    written = "".join(bibtex.ASCII.dump([Record(title=tidy(text), note=text)], ABOUT))
    assert written.isascii()
    assert load(bibtex, written).not_understood == ()


def test_accents_are_written_as_tex_has_them_and_come_back():
    record = Record(title="Déjà vu in 深度", authors=(Author(name="Jérôme Müller"), Author(name="Søren Łukasz")))
    written = "".join(bibtex.ASCII.dump([record], ABOUT))
    assert r"M{\"u}ller, J{\'e}r{\^o}me" in written
    assert one(written).title == record.title
    assert one(written).authors == record.authors


def test_macros_are_followed_also_in_joined_strings_and_months_do_no_harm():
    record = one(
        '@string{acm = "ACM"}\n@STRING(conf = acm # { SOSP} # " 2023")\n'
        '@inproceedings{k, title = "A" # {B}, booktitle = conf, month = 10 # "~" # oct}'
    )
    assert (record.title, record.venue.raw) == ("AB", "ACM SOSP 2023")


def test_entries_in_parentheses_are_entries():
    record = one('@article(k, title = {A (long) story}, note = "with ) in it", year = 2020)\n')
    assert (record.title, record.note, record.year) == ("A (long) story", "with ) in it", 2020)


def test_an_entry_takes_what_it_lacks_from_the_volume_it_is_in():
    loaded = load(
        bibtex,
        "@inproceedings{a, crossref = {V}, title = {One}}\n@proceedings{v, title = {Proceedings of OSDI}, year = 2022}\n"
        "@misc{b, title = {Two}}\n"
        "@inproceedings{c, crossref = {gone}, title = {Three}}\n@inproceedings{d, crossref = {V}}\n",
    )
    assert [(entry.line, entry.record.title) for entry in loaded.entries] == [
        (2, "Proceedings of OSDI"),
        (3, "Two"),
        (1, "One"),
        (4, "Three"),
    ]
    one_ = loaded.entries[2].record
    assert (one_.venue.raw, one_.year) == ("Proceedings of OSDI", 2022)
    assert [(each.line, each.reason) for each in loaded.not_understood] == [(5, "no title")]


def test_comments_preambles_and_prose_are_accounted_for():
    loaded = load(
        bibtex,
        "% Encoding: UTF-8\n\nSome prose, mail joe@example.org\n@comment{jabref-meta: {\n}}\n"
        "@preamble{ {\\newcommand{\\x}{}} }\n@string{a = {b}}\n"
        "@misc{k, title = {A},\n ids = {old, older}} @misc{l, title = {B}} behind it\n",
    )
    assert [(entry.line, entry.lines, entry.record.title) for entry in loaded.entries] == [(8, 2, "A"), (9, 0, "B")]
    assert loaded.ignored == {"comment": 4, "blank": 2, "preamble": 1, "macro": 1, "continuation": 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("@misc{a, title = {One {never} closed}\n", "never closed"),
        ("@misc{a, title = {One}, year 2020}", "no field: year 2020"),
        ('@misc{a, title = "One}', "a value is never closed"),
        ("@misc{a}", "no title"),
        ("@misc{a, title = {}}", "no title"),
        ("@string{a b}", "no field: a b"),
        ("@misc{a, title = {" + "x" * 210_000, "longer than 200000 characters"),
        ("@string{a0 = {" + "x" * 30_000 + "}}\n@string{a1 = a0 # a0}", "longer than 50000 characters"),
    ],
)
def test_what_is_broken_is_said_and_what_follows_is_kept(text, reason):
    loaded = load(bibtex, f"{text}\n@misc{{b, title = {{Good}}}}")
    assert [record.title for record in loaded.records] == ["Good"]
    assert [each.reason for each in loaded.not_understood] == [reason]


def test_fields_without_their_comma_are_told_apart():
    record = one("@misc{a, title = {One} year = 2020\n note = {N}, , url = {https://x.org/a}}")
    assert (record.title, record.year, record.note, record.links[0].url) == ("One", 2020, "N", "https://x.org/a")
