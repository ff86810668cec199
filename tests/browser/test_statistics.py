"""The catalogue in pictures, without script, by keyboard, and on paper."""

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import go_on_to
from tests.factories import make_papers

pytestmark = pytest.mark.usefixtures("catalogue")


def test_a_mark_is_reached_seen_and_followed_by_keyboard_and_leads_to_what_it_counts(open_context, has_script):
    page = open_context(java_script_enabled=has_script).new_page()
    page.goto("/statistics/")
    mark = page.get_by_role("link", name="Serving, 2024: ")
    count = mark.inner_text()
    go_on_to(mark).press("Enter")

    expect(page.locator("#chosen b")).to_have_text(count)

    page.go_back()
    go_on_to(page.get_by_role("link", name="Survey Paper, 2023: ")).press("Enter")
    expect(page.locator("#chosen")).to_contain_text("Year 2023")


def test_a_month_of_a_chart_leads_to_what_came_in_and_its_table_opens(live_server, page_without_script):
    page = page_without_script
    make_papers(3)
    page.goto("/statistics/")
    month = page.locator("[aria-label='Papers by month'] a").last
    # From behind: as many links stand before it as there are marks.
    go_on_to(page.locator(".numbers summary"), back=True).press("Enter")
    expect(page.get_by_role("table", name="Month by month")).to_be_visible()
    go_on_to(month, back=True).press("Enter")

    expect(page.locator("#chosen")).to_contain_text("Added")


def test_on_paper_every_table_is_open_and_nothing_is_to_press(live_server, page_without_script):
    page = page_without_script
    page.emulate_media(media="print", color_scheme="dark")
    page.goto("/statistics/")

    expect(page.locator(".numbers table")).to_be_visible()
    assert page.locator(".numbers table").bounding_box()["height"] > 100
    expect(page.get_by_role("navigation").first).to_be_hidden()
    expect(page.get_by_role("link", name="Sign in")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_on_paper_a_paper_says_where_it_is_and_how_it_is_cited(live_server, page_without_script):
    page = page_without_script
    page.emulate_media(media="print", color_scheme="dark")
    page.goto("/papers/orca-a-distributed-serving-system/")

    expect(page.locator(".cite [data-for=bib]").last).to_be_visible()
    expect(page.locator(".cite [data-for=ris]").last).to_be_hidden()
    said = page.evaluate("getComputedStyle(document.querySelector('.go-links a'), '::after').content")
    assert "https://www.usenix.org/conference/osdi22/presentation/yu" in said
    assert page.evaluate("getComputedStyle(document.querySelector('.go-links a')).color") == "rgb(0, 0, 0)"
    expect(page.get_by_role("heading", name="Propose a change")).to_be_hidden()
