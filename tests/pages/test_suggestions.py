import re
from urllib.parse import quote

import pytest

from tests.factories import make_paper


def options(page):
    return re.findall(r'<a role="option" id="suggestion-\d"[^>]* href="(.*?)"><bdi>(.*?)</bdi> <span>(.*?)</span></a>', page)


def test_everyone_is_offered_pages_of_every_kind(catalogue, anyone):
    assert options(anyone.get("/suggest/?q=osdi").text)[0] == ("/venues/osdi/", "OSDI", "Venue")
    assert options(anyone.get("/suggest/?q=ucb").text)[0] == ("/organizations/uc-berkeley/", "UC Berkeley", "Organization")
    assert options(anyone.get("/suggest/?q=ion+sto").text)[0] == ("/papers/?author=ion-stoica", "Ion Stoica", "Author")
    found = options(anyone.get("/suggest/?q=serv").text)
    assert ("/categories/llm-systems/serving/", "Serving", "Category") in found
    assert "Paper" in [kind for _path, _label, kind in found]
    assert len(found) == 8


def test_the_list_says_what_it_is_and_how_long(catalogue, visitor):
    assert 'role="listbox" aria-label="Suggestions" data-said="8 suggestions"' in visitor.get("/suggest/?q=serv").text
    assert 'data-said="1 suggestion"' in visitor.get("/suggest/?q=osdi+24").text


def test_it_is_a_fragment(catalogue, visitor):
    page = visitor.get("/suggest/?q=serv").text

    assert page.strip().startswith('<div class="suggestions"')
    assert "<html" not in page


@pytest.mark.parametrize("words", ["", "o", "%20", "zzzqqq", "%00", "%ff%fe", "%ed%a0%80", "%22", "-", "+++"])
def test_for_almost_nothing_and_for_what_nobody_knows_it_is_empty(catalogue, anyone, words):
    response = anyone.get(f"/suggest/?q={words}")

    assert response.status_code == 200
    assert not response.text.strip()


def test_nothing_is_asked_for_without_words(db, visitor):
    assert not visitor.get("/suggest/").text.strip()


@pytest.mark.parametrize(
    "words", ["orca%00", "orca OR (", "%", "_", "'; DROP TABLE catalog_paper; --", "x" * 500, "a " * 250, "\u202eorca", "😀 漢字 العربية"]
)
def test_no_words_break_it(catalogue, visitor, words):
    assert visitor.get(f"/suggest/?q={quote(words)}").status_code == 200


def test_too_many_words_are_refused(db, visitor):
    assert visitor.get("/suggest/?q=" + "x" * 501).status_code == 400


def test_markup_in_a_title_stays_text(db, visitor):
    make_paper('<img src=x onerror=alert(1)> "Serving" & more')
    page = visitor.get("/suggest/?q=serving").text

    assert "<img" not in page
    assert "<bdi>&lt;img src=x onerror=alert(1)&gt; &quot;Serving&quot; &amp; more</bdi>" in page


def test_it_is_made_once_for_everybody_until_the_catalogue_changes(catalogue, visitor, django_assert_max_num_queries):
    first = visitor.get("/suggest/?q=orca")
    assert first["Cache-Control"] == "public, no-cache"
    assert not first.cookies
    with django_assert_max_num_queries(1):
        assert visitor.get("/suggest/?q=orca").text == first.text

    make_paper("Orca 2: Again")
    assert len(options(visitor.get("/suggest/?q=orca").text)) == 2


def test_the_number_of_questions_does_not_grow_with_the_papers(db, visitor, questions):
    make_paper("Serving 1", authors=["Ada Server"], venue="Servant", categories=["serving"])
    few = questions(visitor, "/suggest/?q=serv")
    for number in range(20):
        make_paper(f"Serving more {number}", authors=[f"Server {number}"], venue=f"Servant {number}", categories=["serving"])

    assert questions(visitor, "/suggest/?q=serv") <= few


def test_nothing_else_than_reading_is_taken(db, visitor):
    assert visitor.post("/suggest/?q=orca").status_code == 405
    assert visitor.head("/suggest/?q=orca").status_code == 200


@pytest.mark.parametrize(("address", "fields"), [("/", 1), ("/papers/", 2), ("/venues/", 1), ("/no-such-page/", 2)])
def test_every_search_field_asks_for_suggestions_and_is_a_plain_form_without_script(catalogue, anyone, address, fields):
    page = anyone.get(address).text
    found = re.findall(r'<input type="search"[^>]*>', page)

    assert len(found) == fields
    for field in found:
        assert 'name="q"' in field and 'data-suggest="/suggest/"' in field
        assert "combobox" not in field
    assert page.count("js/suggest") == 1
