"""Lists of papers in the shapes that people give them: what is read, and that no line goes without an account."""

import csv
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.citations import with_known_names
from catalog.formats import Entry, Ignored, NotUnderstood, markdown
from tests.formats.hostile import PIECES
from tests.formats.reading import load
from tests.test_citations import HARDEST, ORGANIZATIONS, VENUES, facts

with (Path(__file__).parent.parent / "data" / "entries.tsv").open(encoding="utf-8", newline="") as file:
    ENTRIES = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def read(text):
    return load(markdown, text)


def one(text):
    loaded = read(text)
    assert loaded.not_understood == ()
    [record] = loaded.records
    return record


def seen(record):
    """What a line states, in the shortest form: only what is there."""
    venue = record.venue
    found = {
        "title": record.title,
        "name": record.short_name,
        "venue": venue and " ".join(str(part) for part in (venue.name, venue.year, venue.track) if part),
        "year": record.year if not venue or record.year != venue.year else None,
        "authors": [author.name for author in record.authors],
        "by": [organization.name for organization in record.organizations],
        "note": record.note,
        "kind": "" if record.kind == "paper" else record.kind,
        "links": [f"{link.kind} {link.url}{link.label and f' {link.label}'}" for link in record.links],
    }
    return {name: value for name, value in found.items() if value}


