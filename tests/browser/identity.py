"""Draw the pictures by which the site is known elsewhere anew: the preview of posted addresses, and the icons at the root.

Run by `make screenshots`; not a test. They are drawn from the mark, the tokens and the fonts of the site, and name no catalogue.
"""

import struct
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
MARK = '<path d="M2 21.25h20" stroke-width="1.5"/><path d="M4.25 20V8.5M8.75 20V4"/><path class="lean" d="m15.2 19.6 4-13.4"/>'
# As on the shelves of the site: of some years, the newest tallest.
STROKES = [9, 10, 10, 12, 11, 12, 14, 13, 14, 14, 16, 15, 16, 12, 16, 17, 16, 18, 17, 18, 18, 16, 18, 18, 18, 17, 18, 18]
ICONS = [16, 32, 48]


def page_of(live_server, body, style):
    return f"""<!doctype html><html lang="en"><base href="{live_server.url}/"><link rel="stylesheet" href="/static/css/site.css"><style>
        html {{ color-scheme: light; }} body {{ display: grid; }}
        svg {{ fill: none; stroke: currentColor; }} .lean {{ stroke: var(--accent); }}
        {style}</style><body>{body}"""


def drawn(open_context, live_server, body, style, *, width, height, scale=1, see_through=False):
    page = open_context(viewport={"width": width, "height": height}, device_scale_factor=scale, bypass_csp=True).new_page()
    # An address of the site, so that its fonts may be used.
    page.goto("/healthz")
    page.set_content(page_of(live_server, body, style), wait_until="networkidle")
    page.evaluate("() => document.fonts.ready")
    return page.screenshot(omit_background=see_through)


def mark(colours=""):
    return f'<svg viewBox="0 0 24 24" stroke-width="2.5" {colours}>{MARK}</svg>'


def test_preview(open_context, live_server):
    shelf = "".join(f"M{4 + 14 * place} 100v-{round(5.2 * tall)}" for place, tall in enumerate(STROKES))
    leaning = 4 + 14 * len(STROKES) + 20
    body = f"""<p class="name">{mark()}Openshelf</p><h1>Curated lists of papers,<br>kept by their readers</h1>
        <p class="what">Proposed in the open, checked on arrival, decided with a reason, free to take away.</p>
        <svg class="board" viewBox="0 0 1040 106" stroke-width="6"><path class="spine" d="{shelf}"/>
        <path class="lean" d="M{leaning} 99l31-84"/><path class="line" d="M0 102H1040" stroke-width="2"/></svg>"""
    style = """body { inline-size: 1200px; block-size: 630px; padding: 64px 80px 72px; align-content: space-between; }
        .name { display: flex; align-items: center; gap: 16px; font: 600 40px/1 var(--serif); & svg { inline-size: 52px; } }
        h1 { font: 400 76px/1.08 var(--serif); letter-spacing: -.02em; } .what { font: 400 30px/1.4 var(--serif); color: var(--ink-2); }
        .board { inline-size: 1040px; } .spine { stroke: var(--spine); } .line { stroke: var(--line-2); }"""
    (STATIC / "img" / "preview.png").write_bytes(drawn(open_context, live_server, body, style, width=1200, height=630))


def test_touch_icon(open_context, live_server):
    style = "body { inline-size: 180px; block-size: 180px; place-items: center; background: var(--paper); } svg { inline-size: 116px; }"
    (STATIC / "root" / "apple-touch-icon.png").write_bytes(drawn(open_context, live_server, mark(), style, width=180, height=180))


def test_favicon(open_context, live_server):
    """One file of several sizes, as browsers ask for it at the root; in a green that is seen on light and on dark."""
    images = []
    for size in ICONS:
        style = f"html, body {{ background: none; }} svg, .lean {{ inline-size: {size}px; block-size: {size}px; stroke: #2f8566; }}"
        images.append(drawn(open_context, live_server, mark(), style, width=size, height=size, see_through=True))
    at = 6 + 16 * len(images)
    head = struct.pack("<HHH", 0, 1, len(images))
    for size, image in zip(ICONS, images, strict=True):
        head += struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(image), at)
        at += len(image)
    (STATIC / "root" / "favicon.ico").write_bytes(head + b"".join(images))
