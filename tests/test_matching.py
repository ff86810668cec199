"""Do we have this already? Suspicions with their reasons, likeliest first."""

import uuid

import pytest

from catalog import matching, records, review
from catalog.matching import find_candidates
from catalog.models import Submission
from catalog.records import Link
from tests.factories import make_paper, make_papers, make_record

pytestmark = pytest.mark.django_db

FLASH = "FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness"
FLASH_3 = "FlashAttention-3: Fast and Accurate Attention with Asynchrony and Low-precision"


def found(record, **options):
    return [(match.paper.title if match.paper else match.submission.title, match.verdict) for match in find_candidates(record, **options)]


def reasons(record):
    return [(reason.label, reason.text) for reason in find_candidates(record)[0].reasons]


def test_nothing_is_like_a_new_paper():
    make_paper("Orca: A Distributed Serving System")
    assert find_candidates(make_record("Ten Simple Rules for Gardening")) == []
    assert find_candidates(make_record("")) == []
    assert find_candidates(make_record("☃")) == []


def test_the_same_identifier_is_the_same_paper_whatever_the_title():
    make_paper("Orca", identifiers={"arxiv": "2307.08691"})
    record = make_record("Something else entirely", identifiers={"arxiv": "2307.08691", "doi": "10.1/x"})
    assert found(record) == [("Orca", "same_identifier")]
    assert reasons(record) == [("Identifier", "the same: arXiv 2307.08691")]


def test_a_value_counts_only_within_its_scheme():
    make_paper("Orca", identifiers={"openreview": "abcdefgh"})
    assert found(make_record("Walrus on ice", identifiers={"usenix": "abcdefgh"})) == []


def test_equal_titles_without_a_contradiction_are_versions_of_one_work():
    make_paper("Orca: A Distributed Serving System", identifiers={"doi": "10.1145/1.2"}, authors=["Ada"])
    record = make_record("ORCA: a distributed  serving system", identifiers={"arxiv": "2307.08691"}, authors=["Ada"])
    assert found(record) == [("Orca: A Distributed Serving System", "other_version")]
    said = ("Identifier", "arXiv and DOI: versions of one work")
    assert reasons(record) == [("Title", "the same"), ("Author in common", "Ada"), said]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"openreview": "abcdefgh"}, {"arxiv": "2307.08691"}),
        ({"doi": "10.1145/1.2"}, {"openreview": "abcdefgh"}),
        ({"usenix": "osdi22/presentation"}, {"doi": "10.1145/1.2", "arxiv": "2307.08691"}),
        ({}, {"doi": "10.1145/1.2"}),
    ],
)
def test_identifiers_of_different_schemes_on_one_title_are_versions(ours, theirs):
    make_paper("Orca: A Distributed Serving System", identifiers=theirs)
    assert found(make_record("Orca: a distributed serving system", identifiers=ours))[0][1] == "other_version"


@pytest.mark.parametrize(
    "url", ["https://arxiv.org/abs/2307.08691v2", "https://arxiv.org/pdf/2307.08691", "https://doi.org/10.48550/arXiv.2307.08691"]
)
def test_a_link_to_the_identifier_of_a_paper_leads_to_another_version_of_it(url):
    paper = make_paper("Orca", identifiers={"arxiv": "2307.08691"})
    record = make_record("Walrus on ice", links=[Link(kind="project", url=url)])
    assert found(record) == [("Orca", "other_version")]
    assert reasons(record) == [("Link", "leads to the other’s arXiv 2307.08691")]
    other = make_paper("Penguins in the sea", links=[url], identifiers={"doi": "10.1/x"})
    assert matching.match_of(paper.record, other).verdict == "other_version"


