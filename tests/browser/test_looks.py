"""How pages look where it can be told without pictures: on paper, in forced colours, on the narrowest phone."""

import re

import pytest
from django.conf import settings

from tests.factories import make_paper, make_papers

pytestmark = pytest.mark.once
PHONE = {"width": 320, "height": 640}
TOP, LEFT = (f"element => element.getBoundingClientRect().{side}" for side in ("top", "left"))


@pytest.fixture
def serving(db):
    long_one = "Splitwise: Efficient Generative LLM Inference Using Phase Splitting on Machines of Their Own"
    return [make_paper(long_one, categories=["serving"], links=["https://example.org/splitwise"]), *make_papers(2, categories=["serving"])]


def test_on_paper_numbers_stand_beside_their_titles_and_no_control_is_left(serving, page):
    page.goto("/categories/serving/")
    page.emulate_media(media="print")
    number, title = page.locator(".entry .no").first, page.locator(".entry h3").first
    assert abs(number.evaluate(TOP) - title.evaluate(TOP)) < 8
    assert page.locator("h1").evaluate(TOP) > page.locator(".masthead").evaluate("element => element.getBoundingClientRect().bottom")

    page.goto(f"{serving[0].get_absolute_url()}?category=serving")
    assert not page.locator("button:visible, nav:visible").count()
    # The addresses of its links stand in a line with all the rest.
    link = page.locator(".go-links a").first
    assert link.evaluate(LEFT) == page.locator("h1").evaluate(LEFT)
    assert link.evaluate("element => getComputedStyle(element).paddingInlineStart") == "0px"


@pytest.mark.parametrize("width", [320, 1440])
def test_in_the_grid_of_years_parts_stand_in_from_the_whole_and_the_whole_stands_at_the_edge(catalogue, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/statistics/")
    indents = "heads => heads.map(head => parseFloat(getComputedStyle(head).paddingInlineStart))"

    assert set(page.locator(".heat tbody th:not(.sub)").evaluate_all(indents)) == {0}
    assert min(page.locator(".heat tbody th.sub").evaluate_all(indents)) > 10


def test_in_forced_colours_the_mark_is_drawn_like_the_name_beside_it(root, open_as):
    tab = open_as(root, forced_colors="active").new_page()
    for address in ("/", "/admin/"):
        tab.goto(address)
        name, mark = tab.locator(".brand, .brand svg").evaluate_all("parts => parts.map(part => getComputedStyle(part).color)")
        assert mark == name


def test_a_title_is_seen_whole_where_it_is_corrected(serving, alice, open_as):
    tab = open_as(alice, viewport=PHONE).new_page()
    tab.goto(f"{serving[0].get_absolute_url()}correct/")

    assert tab.get_by_label("Title").evaluate("field => field.scrollHeight - field.clientHeight") <= 0


def test_on_the_narrowest_phone_no_parameter_of_the_api_is_out_of_sight(page):
    page.set_viewport_size(PHONE)
    page.goto("/api/docs/")

    assert not page.locator(".scroll-x").evaluate_all("parts => parts.filter(part => part.scrollWidth > part.clientWidth).length")


def test_what_one_chooses_from_bears_the_arrow_of_the_site(alice, open_as):
    tab = open_as(alice).new_page()
    tab.goto("/submissions/new/")
    style = tab.get_by_label("Kind").evaluate("field => [getComputedStyle(field).appearance, getComputedStyle(field).backgroundImage]")

    assert style[0] == "none"
    assert "chevron" in style[1]


def test_what_few_pages_need_is_in_the_layer_of_components_so_that_states_still_come_last():
    styles = settings.BASE_DIR / "static" / "css"
    everywhere = re.findall(r'url\("(.+?)"\)', (styles / "site.css").read_text())

    for style in sorted(styles.glob("*.css")):
        if style.name not in {"site.css", *everywhere}:
            assert re.sub(r"/\*.*?\*/", "", style.read_text(), flags=re.DOTALL).lstrip().startswith("@layer components {"), style.name
