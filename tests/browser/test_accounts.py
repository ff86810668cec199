"""Accounts as people use them, by keyboard alone: a passkey in a device; codes, an app, tokens and sessions with script and without it."""

import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from accounts.models import User
from accounts.notify import notify
from tests.browser.keyboard import go_on_to, press
from tests.pages.test_accounts import last_code
from tests.pages.test_second_factors import digits

DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}


@pytest.fixture(autouse=True)
def _no_limits_left_over(transactional_db):
    cache.clear()


def with_device(context):
    """A page in a browser that can make passkeys and asks its owner nothing. At a name: for a number no browser makes one."""
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return page


def test_by_keyboard_an_account_is_made_with_a_passkey_and_it_signs_in(open_context, live_server):
    context = open_context(base_url=live_server.url.replace("127.0.0.1", "localhost"))
    page = with_device(context)
    page.goto("/accounts/signup/")
    go_on_to(page.get_by_role("link", name="With a passkey")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Make an account with a passkey")
    go_on_to(page.get_by_label("Email address")).type("dana@example.org")
    go_on_to(page.get_by_label("Username"), most=1).type("dana")
    press(page, "Enter")
    expect(page.get_by_label("The code we sent")).to_be_focused()
    page.keyboard.type(last_code())
    press(page, "Enter")
    expect(page.get_by_label("Name")).to_have_value("Passkey")
    # Enter in the name asks the device, as the button does.
    go_on_to(page.get_by_label("Name")).press("Enter")
    expect(page.get_by_label("dana: your pages")).to_be_visible()
    assert Authenticator.objects.get().user == User.objects.get(username="dana")

    context.clear_cookies()
    page.goto("/accounts/login/?next=/submissions/")
    go_on_to(page.get_by_role("button", name="Use a passkey")).press("Enter")
    page.wait_for_url("**/submissions/")
    expect(page.get_by_label("dana: your pages")).to_be_visible()

    # The device knows that it has one; a second one would be the same.
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("has a passkey for this account already")


def test_a_number_is_no_place_for_a_passkey_and_the_page_says_so(open_context, live_server):
    page = with_device(open_context(base_url=live_server.url.replace("localhost", "127.0.0.1")))
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("open the site as localhost")
    # It went to the same server by its other name.
    open_context.faults.clear()


def sign_in_by_password(page):
    go_on_to(page.locator("summary", has_text="Use a password")).press("Enter")
    go_on_to(page.get_by_label("Username or email address"), most=1).type("alice")
    go_on_to(page.get_by_label("Password"), most=1).type("password")
    press(page, "Enter")


def test_an_account_is_made_and_got_into_again_by_a_code(open_context, has_script):
    page = open_context(java_script_enabled=has_script).new_page()
    page.goto("/")
    go_on_to(page.get_by_role("link", name="Sign in")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    go_on_to(page.get_by_role("link", name="Make an account")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Make an account")
    go_on_to(page.get_by_label("Email address")).type("dana@example.org")
    go_on_to(page.get_by_label("Username"), most=1)
    press(page, "Enter")
    expect(page.locator("#errors")).to_be_focused()
    go_on_to(page.locator("#errors").get_by_role("link"), most=1).press("Enter")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("dana")
    press(page, "Enter")
    expect(page.get_by_label("The code we sent")).to_be_focused()
    page.keyboard.type(last_code())
    press(page, "Enter")
    go_on_to(page.get_by_label("dana: your pages")).press("Enter")
    go_on_to(page.get_by_role("button", name="Sign out"), most=10).press("Enter")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()

    go_on_to(page.get_by_role("link", name="Sign in")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    go_on_to(page.get_by_label("Email address", exact=True)).type("dana@example.org")
    press(page, "Enter")
    expect(page.get_by_label("The code we sent")).to_be_focused()
    page.keyboard.type(last_code())
    press(page, "Enter")
    expect(page.get_by_label("dana: your pages")).to_be_visible()


def test_an_authenticator_app_is_set_up_and_a_recovery_code_used(open_context, has_script, alice):
    page = open_context(java_script_enabled=has_script).new_page()
    page.goto("/accounts/login/")
    sign_in_by_password(page)
    page.wait_for_url(lambda url: "login" not in url)
    page.goto("/accounts/")
    go_on_to(page.get_by_role("link", name="Authenticator app")).press("Enter")
    page.wait_for_url("**/totp/activate/")
    expect(page.locator("[name=code]")).to_be_focused()
    secret = page.get_by_label("Or type this key into it").input_value()
    # At the beginning of the half minute that the digits are good for.
    with time_machine.travel(int(time.time()) // 30 * 30):
        page.keyboard.type(digits(secret))
        press(page, "Enter")
        expect(page.get_by_role("heading", name="Recovery codes", exact=True)).to_be_visible()
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    sign_in_by_password(page)
    page.wait_for_url("**/2fa/authenticate/")
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.type(codes[0])
    press(page, "Enter")
    expect(page.get_by_label("alice: your pages")).to_be_visible()


def test_tokens_are_made_and_revoked_and_another_browser_is_signed_out(open_as, has_script, alice):
    open_as(alice)
    page = open_as(alice, java_script_enabled=has_script).new_page()
    page.goto("/accounts/")
    go_on_to(page.get_by_role("link", name="Tokens for programs")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your tokens")
    go_on_to(page.get_by_label("What it is for")).type("My shelf at home")
    press(page, "Enter")
    expect(page.locator("#made")).to_be_focused()
    go_on_to(page.get_by_role("textbox", name="Token", exact=True), most=1)
    go_on_to(page.get_by_role("button", name="Revoke"), most=2).press("Enter")
    expect(page.get_by_text("My shelf at home")).to_have_count(0)

    page.goto("/accounts/sessions/")
    go_on_to(page.get_by_role("button", name="End it")).press("Enter")
    expect(page.get_by_role("button", name="End it")).to_have_count(0)
    expect(page.get_by_text("this one")).to_be_visible()


def test_what_happened_is_read_and_put_away(open_as, has_script, alice):
    for title in ("Orca", "Whale", "Heron"):
        notify(alice, f"{title} was approved", url="/about/")
    page = open_as(alice, java_script_enabled=has_script).new_page()
    page.goto("/")
    go_on_to(page.get_by_label("alice: your pages")).press("Enter")
    go_on_to(page.get_by_role("link", name="Notifications"), most=4).press("Enter")
    go_on_to(page.get_by_role("button", name=re.compile("^Mark as read.*Orca"))).press("Enter")
    expect(page.get_by_text("2 are unread")).to_be_visible()
    # One goes on where one was.
    go_on_to(page.get_by_role("link", name="Orca was approved"), most=1)
    go_on_to(page.get_by_role("button", name="Mark all as read"), most=5, back=True).press("Enter")
    expect(page.get_by_text("are unread")).to_have_count(0)


def test_without_script_a_passkey_is_not_to_be_had_and_the_page_leads_to_what_is(page_without_script):
    page = page_without_script
    page.goto("/accounts/signup/passkey/")
    expect(page.locator("noscript p")).to_contain_text("Every other way works without it")
    page.get_by_role("link", name="make an account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Make an account")


def test_a_code_signs_in_without_script_and_the_page_says_what_does_not(page_without_script, alice):
    page = page_without_script
    page.goto("/accounts/login/?next=/accounts/sessions/")
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)
    page.get_by_label("Email address", exact=True).fill(alice.email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code we sent").fill("AAAA-AAAA")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("does not match")).to_be_visible()
    page.get_by_label("The code we sent").fill(last_code())
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/accounts/sessions/")
    expect(page.get_by_text("this one")).to_be_visible()
    assert [letter.to for letter in mail.outbox] == [[alice.email]]
