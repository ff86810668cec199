"""A list comes to the desk in a real browser: on a phone without script, by keyboard, and a long one that goes on by itself."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from catalog.ingest import desk
from catalog.models import Import, Paper, Submission
from tests.factories import make_category, make_paper

ADD = "/admin/catalog/import/add/"
BIRDS = """title,authors,year,venue,url,note
Sparrow: Serving Without Waiting,Ann Bee,2024,OSDI,https://arxiv.org/abs/2401.00007,
<b>Wren</b>: Tiny Models for Tiny Birds \u0634\u0628\u0643\u0627\u062a,Bob Cee; Cy Dee,2023,,https://example.org/wren,
Heron: Standing Still,,2021,,,Read section 4 first.
Heron: Standing Still Again and Again,,2022,,,
Averylongwordthatgoesonwithoutanyblankatallandwouldnotfitonanyphoneofthisworldhoweverlarge,,2022,,,
,,2020,,,
"""


@pytest.fixture
def list_file(tmp_path):
    path = tmp_path / "birds.csv"
    path.write_text(BIRDS, encoding="utf-8")
    return path


@pytest.fixture
def desk_of(open_as, mel):
    """A page of mel's: `desk_of(viewport=...)`."""
    make_category("serving")
    make_paper("Heron: Standing Still", categories=["serving"])
    return lambda **options: open_as(mel, **options).new_page()


def bring(page, file):
    page.goto(ADD)
    page.set_input_files("#id_file", file)
    page.get_by_label("Category").select_option("serving")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("birds")


def test_on_a_phone_without_script_a_list_is_looked_at_chosen_about_and_done(desk_of, list_file):
    page = desk_of(viewport={"width": 320, "height": 700}, java_script_enabled=False)
    bring(page, list_file)
    expect(page.get_by_text("May be Heron: Standing Still")).to_be_visible()
    page.get_by_role("button", name="Publish all: New", exact=True).click()
    page.get_by_role("group", name="What to do: Heron: Standing Still Again").get_by_text("Leave out").click()
    page.get_by_role("button", name="See what will be done").click()
    for said in ("Publish 3.", "Propose 1", "Leave out 1"):
        expect(page.get_by_text(said)).to_be_visible()
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("Applied")).to_be_visible()
    assert Paper.objects.count() == 4
    assert Submission.objects.get().paper.title == "Heron: Standing Still"


def test_by_keyboard_a_choice_is_made_and_enter_only_keeps_it(desk_of, list_file):
    page = desk_of()
    bring(page, list_file)
    page.get_by_role("radio", name="Propose").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Publish").first).to_be_checked()
    expect(page.get_by_text("Nothing is done yet.")).to_be_visible()
    assert sorted(Import.objects.get().rows.values_list("choice", flat=True)) == ["propose"] * 4 + ["publish", "skip"]


def test_a_long_list_goes_on_by_itself(desk_of, list_file, monkeypatch):
    monkeypatch.setattr(desk, "AT_ONCE", 1)
    monkeypatch.setattr(desk, "SECONDS", 0)
    monkeypatch.setattr(desk, "monotonic", lambda: 0)
    page = desk_of()
    bring(page, list_file)
    page.get_by_role("button", name="See what will be done").click()
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_text("Applied")).to_be_visible()
    assert Submission.objects.count() == 5


@pytest.mark.once
def test_no_page_of_it_has_violations_or_is_too_wide(desk_of, list_file):
    # axe puts a style of its own into the page.
    page = desk_of(bypass_csp=True)
    bring(page, list_file)
    preview = page.url
    found = []

    def look(address):
        page.goto(address)
        for width, scheme in ((1280, "light"), (390, "dark"), (320, "light")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            violations = Axe().run(page, options={"preload": False}).response["violations"]
            found.extend(f"{address} {width}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations)
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found.extend([f"{address} {width}: {overflow} px too wide"] if overflow > 0 else [])

    for address in (ADD, preview, preview.replace("change", "apply"), "/admin/catalog/import/"):
        look(address)
    page.goto(preview.replace("change", "apply"))
    page.get_by_role("button", name="Do it").click()
    look(preview)
    assert found == []
