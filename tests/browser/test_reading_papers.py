"""Papers as they are read: one after the other by keyboard, abstracts where they are asked for, and all of it without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import go_on_to
from tests.factories import make_papers

ABSTRACT = "Where the KV-cache goes, and why."


@pytest.fixture
def papers(db):
    return make_papers(3, venue="OSDI", year=2024, abstract=ABSTRACT)


def test_by_keyboard_alone_one_reads_an_abstract_and_goes_through_the_list(papers, page):
    page.goto("/papers/?q=goes")
    first = page.locator(".entry").first
    link = first.get_by_role("button", name=re.compile("^Abstract"))
    go_on_to(link)
    page.keyboard.press("Space")
    expect(first.locator(".abstract mark")).to_have_text("goes")
    expect(link).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Enter")
    expect(first.locator(".abstract")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(first.locator(".abstract")).to_have_count(1)

    page.keyboard.press("Shift+Tab")
    go_on_to(page.locator(".entry h3 a").nth(1))
    page.keyboard.press("Enter")
    among = page.get_by_role("navigation", name="In the list you came from")
    expect(among).to_contain_text("2 of 3 in")
    go_on_to(among.get_by_role("link", name=re.compile("^Next")))
    page.keyboard.press("Enter")
    expect(among).to_contain_text("3 of 3 in")
    expect(among).to_contain_text("The last")
    go_on_to(among.get_by_role("link", name=re.compile("back to the list")))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/papers/\?q=goes&sort=relevance$"))


def test_without_script_the_abstract_is_on_the_page_of_the_paper(papers, page_without_script):
    page = page_without_script
    page.goto("/papers/?venue=osdi&sort=title")
    page.locator(".entry").nth(1).get_by_role("link", name=re.compile("^Abstract")).click()

    expect(page).to_have_url(re.compile(r"/papers/[\w-]+/\?venue=osdi&sort=title#abstract$"))
    expect(page.locator("#abstract + .abstract")).to_have_text(ABSTRACT)
    expect(page.get_by_role("button", name=re.compile("Copy"))).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Previous")).click()
    expect(page.locator(".among")).to_contain_text("The first")
    page.get_by_role("link", name=re.compile("back to the list")).click()
    expect(page.locator(".entry")).to_have_count(3)


def test_the_link_that_lasts_and_a_citation_are_copied(papers, open_context, live_server, settings):
    context = open_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto("/papers/?venue=osdi")
    page.locator(".entry h3 a").first.click()
    copied = "() => navigator.clipboard.readText()"

    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate(copied) == settings.SITE_URL + papers[-1].get_absolute_url()

    page.get_by_label("Text", exact=True).check()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator(".cite").get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate(copied) == page.locator("pre[data-for=txt]").text_content().strip()


def test_a_compact_list_is_remembered_and_can_be_left(papers, page):
    page.goto("/papers/")
    full = page.locator(".entry").first.bounding_box()["height"]
    page.get_by_label("Compact").check()
    page.goto("/papers/?venue=osdi")

    expect(page.get_by_label("Compact")).to_be_checked()
    assert page.locator(".entry").first.bounding_box()["height"] < full / 2
    page.get_by_label("Full").check()
    page.reload()
    expect(page.get_by_label("Full")).to_be_checked()