def test_equal_titles_with_two_arxiv_numbers_are_only_alike():
    make_paper("Orca: A Distributed Serving System", identifiers={"arxiv": "2307.08690"})
    record = make_record("Orca: A Distributed Serving System", identifiers={"arxiv": "2307.08691"})
    assert found(record) == [("Orca: A Distributed Serving System", "similar_title")]
    assert ("Identifier", "differs: 2307.08690") in reasons(record)


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ("DéjàVu: KV-cache Streaming for Fast Serving", "Deja Vu: Contextual Sparsity for Efficient LLMs", "same name, other words"),
        ("FlashAttention-2: Faster Attention with Work Partitioning", FLASH, "same name, other number"),
        ("FlashAttention-2: Faster Attention with Work Partitioning", FLASH_3, "same name, other number"),
        ("ZeRO++: Collective Communication for Giant Models", "ZeRO: memory optimizations for training", "same name, other number"),
        ("Cocktailer: Dynamic Control Flow in Deep Learning", "Cocktail: Model Serving in the Cloud", "nearly the same name"),
        ("vLLM", "vLLM: Easy, Fast, and Cheap LLM Serving with PagedAttention", "same name, other words"),
        ("Training Very Large Models on Clusters of GPUs", "Training Very Large Models on Clusters of TPUs", "5 words in common"),
    ],
)
def test_titles_that_look_alike_are_found_with_the_reason(ours, theirs, said):
    make_papers(30)
    make_paper(theirs)
    assert found(make_record(ours)) == [(theirs, "similar_title")]
    assert reasons(make_record(ours))[0] == ("Title", said)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Fairness in Serving Large Language Models", "Efficient Large Language Models: A Survey"),
        ("Efficient Memory Management for Large Language Model Serving", "Large Language Models for Compiler Optimization"),
        ("Beyond Efficiency: A Survey", "Beyond Data and Model Parallelism for Deep Neural Networks"),
    ],
)
def test_titles_of_the_same_field_are_left_in_peace(ours, theirs):
    make_paper(theirs)
    assert found(make_record(ours)) == []


def test_a_shared_page_is_the_weakest_reason():
    other = make_paper("Penguins in the sea", links=["https://example.org/page"])
    near = make_paper("Walrus: swimming fast")
    matches = find_candidates(make_record("Walrus: swimming slowly", links=["http://example.org/page/"]))
    assert [(match.paper, match.verdict) for match in matches] == [(near, "similar_title"), (other, "same_link")]
    assert [reason.text for reason in matches[1].reasons] == ["leads to the same page"]


@pytest.mark.parametrize(("papers", "is_reason"), [(1, True), (2, True), (3, False), (17, False)])
def test_what_more_than_three_papers_lead_to_is_an_index_page_and_no_reason(papers, is_reason):
    page = "https://sigops.org/s/conferences/sosp/2024/accepted.html"
    for number in range(papers):
        make_paper(f"{'abcdefghijklmnopqr'[number] * 6} work", links=[page], identifiers={"doi": f"10.1/{number}"})
    record = make_record("Walrus: swimming slowly", links=[page])
    assert bool(find_candidates(record)) == is_reason


def test_eighteen_papers_of_one_conference_share_a_page_and_are_not_alike():
    page = "https://sigops.org/s/conferences/sosp/2024/accepted.html"
    papers = [make_paper(f"{letter * 6} work", links=[page]) for letter in "abcdefghijklmnopqr"]
    assert [find_candidates(paper.record) for paper in papers] == [[]] * 18
    assert ("Link", "leads to the same page") not in reasons(make_record("aaaaaa works", links=[page]))


def test_one_paper_is_one_match_with_its_strongest_verdict():
    make_paper("Orca", identifiers={"arxiv": "2307.08691"}, links=["https://arxiv.org/abs/2307.08691"])
    record = make_record("Orca", identifiers={"arxiv": "2307.08691"}, links=["https://arxiv.org/abs/2307.08691"])
    assert found(record) == [("Orca", "same_identifier")]


def propose(record, by):
    return review.submit(record, by=by, why="It says something that no other paper says.", token=uuid.uuid4())


def test_an_open_proposal_of_the_same_paper_is_found(alice):
    submission = propose(make_record("Orca", identifiers={"arxiv": "2307.08691"}), alice)
    [match] = find_candidates(make_record("Whale", identifiers={"arxiv": "2307.08691"}))
    assert (match.submission, match.paper, match.verdict) == (submission, None, "same_identifier")
    assert found(make_record("orca")) == [("Orca", "similar_title")]


def test_a_settled_or_own_proposal_is_not(alice):
    submission = propose(make_record("Orca", identifiers={"arxiv": "2307.08691"}), alice)
    assert find_candidates(submission.record, ignoring=submission) == []
    review.withdraw(submission, by=alice)
    assert find_candidates(submission.record) == []


def test_an_approved_submission_is_no_duplicate_of_its_own_paper(alice):
    submission = propose(make_record("Orca", identifiers={"arxiv": "2307.08691"}), alice)
    paper = make_paper("Orca", identifiers={"arxiv": "2307.08691"})
    Submission.objects.filter(pk=submission.pk).update(paper=paper, status="approved")
    submission.refresh_from_db()
    assert find_candidates(submission.record, ignoring=submission) == []


