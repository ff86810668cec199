"""Accounts as people use them: a passkey in a device, an app by keyboard alone, a code without script."""

import re
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import expect

from accounts.models import User
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


def test_an_account_is_made_with_a_passkey_and_it_signs_in(open_context, live_server):
    context = open_context(base_url=live_server.url.replace("127.0.0.1", "localhost"))
    page = with_device(context)
    page.goto("/accounts/signup/")
    page.get_by_role("link", name="With a passkey").click()
    page.get_by_label("Email address").fill("dana@example.org")
    page.get_by_label("Username").fill("dana")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code we sent").fill(last_code())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Name")).to_have_value("Passkey")
    # Enter in the name asks the device, as the button does.
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_label("dana: your pages")).to_be_visible()
    assert Authenticator.objects.get().user == User.objects.get(username="dana")

    context.clear_cookies()
    page.goto("/accounts/login/?next=/submissions/")
    page.get_by_role("button", name="Use a passkey").click()
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


def test_an_authenticator_app_is_set_up_and_used_by_keyboard_alone(page, alice):
    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    def focused():
        return page.evaluate("document.activeElement.innerText || document.activeElement.name")

    def go_on_to(name, *, most=60):
        for _step in range(most):
            press("Tab")
            if re.search(name, focused() or ""):
                return
        raise AssertionError(name)

    page.goto("/accounts/login/")
    go_on_to("Use a password")
    press("Enter")
    go_on_to("^login$")
    page.keyboard.type("alice")
    press("Tab")
    page.keyboard.type("password")
    press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto("/accounts/")
    go_on_to("^Authenticator app$")
    press("Enter")
    page.wait_for_url("**/totp/activate/")
    assert focused() == "code"
    secret = page.get_by_label("Or type this key into it").input_value()
    # At the beginning of the half minute that the digits are good for.
    with time_machine.travel(int(time.time()) // 30 * 30):
        page.keyboard.type(digits(secret))
        press("Enter")
        expect(page.get_by_role("heading", name="Recovery codes", exact=True)).to_be_visible()
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    go_on_to("Use a password")
    press("Enter")
    go_on_to("^login$")
    page.keyboard.type("alice")
    press("Tab")
    page.keyboard.type("password")
    press("Enter")
    page.wait_for_url("**/2fa/authenticate/")
    assert focused() == "code"
    page.keyboard.type(codes[0])
    press("Enter")
    expect(page.get_by_label("alice: your pages")).to_be_visible()


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
