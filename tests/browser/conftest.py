"""A real browser before a real server. A page that errs in the console, breaks the CSP or asks another host fails its test."""

import os
from urllib.parse import urlsplit

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.browser.chromium import CHROMIUM
from tests.browser.world import world  # noqa: F401

LATER = 4e9

# Playwright keeps an event loop in this thread, and Django then takes every query for an asynchronous mistake.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        missing = pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip
        missing("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_context(browser, live_server):
    """Open a context of its own, as another person or another screen: `open_context(viewport=..., color_scheme="dark")`."""
    faults, contexts = [], []

    def watch(page):
        page.on("console", lambda message: faults.append(f"console: {message.text}") if _is_fault(message) else None)
        page.on("response", lambda answer: faults.append(f"{answer.status}: {answer.url}") if _is_missing(answer) else None)
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("request", lambda request: None if _is_home(request.url, live_server.url) else faults.append(f"left home: {request.url}"))

    def open_(**options):
        context = browser.new_context(**{"base_url": live_server.url, "locale": "en-GB", "reduced_motion": "reduce", **options})
        context.set_default_timeout(10_000)
        context.on("page", watch)
        contexts.append(context)
        return context

    open_.faults = faults
    yield open_
    for context in contexts:
        context.close()
    assert not faults


def _is_fault(message):
    """An error in the console; what only says that something was not loaded is judged by its answer."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")


def _is_missing(response):
    """Something a page needs was refused; the page itself may well be an answer such as 404 or 422."""
    return response.status >= 400 and not response.request.is_navigation_request()


def _is_home(url, home):
    return urlsplit(url).scheme in {"data", "blob", "about"} or urlsplit(url).netloc == urlsplit(home).netloc


@pytest.fixture
def open_as(open_context, live_server):
    """Open a context in which this person is signed in; None is nobody."""

    def open_(person, **options):
        context = open_context(**options)
        if person:
            client = Client()
            client.force_login(person)
            session = client.session
            # Signed in just now, whatever time it is in a test: nobody is asked again before what is delicate.
            session["account_authentication_methods"] = [{"method": "password", "at": LATER}]
            session["account_authentication_methods_user"] = str(person.pk)
            session.save()
            UserSession.objects.create(user=person, session_key=session.session_key, ip="198.51.100.7", user_agent="Firefox")
            context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        return context

    return open_


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def has_script(request):
    """A journey that asks for it is made twice: `open_as(alice, java_script_enabled=has_script)`."""
    return request.param


@pytest.fixture
def page(open_context):
    return open_context().new_page()


@pytest.fixture
def page_without_script(open_context):
    return open_context(java_script_enabled=False).new_page()
