"""A person shows themselves, takes their data along and leaves: by keyboard alone, and on a phone without script."""

import json

from playwright.sync_api import expect

from accounts.models import User
from tests.browser.keyboard import go_on_to, press
from tests.pages.test_people import bring_in


def test_by_keyboard_a_page_is_made_the_data_taken_along_and_the_account_deleted(open_as, has_script, alice, mel, live_server):
    bring_in(alice, "Orca", by=mel)
    page = open_as(alice, java_script_enabled=has_script).new_page()
    page.goto("/accounts/")
    go_on_to(page.get_by_role("link", name="Public page")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your public page")
    go_on_to(page.get_by_label("Have a public page")).press("Space")
    go_on_to(page.get_by_role("textbox", name="Name"), most=1).type("Alice Moreau, maintainer")
    page.keyboard.press("Enter")
    expect(page.locator("#errors")).to_be_focused()
    go_on_to(page.locator("#errors").get_by_role("link", name="Name"), most=1).press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    press(page, "Control+a")
    page.keyboard.type("Alice Moreau")
    press(page, "Enter")
    expect(page.get_by_text("Saved. Your page is public.")).to_be_visible()
    go_on_to(page.get_by_role("link", name="See your page")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alice Moreau")
    expect(page.get_by_role("link", name="Orca", exact=True)).to_be_visible()

    page.goto("/accounts/")
    go_on_to(page.get_by_role("link", name="Download your data")).press("Enter")
    with page.expect_download() as downloading:
        go_on_to(page.get_by_role("link", name="Download", exact=True)).press("Enter")
    assert downloading.value.suggested_filename == "openshelf-alice.json"

    page.goto("/accounts/")
    go_on_to(page.get_by_role("link", name="Delete the account")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete your account")
    go_on_to(page.get_by_label("Username of the account")).type("alice")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account is deleted")
    assert not User.objects.filter(username="alice").exists()
    page.goto("/papers/orca/")
    expect(page.get_by_text("Proposed by deleted user")).to_be_visible()


def test_on_a_phone_without_script_what_is_kept_is_taken_along(open_context, alice, mel):
    bring_in(alice, "Orca", by=mel)
    page = open_context(viewport={"width": 320, "height": 700}, java_script_enabled=False).new_page()
    page.goto("/accounts/login/?next=/accounts/profile/")
    page.get_by_text("Use a password").click()
    page.get_by_label("Username or email address").fill("alice")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("ORCID iD").fill("0000-0002-1825-0098")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="ORCID iD").click()
    page.get_by_label("ORCID iD").fill("0000-0002-1825-0097")
    page.get_by_label("Have a public page").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Your page is public.")).to_be_visible()
    page.goto("/people/")
    page.get_by_role("link", name="alice", exact=True).click()
    expect(page.get_by_role("link", name="ORCID 0000-0002-1825-0097")).to_be_visible()
    page.goto("/accounts/data/")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download", exact=True).click()
    assert downloading.value.suggested_filename == "openshelf-alice.json"
    told = json.loads(downloading.value.path().read_text(encoding="utf-8"))
    assert told["public_page"]["orcid"] == "0000-0002-1825-0097"
    assert [submission["title"] for submission in told["submissions"]] == ["Orca"]