A, B, C = "https://x.org/a", "https://x.org/b", "https://x.org/c"
CODE = "https://github.com/o/r"
STARS = "https://img.shields.io/github/stars/o/r"
PEOPLE = "Ann Bee, Cy Dee"
ARXIV = ["paper https://arxiv.org/abs/2401.00001", "pdf https://arxiv.org/pdf/2401.00001"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # The title and its link
        (
            f"- [Oobleck:]({A}) Resilient Training | SOSP 23",
            {"title": "Oobleck: Resilient Training", "name": "Oobleck", "venue": "SOSP 2023", "links": [f"paper {A}"]},
        ),
        (
            f"- [Ring Attention]({A}) with Blockwise Transformers | UCB",
            {"title": "Ring Attention with Blockwise Transformers", "by": ["UCB"], "links": [f"paper {A}"]},
        ),
        (f"* [Whole Title in a Link]({A})", {"title": "Whole Title in a Link", "links": [f"paper {A}"]}),
        (f"+ **[Alpha: A System]({A})**", {"title": "Alpha: A System", "name": "Alpha", "links": [f"paper {A}"]}),
        (f"- [**Alpha: A System**]({A})", {"title": "Alpha: A System", "name": "Alpha", "links": [f"paper {A}"]}),
        (f"- **LLaMA** - [LLaMA: Open Models]({A})", {"title": "LLaMA: Open Models", "name": "LLaMA", "links": [f"paper {A}"]}),
        (f"1. [A Numbered Title]({A})", {"title": "A Numbered Title", "links": [f"paper {A}"]}),
        (f"2) [A Numbered Title]({A})", {"title": "A Numbered Title", "links": [f"paper {A}"]}),
        (f"[3] A Title with a Number. {A}", {"title": "A Title with a Number", "links": [f"paper {A}"]}),
        (f"- [ ] [To Read One Day]({A})", {"title": "To Read One Day", "links": [f"paper {A}"]}),
        (f"- [Title of Parts]( <{A}> )", {"title": "Title of Parts", "links": [f"paper {A}"]}),
        (f"- [Title with a Break] ({A})", {"title": "Title with a Break", "links": [f"paper {A}"]}),
        ("- [Wikipedia, of All](https://x.org/a_(b))", {"title": "Wikipedia, of All", "links": ["paper https://x.org/a_(b)"]}),
        (f"- Words and an Address <{A}>", {"title": "Words and an Address", "links": [f"paper {A}"]}),
        ("- Words and a Number (arXiv:2401.00001)", {"title": "Words and a Number", "year": 2024, "links": ARXIV}),
        (
            f'- <a href="{A}"><b>Title in HTML</b></a><br>Ann Bee; Cy Dee',
            {"title": "Title in HTML", "authors": ["Ann Bee", "Cy Dee"], "links": [f"paper {A}"]},
        ),
        (f"- [Entities &amp; &lt;Signs&gt;]({A})", {"title": "Entities & <Signs>", "links": [f"paper {A}"]}),
        (f"- [Escaped \\[brackets\\] and \\*stars\\*]({A})", {"title": "Escaped [brackets] and *stars*", "links": [f"paper {A}"]}),
        (f"- 🔥 [Title with Praise]({A}) :fire: ⭐", {"title": "Title with Praise", "links": [f"paper {A}"]}),
        (f"- [Or\u200bca: A\u202e System]({A})", {"title": "Orca: A System", "name": "Orca", "links": [f"paper {A}"]}),
        # Venue, year and kind before it
        (f"- [OSDI'24] [Gamma Rays]({A})", {"title": "Gamma Rays", "venue": "OSDI 2024", "links": [f"paper {A}"]}),
        ("- (OSDI 2024) Beta: A Title", {"title": "Beta: A Title", "name": "Beta", "venue": "OSDI 2024"}),
        ("- [arxiv'25] A Preprint without Link", {"title": "A Preprint without Link", "year": 2025}),
        (
            f"- **[NeurIPS 2022 Oral]** [Behind a Venue]({A})",
            {"title": "Behind a Venue", "venue": "NeurIPS 2022 Oral", "links": [f"paper {A}"]},
        ),
        ("- [Survey :mag:] [ACM CSUR'23] A Look at Things", {"title": "A Look at Things", "venue": "ACM CSUR 2023", "kind": "survey"}),
        ("- [MLArchSys'24 @ ISCA'24] Two in One", {"title": "Two in One", "venue": "MLArchSys @ ISCA 2024"}),
        (
            f"- [2024.01, Alibaba] [Dated Title]({A}), *arXiv*",
            {"title": "Dated Title", "year": 2024, "by": ["Alibaba"], "links": [f"paper {A}"]},
        ),
        (f"- ICLR'24: [Behind a Colon]({A})", {"title": "Behind a Colon", "venue": "ICLR 2024", "links": [f"paper {A}"]}),
        (f"- `ASPLOS 2022` [Behind Code]({A})", {"title": "Behind Code", "venue": "ASPLOS 2022", "links": [f"paper {A}"]}),
        (
            f"- 2021 | NeurIPS | [In a Row]({A}) | [code]({CODE})",
            {"title": "In a Row", "venue": "NeurIPS 2021", "links": [f"paper {A}", f"code {CODE}"]},
        ),
        # and behind it
        (f"- [Title of Many Words]({A}) (*ICML 2020*)", {"title": "Title of Many Words", "venue": "ICML 2020", "links": [f"paper {A}"]}),
        (
            f"- [Title of Many Words]({A}) | Stanford & UCB",
            {"title": "Title of Many Words", "by": ["Stanford", "UCB"], "links": [f"paper {A}"]},
        ),
        (
            f"- [Title of Many Words]({A}) (Google, arXiv 2023)",
            {"title": "Title of Many Words", "year": 2023, "by": ["Google"], "links": [f"paper {A}"]},
        ),
        (
            f"- [Title of Many Words]({A}) [Meta AI] [2023]",
            {"title": "Title of Many Words", "year": 2023, "by": ["Meta AI"], "links": [f"paper {A}"]},
        ),
        (f"- [Title of KV]({A}) : **ISCA** `2024`", {"title": "Title of KV", "venue": "ISCA 2024", "links": [f"paper {A}"]}),
        ("- A System for Training DNNs (`Gavel`)", {"title": "A System for Training DNNs", "name": "Gavel"}),
        ("- The Herd of Models (Section 3)", {"title": "The Herd of Models", "note": "Section 3"}),
        ("- 70% Size: Compression by Float (DFloat11)", {"title": "70% Size: Compression by Float (DFloat11)", "name": "70% Size"}),
        ("- Systems for AI - LLMs", {"title": "Systems for AI - LLMs"}),
        # People
        (
            f"- [Title of Many Words Here]({A}). A. Vaswani, N. Shazeer, et al. NeurIPS 2017.",
            {
                "title": "Title of Many Words Here",
                "venue": "NeurIPS 2017",
                "authors": ["A. Vaswani", "N. Shazeer"],
                "links": [f"paper {A}"],
            },
        ),
        (
            "- Attention Is All You Need. Ashish Vaswani et al. NeurIPS 2017.",
            {"title": "Attention Is All You Need", "venue": "NeurIPS 2017", "authors": ["Ashish Vaswani"]},
        ),
        (
            "- Author, A., Writer, B. (2020). The title of things. In ICML.",
            {"title": "The title of things", "venue": "ICML 2020", "authors": ["A. Author", "B. Writer"]},
        ),
        (
            f'- "A Quoted Title of Words," A. Name and B. Other, IEEE Micro, 2019. [PDF]({A}.pdf)',
            {"title": "A Quoted Title of Words", "venue": "IEEE Micro 2019", "authors": ["A. Name", "B. Other"], "links": [f"pdf {A}.pdf"]},
        ),
        (
            f"- *Ann Bee, Cy van Dee*. **Title in Bold Here**. In *Proc. of the 12th OSDI*, 2020. [[PDF]]({A})",
            {
                "title": "Title in Bold Here",
                "venue": "Proc. of the 12th OSDI 2020",
                "authors": ["Ann Bee", "Cy van Dee"],
                "links": [f"pdf {A}"],
            },
        ),
        # Links
        (
            f"- Title of Many Words [[paper]]({A}) [[code]]({CODE}) [slides]({B})",
            {"title": "Title of Many Words", "links": [f"paper {A}", f"code {CODE}", f"slides {B}"]},
        ),
        (
            f"- Title of Many Words ([Paper]({A}), [Project Page]({B}), [vLLM code]({CODE}))",
            {"title": "Title of Many Words", "links": [f"paper {A}", f"project {B} Project Page", f"code {CODE} vLLM code"]},
        ),
        (f"- [📄]({A}) [💻]({CODE}) Behind Signs", {"title": "Behind Signs", "links": [f"paper {A}", f"code {CODE}"]}),
        ("- [Paper] [Code] Words without Links", {"title": "Words without Links"}),
        (f"- \\[[paper]({A})\\] Behind Escapes", {"title": "Behind Escapes", "links": [f"paper {A}"]}),
        (
            f"- [Title]({A}) | [Code]({CODE}) | [Video](https://youtu.be/abc)",
            {"title": "Title", "links": [f"paper {A}", f"code {CODE}", "video https://youtu.be/abc"]},
        ),
        (f"- Title before a Venue [[NSDI 2023]({A})]", {"title": "Title before a Venue", "venue": "NSDI 2023", "links": [f"paper {A}"]}),
        (
            "- Qwen Technical Report. [[Arxiv 2024.12]](https://arxiv.org/abs/2401.00001)",
            {"title": "Qwen Technical Report", "year": 2024, "links": ARXIV},
        ),
        (
            "- Systems for Learning | (Stanford)[https://x.org/a]",
            {"title": "Systems for Learning", "by": ["Stanford"], "links": [f"paper {A} Stanford"]},
        ),
        (
            f"- [tool]({CODE}) - A fast tool for things.",
            {"title": "tool", "kind": "framework", "note": "A fast tool for things.", "links": [f"code {CODE}"]},
        ),
        (f"- [Title]({A}) – Of things (ICML 2021)", {"title": "Title", "venue": "ICML 2021", "note": "Of things", "links": [f"paper {A}"]}),
        ("- [bad words](javascript:alert(1)) and [worse](data:text/html,x)", {"title": "bad words and worse"}),
        ("- [a secret](https://me:you@x.org/)", {"title": "a secret"}),
        # Badges
        (
            f"- [Title of Badges]({A}) ![](https://img.shields.io/badge/OSDI-2024-blue) [![Star](https://img.shields.io/github/stars/o/r.svg?style=social)]({CODE})",
            {"title": "Title of Badges", "venue": "OSDI 2024", "links": [f"paper {A}", f"code {CODE}"]},
        ),
        (
            "- [![arXiv](https://img.shields.io/badge/arXiv-2401.00001-b31b1b.svg)](https://arxiv.org/abs/2401.00001) Behind a Badge",
            {"title": "Behind a Badge", "year": 2024, "links": ARXIV},
        ),
        (
            f"- [Title]({A}) ![x](https://img.shields.io/badge/Conference-NeurIPS'23%20Oral-blue) ![y](https://img.shields.io/github/stars/o/r)",
            {"title": "Title", "venue": "NeurIPS 2023 Oral", "links": [f"paper {A}", f"code {CODE}"]},
        ),
    ],
)
def test_a_line_is_read_in_any_shape(line, expected):
    assert seen(one(f"## Things\n{line}")) == expected


