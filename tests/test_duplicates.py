"""Pairs of the whole catalogue that may be one work."""

import pytest

from catalog import duplicates, review
from catalog.matching import match_of
from tests.factories import make_paper, make_papers

pytestmark = pytest.mark.django_db


def found(limit=100):
    return [(pair.first.title, pair.second.title, pair.verdict) for pair in duplicates.find(limit)]


PAIRS = {
    "the same title in other case and accents": (
        {"title": "Orca: Un Système Distribué", "identifiers": {"doi": "10.1145/1.2"}},
        {"title": "ORCA: un systeme distribue", "identifiers": {"arxiv": "2307.08691"}},
        "other_version",
    ),
    "one name before the colon": (
        {"title": "DéjàVu: KV-cache Streaming for Fast Serving"},
        {"title": "Deja Vu: Contextual Sparsity for Efficient LLMs"},
        "similar_title",
    ),
    "one short name, in the title or not": (
        {"title": "Efficient Training on Clusters", "short_name": "Megatron-LM"},
        {"title": "Model Parallelism for Language Models", "short_name": "Megatron LM"},
        "similar_title",
    ),
    "one page": (
        {"title": "Walrus on ice", "links": ["https://example.org/walrus"]},
        {"title": "Penguins in the sea", "links": ["https://example.org/walrus"]},
        "same_link",
    ),
    "one first author in one year, and words in common": (
        {"title": "Serving Giant Models from Many Cheap Machines", "authors": ["Ada Lovelace"], "year": 2024},
        {"title": "Giant Models Served from Cheap Machines", "authors": ["Ada Lovelace", "Bob"], "year": 2024},
        "similar_title",
    ),
    "a link to the preprint of the other": (
        {"title": "Walrus on ice", "identifiers": {"arxiv": "2307.08691"}},
        {"title": "Penguins in the sea", "links": ["https://arxiv.org/pdf/2307.08691"]},
        "other_version",
    ),
}


@pytest.mark.parametrize(("one", "other", "verdict"), PAIRS.values(), ids=PAIRS)
def test_a_pair_is_found_among_others(one, other, verdict):
    make_papers(5, year=2024)
    make_paper(**one)
    make_papers(5, authors=["Grace"])
    make_paper(**other)
    assert found() == [(one["title"], other["title"], verdict)]


def test_a_pair_says_its_score_and_why():
    first = make_paper("Orca: Un Système Distribué", identifiers={"doi": "10.1145/1.2"}, authors=["Ada"])
    second = make_paper("ORCA: un systeme distribue", identifiers={"arxiv": "2307.08691"}, authors=["Ada"])
    [pair] = duplicates.find()
    assert (pair.first, pair.second, pair.score) == (first, second, 0.97)
    said = [("Title", "the same"), ("Author in common", "Ada"), ("Identifier", "arXiv and DOI: versions of one work")]
    assert [(reason.label, reason.text) for reason in pair.reasons] == said


@pytest.mark.parametrize(
    "papers",
    [
        [{"title": "FlashAttention: Fast Attention"}, {"title": "PagedAttention: Virtual Memory for Caches"}],
        [{"title": "Walrus on ice", "year": 2023}, {"title": "Penguins in the sea", "year": 2023}],
        [{"title": "☃", "links": ["https://example.org/1"]}, {"title": "☂", "links": ["https://example.org/2"]}],
        [{"title": f"{letter * 6} work", "links": ["https://sigops.org/accepted.html"]} for letter in "abcdefghijklmnopqr"],
        [
            {"title": "Walrus on ice", "year": year, "authors": ["Ada"]} | {"title": title}
            for year, title in [(2023, "A Fox"), (2024, "A Hen")]
        ],
    ],
    ids=["other names", "one year", "no letters", "an index page", "one author"],
)
def test_papers_of_one_field_are_left_in_peace(papers):
    for facts in papers:
        make_paper(**facts)
    assert found() == []


@pytest.mark.parametrize(("papers", "pairs"), [(2, 1), (3, 3), (4, 0)])
def test_an_address_of_two_or_three_papers_is_a_reason_and_one_of_more_is_none(papers, pairs):
    for letter in "abcd"[:papers]:
        make_paper(f"{letter * 6} work", links=["https://example.org/page"])
    assert len(found()) == pairs


def test_an_index_page_is_no_reason_of_a_pair_that_has_others():
    for letter in "abcd":
        make_paper(f"{letter * 6} work", links=["https://example.org/page"])
    for _twice in range(2):
        make_paper("Walrus on ice", links=["https://example.org/page"])
    [pair] = duplicates.find()
    assert [reason.label for reason in pair.reasons] == ["Title"]


def test_a_pair_told_apart_is_gone_and_leaves_the_others(mel):
    one, other, third = (make_paper(f"Deja Vu: {rest}") for rest in ("caches", "sparsity", "pipelines"))
    assert len(found()) == 3
    review.tell_apart(other, one, by=mel)
    assert {frozenset((pair.first, pair.second)) for pair in duplicates.find()} == {frozenset((one, third)), frozenset((other, third))}


def test_pairs_told_apart_take_no_place_from_those_that_were_not(mel):
    for _each in range(4):
        make_paper("Deja Vu")
    for pair in duplicates.find(6)[:5]:
        review.tell_apart(pair.first, pair.second, by=mel)
    assert len(duplicates.find(1)) == 1


def test_the_best_pairs_come_first_and_no_more_than_asked_for():
    make_paper("Walrus on ice", links=["https://example.org/walrus"])
    make_paper("Penguins in the sea", links=["https://example.org/walrus"])
    make_paper("Deja Vu: caches")
    make_paper("Deja Vu: sparsity")
    for _twice in range(2):
        make_paper("Ten Simple Rules")
    scores = [pair.score for pair in duplicates.find()]
    assert scores == sorted(scores, reverse=True) == [0.97, 0.7, 0.3]
    assert found(1) == [("Ten Simple Rules", "Ten Simple Rules", "other_version")]


def test_every_paper_of_a_long_row_is_in_some_pair():
    row = [make_paper("Editorial") for _each in range(20)]
    assert {paper for pair in duplicates.find() for paper in (pair.first, pair.second)} == set(row)


def test_seven_questions_find_them_whatever_the_size(django_assert_max_num_queries):
    for number in range(30):
        for _twice in range(2):
            make_paper(f"Paper {number}: words", links=[f"https://example.org/{number}"], authors=["Ada"], year=2024)
    with django_assert_max_num_queries(7):
        assert len(duplicates.find(20)) == 20


def test_of_the_default_catalogue_few_pairs_are_asked_about_and_each_is_alike(catalogue):
    pairs = duplicates.find()
    assert 0 < len(pairs) < 30
    for pair in pairs:
        assert pair.first.pk < pair.second.pk
        assert pair.reasons
        match = match_of(pair.first.record, pair.second)
        assert match and (match.verdict, match.score) == (pair.verdict, pair.score)
