"""The list and a paper by keyboard alone, with script and without it: narrowed, sorted, turned over, taken away; and how they look."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import go_on_to, press

pytestmark = pytest.mark.usefixtures("catalogue")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 700}


@pytest.fixture
def open_page(open_context, has_script):
    return lambda viewport: open_context(java_script_enabled=has_script, viewport=viewport).new_page()


def skip(page, to):
    go_on_to(page.get_by_role("link", name=to)).press("Enter")


def test_a_list_is_narrowed_sorted_turned_over_and_taken_away(open_page, has_script):
    page = open_page(DESK)
    page.goto("/papers/")
    # What stands before the papers is skipped, and what stands before the other pages.
    skip(page, "Skip to content")
    skip(page, "Skip the filters")
    go_on_to(page.locator("summary", has_text="Lately added"), most=1).press("Enter")
    go_on_to(page.get_by_role("link", name=re.compile("^Title")), most=6).press("Enter")
    expect(page).to_have_url(re.compile("sort=title"))
    skip(page, "Skip the filters")
    skip(page, "Skip to the other pages")
    go_on_to(page.get_by_role("link", name="2", exact=True), most=1).press("Enter")
    expect(page.get_by_text("51–100 of 185")).to_be_visible()

    # A filter is chosen, and another: with script the focus stays on it.
    go_on_to(page.get_by_role("checkbox", name=re.compile("^OSDI"))).press("Space")
    if has_script:
        expect(page).to_have_url(re.compile("venue=osdi"))
        expect(page.get_by_role("checkbox", name=re.compile("^OSDI"))).to_be_focused()
    go_on_to(page.get_by_role("checkbox", name=re.compile("^SOSP")), most=2).press("Space")
    if not has_script:
        go_on_to(page.get_by_role("button", name="Show", exact=True)).press("Enter")
    expect(page).to_have_url(re.compile("venue=osdi&venue=sosp"))
    expect(page.locator("#chosen")).to_contain_text("Venue SOSP")

    with page.expect_download() as downloading:
        go_on_to(page.locator("#results summary", has_text="Download")).press("Enter")
        go_on_to(page.get_by_role("link", name=re.compile("^BibTeX")), most=6).press("Enter")
    assert downloading.value.suggested_filename.endswith(".bib")

    # The menu is closed by going on, and hides nothing.
    remove = page.get_by_role("link", name="Remove filter, Venue: OSDI")
    if has_script:
        go_on_to(page.locator(".entry a").first, most=9)
        expect(page.locator("details.menu[open]")).to_have_count(0)
    go_on_to(remove, back=True).press("Enter")
    expect(page.get_by_role("link", name="Remove filter, Venue: OSDI")).to_have_count(0)
    expect(page.locator("#chosen")).to_contain_text("Venue SOSP")


def test_on_a_phone_filters_are_a_sheet_that_opens_and_closes(open_page, has_script):
    page = open_page(PHONE)
    page.goto("/papers/")
    sheet, button = page.locator("#filters"), page.locator("#results").get_by_role("button", name="Filters")
    go_on_to(button).press("Enter")
    expect(sheet).to_be_visible()
    go_on_to(page.get_by_role("button", name="Close"), most=1).press("Enter")
    expect(sheet).to_be_hidden()
    expect(button).to_be_focused()
    press(page, "Enter")
    go_on_to(page.get_by_role("checkbox", name=re.compile("^OSDI"))).press("Space")
    if has_script:
        expect(page).to_have_url(re.compile("venue=osdi"))
        expect(page.get_by_role("checkbox", name=re.compile("^OSDI"))).to_be_focused()
        press(page, "Escape")
        expect(sheet).to_be_hidden()
        expect(page.get_by_role("button", name="Filters 1")).to_be_focused()
    else:
        go_on_to(page.get_by_role("button", name="Show", exact=True)).press("Enter")
    expect(page.locator("#chosen")).to_contain_text("Venue OSDI")


def test_a_list_is_made_compact(open_page, has_script):
    page = open_page(DESK)
    page.goto("/papers/?venue=osdi")
    full = page.locator(".entry").first.bounding_box()["height"]
    go_on_to(page.get_by_role("radio", name="Full"))
    press(page, "ArrowRight")
    if not has_script:
        press(page, "Enter")
        expect(page).to_have_url(re.compile("density=compact"))
    expect(page.get_by_role("radio", name="Compact")).to_be_checked()
    assert page.locator(".entry").first.bounding_box()["height"] < full / 2


def test_a_paper_is_cited_and_taken_away(open_page):
    page = open_page(DESK)
    page.goto("/papers/orca-a-distributed-serving-system/")
    go_on_to(page.get_by_role("radio", name="BibTeX"))
    press(page, "ArrowLeft")
    expect(page.get_by_role("region", name="Citation, Text")).to_be_visible()
    with page.expect_download() as downloading:
        go_on_to(page.get_by_role("link", name="Download, Text"), most=2).press("Enter")
    assert downloading.value.suggested_filename == "orca-a-distributed-serving-system.txt"
    go_on_to(page.get_by_role("region", name="Citation, Text"), most=1)


def test_colours_are_chosen_at_the_foot(page):
    page.goto("/about/")
    go_on_to(page.get_by_role("radio", name="System"))
    press(page, "ArrowRight", "ArrowRight")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
