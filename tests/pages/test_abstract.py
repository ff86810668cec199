"""The abstract of a paper, opened under its entry."""

import pytest

from tests.factories import make_paper

ABSTRACT = "Serving <fast> models: the KV-cache is the bottleneck."


@pytest.fixture
def orca(db):
    return make_paper("Orca", abstract=ABSTRACT)


def test_everyone_gets_it_as_a_part_of_a_page(orca, anyone):
    response = anyone.get("/papers/orca/abstract/")

    assert response.text.strip() == f'<p class="abstract" dir="auto">{ABSTRACT.replace("<", "&lt;").replace(">", "&gt;")}</p>'
    assert response["X-Robots-Tag"] == "noindex"


def test_the_words_of_a_search_are_marked_in_it(orca, visitor):
    assert "the <mark>KV-cache</mark> is" in visitor.get("/papers/orca/abstract/?q=kvcache").text
    assert "<mark>Serving</mark> &lt;fast&gt;" in visitor.get("/papers/orca/?q=serving").text
    assert "<mark>" not in visitor.get("/papers/orca/abstract/?q=elephant").text


def test_an_entry_leads_to_it_where_there_is_one(orca, visitor):
    make_paper("Whale")
    page = visitor.get("/papers/?q=kind:paper").text

    assert page.count("data-abstract") == 1
    assert '<a data-abstract href="/papers/orca/?q=kind%3Apaper&amp;sort=relevance#abstract" aria-label="Abstract: Orca">' in page
    assert '<h2 id="abstract">' in visitor.get("/papers/orca/").text


@pytest.mark.parametrize("address", ["/papers/whale/abstract/", "/papers/nowhere/abstract/", "/papers/%00/abstract/"])
def test_there_is_none_where_there_is_none(orca, visitor, address):
    make_paper("Whale")

    assert visitor.get(address).status_code == 404


def test_hostile_words_do_no_harm(orca, visitor):
    assert visitor.get("/papers/orca/abstract/", {"q": "x" * 501}).status_code == 400
    for words in ('"open', "\0", "<script>", "NEAR(", "a" * 500):
        response = visitor.get("/papers/orca/abstract/", {"q": words})
        assert response.status_code == 200
        assert "<script" not in response.text


def test_it_asks_few_questions(orca, alice_client, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        alice_client.get("/papers/orca/abstract/?q=serving+models")
    assert alice_client.post("/papers/orca/abstract/").status_code == 405
