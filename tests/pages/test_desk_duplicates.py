"""Pairs that may be one work, on the desk: seen side by side, merged, or told apart for good."""

import pytest

from catalog import taxonomy
from catalog.models import Distinction
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_papers

PAGE = "/admin/catalog/paper/duplicates/"


@pytest.fixture
def pair(db):
    """Two papers of one name."""
    first = make_paper("DéjàVu: KV-cache Streaming for Fast Serving", year=2024)
    return first, make_paper("Deja Vu: Contextual Sparsity for Efficient LLMs", year=2023)


def ids(pair):
    return {"first": pair[0].public_id, "second": pair[1].public_id}


def shown(response):
    return [(row["pair"].first, row["pair"].second) for row in response.context["rows"]]


def test_the_page_is_for_full_maintainers(visitor, alice_client, mel_client, root_client, db):
    keeper = make_user("kim")
    taxonomy.name_maintainers(make_category("serving"), [keeper])
    assert visitor.get(PAGE).status_code == 302
    for client, status in [(alice_client, 403), (signed_in(keeper), 403), (mel_client, 200), (root_client, 200)]:
        assert client.get(PAGE).status_code == status


def test_nobody_else_tells_a_pair_apart(visitor, alice_client, pair):
    keeper = make_user("kim")
    taxonomy.name_maintainers(make_category("serving"), [keeper])
    for client, status in [(visitor, 302), (alice_client, 403), (signed_in(keeper), 403)]:
        assert client.post(PAGE, ids(pair)).status_code == status
    assert not Distinction.objects.exists()


def test_a_pair_stands_side_by_side_with_its_score_and_reasons(mel_client, pair):
    response = mel_client.get(PAGE)
    assert shown(response) == [pair]
    page = response.content.decode()
    for words in ("Perhaps one work", "score 0.70 of 1", "same name, other words", "Side by side", "<del>2024</del>", "<ins>2023</ins>"):
        assert words in page
    assert f"/{pair[0].pk}/merge/?with={pair[1].pk}" in page


def test_an_empty_catalogue_says_so(mel_client):
    assert b"No two papers look like one" in mel_client.get(PAGE).content


def test_two_papers_are_never_shown_as_a_pair_again(mel, mel_client, pair):
    response = mel_client.post(PAGE, {**ids(pair), "because": " One is about caches. "}, follow=True)
    assert "are two papers. The pair is not shown again." in response.content.decode()
    assert shown(response) == []
    told = Distinction.objects.get()
    assert ({told.first, told.second}, told.because, told.by) == (set(ids(pair).values()), "One is about caches.", mel)
    assert shown(mel_client.get(PAGE)) == []


def test_telling_apart_needs_no_reason(mel_client, pair):
    assert mel_client.post(PAGE, ids(pair)).status_code == 302
    assert Distinction.objects.get().because == ""


def test_a_reason_that_is_too_long_is_kept_to_be_shortened(mel_client, pair):
    response = mel_client.post(PAGE, {**ids(pair), "because": "x" * 281})
    assert response.status_code == 422
    assert "x" * 281 in response.content.decode()
    assert shown(response) == [pair]
    assert not Distinction.objects.exists()


@pytest.mark.parametrize("forged", ["", "NOBODY", "\x00", "9" * 40])
def test_a_paper_that_is_not_there_changes_nothing(mel_client, pair, forged):
    response = mel_client.post(PAGE, {**ids(pair), "second": forged})
    assert response.status_code in {409, 422}
    assert not Distinction.objects.exists()


def test_a_paper_is_not_told_apart_from_itself(mel_client, pair):
    response = mel_client.post(PAGE, {**ids(pair), "second": pair[0].public_id})
    assert response.status_code == 409
    assert "Nothing was changed" in response.content.decode()
    assert not Distinction.objects.exists()


def test_hostile_titles_are_text(mel_client):
    for number in range(2):
        make_paper("<script>alert(1)</script>: a system", authors=["<img src=x>"], abstract=f"</details>{number}")
    page = mel_client.get(PAGE).content
    assert b"<script>alert" not in page
    assert b"<img" not in page
    assert b"</details>0" not in page


def test_many_pairs_come_in_pages_and_few_questions(mel_client, django_assert_max_num_queries):
    for number in range(30):
        make_papers(1, year=2020)
        for year in (2022, 2023):
            make_paper(f"Paper of number {number}", year=year, links=[f"https://example.org/{number}"])
    with django_assert_max_num_queries(10):
        first = mel_client.get(PAGE)
    assert len(first.context["rows"]) == 25
    assert len(mel_client.get(PAGE, {"page": 2}).context["rows"]) == 5
    for page in ("3", "0", "x", "9" * 40):
        assert mel_client.get(PAGE, {"page": page}).status_code == 404


def test_a_pair_told_apart_on_a_later_page_leads_back_to_one_that_is_there(mel_client):
    for number in range(26):
        for year in (2022, 2023):
            make_paper(f"Paper of number {number}", year=year)
    [last] = shown(mel_client.get(PAGE, {"page": 2}))
    response = mel_client.post(f"{PAGE}?page=2", ids(last), follow=True)
    assert response.status_code == 200
    assert last not in shown(response)