@pytest.mark.parametrize(("line", "expected"), HARDEST, ids=lambda part: part[:24] if isinstance(part, str) else "")
def test_the_hardest_lines_of_the_list(line, expected):
    record = one(f"- {line}")
    assert facts(with_known_names(record, venues=VENUES, organizations=ORGANIZATIONS)) == expected


def test_a_plain_list_is_read_with_all_its_facts():
    """Headings without marks, links lost: the list that this catalogue began with."""
    lines, section = (
        ["Awesome", "Awesome LLM Systems Papers", "A curated list of papers. Star this, and keep abreast of them.", "LLM Systems"],
        "",
    )
    for entry in ENTRIES:
        if entry["section"] != section:
            section = entry["section"]
            lines.append(section.rpartition(" > ")[2])
        lines.append(f"- {entry['raw']}")
    loaded = read("\n".join(lines))
    assert (len(loaded.entries), loaded.not_understood, loaded.ignored) == (190, (), {"heading": 14, "prose": 3})
    for entry, record in zip(ENTRIES, loaded.records, strict=True):
        known = with_known_names(record, venues=VENUES, organizations=ORGANIZATIONS)
        year = int(entry["venue_year"]) if entry["venue_year"] else None
        assert facts(known) == (entry["title"], entry["short_name"], entry["note"], entry["venue"], year, entry["organizations"])
        assert record.categories[0].name == entry["section"].rpartition(" > ")[2]
    assert loaded.records[0].categories[0].path == "llm-systems/pre-training"
    assert loaded.entries[0].headings == ("LLM Systems", "Pre-Training")


