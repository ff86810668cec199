"""Two records field by field."""

import pytest

from catalog.comparison import NAMES_SHOWN, Piece, compare, differences, label_of, side_by_side
from catalog.corrections import changes
from catalog.models import Paper
from catalog.records import Author, Category, Link, Organization, Record, Venue, replace

PROPOSED = Record(
    title="FlashAttention-2: Faster Attention with Better Parallelism and Work Partitioning",
    short_name="FlashAttention-2",
    year=2023,
    authors=(Author(name="Tri Dao"),),
    venue=Venue(name="ICLR", year=2024, raw="ICLR'24"),
    identifiers={"arxiv": "2307.08691"},
    links=(Link(url="https://arxiv.org/abs/2307.08691"),),
    categories=(Category(path="serving", name="Serving"),),
)
CATALOGUED = Record(
    title="FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness",
    short_name="FlashAttention",
    year=2022,
    authors=(Author(name="Tri Dao"), Author(name="Daniel Y. Fu")),
    identifiers={"arxiv": "2205.14135"},
    links=(Link(url="https://arxiv.org/abs/2205.14135"),),
    categories=(Category(path="serving", name="Serving", position=5),),
)


def row(label, proposed=PROPOSED, other=CATALOGUED):
    return next(row for row in compare(proposed, other) if row.label == label)


def text(items):
    return "".join(piece.text for item in items for piece in item)


def marked(items, mark):
    return [piece.text for item in items for piece in item if piece.mark == mark]


def test_words_that_only_one_title_has_are_marked_and_the_titles_stay_whole():
    title = row("Title")
    assert marked(title.proposed, "ins") == ["-2", "Faster", "Better Parallelism and Work Partitioning"]
    assert marked(title.other, "del") == ["Fast and Memory-Efficient Exact", "IO-Awareness"]
    assert (text(title.proposed), text(title.other)) == (PROPOSED.title, CATALOGUED.title)
    assert title.verdict == "3 words alike"


def test_titles_that_differ_in_case_and_accents_are_the_same():
    title = row("Title", Record(title="DéjàVu: streaming"), Record(title="DejaVu: Streaming"))
    assert title.verdict == "Same"


def test_authors_are_compared_by_name_whatever_their_order():
    authors = row("Authors")
    assert authors.verdict == "1 of 2"
    assert marked(authors.other, "del") == ["Daniel Y. Fu"]
    turned = Record(title="x", authors=tuple(reversed(CATALOGUED.authors)))
    assert row("Authors", turned).verdict == "Same"


@pytest.mark.parametrize(
    ("label", "verdict"),
    [("arXiv", "Differs"), ("DOI", "Nothing to say"), ("Venue", "Nothing to say"), ("Year", "Differs"), ("Categories", "Same")],
)
def test_each_fact_has_a_word_for_how_it_compares(label, verdict):
    assert row(label).verdict == verdict


def test_what_a_person_wrote_of_a_venue_stands_beside_how_it_was_read():
    assert row("Venue").proposed == [[Piece(text="ICLR 2024", mark="ins"), Piece(text="from “ICLR'24”", mark="quiet")]]


def test_equal_facts_carry_no_mark():
    for line in compare(CATALOGUED, CATALOGUED):
        assert not marked(line.proposed, "ins") + marked(line.other, "del")
        assert line.verdict in {"Same", "Nothing to say"}


def test_other_identifiers_are_asked_only_where_one_of_the_two_has_them():
    labels = [line.label for line in compare(Record(title="x", identifiers={"openreview": "abc"}), CATALOGUED)]
    assert "OpenReview" in labels
    assert "USENIX" not in labels


def test_a_long_list_of_authors_stays_readable():
    many = Record(title="Llama", authors=tuple(Author(name=f"Author {n}") for n in range(557)))
    authors = row("Authors", many, many)
    assert len(authors.proposed) == NAMES_SHOWN + 1
    assert authors.proposed[-1] == [Piece(text=f"and {557 - NAMES_SHOWN} more", mark="quiet")]


def test_an_address_that_is_not_of_the_web_is_text_and_no_link():
    links = row("Links", Record(title="x", links=(Link(url="javascript:alert(1)"),)))
    assert links.proposed == [[Piece(text="javascript:alert(1)")]]


def test_an_organization_is_known_in_any_spelling():
    ours = Record(title="x", organizations=(Organization(name="Hugging Face"),))
    theirs = Record(title="x", organizations=(Organization(name="HuggingFace"),))
    assert row("Organizations", ours, theirs).verdict == "Same"


def test_without_another_record_the_proposal_stands_alone_and_unmarked():
    lines = compare(PROPOSED)
    assert not any(line.other or line.verdict for line in lines)
    assert not any(marked(line.proposed, "ins") for line in lines)
    assert text(lines[0].proposed) == PROPOSED.title


