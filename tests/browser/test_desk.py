"""The desk as a form like any other: from link to link and field to field by keyboard alone, with script and without it."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from catalog import records, review, taxonomy
from catalog.models import Distinction, Organization, Paper, Submission, Tombstone, Venue
from tests.browser.keyboard import go_on_to, press
from tests.factories import make_category, make_paper, make_record

WHY = "It serves a thousand adapters from one copy of the base model."
LIST = """- [Sparrow: Serving Without Waiting](https://arxiv.org/abs/2401.00007)
- [Wren: Tiny Models](https://example.org/wren)
- [Heron: Standing Still](https://example.org/heron)
"""


@pytest.fixture
def desk(open_as, mel, has_script):
    return open_as(mel, java_script_enabled=has_script).new_page()


def at(desk, title):
    expect(desk.get_by_role("heading", level=1)).to_contain_text(title)


def skip(desk, to="Skip to content"):
    go_on_to(desk.get_by_role("link", name=to)).press("Enter")


def choose(desk, label, word):
    """In a list to choose from, by the beginning of its word."""
    field = desk.get_by_role("combobox", name=label)
    go_on_to(field).type(word)
    expect(field.locator("option:checked")).to_contain_text(word)


def write(desk, label, words):
    """Instead of what stands there."""
    go_on_to(desk.get_by_role("textbox", name=label))
    press(desk, "Control+a")
    desk.keyboard.type(words)


def push(desk, button):
    go_on_to(desk.get_by_role("button", name=button)).press("Enter")


def test_a_morning_of_decisions(desk, alice, bruno):
    make_category("serving")
    whale = make_paper("Whale", categories=["serving"], year=2020)

    def submit(title):
        record = make_record(title, categories=["serving"], links=["https://example.org/paper"], authors=["Ada Lovelace"], year=2024)
        return review.submit(record, by=alice, why=WHY, token=uuid4())

    for title in ("Alpaca serves", "Bobcat trains", "Civet caches", "Dingo batches"):
        submit(title)
    review.correct(whale, records.replace(whale.record, year=2021), by=bruno, why="The proceedings say 2021 on every page.", token=uuid4())
    for title in ("Ermine waits", "Ferret fetches"):
        submit(title)

    desk.goto("/admin/")
    go_on_to(desk.get_by_role("link", name="Open the review queue")).press("Enter")
    expect(desk.get_by_text("7 waiting.")).to_be_visible()
    skip(desk, "Skip the filters")
    go_on_to(desk.get_by_role("link", name="Alpaca serves")).press("Enter")
    at(desk, "Alpaca serves")
    skip(desk)
    push(desk, "Approve")

    # Sent back: what is missing is said first.
    at(desk, "Bobcat trains")
    skip(desk)
    push(desk, "Request changes")
    expect(desk.locator("#errors")).to_be_focused()
    choose(desk, "Reason", "A fact is wrong")
    write(desk, re.compile("^In your words"), "Please name a venue.")
    push(desk, "Request changes")

    at(desk, "Civet caches")
    skip(desk)
    choose(desk, "Reason", "Out of scope")
    write(desk, re.compile("^In your words"), "It is about caching on phones.")
    push(desk, "Reject")

    # Approved with edits, taken back at once, and approved as it was.
    at(desk, "Dingo batches")
    skip(desk)
    go_on_to(desk.get_by_role("link", name="Approve with edits")).press("Enter")
    desk.wait_for_url("**/edit/")
    skip(desk)
    write(desk, "Title", "Dingo batches continuously")
    push(desk, "Show what I changed")
    expect(desk.get_by_role("heading", name="You changed 1 field")).to_be_visible()
    skip(desk)
    push(desk, "Approve with these edits")
    at(desk, "Whale")
    assert Paper.objects.filter(title="Dingo batches continuously").exists()
    skip(desk)
    go_on_to(desk.get_by_role("button", name="Undo"), most=4).press("Enter")
    at(desk, "Dingo batches")
    assert not Paper.objects.filter(title__startswith="Dingo").exists()
    skip(desk)
    push(desk, "Approve")

    # A correction, and the last two together.
    at(desk, "Whale")
    skip(desk)
    push(desk, "Approve")
    at(desk, "Ermine waits")
    skip(desk)
    go_on_to(desk.get_by_role("link", name="Back to the queue")).press("Enter")
    expect(desk.get_by_text("2 waiting.")).to_be_visible()
    skip(desk, "Skip the filters")
    go_on_to(desk.get_by_role("checkbox", name="Select Ermine waits")).press("Space")
    go_on_to(desk.get_by_role("checkbox", name="Select Ferret fetches"), most=2).press("Space")
    go_on_to(desk.get_by_role("button", name="Preview"), back=True).press("Enter")
    expect(desk.get_by_text("2 will be decided, as shown here.")).to_be_visible()
    skip(desk)
    push(desk, "Approve these 2")
    at(desk, "2 done, 0 skipped")
    go_on_to(desk.get_by_role("link", name="Back to the queue")).press("Enter")
    expect(desk.get_by_role("heading", name="Nothing is waiting")).to_be_visible()

    assert dict(Submission.objects.values_list("title", "status")) == {
        **dict.fromkeys(["Alpaca serves", "Dingo batches", "Whale", "Ermine waits", "Ferret fetches"], "approved"),
        "Bobcat trains": "changes_requested",
        "Civet caches": "rejected",
    }
    assert Paper.objects.get(title="Whale").year == 2021


def test_on_a_phone_the_bar_of_decisions_hides_nothing_that_has_the_focus(desk, alice):
    make_category("serving")
    record = make_record("Alpaca serves", categories=["serving"], links=["https://example.org/paper"], authors=["Ada Lovelace"], year=2024)
    submission = review.submit(record, by=alice, why=WHY, token=uuid4())
    desk.set_viewport_size({"width": 390, "height": 640})
    desk.goto(f"/admin/catalog/submission/{submission.pk}/change/")
    push(desk, "Approve")
    expect(desk.get_by_role("heading", name="Nothing is waiting")).to_be_visible()


def test_pairs_are_told_apart_or_merged(desk, transactional_db):
    make_paper("Orca: Serving", authors=["Ann"], year=2022)
    make_paper("Orca: Serving", authors=["Ann"], year=2021)
    make_paper("DéjàVu: KV-cache Streaming for Fast Serving", year=2024)
    make_paper("Deja Vu: Contextual Sparsity for Efficient LLMs", year=2023)
    desk.goto("/admin/")
    go_on_to(desk.get_by_role("link", name="Papers that may be one")).press("Enter")
    at(desk, "Papers that may be one")
    skip(desk)
    apart = desk.locator("article", has_text="Contextual Sparsity")
    go_on_to(apart.get_by_label("Because")).type("Streaming is not sparsity.")
    go_on_to(apart.get_by_role("button", name="Two papers"), most=2).press("Enter")
    expect(apart).to_have_count(0)
    assert Distinction.objects.get().because == "Streaming is not sparsity."

    skip(desk)
    go_on_to(desk.get_by_role("link", name="Merge…")).press("Enter")
    at(desk, "Merge")
    skip(desk)
    go_on_to(desk.get_by_role("radio", name="This one").first)
    go_on_to(desk.get_by_role("group", name="Year: keep").get_by_role("radio").first)
    press(desk, "ArrowDown")
    push(desk, "Show what stays")
    expect(desk.locator("#result")).to_contain_text("2021")
    go_on_to(desk.get_by_label("Reason, shown in the public log")).type("One work, entered twice.")
    push(desk, "Merge")
    expect(desk.get_by_text("2021").first).to_be_visible()
    assert [paper.year for paper in Paper.objects.filter(title__startswith="Orca")] == [2021]
    assert Tombstone.objects.count() == 1


def test_names_are_mapped(desk, transactional_db):
    taxonomy.add_venue("OSDI")
    make_paper("Orca", venue="OSDI Symposium", year=2022, organizations=["Seoul National"])
    desk.goto("/admin/")
    go_on_to(desk.get_by_role("link", name="Names to map")).press("Enter")
    at(desk, "Names to map")
    skip(desk)
    venue = desk.get_by_role("listitem").filter(has=desk.get_by_role("heading", name="OSDI Symposium"))
    go_on_to(venue.get_by_label("It is OSDI Symposium")).type("OSDI")
    press(desk, "Enter")
    expect(venue).to_have_count(0)
    go_on_to(desk.get_by_role("button", name=re.compile("^One of its own"))).press("Enter")
    expect(desk.get_by_role("heading", name="Every name is mapped")).to_be_visible()
    assert Venue.objects.get().name == "OSDI"
    assert Organization.objects.get().name == "Seoul National"


def test_a_list_is_pasted_chosen_about_and_carried_out(desk, transactional_db):
    make_paper("Heron: Standing Still", categories=["serving"])
    desk.goto("/admin/")
    go_on_to(desk.get_by_role("link", name="Import a list")).press("Enter")
    at(desk, "Import a list")
    skip(desk)
    push(desk, "Show what it would do")
    expect(desk.locator("#errors")).to_be_focused()
    go_on_to(desk.get_by_label("Or paste it here")).type(LIST)
    choose(desk, "What it is", "Markdown")
    choose(desk, "Category", "Serving")
    push(desk, "Show what it would do")
    expect(desk.get_by_role("group", name="What to do: Wren: Tiny Models")).to_be_visible()
    skip(desk)
    sparrow = desk.get_by_role("group", name="What to do: Sparrow")
    go_on_to(sparrow.get_by_role("radio", name="Propose"))
    press(desk, "ArrowRight")
    expect(sparrow.get_by_role("radio", name="Publish")).to_be_checked()
    push(desk, "See what will be done")
    expect(desk.get_by_text("Publish 1.")).to_be_visible()
    skip(desk)
    push(desk, "Do it")
    expect(desk.get_by_text("Applied")).to_be_visible()
    assert Paper.objects.filter(title="Sparrow: Serving Without Waiting").exists()
    assert "Wren: Tiny Models" in Submission.objects.values_list("title", flat=True)
