"""Following as a person does it: by keyboard alone, without script from a wish to the letters, and out of them again."""

import re

from django.core.management import call_command
from playwright.sync_api import expect

from tests.browser.keyboard import go_on_to
from tests.browser.test_main_job import sign_in
from tests.factories import make_paper


def test_by_keyboard_alone_one_follows_hears_otherwise_and_stops(open_as, has_script, catalogue, alice):
    someone = open_as(alice, java_script_enabled=has_script).new_page()
    someone.goto("/venues/osdi/")
    go_on_to(someone.locator("summary", has_text="Follow OSDI")).press("Enter")
    go_on_to(someone.get_by_role("button", name="Daily letter"), most=3).press("Enter")
    expect(someone.get_by_role("status").first).to_contain_text("You follow OSDI: a letter on every day")
    assert [(each.what, each.how) for each in alice.follows.all()] == [("osdi", "daily")]

    go_on_to(someone.locator("summary", has_text="Following OSDI")).press("Enter")
    go_on_to(someone.get_by_role("link", name="All that you follow")).press("Enter")
    expect(someone.get_by_role("button", name="Daily letter")).to_have_attribute("aria-pressed", "true")
    go_on_to(someone.get_by_role("button", name="Weekly letter")).press("Space")
    expect(someone.get_by_role("button", name="Weekly letter")).to_have_attribute("aria-pressed", "true")
    go_on_to(someone.get_by_role("button", name="Stop following")).press("Enter")
    expect(someone.get_by_role("heading", name="You follow nothing yet")).to_be_visible()
    assert not alice.follows.exists()


def test_the_menu_follows_the_selection_that_script_has_put_in_its_place(open_as, catalogue, alice):
    someone = open_as(alice).new_page()
    someone.goto("/papers/?q=cache")
    someone.locator("[id='year:2024']").check()
    someone.wait_for_url("**year=2024*")
    expect(someone.locator("#follow")).to_contain_text("“cache”, 2024")
    someone.locator("#follow summary").click()
    someone.get_by_role("button", name="On this site").click()

    expect(someone.get_by_role("status").first).to_contain_text("You follow “cache”, 2024")
    assert alice.follows.get().what == "q=cache&year=2024"


def test_without_script_a_wish_becomes_a_letter_and_the_letter_leads_out(
    page_without_script, live_server, catalogue, alice, mailoutbox, settings
):
    page = page_without_script
    page.goto("/categories/llm-systems/serving/")
    page.get_by_text("Follow", exact=False).first.click()
    page.get_by_role("link", name="On this site, or by letter").click()
    sign_in(page, username="alice", password="password")
    expect(page.get_by_role("heading", name="Follow Serving")).to_be_visible()
    page.get_by_label("Weekly letter").check()
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.get_by_text("You follow Serving: a letter in every week")).to_be_visible()

    make_paper("Whale: Serving from the Deep", categories=["llm-systems/serving"])
    page.goto("/following/")
    expect(page.get_by_text("1 new", exact=True)).to_be_visible()
    call_command("send_digests")
    assert "Whale: Serving from the Deep" in mailoutbox[-1].body
    way_out = re.search(r"No more of these letters: (\S+)", mailoutbox[-1].body)[1]

    page.context.clear_cookies()
    page.goto(way_out.replace(settings.SITE_URL, live_server.url))
    expect(page.get_by_role("heading", name="No more of these letters?")).to_be_visible()
    assert alice.follows.get().how == "weekly"
    page.get_by_role("button", name="No more letters").click()
    expect(page.get_by_role("heading", name="You get no more of these letters")).to_be_visible()
    assert alice.follows.get().how == "site"
