"""What the first view of a page weighs, and that nothing in it moves while it comes."""

import gzip
import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.once
# Home, a list, and a paper as a list leads to it. CSS, JavaScript and fonts together, in bytes as they are sent: with gzip, as
# the heavier of the two ways, and fonts as they are.
FIRST_VIEWS = {
    "home": "/",
    "list": "/papers/",
    "paper": "/papers/distserve-disaggregating-prefill-and-decoding/?sort=-added",
}
MOST = 60_000
# Of the screen, times how far (Layout Instability). A busy machine paints a page of which a part has come, and what stands at the
# end of a line then moves along it by less than this; what comes late into a page that stands moves it by more.
STILL = 0.005
WEIGHED = {"stylesheet", "script", "font"}

SHIFTS = """
() => new Promise((resolve) => {
  let sum = 0;
  const watch = new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; });
  watch.observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(sum), 100)));
})
"""


@pytest.fixture
def open_first(open_context):
    """A page as somebody sees it who was never here: all that it loads, by address, and the page."""

    def open_(address, **options):
        page, loaded = open_context(**options).new_page(), {}

        def note(response):
            if response.request.resource_type in WEIGHED:
                loaded[response.url] = response.body()

        page.on("response", note)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return page, loaded

    return open_


@pytest.mark.parametrize("name", FIRST_VIEWS)
@pytest.mark.parametrize("width", [390, 1440])
def test_a_first_view_weighs_no_more_than_it_may(catalogue, open_first, name, width):
    _page, loaded = open_first(FIRST_VIEWS[name], viewport={"width": width, "height": 900})
    weights = {
        address.rpartition("/")[2]: len(body if address.endswith(".woff2") else gzip.compress(body)) for address, body in loaded.items()
    }

    assert {"site.css", "openshelf.js", "serif.woff2"} <= weights.keys()
    assert sum(weights.values()) <= MOST, weights


@pytest.mark.parametrize("name", FIRST_VIEWS)
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_while_a_page_comes(catalogue, open_first, name, width):
    page, _loaded = open_first(FIRST_VIEWS[name], viewport={"width": width, "height": 900})

    assert page.evaluate(SHIFTS) < STILL


def test_what_a_list_is_filtered_with_comes_when_it_is_turned_to(catalogue, open_first):
    page, loaded = open_first("/papers/")
    assert not any("htmx" in address for address in loaded)

    page.get_by_label("OSDI").check()

    expect(page).to_have_url(re.compile(r"\?venue=osdi$"))
    assert any("htmx" in address for address in loaded)


def test_one_goes_back_through_what_was_chosen_after_the_page_came_anew(catalogue, open_first):
    page, _loaded = open_first("/papers/")
    page.get_by_label("OSDI").check()
    expect(page).to_have_url(re.compile(r"\?venue=osdi$"))
    page.reload()
    # Not `go_back`, which takes offence at a page that loads itself anew when it is come back to.
    page.evaluate("history.back()")

    expect(page).to_have_url(re.compile("/papers/$"))
    expect(page.locator("#chosen")).to_contain_text("185 of 185")