# -- Items of several lines --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"- **A Title of Words**  \n  Ann Bee, Cy Dee  \n  *ICLR 2023* [[Paper]({A})]",
            {"title": "A Title of Words", "venue": "ICLR 2023", "authors": ["Ann Bee", "Cy Dee"], "links": [f"paper {A}"]},
        ),
        (
            f"- [A Title of Words]({A})\n\n  Ann Bee, Cy Dee. EuroSys 2022",
            {"title": "A Title of Words", "venue": "EuroSys 2022", "authors": ["Ann Bee", "Cy Dee"], "links": [f"paper {A}"]},
        ),
        (f"- [A Title\n  of Words]({A})", {"title": "A Title of Words", "links": [f"paper {A}"]}),
        (f"- [OSDI'20] [A Title of Words\n]({A})", {"title": "A Title of Words", "venue": "OSDI 2020", "links": [f"paper {A}"]}),
        (
            "- A title that is broken in the\n  source as well (ICML 2021)",
            {"title": "A title that is broken in the source as well", "venue": "ICML 2021"},
        ),
        (
            f"- A Title of Words\n  - **Authors**: Ann Bee, Cy Dee\n  - **Venue**: MLSys 2021\n  - [Code]({CODE})",
            {"title": "A Title of Words", "venue": "MLSys 2021", "authors": ["Ann Bee", "Cy Dee"], "links": [f"code {CODE}"]},
        ),
        (
            f"- [A Title of Words]({A})\n  - [arxiv version](https://arxiv.org/abs/2401.00001)",
            {"title": "A Title of Words", "year": 2024, "links": [f"paper {A}", f"{ARXIV[0]} arxiv version", ARXIV[1]]},
        ),
        (
            f"- [A Title of Words]({A})\n  - extended version of B (VLDB'23)\n  - [[code]({CODE})] [[slides]({B})]",
            {
                "title": "A Title of Words",
                "note": "extended version of B (VLDB'23)",
                "links": [f"paper {A}", f"code {CODE}", f"slides {B}"],
            },
        ),
        (
            f"- [A Title of Words]({A})\n  - Journal version of [IPDPS'23] [Another Title of Words]({B})",
            {"title": "A Title of Words", "links": [f"paper {A}", f"paper {B} Journal version of [IPDPS'23] Another Title of Words"]},
        ),
        (
            f"- [A Title of Words]({A})\n  <details><summary>Abstract</summary>We do things.</details>",
            {"title": "A Title of Words", "links": [f"paper {A}"]},
        ),
        (
            f"- [A Title of Words]({A})\n  ```bibtex\n  @misc{{a}}\n\n  - [no](https://x.org)\n  ```",
            {"title": "A Title of Words", "links": [f"paper {A}"]},
        ),
    ],
)
def test_an_item_has_lines_and_items_of_its_own(text, expected):
    loaded = read(text)
    [entry] = loaded.entries
    assert seen(entry.record) == expected
    assert entry.lines == text.count("\n") + 1


