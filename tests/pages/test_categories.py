import json
import re

import pytest

from catalog import arranging, publishing, taxonomy
from catalog.models import Category, Placement
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_papers


def rows(page):
    number = r'(?:<span class="no" aria-hidden="true">(\d+)</span>)?'
    entry = rf'<li class="entry">(?:<p class="marks">.*?</p>)?{number}\s*<h3><a href="/papers/(.*?)/\?.*?">'
    return re.findall(entry, page)


def curators_order(path):
    return list(Placement.objects.filter(category__path=path).order_by("position").values_list("paper__slug", flat=True))


def test_everyone_sees_the_tree(catalogue, anyone, questions):
    page = anyone.get("/categories/").text

    for category in Category.objects.all():
        assert f'<a href="/categories/{category.path}/"><bdi>{category.name}</bdi></a>' in page
    questions(anyone, "/categories/")


def test_everyone_sees_a_category_in_curators_order(catalogue, anyone):
    page = anyone.get("/categories/llm-systems/serving/").text

    assert "<h1>Serving</h1>" in page
    assert "63 papers" in page
    assert [slug for _number, slug in rows(page)] == curators_order("llm-systems/serving")
    assert [int(number) for number, _slug in rows(page)] == list(range(1, 64))
    assert '<a href="/categories/llm-systems/">LLM Systems</a>' in page


def test_every_category_without_parts_shows_all_its_papers_in_order(catalogue, visitor):
    for category in Category.objects.filter(children=None):
        page = visitor.get(category.get_absolute_url()).text
        assert [slug for _number, slug in rows(page)] == curators_order(category.path), category.path


def test_htmx_gets_the_same_page(catalogue, visitor):
    assert visitor.get("/categories/llm-systems/serving/", headers={"HX-Request": "true"}).text.count("<h1>") == 1


def test_a_parent_shows_the_beginning_of_each_part(catalogue, visitor):
    page = visitor.get("/categories/llm-systems/").text
    parts = {slug: page[page.index(f'id="{slug}"') :] for slug in ("pre-training", "serving", "fine-tuning-systems", "multi-model-systems")}

    assert "98 papers in 4 parts" in re.sub(r"\s+", " ", page)
    assert [slug for _number, slug in rows(parts["serving"].split("</section>")[0])] == curators_order("llm-systems/serving")[:8]
    assert len(rows(parts["fine-tuning-systems"].split("</section>")[0])) == 1
    assert "All 29 in Pre-Training" in page
    assert "All 1 in" not in page
    assert '<a href="#serving"><span>Serving</span><span class="num quiet">63</span></a>' in page
    assert '<a href="/categories/ml-systems/">ML Systems</a>' in page


def test_a_parent_shows_papers_of_its_own_too(db, visitor):
    make_paper("Below", categories=["systems/serving"])
    make_paper("Here", categories=["systems"])
    page = visitor.get("/categories/systems/").text

    assert [slug for _number, slug in rows(page)] == ["below", "here"]
    assert "Systems itself" in page


def test_a_part_that_has_only_parts_leads_to_them(db, visitor):
    make_paper("Deep", categories=["systems/serving/scheduling"])
    page = visitor.get("/categories/systems/").text

    assert "All 1 in Serving" in page
    assert 'href="/categories/systems/serving/"' in page


def test_a_paper_of_two_parts_counts_once_in_the_parent(db, visitor):
    make_paper("Both", categories=["systems/serving", "systems/training"])

    assert "1 paper in 2 parts" in re.sub(r"\s+", " ", visitor.get("/categories/systems/").text)


def test_numbers_have_no_gaps_where_a_paper_left(db, visitor):
    papers = make_papers(3, categories=["serving"])
    publishing.retract(papers[0], reason="Withdrawn by its authors.", by=None)

    assert [number for number, _slug in rows(visitor.get("/categories/serving/").text)] == ["1", "2"]


def test_the_curators_note_stands_with_the_paper(db, visitor):
    make_category("serving")
    paper = make_paper("Orca", categories=["serving"])
    Placement.objects.filter(paper=paper).update(note="Read <b>first</b>.")

    assert '<p class="note" dir="auto">Read &lt;b&gt;first&lt;/b&gt;.</p>' in visitor.get("/categories/serving/").text


def test_a_large_category_is_paged_by_hundreds_and_numbered_on(db, visitor):
    make_papers(103, categories=["serving"])
    first, second = (visitor.get(f"/categories/serving/?page={page}") for page in (1, 2))

    assert [number for number, _slug in rows(first.text)] == [str(number) for number in range(1, 101)]
    assert [number for number, _slug in rows(second.text)] == ["101", "102", "103"]
    assert 'rel="canonical" href="http://127.0.0.1:8000/categories/serving/?page=2"' in second.text
    assert visitor.get("/categories/serving/?page=3").status_code == 404
    assert visitor.get("/categories/serving/?page=x").status_code == 404


