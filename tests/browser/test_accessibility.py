"""axe-core finds nothing on any page, light and dark, on a desk and on a phone, for whoever may see it; and nothing is too wide."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.pages import DESK, OUTSIDE, OWN, PUBLIC, VISITOR
from tests.browser.world import NOW, at

pytestmark = pytest.mark.once
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ALL = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"], "preload": False}
# What a rule of axe says depends on the width or on the colours, and of the latter only this one does.
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"], "preload": False}
LOOKS = [(WIDE, "light", ALL), (WIDE, "dark", COLOURS), (PHONE, "dark", ALL), (PHONE, "light", COLOURS)]
WIDTHS = (390, 320, 768, 1440)
ROOMS = {"public": PUBLIC, "outside": OUTSIDE, "own": OWN, "desk": DESK}
# Several tests of a length that workers can share.
READERS = [(name, reader) for name, room in ROOMS.items() for reader in dict.fromkeys(reader for page in room for reader in page.readers)]

RUN = """options => axe.run(document, options).then(({violations}) =>
    violations.map(each => `${each.id}: ${each.nodes.map(node => node.html.slice(0, 160)).join(" | ").slice(0, 500)}`))"""


@pytest.mark.parametrize(("room", "reader"), READERS)
def test_every_page_is_free_of_violations(open_as, world, room, reader):
    # axe puts a style of its own into the page.
    context = open_as(None if reader == VISITOR else world["people"][reader], bypass_csp=True)
    # One tab for all of them: most of what a page costs is the browser that begins anew.
    tab = context.new_page()
    found = []
    with at(NOW):
        for page in ROOMS[room]:
            if reader not in page.readers:
                continue
            if reader == VISITOR:
                # What was begun on one page, such as signing in, is not gone on with on the next.
                context.clear_cookies()
            tab.mouse.move(0, 0)
            tab.set_viewport_size(WIDE)
            tab.emulate_media(color_scheme="light")
            tab.goto(page.address.format(**world))
            page.then(tab)
            tab.wait_for_load_state()
            tab.evaluate(AXE_SCRIPT)
            for size, scheme, options in LOOKS:
                tab.set_viewport_size(size)
                tab.emulate_media(color_scheme=scheme)
                found += [f"{page.name}, {size['width']}, {scheme}: {each}" for each in tab.evaluate(RUN, options)]
            for width in WIDTHS:
                tab.set_viewport_size({"width": width, "height": 900})
                too_wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                found += [f"{page.name}, {width}: {too_wide} px too wide"] if too_wide > 0 else []
    assert not found, "\n".join(found)