def test_an_abstract_is_read_from_what_is_folded():
    assert one(f"- [T]({A})\n  <details><summary>Abstract</summary>\n  We do things.\n  </details>").abstract == "We do things"


def test_items_below_an_item_are_papers_where_they_have_titles():
    loaded = read(f"## S\n- [Parent of Things]({A})\n  - [arxiv'23] [Child of Things Here]({B})\n    - [code]({CODE})\n- After It All")
    assert [(entry.line, entry.lines, entry.record.title) for entry in loaded.entries] == [
        (2, 1, "Parent of Things"),
        (3, 2, "Child of Things Here"),
        (5, 1, "After It All"),
    ]
    assert [link.kind for link in loaded.records[1].links] == ["paper", "code"]


def test_an_item_without_a_link_over_papers_is_a_heading():
    loaded = read(f"## S\n- Training\n  - [Paper of Training One]({A})\n- [A Title of Words]({B})")
    assert [record.categories[0].path for record in loaded.records] == ["s/training", "s"]
    assert loaded.ignored["heading"] == 2


# -- Headings ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ("# Title\n## A B\n- x", "a-b", "A B"),
        ("# Title\n## A\n### B\n- x", "a/b", "B"),
        ("# Title\n## A\n### B\n## C\n- x", "c", "C"),
        ("# Title\n## A\n**General**\n- x", "a/general", "General"),
        ("# Title\n## A\n**General**\n\n- y\n\n**Special:**\n- x", "a/special", "Special"),
        ("# Title\n## A\n<details><summary>B</summary>\n\n- x\n", "a/b", "B"),
        ("# Title\n## A\n<details>\n<summary><b>B</b></summary>\n\n- y\n\n</details>\n\n- x", "a", "A"),
        ("# Title\nA\n---\n- x", "a", "A"),
        ("Title\n===\n\nA\n---\n- x", "a", "A"),
        ('# Title\n<h2 id="a" align="center">A</h2>\n<h3>\n  B\n</h3>\n\n- x', "a/b", "B"),
        ("#Title\n##A\n- x", "a", "A"),
        ("# Title\n## 🚀 A & B (2023) :fire: ##\n- x", "a-and-b-2023", "A & B (2023)"),
        ("# Title\n## [A](https://x.org) <a name='a'></a>\n- x", "a", "A"),
        ("# A\n- x\n# B\n- y", "a", "A"),
        ("# Title\n## A\n# References\n- x", "references", "References"),
        ("# Title\n## A\n<!-- place: c/d -->\n### B\n- x", "c/d/b", "B"),
    ],
)  # fmt: skip
def test_a_place_is_made_of_the_headings_above(text, path, name):
    record = next(record for record in read(text).records if record.title == "x")
    [place] = record.categories
    assert (place.path, place.name, place.primary) == (path, name, True)


def test_positions_count_under_each_heading():
    loaded = read("# T\n## A\n- a\n- b\n## B\n- c\n## A\n- d")
    assert [(record.categories[0].path, record.categories[0].position) for record in loaded.records] == [
        ("a", 1),
        ("a", 2),
        ("b", 1),
        ("a", 3),
    ]


