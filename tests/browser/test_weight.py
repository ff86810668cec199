"""What the first view of a page weighs, and that nothing in it moves while it comes."""

import gzip

import brotli
import pytest

# Home, a list, and a paper as a list leads to it. CSS, JavaScript and fonts together, as they are sent.
FIRST_VIEWS = {
    "home": "/",
    "list": "/papers/",
    "paper": "/papers/distserve-disaggregating-prefill-and-decoding/?sort=-added",
}
MOST = 60_000
WEIGHED = {"stylesheet", "script", "font"}
PACKED_ALREADY = (".woff2",)

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


def packed(address, body, pack):
    return len(body) if address.endswith(PACKED_ALREADY) else len(pack(body))


@pytest.mark.parametrize("name", FIRST_VIEWS)
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("pack", [brotli.compress, gzip.compress], ids=["brotli", "gzip"])
def test_a_first_view_weighs_no_more_than_it_may(catalogue, open_first, name, width, pack):
    _page, loaded = open_first(FIRST_VIEWS[name], viewport={"width": width, "height": 900})
    weights = {address.rpartition("/")[2]: packed(address, body, pack) for address, body in loaded.items()}

    assert {"site.css", "openshelf.js", "serif.woff2"} <= weights.keys()
    assert sum(weights.values()) <= MOST, weights


@pytest.mark.parametrize("name", FIRST_VIEWS)
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_while_a_page_comes(catalogue, open_first, name, width):
    page, _loaded = open_first(FIRST_VIEWS[name], viewport={"width": width, "height": 900})

    assert page.evaluate(SHIFTS) == 0
