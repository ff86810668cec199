"""The papers of the benchmark: the same every time, such as publishing would have made them, and all in agreement."""

import pytest

from catalog import identifiers, publishing
from catalog.models import Paper
from catalog.verification import disagreements
from tests.bench import papers
from tests.bench.loading import load
from tests.bench.papers import CATEGORIES, COMMON, PREFIX, RARE, TYPO, Corpus

SMALL = Corpus(size=50)


def served():
    return list(Paper.objects.order_by("added_at").values_list("record_json", flat=True))


def test_a_corpus_is_the_same_however_it_is_cut():
    corpus = Corpus(size=2 * papers.CHUNK + 10)
    backwards = {chunk: corpus.papers(chunk) for chunk in reversed(corpus.chunks)}
    assert list(corpus) == [record for chunk in corpus.chunks for record in backwards[chunk]]
    assert [len(found) for found in backwards.values()] == [10, papers.CHUNK, papers.CHUNK]


def test_what_is_to_be_asked_for_is_there_as_often_as_it_should_be():
    corpus = Corpus(size=papers.CHUNK)
    abstracts = [record.abstract.lower() for record in corpus]
    assert 0.7 < sum(COMMON in abstract for abstract in abstracts) / corpus.size < 0.85
    assert sum(RARE in abstract for abstract in abstracts) == 1
    assert any(f" {PREFIX}" in abstract for abstract in abstracts)
    assert not any(TYPO in abstract for abstract in abstracts)


def test_no_two_papers_of_the_largest_corpus_share_an_identifier():
    """Looked at where two might: whole turns of the five digits apart."""
    corpus = Corpus(size=1_000_000)
    found = [record for chunk in (0, 1, 99, 100, 199, 200, 999) for record in corpus.papers(chunk)]
    for scheme in ("arxiv", "doi"):
        values = [record.identifiers[scheme] for record in found if scheme in record.identifiers]
        assert len(values) == len(set(values))
        assert all(identifiers.normalise(scheme, value) == value for value in values[:100])


@pytest.mark.django_db
def test_what_is_loaded_agrees_with_its_rows_and_is_what_publishing_would_have_made():
    load(SMALL)
    assert list(disagreements()) == []
    loaded = served()
    for paper in Paper.objects.order_by("-pk"):
        publishing.retract(paper, reason="To be published again.", by=None)
    for record in SMALL:
        publishing.publish(record)
    # A paper that was there before has its second revision, whatever else it says.
    assert [json.replace('"revision":2', '"revision":1') for json in served()] == loaded


def test_every_category_stands_after_the_one_above_it():
    seen = {""}
    for path, _name in CATEGORIES:
        assert path.rpartition("/")[0] in seen
        seen.add(path)
