"""The main job as a person does it: read, sign up, submit, follow; decide at the desk; find the paper everywhere."""

import json
import re
import urllib.request
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

WHY = "Splits the work of attention along the sequence, so most training stacks rest on it."


@pytest.fixture
def person(open_context, has_script):
    """Open a window of its own: `person()` is somebody at another machine."""
    return lambda: open_context(java_script_enabled=has_script).new_page()


def code_in(letter):
    return re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", letter.body, re.MULTILINE)[1]


def sign_up(page, mailoutbox, *, email, username):
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Username").fill(username)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code we sent to").fill(code_in(mailoutbox[-1]))
    page.get_by_role("button", name="Continue").click()


def sign_in(page, *, username, password):
    page.get_by_text("Use a password").click()
    page.get_by_label("Username or email address").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_paper_goes_from_a_visitor_to_the_shelf_and_into_the_export(person, live_server, catalogue, mel, mailoutbox):
    # A visitor reads, finds nothing, and wants to submit.
    reader = person()
    reader.goto("/")
    reader.get_by_label("Search papers").fill("flashattention-2")
    reader.get_by_role("button", name="Search", exact=True).click()
    expect(reader.get_by_text("No paper matches")).to_be_visible()
    reader.get_by_role("link", name="Submit a paper").first.click()
    sign_up(reader, mailoutbox, email="noor@example.org", username="noor")

    # The form reads what was pasted; the rest is typed.
    expect(reader.get_by_role("heading", name="Submit a paper")).to_be_visible()
    reader.get_by_label("Link, identifier, BibTeX or a line from a list").fill("https://arxiv.org/pdf/2307.08691v1")
    reader.get_by_role("button", name="Read", exact=True).click()
    expect(reader.get_by_text("arXiv 2307.08691").first).to_be_visible()
    reader.get_by_label("Title").fill("FlashAttention-2: Faster Attention with Better Parallelism and Work Partitioning")
    reader.get_by_label("Short name").fill("FlashAttention-2")
    reader.get_by_label(re.compile(r"^Year")).fill("2023")
    reader.get_by_label("Venue and year").fill("ICLR'24")
    reader.get_by_label("Organizations").fill("Stanford, Princeton University")
    reader.get_by_label("One sentence for the maintainer").fill("Too short")
    reader.get_by_role("button", name="Submit for review").last.click()

    # What is missing is said, and nothing typed is lost.
    expect(reader.get_by_label("Title")).to_have_value(re.compile("^FlashAttention-2: Faster"))
    expect(reader.get_by_label("Venue and year")).to_have_value("ICLR'24")
    choose_category(reader, "System Efficiency Optimization")
    reader.get_by_label("One sentence for the maintainer").fill(WHY)
    if reader.get_by_text("It is a different paper").count():
        reader.get_by_label("It is a different paper").check()
    reader.get_by_role("button", name="Submit for review").last.click()
    expect(reader.get_by_text("Waiting").first).to_be_visible()
    assert "noor@example.org" in mailoutbox[-1].to
    reader.goto("/submissions/")
    expect(reader.get_by_role("link", name=re.compile("FlashAttention-2"))).to_be_visible()

    # The maintainer finds it in the queue, beside its nearest paper, and asks for a change.
    desk = person()
    desk.goto("/admin/")
    sign_in(desk, username="mel", password="password")
    desk.goto("/admin/catalog/submission/")
    desk.get_by_role("link", name=re.compile("FlashAttention-2")).click()
    expect(desk.get_by_role("heading", name="Beside its nearest paper")).to_be_visible()
    desk.get_by_label("Reason", exact=True).select_option("facts")
    desk.get_by_role("button", name="Request changes").click()
    expect(desk.get_by_label("In your words")).to_have_attribute("aria-invalid", "true")
    desk.get_by_label("In your words").fill("Please name the first author.")
    desk.get_by_role("button", name="Request changes").click()
    assert "Please name the first author." in mailoutbox[-1].body

    # The contributor reads the reason, mends it, and sends it again.
    reader.goto("/submissions/")
    reader.get_by_role("link", name=re.compile("FlashAttention-2")).click()
    expect(reader.get_by_text("Please name the first author.").first).to_be_visible()
    reader.get_by_role("link", name=re.compile("Edit")).first.click()
    name_author(reader, "Tri Dao")
    reader.get_by_role("button", name="Submit again").last.click()

    # Approved, it is in the list, in its category, in the API and in the export, and the contributor is told.
    desk.goto("/admin/catalog/submission/")
    desk.get_by_role("link", name=re.compile("FlashAttention-2")).click()
    desk.get_by_role("button", name="Approve").click()
    expect(desk.get_by_text(re.compile("Nothing is waiting|Approved"))).not_to_have_count(0)
    assert "approved" in mailoutbox[-1].subject.lower() or "approved" in mailoutbox[-1].body.lower()
    address = re.search(r"/papers/[\w-]+/", mailoutbox[-1].body)[0]

    reader.goto("/papers/?q=flashattention-2")
    reader.get_by_role("link", name=re.compile("FlashAttention-2")).first.click()
    assert urlsplit(reader.url).path == address
    expect(reader.get_by_role("heading", level=1)).to_contain_text("FlashAttention-2")
    expect(reader.get_by_role("link", name="Tri Dao")).to_be_visible()
    reader.goto("/categories/system-efficiency-optimization/")
    expect(reader.get_by_role("link", name=re.compile("FlashAttention-2")).first).to_be_visible()

    export = fetch(live_server.url + "/api/v1/export/")
    assert export["count"] == len(export["papers"]) == 186
    [record] = [record for record in export["papers"] if record["path"] == address]
    assert record == fetch(live_server.url + f"/api/v1{address}")
    assert record["identifiers"] == {"arxiv": "2307.08691"}
    assert record["authors"] == [{"name": "Tri Dao", "orcid": None}]
    assert (record["venue"]["slug"], record["venue"]["year"], record["venue"]["raw"]) == ("iclr", 2024, "ICLR'24")
    assert [organization["name"] for organization in record["organizations"]] == ["Stanford University", "Princeton University"]
    assert record["categories"] == [
        {
            "path": "system-efficiency-optimization",
            "name": "System Efficiency Optimization",
            "position": 17,
            "primary": True,
            "note": "",
        }
    ]


def choose_category(page, name):
    """With script the categories are picked from a box that suggests; without, ticked."""
    box = page.get_by_role("checkbox", name=name, exact=True)
    if box.count() and box.is_visible():
        box.check()
    else:
        page.get_by_role("combobox", name="Add a category").fill(name)
        page.keyboard.press("Enter")


def name_author(page, name):
    box = page.get_by_role("textbox", name="Add an author")
    if box.count():
        box.fill(name)
        box.press("Enter")
    else:
        page.get_by_label("Authors").fill(name)


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)