@pytest.mark.parametrize(
    ("heading", "line", "kind"),
    [
        ("Surveys", "[T](https://arxiv.org/abs/2401.00001)", "survey"),
        ("Papers", "A Survey of Things", "survey"),
        ("Benchmarks", f"[T]({A})", "benchmark"),
        ("Benchmark / Leaderboard", f"[T]({A})", "leaderboard"),
        ("Open Source Frameworks", f"[T]({CODE})", "framework"),
        ("Frameworks", "[T](https://arxiv.org/abs/2401.00001)", "paper"),
        ("Serving", f"[T]({CODE})", "framework"),
        ("Courses", f"[T]({A})", "course"),
        ("Blog Posts", f"[T]({A})", "article"),
        ("Paper List", f"[T]({A})", "paper"),
        ("Other Lists", f"[T]({A})", "list"),
        ("Other", "[Awesome T](https://github.com/o/awesome-t)", "list"),
        ("Other", "[OpenAI Keynote on T](https://x.org/a)", "talk"),
    ],
)
def test_what_a_work_is_follows_from_heading_title_and_address(heading, line, kind):
    assert one(f"# T\n## {heading}\n- {line}").kind == kind


# -- Tables ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            f"|Title|Venue|Date|Code|Notes|\n|:--|:-:|--|---|--:|\n|[A Title]({A})<br>{PEOPLE}|OSDI|2024-01|[Git]({CODE})|x \\| y|",
            {
                "title": "A Title",
                "venue": "OSDI 2024",
                "authors": ["Ann Bee", "Cy Dee"],
                "note": "x | y",
                "links": [f"paper {A}", f"code {CODE}"],
            },
        ),
        (f"Paper | Link | Year\n--- | --- | ---\nA Title | [pdf]({A}) | '21", {"title": "A Title", "year": 2021, "links": [f"pdf {A}"]}),
        (
            f"|Date|keywords|Institute|Paper|\n|-|-|-|-|\n|2017-06|words|Google|[A Title]({A})|",
            {"title": "A Title", "year": 2017, "by": ["Google"], "note": "words", "links": [f"paper {A}"]},
        ),
        (
            f"|Name|Paper|Conf|TL;DR|\n|-|-|-|-|\n|Orca|[A System for Serving]({A})|OSDI'22|Serves.|",
            {"title": "A System for Serving", "name": "Orca", "venue": "OSDI 2022", "note": "Serves.", "links": [f"paper {A}"]},
        ),
        (f"|Method|Paper|Code|\n|-|-|-|\n|Orca|[link]({A})|[x]({CODE})|", {"title": "Orca", "links": [f"paper {A}", f"code {CODE} x"]}),
        (
            f"|Title & Authors|Intro|Links|\n|-|-|-|\n|[![]({STARS})]({CODE})<br>[A Title]({A})<br>{PEOPLE}|<img src='x'>|[Project]({B})|",
            {"title": "A Title", "authors": ["Ann Bee", "Cy Dee"], "links": [f"paper {A}", f"code {CODE}", f"project {B}"]},
        ),
        (
            f"<table>\n<tr><th>Paper</th><th>Conf</th></tr>\n<tr>\n<td><a href='{A}'>A Title</a></td>\n<td>SOSP'21</td></tr>\n</table>",
            {"title": "A Title", "venue": "SOSP 2021", "links": [f"paper {A}"]},
        ),
        (
            f"<ul>\n<li><a href='{A}'>A Title</a>, <i>ICML 2020</i></li>\n</ul>",
            {"title": "A Title", "venue": "ICML 2020", "links": [f"paper {A}"]},
        ),
        (f"<ol><li>A Title\n <a href='{A}'>[paper]</a></li></ol>", {"title": "A Title", "links": [f"paper {A}"]}),
        (
            f"## S\n\n**[A Title of Words]({A})**\nAnn Bee, Cy Dee\n*NSDI 2020*\n",
            {"title": "A Title of Words", "venue": "NSDI 2020", "authors": ["Ann Bee", "Cy Dee"], "links": [f"paper {A}"]},
        ),
        (f"> - [A Title]({A})", {"title": "A Title", "links": [f"paper {A}"]}),
        (f"- [A Title][one]\n- \n\n[one]: {A} 'T'\n", {"title": "A Title", "links": [f"paper {A}"]}),
    ],
)
def test_tables_and_other_blocks_hold_papers_too(table, expected):
    assert seen(one(table)) == expected


