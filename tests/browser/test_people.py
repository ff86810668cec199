"""A person shows themselves, takes their data along and leaves: by keyboard alone, and on a phone without script."""

import json

from playwright.sync_api import expect

from accounts.models import User
from tests.pages.test_people import bring_in


def reach(page, name):
    """Go on from control to control until the one of this name has the focus."""
    for _each in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate("() => { const it = document.activeElement; return (it.labels?.[0] ?? it).innerText.trim(); }")
        if focused.startswith(name):
            return
    raise AssertionError(name)


def test_by_keyboard_a_page_is_made_and_the_account_deleted(open_as, alice, mel, live_server):
    bring_in(alice, "Orca", by=mel)
    page = open_as(alice).new_page()
    page.goto("/accounts/")
    reach(page, "Public page")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your public page")
    reach(page, "Have a public page")
    page.keyboard.press("Space")
    reach(page, "Name")
    page.keyboard.type("Alice Moreau, maintainer")
    page.keyboard.press("Enter")
    expect(page.locator("#errors")).to_be_focused()
    reach(page, "Name")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Alice Moreau")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved. Your page is public.")).to_be_visible()
    reach(page, "See your page")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alice Moreau")
    expect(page.get_by_role("link", name="Orca", exact=True)).to_be_visible()

    page.goto("/accounts/")
    reach(page, "Delete the account")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete your account")
    reach(page, "Username of the account")
    page.keyboard.type("alice")
    page.keyboard.press("Enter")
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
