"""A morning at the desk, by keyboard alone: twelve proposals of all kinds wait, and each is dealt with."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from catalog import records, review
from catalog.models import Decision, Paper, Submission
from tests.factories import make_category, make_paper, make_record

QUEUE = "/admin/catalog/submission/"
WHY = "It serves a thousand adapters from one copy of the base model."


@pytest.fixture
def waiting(alice, bruno):
    """Twelve, the first the oldest: eight additions, two corrections, two removals."""
    for path in ("serving", "training"):
        make_category(path)
    papers = {name: make_paper(name, categories=["serving"], year=2020) for name in ("Whale", "Seal", "Otter", "Walrus")}

    def addition(title):
        record = make_record(title, categories=["serving"], links=["https://example.org/paper"], authors=["Ada Lovelace"], year=2024)
        return review.submit(record, by=alice, why=WHY, token=uuid4())

    def correction(name):
        record = records.replace(papers[name].record, year=2021)
        return review.correct(papers[name], record, by=bruno, why="The proceedings say 2021 on every page.", token=uuid4())

    def removal(name):
        return review.remove(papers[name], by=bruno, why="It was never published.", token=uuid4())

    submissions = [
        addition("Alpaca serves"),
        correction("Whale"),
        removal("Seal"),
        addition("Bobcat trains"),
        addition("Civet caches"),
        addition("Dingo batches"),
        addition("Ermine waits"),
        removal("Otter"),
        correction("Walrus"),
        addition("Ferret fetches"),
        addition("Gibbon swings"),
        addition("Heron stands"),
    ]
    for hours, submission in enumerate(reversed(submissions), start=1):
        Submission.objects.filter(pk=submission.pk).update(submitted_at=timezone.now() - timedelta(hours=hours))
    return submissions


@pytest.fixture
def desk(open_as, mel):
    return open_as(mel).new_page()


@pytest.fixture
def keys(desk):
    """Press keys one after the other: `keys("a", "Enter")`."""

    def press(*names):
        for name in names:
            desk.keyboard.press(name)

    return press


def at(desk, title):
    expect(desk.get_by_role("heading", level=1)).to_contain_text(title)


def test_twelve_are_dealt_with_by_keyboard_alone(desk, keys, waiting, live_server):
    desk.goto(QUEUE)
    expect(desk.get_by_text("12 waiting.")).to_be_visible()
    expect(desk.locator("details.keys[open]")).to_contain_text("this list")

    # Down the rows and back; the first is opened.
    keys("j", "j", "k")
    expect(desk.locator("tr[aria-current=true]")).to_contain_text("Alpaca serves")
    keys("Enter")
    at(desk, "Alpaca serves")
    keys("a")
    expect(desk.locator("button[value=approve]")).to_be_focused()
    keys("Enter")

    # What is decided leads to what waits next: a correction, a removal.
    at(desk, "Whale")
    keys("a", "Enter")
    at(desk, "Seal")
    keys("a", "Enter")

    # Sent back: the words of a reason are there, and more of one's own.
    at(desk, "Bobcat trains")
    keys("c")
    expect(desk.locator("#id_reason")).to_be_focused()
    expect(desk.locator("#id_reason")).to_have_value("Please correct this: ")
    desk.keyboard.type("the year, and name a venue. a n q")
    keys("Control+Enter")

    at(desk, "Civet caches")
    keys("r", "Control+a")
    desk.keyboard.type("It is about caching on phones.")
    keys("Escape")
    expect(desk.locator("#id_reason")).not_to_be_focused()
    keys("r")
    expect(desk.locator("#id_reason")).to_have_value("It is about caching on phones.")
    keys("Control+Enter")

    # Approved with edits.
    at(desk, "Dingo batches")
    keys("e")
    desk.wait_for_url("**/edit/")
    keys(*["Tab"] * tabs_to(desk, "#id_title"))
    expect(desk.locator("#id_title")).to_be_focused()
    keys("End")
    desk.keyboard.type(" continuously")
    keys("Escape", "a", "Enter")

    # Left for later.
    at(desk, "Ermine waits")
    keys("n")
    at(desk, "Otter")
    keys("r", "Control+Enter")
    at(desk, "Walrus")
    # The words that a reason begins with are not enough.
    keys("c", "Control+Enter")
    expect(desk.get_by_text("Finish the sentence").first).to_be_visible()
    keys("c", "Control+End")
    desk.keyboard.type(" the name is another animal’s.")
    keys("Control+Enter")

    # Approved, and taken back at once; then rejected.
    at(desk, "Ferret fetches")
    keys("a", "Enter")
    at(desk, "Gibbon swings")
    keys("u")
    expect(desk.get_by_role("button", name="Undo").first).to_be_focused()
    keys("Enter")
    at(desk, "Ferret fetches")
    assert not Paper.objects.filter(title="Ferret fetches").exists()
    keys("r", "Control+a")
    desk.keyboard.type("It is in the list already.")
    keys("Control+Enter")

    # The last three together, from the queue.
    at(desk, "Gibbon swings")
    keys("q")
    expect(desk.get_by_text("3 waiting.")).to_be_visible()
    keys("j", "x", "j", "x", "j", "x")
    expect(desk.locator("[data-selected]")).to_have_text("3")
    keys("b", "Tab", "Enter")
    expect(desk.get_by_text("3 will be decided, as shown here.")).to_be_visible()
    keys("a", "Enter")
    at(desk, "3 done, 0 skipped")
    keys("q")
    expect(desk.get_by_role("heading", name="Nothing is waiting")).to_be_visible()

    assert dict(Submission.objects.values_list("title", "status")) == {
        "Alpaca serves": "approved",
        "Whale": "approved",
        "Seal": "approved",
        "Bobcat trains": "changes_requested",
        "Civet caches": "rejected",
        "Dingo batches": "approved",
        "Ermine waits": "approved",
        "Otter": "rejected",
        "Walrus": "changes_requested",
        "Ferret fetches": "rejected",
        "Gibbon swings": "approved",
        "Heron stands": "approved",
    }
    assert {paper.title: paper.year for paper in Paper.objects.all()} == {
        **dict.fromkeys(["Alpaca serves", "Dingo batches continuously", "Ermine waits", "Gibbon swings", "Heron stands"], 2024),
        "Whale": 2021,
        "Otter": 2020,
        "Walrus": 2020,
    }
    assert Decision.objects.get(submission__title="Bobcat trains").reason == "Please correct this: the year, and name a venue. a n q"

    # And everybody can read what happened.
    desk.goto("/changes/")
    log = desk.locator("main")
    for words in (
        "Dingo batches continuously",
        "Approved, with the maintainer’s edits",
        "It is about caching on phones.",
        "taken back",
        "Seal",
    ):
        expect(log).to_contain_text(words)
    expect(log).not_to_contain_text("Ferret fetches")


def tabs_to(desk, selector):
    """How many times Tab leads to this field."""
    return desk.evaluate(
        """selector => {
            const stops = [...document.querySelectorAll("a[href], button, input, textarea, select, summary")]
                .filter((each) => each.tabIndex >= 0 && !each.disabled && each.type !== "hidden" && each.checkVisibility());
            return stops.indexOf(document.querySelector(selector)) - stops.indexOf(document.activeElement);
        }""",
        selector,
    )


def test_the_keys_are_silent_while_somebody_types_and_with_modifiers(desk, keys, waiting):
    desk.goto(QUEUE)
    keys("/")
    expect(desk.get_by_role("searchbox")).to_be_focused()
    desk.keyboard.type("jx?q")
    expect(desk.get_by_role("searchbox")).to_have_value("jx?q")
    expect(desk.locator("tr[aria-current]")).to_have_count(0)
    keys("Escape", "Control+j", "Alt+x")
    expect(desk.locator("tr[aria-current]")).to_have_count(0)
    desk.goto(f"{QUEUE}{waiting[0].pk}/change/")
    keys("r")
    desk.keyboard.type(" n q a e")
    expect(desk.locator("#id_reason")).to_have_value("The paper is in the list already:  n q a e")
    assert not Decision.objects.exists()


def test_the_list_of_keys_opens_by_its_own(desk, keys, waiting):
    desk.set_viewport_size({"width": 800, "height": 900})
    desk.goto(QUEUE)
    expect(desk.locator("details.keys:not([open])")).to_be_visible()
    keys("?")
    expect(desk.locator("details.keys[open]")).to_contain_text("decide the selected")
