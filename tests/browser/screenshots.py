"""Draw docs/screenshots/ anew: every page at three widths, light and dark.

Run by `make screenshots`; not a test, though it stands on the tests' cast and server. ONLY= names the pages that are wanted.
"""

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.pages import PAGES, VISITOR
from tests.browser.world import NOW, at

SCREENSHOTS = Path(__file__).parents[2] / "docs" / "screenshots"
WIDTHS = {1440: 900, 768: 1024, 320: 640}
# Of a long page the beginning, in pixels. Colours are counted, so that a hundred pages weigh little.
LONGEST = 1500
COLOURS = 48

WANTED = [page for page in PAGES if page.name in os.environ.get("ONLY", page.name).split()]


@pytest.mark.parametrize("page", WANTED, ids=lambda page: page.name)
def test_draw(open_as, world, page):
    reader = page.readers[0]
    with at(NOW):
        tab = open_as(None if reader == VISITOR else world["people"][reader]).new_page()
        tab.goto(page.address.format(**world))
        for width, height in WIDTHS.items():
            tab.set_viewport_size({"width": width, "height": height})
            if width == max(WIDTHS):
                page.then(tab)
                tab.wait_for_load_state("networkidle")
            # As high as the page is long: what sticks to the foot of the window is drawn there.
            length = tab.evaluate("document.documentElement.scrollHeight")
            tab.set_viewport_size({"width": width, "height": max(height, min(length, LONGEST))})
            for scheme in ("light", "dark"):
                tab.emulate_media(color_scheme=scheme)
                picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
                picture.save(SCREENSHOTS / f"{page.name}-{width}-{scheme}.png", optimize=True)
