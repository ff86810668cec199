"""Reading as a person does it: a list worked through by keyboard alone, all of it without script, and nobody looking on."""

import re

import pytest
from playwright.sync_api import expect

from catalog import reading
from catalog.models import Reading
from tests.browser.keyboard import go_on_to, press
from tests.conftest import make_user
from tests.factories import make_papers


@pytest.fixture
def alice(transactional_db):
    return make_user("alice")


@pytest.fixture
def papers(transactional_db):
    return make_papers(3, categories=["serving"])


def states(user):
    return dict(Reading.objects.filter(user=user).values_list("paper_public_id", "state"))


def focused(page):
    return page.evaluate("document.activeElement.id")


def test_what_is_to_be_read_is_worked_through_by_keyboard_alone(open_as, papers, alice):
    ids = [paper.public_id for paper in papers]
    reading.put_to_read(ids, by=alice)
    page = open_as(alice).new_page()
    page.goto("/reading/")
    keys = page.keyboard

    keys.press("?")
    expect(page.get_by_text("The next paper, the one before; so do the arrows")).to_be_visible()
    keys.press("?")
    keys.press("j")
    assert focused(page) == f"row-{ids[0]}"
    keys.press("ArrowDown")
    keys.press("k")
    keys.press("j")
    assert focused(page) == f"row-{ids[1]}"

    # The state is said, and the paper keeps the focus.
    keys.press("3")
    expect(page.locator(f"#state-read-{ids[1]}")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#said")).to_have_text(f"Read: {papers[1].title}")
    assert focused(page) == f"row-{ids[1]}"

    # Keys are letters while somebody types.
    keys.press("n")
    keys.type("jk 123 x?")
    expect(page.locator(f"#note-{ids[1]}")).to_have_value("jk 123 x?")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator(f"#row-{ids[1]} div.note")).to_have_text("jk 123 x?")
    assert Reading.objects.get(paper_public_id=ids[1]).note == "jk 123 x?"

    page.locator(f"#row-{ids[1]}").focus()
    keys.press("k")
    keys.press("x")
    expect(page.locator(f"#forget-{ids[0]}")).to_have_count(0)
    assert focused(page) == f"row-{ids[0]}"
    assert states(alice) == {ids[1]: "read", ids[2]: "to_read"}
    keys.press("1")
    expect(page.locator(f"#forget-{ids[0]}")).to_have_count(1)
    assert states(alice)[ids[0]] == "to_read"
    keys.press("Enter")
    expect(page).to_have_url(re.compile(f"{papers[0].get_absolute_url()}$"))


def test_a_list_is_put_in_order_by_keyboard_alone(open_as, papers, alice):
    ids = [paper.public_id for paper in papers]
    list_ = reading.create(by=alice, name="Mine", papers=ids)
    page = open_as(alice).new_page()
    page.goto(list_.get_absolute_url())

    def order():
        return list(list_.places.order_by("position").values_list("paper_public_id", flat=True))

    page.keyboard.press("j")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("[data-row]").nth(1)).to_have_id(f"row-{ids[0]}")
    expect(page.locator(f"#row-{ids[0]}")).to_be_focused()
    assert order() == [ids[1], ids[0], ids[2]]
    page.keyboard.press("x")
    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator(f"#row-{ids[2]}")).to_be_focused()
    assert order() == [ids[1], ids[2]]