def test_long_titles_without_blanks_are_compared_in_time():
    title = row("Title", Record(title="好" * 500), Record(title="a-" * 250))
    assert title.verdict == "Differs"


# -- Two versions of one record ----------------------------------------------------------------
def changed(newer, older):
    return {row.label: (text(row.other), text(row.proposed)) for row in differences(newer, older)}


def test_versions_that_are_the_same_do_not_differ():
    assert differences(PROPOSED, PROPOSED) == []


def test_a_version_differs_in_what_two_records_may_well_share():
    older = Record(title="DejaVu: Streaming", authors=(Author(name="Ann"), Author(name="Bob")), links=(Link(url="https://example.org/"),))
    newer = Record(
        title="DéjàVu: streaming",
        authors=(Author(name="Bob"), Author(name="Ann", orcid="0000-0002-1825-0097")),
        links=(Link(url="https://example.org/", kind="pdf"),),
    )
    assert changed(newer, older).keys() == {"Title", "Authors", "Links"}
    title = differences(newer, older)[0]
    assert (marked(title.other, "del"), marked(title.proposed, "ins")) == (["DejaVu", "Streaming"], ["DéjàVu", "streaming"])


def test_a_venue_read_anew_and_a_place_that_moved_are_differences():
    older = Record(title="x", venue=Venue(name="ICLR", year=2024, raw="ICLR'24"), categories=(Category(path="a", name="A", position=2),))
    newer = Record(title="x", venue=Venue(name="ICLR", year=2024), categories=(Category(path="a", name="A", position=3),))
    assert changed(newer, older) == {"Venue": ("ICLR 2024 from “ICLR'24”", "ICLR 2024"), "Categories": ("A, no. 2", "A, no. 3")}


def test_of_hundreds_of_names_the_changed_ones_are_shown():
    names = [f"Author {number}" for number in range(500)]
    older = Record(title="x", authors=tuple(Author(name=name) for name in names))
    newer = Record(title="x", authors=tuple(Author(name=name) for name in [*names, "New"]))
    (authors,) = differences(newer, older)
    assert marked(authors.proposed, "ins") == ["New"]
    assert marked(authors.proposed, "quiet") == ["and 497 more"]
    assert len(authors.other) < 10


def test_a_text_that_came_or_went_is_marked_whole():
    (abstract,) = differences(Record(title="x", abstract="Batching, well."), Record(title="x"))
    assert (abstract.other, marked(abstract.proposed, "ins")) == ([], ["Batching, well."])


# -- As corrections name them --------------------------------------------------------------------
OTHERWISE = {
    "title": "Another",
    "short_name": "Other",
    "kind": "survey",
    "authors": (Author(name="Ann"),),
    "venue": Venue(name="ICLR", year=2024, raw="iclr24"),
    "year": 2020,
    "organizations": (Organization(name="MIT"),),
    "categories": (Category(path="serving", name="Serving", note="Read section 3."),),
    "links": (Link(url="https://arxiv.org/abs/2307.08691", kind="pdf"),),
    "abstract": "Words.",
    "note": "Words.",
    "identifiers": {"arxiv": "2307.08691", "doi": "10.5555/x"},
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_difference_is_named_as_the_correction_that_makes_it(name):
    newer = replace(PROPOSED, **{name: OTHERWISE[name]})
    rows = differences(newer, PROPOSED)
    assert [row.name for row in rows] == changes(newer, PROPOSED)
    assert [row.label for row in rows] == [label_of(row.name) for row in rows]


@pytest.mark.parametrize(("kind", "name"), Paper.Kind.choices[1:])
def test_a_kind_is_called_as_where_it_is_chosen(kind, name):
    (row,) = differences(replace(PROPOSED, kind=kind), PROPOSED)
    assert (marked(row.proposed, "ins"), marked(row.other, "del")) == ([name], ["Paper"])


def test_a_link_of_another_kind_and_another_home_are_seen_whatever_they_are_called():
    places = (Category(path="a", name="A", primary=True), Category(path="b", name="B"))
    older = Record(title="x", links=(Link(url="https://example.org/", label="Here"),), categories=places)
    turned = (replace(places[0], primary=False), replace(places[1], primary=True))
    newer = replace(older, links=(Link(url="https://example.org/", label="Here", kind="pdf"),), categories=turned)
    assert {row.name for row in differences(newer, older)} == set(changes(newer, older)) == {"links", "categories"}


def test_side_by_side_shows_every_field_and_marks_what_differs():
    newer = replace(PROPOSED, year=2020)
    rows = {row.name: row for row in side_by_side(newer, PROPOSED)}
    assert {"title", "identifiers.arxiv", "note", "year"} <= rows.keys()
    assert (marked(rows["year"].proposed, "ins"), marked(rows["year"].other, "del")) == (["2020"], ["2023"])
    assert [name for name, row in rows.items() if marked(row.proposed, "ins") + marked(row.other, "del")] == ["year"]