# -- The account ---------------------------------------------------------------------------------
LIST = f"""\
---
title: x
---
# Title ![Badge](https://img.shields.io/badge/a-b-c)

![Badge](https://img.shields.io/badge/a-b-c)
> Words.

Prose that goes
on for two lines.

## Table of Contents
* [One](#one)
  * [Two](#two)

## One
<!-- a comment
of two lines -->
- [A Title]({A})

```
- [not this]({A})
```
| Title | Year |
|-------|------|
| T | 2020 |
| | |

***
- {A}
- {"x" * 4_001}

## License
MIT
- [x]({A})

## Contributing
Please.

[ref]: {A}
"""


def test_every_line_is_accounted_for_by_its_kind():
    pieces = list(markdown.read(LIST.split("\n")))
    assert [piece.line for piece in pieces] == sorted(piece.line for piece in pieces)
    assert [(piece.line, piece.kind) for piece in pieces if isinstance(piece, Ignored) and piece.kind != "blank"] == [
        (1, "front-matter"), (4, "heading"), (6, "image"), (7, "quote"), (9, "prose"), (12, "heading"), (13, "contents"), (14, "contents"),
        (16, "heading"), (17, "comment"), (21, "code"), (24, "table"), (27, "table"), (29, "rule"), (33, "heading"), (34, "license"),
        (35, "license"), (37, "heading"), (38, "contributing"), (40, "definition"),
    ]  # fmt: skip
    assert [(piece.line, piece.record.title) for piece in pieces if isinstance(piece, Entry)] == [(19, "A Title"), (26, "T")]
    assert [(piece.line, piece.reason) for piece in pieces if isinstance(piece, NotUnderstood)] == [
        (30, "an address without a title"),
        (31, "longer than 4000 characters"),
    ]


def test_the_same_paper_twice_is_two_entries():
    assert len(read("- Orca\n- Orca").entries) == 2


@given(
    st.lists(
        st.sampled_from(
            [
                *PIECES,
                "\n",
                "\n- ",
                "\n  ",
                "\n## ",
                "\n| ",
                " |\n|-|-|\n",
                "\n```",
                "\n<!--",
                "-->",
                "<table>",
                "<td>",
                "<li>",
                "</ul>",
                "<details>",
                "<summary>",
            ]
        ),
        max_size=60,
    ).map("".join)
)
def test_no_list_is_too_broken_to_be_accounted_for(text):
    loaded = read(text)
    for record in loaded.records:
        assert record.title
        assert all(link.url.startswith(("http://", "https://")) and "@" not in link.url.split("/")[2] for link in record.links)


BOMBS = {
    "items": "\n".join(f"- [Paper {number}: A Title]({A}/{number}) | OSDI' 24" for number in range(3_000)),
    "items in items": "\n".join(f"{' ' * 2 * depth}- [Paper {depth} of Many Words]({A}/{depth})" for depth in range(1_500)),
    "lines below": "- a\n" + "  b\n" * 20_000,
    "one line": "- " + "a" * 2_000_000,
    "brackets": ("- " + "[" * 3_990 + "\n") * 20,
    "parentheses": ("- " + "(a) " * 990 + "\n") * 20,
    "links in links": ("- " + "[" * 1_300 + "](x)" * 650 + "\n") * 20,
    "stars": ("- " + "*a " * 1_300 + "\n") * 20,
    "bars": ("- " + "a|" * 1_990 + "\n") * 20,
    "commas": ("- [T](https://x.org) - " + "Ann Bee, " * 400 + "\n") * 20,
    "blanks": ("- a" + " " * 3_990 + "b\n") * 100,
    "comments": "<!--\n" * 30_000,
    "fences": "".join("`" * (3 + number % 50) + "\n" for number in range(20_000)),
    "tags": "<ul>\n<li>\n<table>\n" * 10_000,
    "folds": "<details><summary>x</summary>\n" * 10_000,
    "headings": "# a\n" * 30_000,
    "rows": "|Title|Venue|\n|-|-|\n" + "| a | OSDI 2024 |\n" * 5_000,
    "definitions": "".join(f"[a{number}]: {A}\n" for number in range(20_000)),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_time_is_proportional_to_the_file(text):
    began = process_time()
    read(text)
    assert process_time() - began < 3


def test_three_thousand_papers_are_read():
    loaded = read(BOMBS["items"])
    assert len(loaded.entries) == 3_000
    assert {record.venue.name for record in loaded.records} == {"OSDI"}