def test_a_list_is_made_published_and_deleted(open_as, has_script, papers, alice):
    page = open_as(alice, java_script_enabled=has_script).new_page()
    page.goto(papers[0].get_absolute_url())
    go_on_to(page.get_by_role("button", name="Reading", exact=True)).press("Enter")
    expect(page.get_by_role("button", name="Reading", exact=True)).to_have_attribute("aria-pressed", "true")
    # On from there, not from the top.
    if has_script:
        expect(page.get_by_role("button", name="Reading", exact=True)).to_be_focused()
    go_on_to(page.locator(".rail summary", has_text="Add a note"), most=6).press("Enter")
    go_on_to(page.get_by_label("Private note"), most=1).type("Compare section 4.")
    go_on_to(page.get_by_role("button", name="Save the note"), most=1).press("Enter")
    expect(page.locator(".rail div.note")).to_have_text("Compare section 4.")
    go_on_to(page.get_by_role("link", name="Make a new list for it"), most=9).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your reading lists")

    go_on_to(page.get_by_role("button", name="Make the list")).press("Enter")
    expect(page.locator("#errors")).to_be_focused()
    go_on_to(page.locator("#errors").get_by_role("link", name="Name"), most=1).press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Where to begin")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Where to begin")
    expect(page.locator("[data-row]")).to_have_count(1)

    go_on_to(page.get_by_role("link", name="Edit")).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit the list")
    go_on_to(page.get_by_role("checkbox", name=re.compile("^Public"))).press("Space")
    go_on_to(page.get_by_role("button", name="Save"), most=1).press("Enter")
    expect(page.locator(".page-head").get_by_text("Public", exact=True)).to_be_visible()
    with page.expect_download() as downloading:
        go_on_to(page.locator("summary", has_text="Download")).press("Enter")
        go_on_to(page.get_by_role("link", name=re.compile("^CSV")), most=8).press("Enter")
    assert downloading.value.suggested_filename.endswith(".csv")

    go_on_to(page.get_by_role("link", name="Delete"), back=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete this list?")
    go_on_to(page.get_by_role("button", name="Delete the list")).press("Enter")
    expect(page.get_by_role("heading", name="You have no list yet")).to_be_visible()
    assert states(alice) == {papers[0].public_id: "reading"}


def test_what_one_has_is_brought_and_put_in_order(open_as, has_script, papers, alice):
    list_ = reading.create(by=alice, name="Mine", papers=[papers[2].public_id])
    page = open_as(alice, java_script_enabled=has_script).new_page()
    page.goto(list_.get_absolute_url())
    go_on_to(page.get_by_role("link", name="Import"), most=30).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Import papers")
    go_on_to(page.get_by_label("Identifiers, addresses or titles")).type(f"{papers[0].title}\n{papers[1].title}\n2301.99999")
    go_on_to(page.get_by_role("button", name="Show what is found"), most=2).press("Enter")
    expect(page.locator("#brought")).to_be_focused()
    go_on_to(page.get_by_role("button", name="Add 2 papers"), most=2).press("Enter")
    expect(page.locator("[data-row]")).to_have_count(3)

    up = page.get_by_role("button", name=f"Up: {papers[1].title}")
    go_on_to(up).press("Enter")
    expect(page.locator("[data-row]").nth(1)).to_have_id(f"row-{papers[1].public_id}")
    # Up again without going there anew.
    if has_script:
        expect(up).to_be_focused()
        press(page, "Enter")
    else:
        go_on_to(up, most=12).press("Enter")
    expect(page.locator("[data-row]").first).to_have_id(f"row-{papers[1].public_id}")
    go_on_to(page.get_by_role("button", name=f"Take off the list: {papers[1].title}"), most=12).press("Enter")
    expect(page.locator("[data-row]")).to_have_count(2)


def test_all_of_it_goes_without_script(open_as, papers, alice):
    page = open_as(alice, java_script_enabled=False).new_page()
    page.goto("/papers/")
    page.get_by_role("button", name="To read").first.click()
    expect(page.locator(".entry").first.get_by_text("To read", exact=True)).to_be_visible()
    newest = papers[-1]
    assert states(alice) == {newest.public_id: "to_read"}

    page.goto(newest.get_absolute_url())
    page.get_by_text("Add a note").click()
    page.get_by_label("Private note").fill("By hand.")
    page.get_by_role("button", name="Reading", exact=True).click()
    expect(page.locator(".rail div.note")).to_have_text("By hand.")
    page.get_by_role("link", name="Make a new list for it").click()
    page.get_by_label("Name", exact=True).fill("A list of mine")
    page.get_by_role("button", name="Make the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A list of mine")

    page.get_by_role("link", name="Import").click()
    page.get_by_label("Identifiers, addresses or titles").fill(f"{papers[0].title}\n2301.99999")
    page.get_by_role("button", name="Show what is found").click()
    expect(page.get_by_role("link", name="Propose: arXiv 2301.99999")).to_be_visible()
    page.get_by_role("button", name="Add 1 paper").click()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.get_by_role("button", name=f"Up: {papers[0].title}").click()
    expect(page.locator("[data-row]").first).to_have_id(f"row-{papers[0].public_id}")
    page.get_by_role("button", name=f"Take off the list: {newest.title}").click()
    expect(page.locator("[data-row]")).to_have_count(1)

    page.goto(f"/reading/papers/{newest.public_id}/")
    page.get_by_role("button", name=f"Remove: {newest.title}").click()
    page.get_by_role("button", name="Remove it with its note").click()
    assert states(alice) == {}


def test_a_form_that_has_grown_old_loses_nothing(open_as, papers, alice):
    reading.put(papers[0].public_id, by=alice, state="to_read")
    page = open_as(alice).new_page()
    page.goto("/reading/")
    page.get_by_text("Add a note").click()
    page.get_by_label("Private note").fill("Typed.")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save the note").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))
    assert Reading.objects.get().note == ""


def test_a_private_list_is_invisible(open_as, papers, alice):
    list_ = reading.create(by=alice, name="Nobody else’s", papers=[papers[0].public_id])
    mine = open_as(alice).new_page()
    mine.goto(list_.get_absolute_url())
    expect(mine.get_by_role("heading", level=1)).to_have_text("Nobody else’s")
    for other in (open_as(None).new_page(), open_as(make_user("bruno")).new_page()):
        assert other.goto(list_.get_absolute_url()).status == 404
        other.goto("/lists/")
        expect(other.get_by_text("No list is public yet")).to_be_visible()