# -- The record of a paper -----------------------------------------------------------------------
DEJA_VU = ("DéjàVu: KV-cache Streaming for Fast Serving", "Deja Vu: Contextual Sparsity for Efficient LLMs")


def test_a_paper_is_not_like_itself():
    paper = make_paper("Orca", identifiers={"arxiv": "2307.08691"}, links=["https://arxiv.org/abs/2307.08691"])
    assert find_candidates(paper.record) == []
    assert find_candidates(records.replace(paper.record, title="Orca: A Serving System", identifiers={"doi": "10.1/x"})) == []


def test_papers_told_apart_are_no_candidates_again_for_either(mel):
    one, other = map(make_paper, DEJA_VU)
    assert found(one.record) == [(DEJA_VU[1], "similar_title")]
    review.tell_apart(one, other, by=mel, because="Streaming, and sparsity.")
    assert find_candidates(one.record) == find_candidates(other.record) == []
    assert len(find_candidates(make_record("Deja Vu: a third"))) == 2


def test_an_identifier_is_named_even_of_papers_told_apart(mel):
    one, other = make_paper(DEJA_VU[0]), make_paper(DEJA_VU[1], identifiers={"arxiv": "2307.08691"})
    review.tell_apart(one, other, by=mel)
    record = records.replace(one.record, identifiers={"arxiv": "2307.08691"})
    assert found(record) == [(DEJA_VU[1], "same_identifier")]


def correct(paper, by, **facts):
    record = records.replace(paper.record, **facts)
    return review.correct(paper, record, by=by, why="The publisher says otherwise.", token=uuid.uuid4())


def test_what_is_open_about_a_paper_is_no_duplicate_of_it(alice, bruno):
    paper = make_paper("Orca", identifiers={"arxiv": "2307.08691"})
    mine = correct(paper, alice, year=2022)
    correct(paper, bruno, identifiers={"arxiv": "2307.08691", "doi": "10.1/x"})
    review.remove(paper, by=bruno, why="It was never about serving.", token=uuid.uuid4())
    assert find_candidates(mine.record, ignoring=mine) == []
    assert find_candidates(paper.record) == []


def test_an_addition_is_compared_with_open_additions_only(alice, bruno):
    paper = make_paper("Penguins in the sea")
    correct(paper, alice, title="Walrus on ice")
    assert find_candidates(make_record("Walrus on ice")) == []
    addition = propose(make_record("Walrus on ice"), bruno)
    assert [match.submission for match in find_candidates(make_record("Walrus on ice"))] == [addition]
    assert find_candidates(records.replace(paper.record, title="Walrus on ice")) == []


def test_a_claim_to_an_identifier_is_named_whatever_makes_it(alice):
    paper = make_paper("Penguins in the sea")
    correction = correct(paper, alice, identifiers={"doi": "10.1/x"})
    [match] = find_candidates(make_record("Walrus on ice", identifiers={"doi": "10.1/x"}))
    assert (match.submission, match.verdict) == (correction, "same_identifier")


# -- At any size ---------------------------------------------------------------------------------
def test_six_questions_answer_it_whatever_the_size(django_assert_max_num_queries):
    make_papers(40, links=["https://example.org/same"])
    make_paper(FLASH, identifiers={"arxiv": "2205.14135"}, authors=[f"Author {n}" for n in range(557)])
    title = " ".join(f"word{number}" for number in range(80))
    record = make_record(title, identifiers={"arxiv": "2205.14135"}, links=["https://example.org/same"])
    make_paper("Penguins in the sea", links=["https://example.org/other"])
    links = (*record.links, Link(url="https://example.org/other"))
    with django_assert_max_num_queries(6):
        assert len(find_candidates(records.replace(record, id="NOBODY", links=links))) == 2


def test_the_default_catalogue_finds_each_paper_again_and_few_others(catalogue):
    from catalog.models import Paper

    suspected = 0
    for paper in Paper.objects.filter(pk__in=Paper.objects.order_by("title_key").values_list("pk", flat=True)[::6]):
        record = records.replace(paper.record, id="", identifiers={}, links=())
        first, *others = find_candidates(record)
        assert first.paper == paper
        suspected += len(others)
    assert suspected < 10
