"""What somebody proposes, from the first key to the last answer, by keyboard alone: with script and without it."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from catalog import review
from catalog.models import Draft, Submission
from tests.browser.keyboard import go_on_to, press
from tests.factories import make_category, make_paper, make_record

TITLE = "FlashAttention-2: Faster Attention with Better Parallelism and Work Partitioning"
WHY = "Splits the work of attention along the sequence, so most training stacks rest on it."


@pytest.fixture
def page(open_as, alice, has_script):
    return open_as(alice, java_script_enabled=has_script).new_page()


def heading(page):
    return page.get_by_role("heading", level=1)


def to_main(page):
    go_on_to(page.get_by_role("link", name="Skip to content"), most=1).press("Enter")


def test_a_paper_is_pasted_put_off_completed_and_sent(page, has_script, catalogue):
    page.goto("/papers/")
    go_on_to(page.get_by_role("link", name="Submit a paper").first).press("Enter")
    expect(heading(page)).to_have_text("Submit a paper")
    to_main(page)
    go_on_to(page.get_by_label("Link, identifier"), most=1).type("https://arxiv.org/pdf/2307.08691v1")
    go_on_to(page.get_by_role("button", name="Read"), most=1).press("Enter")
    expect(page.locator("#paste-said")).to_contain_text("arXiv 2307.08691")

    # What was read of it stands before what is filled in next.
    go_on_to(page.get_by_role("textbox", name="Title"), most=3).type(TITLE)
    go_on_to(page.get_by_label(re.compile("^Year")), most=3).type("2023")
    go_on_to(page.get_by_label(re.compile("^Authors")), most=1).type("Tri Dao")
    press(page, "Enter")
    page.keyboard.type("Nobody")
    if has_script:
        press(page, "Enter")
        go_on_to(page.get_by_role("button", name="Remove Nobody"), most=1, back=True).press("Enter")
        expect(page.get_by_label(re.compile("^Authors"))).to_be_focused()
    else:
        press(page, *["Backspace"] * len("Nobody"))
    go_on_to(page.get_by_label("Venue and year")).type("ICLR'24")
    go_on_to(page.get_by_role("button", name="Add a link")).press("Enter")
    expect(page.get_by_label("Link 3")).to_be_focused()
    page.keyboard.type("https://github.com/Dao-AILab/flash-attention")
    go_on_to(page.get_by_label("Leads to").last, most=1).type("Code")

    # Put off, and gone on with.
    go_on_to(page.get_by_role("button", name="Save and finish later")).press("Enter")
    expect(page.get_by_text("Kept. Only you see it.")).to_be_visible()
    go_on_to(page.get_by_label("alice: your pages")).press("Enter")
    go_on_to(page.get_by_role("link", name="Your submissions"), most=1).press("Enter")
    expect(heading(page)).to_have_text("Your submissions")
    go_on_to(page.get_by_role("link", name=re.compile("^Go on"))).press("Enter")
    expect(page.get_by_role("textbox", name="Title")).to_have_value(TITLE)
    expect(page.get_by_label("Link 3")).to_have_value("https://github.com/Dao-AILab/flash-attention")
    go_on_to(page.get_by_role("button", name="Submit for review").last, most=90).press("Enter")

    # What is missing is said where the focus goes, and each word of it leads there: whether it is one of those that are near, too.
    expect(page.locator("#errors")).to_be_focused()
    go_on_to(page.locator("#errors").get_by_role("link", name="Is it one of these?"), most=3).press("Enter")
    go_on_to(page.get_by_role("radio", name="It is a different paper"), most=1).press("Space")
    if has_script:
        go_on_to(page.get_by_role("combobox", name="Add a category"), most=12).type("System Efficiency Optimization")
        expect(page.get_by_role("button", name="Remove System Efficiency Optimization")).to_be_visible()
    else:
        go_on_to(page.get_by_role("checkbox", name="System Efficiency Optimization"), most=20).press("Space")
    go_on_to(page.get_by_label("One sentence for the maintainer")).type(WHY)
    go_on_to(page.get_by_role("button", name="Submit for review").last, most=3).press("Enter")
    expect(page.get_by_role("heading", name="It is waiting for a maintainer")).to_be_visible()
    sent = Submission.objects.get()
    assert [author.name for author in sent.record.authors] == ["Tri Dao"]
    assert [(link.kind, link.url) for link in sent.record.links][-1] == ("code", "https://github.com/Dao-AILab/flash-attention")
    assert not Draft.objects.exists()


def test_one_that_is_here_already_is_come_upon_on_the_way(page, transactional_db):
    make_paper("Orca: A Distributed Serving System", identifiers={"arxiv": "2401.00007"}, categories=["serving"], year=2022)
    page.goto("/submissions/new/")
    to_main(page)
    go_on_to(page.get_by_label("Link, identifier"), most=1).type("arXiv:2401.00007")
    go_on_to(page.get_by_role("button", name="Read"), most=1).press("Enter")
    expect(page.get_by_role("heading", name="This paper is here already")).to_be_visible()
    go_on_to(page.get_by_role("link", name="Orca: A Distributed Serving System"), most=3).press("Enter")
    expect(heading(page)).to_have_text("Orca: A Distributed Serving System")


def test_a_correction_and_a_removal_are_proposed(page, transactional_db):
    paper = make_paper("Orca", year=2021, categories=["serving"], links=["https://example.org/orca"])
    page.goto(paper.get_absolute_url())
    go_on_to(page.get_by_role("link", name="Propose a correction")).press("Enter")
    expect(heading(page)).to_have_text("Propose a correction")
    to_main(page)
    go_on_to(page.get_by_label(re.compile("^Year")), most=9)
    press(page, "Control+a")
    page.keyboard.type("2022")
    go_on_to(page.get_by_label("One sentence: what is wrong")).type("The proceedings say 2022 on every page.")
    go_on_to(page.get_by_role("button", name="Submit for review").last, most=3).press("Enter")
    expect(page.get_by_role("heading", name="1 of 11 fields changes")).to_be_visible()

    page.goto(paper.get_absolute_url())
    go_on_to(page.get_by_role("link", name="Propose its removal")).press("Enter")
    expect(heading(page)).to_have_text("Propose a removal")
    go_on_to(page.get_by_role("button", name="Submit for review").last).press("Enter")
    expect(page.locator("#errors")).to_be_focused()
    go_on_to(page.locator("#errors").get_by_role("link"), most=1).press("Enter")
    expect(page.get_by_label("The reason, for everyone")).to_be_focused()
    page.keyboard.type("It was never published anywhere.")
    go_on_to(page.get_by_role("button", name="Submit for review").last, most=1).press("Enter")
    expect(page.get_by_role("heading", name="The paper that should go")).to_be_visible()
    assert {(each.kind, each.why) for each in Submission.objects.all()} == {
        ("correction", "The proceedings say 2022 on every page."),
        ("removal", "It was never published anywhere."),
    }


def test_what_was_submitted_is_followed_answered_mended_and_withdrawn(page, alice, mel):
    make_category("serving")

    def submit(title):
        record = make_record(title, categories=["serving"], links=["https://example.org/paper"])
        return review.submit(record, by=alice, why=WHY, token=uuid4())

    first, second = submit("Orca"), submit("Whale")
    review.decide(first, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Which year?")
    page.goto("/")
    go_on_to(page.get_by_role("link", name="1 unread notification")).press("Enter")
    expect(heading(page)).to_have_text("Notifications")
    to_main(page)
    go_on_to(page.locator(".trail a"), most=2).press("Enter")
    expect(page.get_by_role("heading", name="Your turn: mel asks for changes")).to_be_visible()

    to_main(page)
    go_on_to(page.get_by_role("link", name="Answer mel"), most=3).press("Enter")
    go_on_to(page.get_by_label("Answer", exact=True), most=1).type("The year is 2022, as in the proceedings.")
    go_on_to(page.get_by_role("button", name="Send"), most=1).press("Enter")
    expect(page.locator(".talk")).to_contain_text("The year is 2022")

    go_on_to(page.get_by_role("link", name="Edit and submit again"), most=4, back=True).press("Enter")
    expect(heading(page)).to_have_text("Edit your submission")
    go_on_to(page.get_by_label(re.compile("^Year"))).type("2022")
    go_on_to(page.get_by_role("button", name="Submit again"), most=90).press("Enter")
    expect(page.get_by_role("heading", name="It is waiting for a maintainer")).to_be_visible()

    page.goto(second.get_absolute_url())
    go_on_to(page.get_by_role("link", name="Withdraw"), most=30).press("Enter")
    expect(heading(page)).to_have_text("Withdraw this submission?")
    go_on_to(page.get_by_role("button", name="Withdraw"), most=30).press("Enter")
    expect(page.get_by_role("heading", name="It was withdrawn")).to_be_visible()
    assert dict(Submission.objects.values_list("title", "status")) == {"Orca": "pending", "Whale": "withdrawn"}