def test_its_download_is_the_category_in_curators_order(catalogue, visitor):
    page = visitor.get("/categories/llm-systems/serving/").text
    taken = json.loads(visitor.get("/papers.json?category=llm-systems/serving&sort=curated").getvalue())["papers"]

    assert 'href="/papers.json?category=llm-systems/serving&amp;sort=curated" download' in page
    assert [paper["slug"] for paper in taken] == curators_order("llm-systems/serving")


def test_an_old_address_leads_to_the_new_one_for_ever(db, visitor):
    make_paper("Orca", categories=["systems/serving"])
    arranging.rename_category(Category.objects.get(path="systems"), name="LLM Systems")
    arranging.rename_category(Category.objects.get(path="llm-systems/serving"), name="Inference")

    for old in ("systems/serving", "llm-systems/serving"):
        response = visitor.get(f"/categories/{old}/")
        assert (response.status_code, response["Location"]) == (301, "/categories/llm-systems/inference/")
    assert visitor.get("/categories/systems/")["Location"] == "/categories/llm-systems/"


def test_the_addresses_of_what_was_moved_or_merged_lead_on_for_ever(db, visitor):
    make_paper("Orca", categories=["systems/serving/scheduling"])
    make_category("inference")
    arranging.move_category(Category.objects.get(path="systems/serving"), None)
    arranging.merge_category(Category.objects.get(path="serving"), Category.objects.get(path="inference"))
    arranging.rename_category(Category.objects.get(path="inference"), name="Answering")

    for old, new in [
        ("systems/serving", "answering"),
        ("serving", "answering"),
        ("inference", "answering"),
        ("systems/serving/scheduling", "answering/scheduling"),
        ("serving/scheduling", "answering/scheduling"),
        ("inference/scheduling", "answering/scheduling"),
    ]:
        response = visitor.get(f"/categories/{old}/")
        assert (response.status_code, response["Location"]) == (301, f"/categories/{new}/")
    assert [slug for _number, slug in rows(visitor.get("/categories/answering/scheduling/").text)] == ["orca"]


@pytest.mark.parametrize(
    "path", ["nowhere", "serving/nowhere", "nowhere/serving", "serving//", "%00", "serving%00", "..", "x" * 5000, "%e2%80%ae"]
)
def test_an_unknown_path_is_not_found(db, visitor, path):
    make_category("serving")

    assert visitor.get(f"/categories/{path}/").status_code == 404


def test_an_empty_category_says_so(db, anyone):
    make_category("serving", description="Answering <requests>.")
    page = anyone.get("/categories/serving/").text

    assert "Nothing stands here yet" in page
    assert "Answering &lt;requests&gt;." in page


@pytest.mark.parametrize("address", ["/categories/", "/categories/systems/", "/categories/systems/serving/"])
def test_the_number_of_questions_does_not_grow_with_the_papers(anyone, questions, address):
    make_papers(5, categories=["systems/serving", "systems/training", "systems"])
    few = questions(anyone, address)
    make_papers(20, categories=["systems/serving", "systems/training", "systems"])

    assert questions(anyone, address) == few


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], None),
        (["mel"], "kept by <bdi>mel</bdi>"),
        (["sol", "mel"], "kept by <bdi>mel</bdi> and <bdi>sol</bdi>"),
        (["sol", "kim", "mel"], "kept by <bdi>kim</bdi>, <bdi>mel</bdi> and <bdi>sol</bdi>"),
    ],
)
def test_it_says_who_keeps_it_without_those_whose_account_is_closed(db, visitor, names, words):
    people = [make_user(name) for name in names]
    taxonomy.name_maintainers(make_category("systems"), [*people, make_user("gone", is_active=False)])
    make_category("systems/serving")
    page = visitor.get("/categories/systems/").text

    assert page.count("kept by <bdi>") == bool(words)
    assert (words or "") in page
    assert "gone" not in page
    assert "kept by <bdi>" not in visitor.get("/categories/systems/serving/").text


def test_the_names_of_its_keepers_are_in_no_record(db, visitor):
    make_paper("Orca", categories=["systems"])
    before = visitor.get("/papers.json").getvalue()
    taxonomy.name_maintainers(Category.objects.get(), [make_user("sol")])

    assert visitor.get("/papers.json").getvalue() == before


def test_who_keeps_it_is_asked_few_questions_too(db, questions):
    sol = make_user("sol")
    make_papers(5, categories=["systems/serving", "systems"])
    taxonomy.name_maintainers(Category.objects.get(path="systems"), [sol, make_user("kim")])

    assert questions(signed_in(sol), "/categories/systems/")
