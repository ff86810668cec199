"""Searching as a person does it: suggestions by keyboard and by pointer, help, citations from the list; and all of it without script."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.keyboard import go_on_to
from tests.factories import make_paper

FIELDS = [("/", "Search papers"), ("/papers/", "Search papers"), ("/papers/", "Words to search for"), ("/venues/", "Search papers")]


@pytest.fixture
def desk(open_context):
    """A window wide enough for the field of the masthead."""
    return open_context(viewport={"width": 1280, "height": 900}).new_page()


def options(page):
    return page.get_by_role("option")


def type_in(page, name, words):
    """As fingers do; returns the field, with the list open under it."""
    field = page.get_by_role("combobox", name=name)
    field.click()
    field.press("End")
    field.press_sequentially(words)
    expect(options(page).first).to_be_visible()
    return field


@pytest.mark.parametrize(("address", "name"), FIELDS)
def test_a_page_is_reached_by_keyboard_alone(desk, catalogue, address, name):
    desk.goto(address)
    field = desk.get_by_role("combobox", name=name)
    go_on_to(field).type("orc")

    expect(field).to_have_attribute("aria-expanded", "true")
    expect(field).to_have_attribute("aria-controls", "suggestions")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "suggestion-1")
    expect(options(desk).first).to_have_attribute("aria-selected", "true")
    expect(field).to_be_focused()
    field.press("Enter")
    expect(desk).to_have_url(re.compile("/papers/orca-a-distributed-serving-system/$"))


def test_the_keys_of_a_combobox(desk, catalogue):
    desk.goto("/")
    field = type_in(desk, "Search papers", "serv")
    expect(options(desk)).to_have_count(8)

    def chosen():
        return desk.locator("[role=option][aria-selected=true]").evaluate_all("all => all.map(each => Number(each.id.split('-')[1]))")

    around = [("ArrowDown", 1), ("ArrowDown", 2), ("End", 8), ("ArrowDown", None), ("ArrowUp", 8), ("Home", 1), ("ArrowUp", None)]
    for key, place in around:
        field.press(key)
        assert chosen() == ([place] if place else []), key

    # Nothing is chosen now, so that these move in the words.
    field.press("Home")
    assert field.evaluate("field => field.selectionStart") == 0
    field.press("End")
    assert field.evaluate("field => field.selectionStart") == 4

    field.press("Escape")
    expect(options(desk)).to_have_count(0)
    expect(field).to_have_value("serv")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).not_to_have_attribute("aria-controls", re.compile("."))
    field.press("ArrowDown")
    expect(options(desk)).to_have_count(8)
    field.press("Tab")
    expect(options(desk)).to_have_count(0)


def test_without_a_choice_enter_searches_for_the_words(desk, catalogue):
    desk.goto("/")
    type_in(desk, "Search papers", "orca").press("Enter")
    expect(desk).to_have_url(re.compile(r"/papers/\?q=orca$"))

    field = type_in(desk, "Words to search for", " serving")
    field.press("ArrowDown")
    field.press("ArrowUp")
    field.press("Enter")
    expect(desk).to_have_url(re.compile(r"/papers/\?q=orca(\+|%20)serving$"))
    expect(options(desk)).to_have_count(0)
    expect(desk.get_by_role("link", name=re.compile("Orca: A Distributed"))).to_be_visible()

    # The field that htmx put in the place of the other is one too.
    type_in(desk, "Words to search for", " sys")


def test_a_click_goes_there_and_one_elsewhere_closes_the_list(desk, catalogue):
    desk.goto("/papers/")
    type_in(desk, "Search papers", "osdi")
    desk.get_by_role("heading", name="Papers", level=1).click()
    expect(options(desk)).to_have_count(0)

    type_in(desk, "Search papers", " 24")
    options(desk).get_by_text("OSDI 2024").click()
    expect(desk).to_have_url(re.compile("/venues/osdi/2024/$"))
    desk.go_back()
    expect(options(desk)).to_have_count(0)


def test_it_is_asked_once_for_what_was_typed_in_one_go_and_late_answers_are_dropped(desk, catalogue):
    asked = []
    desk.on("request", lambda request: asked.append(request.url) if "/suggest/" in request.url else None)
    desk.goto("/")
    type_in(desk, "Search papers", "orca")
    assert [url.partition("q=")[2] for url in asked] == ["orca"]

    held = []
    desk.route("**/suggest/?q=osdi", lambda route: held.append(route))
    field = desk.get_by_role("combobox", name="Search papers")
    with desk.expect_request("**/suggest/?q=osdi"):
        field.fill("osdi")
    field.fill("sosp")
    expect(options(desk).first).to_contain_text("SOSP")
    for route in held:
        route.fulfill(body='<div class="suggestions" id="suggestions" role="listbox"><a role="option">Too late</a></div>')
    expect(options(desk).first).to_contain_text("SOSP")

    field.fill("o")
    expect(options(desk)).to_have_count(0)


@pytest.mark.parametrize("is_late", [False, True], ids=["with the file there", "before the file is there"])
def test_nothing_is_asked_while_letters_are_composed(desk, catalogue, is_late):
    asked, held = [], []
    desk.on("request", lambda request: asked.append(request.url) if "/suggest/" in request.url else None)
    desk.route("**/js/suggest*.js", lambda route: held.append(route) if is_late else route.continue_())
    desk.clock.install()
    desk.goto("/")
    field = desk.get_by_role("combobox", name="Search papers")
    keys = desk.context.new_cdp_session(desk)

    def compose():
        keys.send("Input.imeSetComposition", {"text": "orca", "selectionStart": 4, "selectionEnd": 4})
        expect(field).to_have_value("orca")

    with desk.expect_request("**/js/suggest*.js") as asked_for:
        field.focus()
    if is_late:
        compose()
        for route in held:
            route.continue_()
    asked_for.value.response().finished()
    if not is_late:
        compose()
    desk.clock.run_for(1000)
    assert asked == []

    keys.send("Input.insertText", {"text": "orca"})
    desk.clock.run_for(1000)
    expect(options(desk).first).to_be_visible()


def test_the_number_is_said_and_the_page_stays_where_it_is(desk, catalogue):
    desk.goto("/")
    under = desk.get_by_text("On the shelf")
    before = under.bounding_box()
    type_in(desk, "Search papers", "serv")

    expect(desk.locator("#said")).to_have_text("8 suggestions")
    assert under.bounding_box() == before


def test_a_title_that_looks_like_markup_is_shown_as_it_is(page, live_server):
    make_paper("<img src=x onerror=alert(1)> Serving")
    page.goto("/")
    type_in(page, "Search papers", "serving")

    expect(options(page).first).to_contain_text("<img src=x onerror=alert(1)> Serving")
    assert page.locator("#suggestions img").count() == 0


@pytest.mark.once
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_open_list_is_free_of_violations_and_fits(open_context, catalogue, width):
    # axe puts a style of its own into the page.
    page = open_context(bypass_csp=True, viewport={"width": width, "height": 700}).new_page()
    found = []
    for address, name in FIELDS[:3]:
        page.goto(address)
        if width < 960 and address == "/papers/":
            if name == "Search papers":
                continue
            page.get_by_role("button", name="Filters").click()
            page.get_by_text("How to search").click()
        field = type_in(page, name, "serv")
        field.press("ArrowDown")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            violations = Axe().run(page, options={"preload": False}).response["violations"]
            found += [f"{address} {name}, {scheme}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations]
        box = page.locator("#suggestions").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert found == []


def test_escape_closes_the_list_before_the_sheet_that_it_is_in(open_context, catalogue):
    page = open_context(viewport={"width": 390, "height": 800}).new_page()
    page.goto("/papers/")
    page.get_by_role("button", name="Filters").click()
    field = type_in(page, "Words to search for", "orca")
    field.press("Escape")
    expect(options(page)).to_have_count(0)
    expect(field).to_be_visible()


def test_a_list_leads_on_where_nothing_is_found(desk, catalogue):
    desk.goto("/papers/?q=orca+qqzzx")
    desk.get_by_role("link", name="orca", exact=True).click()

    expect(desk.get_by_role("link", name=re.compile("Orca: A Distributed"))).to_be_visible()


def test_the_help_stays_open_while_one_filters(desk, catalogue):
    desk.goto("/papers/")
    desk.get_by_text("How to search").click()
    desk.get_by_role("checkbox", name="PDF").check()
    expect(desk.get_by_label("Remove filter, Has: PDF")).to_be_visible()
    desk.get_by_role("link", name="has:code").click()

    expect(desk).to_have_url(re.compile("q=has%3Acode$"))


def test_a_citation_is_copied_from_the_list(open_context, catalogue):
    context = open_context(viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/papers/?q=orca")
    page.get_by_role("button", name="Copy BibTeX: Orca").click()

    expect(page.locator("#said")).to_have_text("Copied")
    assert "@inproceedings{yu-2022-orca," in page.evaluate("navigator.clipboard.readText()")


def test_without_script_a_field_is_a_form_and_the_help_is_there(page_without_script, catalogue):
    page = page_without_script
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto("/")
    field = page.get_by_role("searchbox", name="Search papers")
    field.fill("orca")
    expect(options(page)).to_have_count(0)
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"/papers/\?q=orca$"))
    expect(page.get_by_role("button", name=re.compile("Copy BibTeX"))).to_have_count(0)

    page.get_by_text("How to search").click()
    page.get_by_role("link", name="venue:osdi year:>=2023").click()
    expect(page).to_have_url(re.compile(r"q=venue%3Aosdi\+year%3A%3E%3D2023$"))
