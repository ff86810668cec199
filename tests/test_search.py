"""Words find papers, and the paper that was meant comes first."""

import pytest

from catalog import search
from catalog.models import Paper
from tests.factories import make_paper


def found(text):
    return [paper.title for paper in search.find(Paper.objects.all(), text).order_by("-relevance", "title_length", "-id")]


@pytest.mark.parametrize(
    ("words", "beginning"),
    [
        ("deja vu", "Deja Vu: Contextual Sparsity"),
        ("dejavu", "DéjàVu: KV-cache Streaming"),
        ("KV-cache", "DéjàVu: KV-cache Streaming"),
        ("kvcache", "Infinite-LLM: Efficient LLM Service for Long Context with DistAttention and Distributed KVCache"),
        ("C4", "Boosting Large-scale Parallel Training Efficiency with C4"),
        ("ZeRO++", "ZeRO++"),
        ("orca", "Orca: "),
        ("2401.09670", "DistServe: "),
    ],
)
def test_the_paper_that_was_meant_comes_first(catalogue, words, beginning):
    assert found(words)[0].startswith(beginning)


def test_a_word_with_a_hyphen_is_found_with_and_without_it(catalogue):
    with_hyphen, joined = found("kv-cache"), found("kvcache")

    assert set(with_hyphen) == set(found("KV cache"))
    assert any("KV-cache" in title for title in joined)


def test_every_word_must_be_found(db):
    make_paper("Orca: A Distributed Serving System", authors=["Gyeong-In Yu"], venue="OSDI", year=2022)

    assert found("orca serving 2022 osdi")
    assert not found("orca serving 2023")


def test_authors_venues_organizations_and_identifiers_are_searched(db):
    facts = {"authors": ["Íñigo Goiri"], "venue": "EuroSys", "organizations": ["ETH Zürich"], "identifiers": {"doi": "10.1145/3620665"}}
    make_paper("Nothing of the kind", year=2024, **facts)

    for words in ("inigo goiri", "eurosys 2024", "eth zurich", "10.1145/3620665"):
        assert found(words) == ["Nothing of the kind"], words


def test_a_number_or_a_letter_is_a_word_of_its_own(db):
    make_paper("FlashAttention-2", year=2023)
    make_paper("FlashAttention", year=2022)
    make_paper("N:M Sparsity")
    assert found("flashattention-2") == ["FlashAttention-2"]
    assert found("n:m") == ["N:M Sparsity"]


def test_a_whole_word_in_the_title_comes_before_a_part_of_one_and_that_before_the_rest(db):
    make_paper("A cache for tokens", note="orca")
    make_paper("Orcastra")
    make_paper("Fast orca serving")

    assert found("orca") == ["Fast orca serving", "Orcastra", "A cache for tokens"]


@pytest.mark.parametrize("text", ["???", "", " ", "'", "\u200b"])
def test_a_text_without_a_word_finds_nothing(db, text):
    make_paper("Orca")

    assert found(text) == []


@pytest.mark.parametrize("text", ['"orca', "orca OR (", "orca*", "NEAR(orca)", "orca:", "^orca", "-orca", "orca' --", "orca\\", "%orca_"])
def test_what_looks_like_syntax_is_words(db, text):
    make_paper("Orca")
    make_paper("Vllm")

    assert "Vllm" not in found(text)


def test_signs_of_the_database_stand_for_themselves(db):
    make_paper("100% of the 50_50 cache")

    assert found("%") == []
    assert found("50_50") == found("50 50") == ["100% of the 50_50 cache"]
    assert found("50_5%") == found("c%e") == found("c_che") == []
    assert found("50\\_50") == found("50 50")
    assert found("100%") == ["100% of the 50_50 cache"]


def test_words_beyond_the_twelfth_are_ignored(db):
    make_paper("Orca")

    assert found(" ".join(["orca"] * search.MAX_WORDS + ["nowhere"])) == ["Orca"]
