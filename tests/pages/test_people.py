import re
from uuid import uuid4

import pytest

from accounts import profiles
from catalog import publishing, reading, review
from catalog.models import Paper
from tests.conftest import make_user, signed_in
from tests.factories import make_paper, make_record

WHY = "It measures what the others only claim, and on real traces."


def propose(person, title, **facts):
    return review.submit(make_record(title, **facts), by=person, why=WHY, token=uuid4())


def bring_in(person, title, *, by, **facts):
    submission = propose(person, title, **facts)
    review.decide(submission, "approve", by=by, seen_version=1)
    return Paper.objects.get(title=title)


def correct(person, paper, *, verdict="approve", by, **facts):
    submission = review.correct(paper, make_record(paper.title, **facts), by=person, why=WHY, token=uuid4())
    return review.decide(submission, verdict, by=by, seen_version=1, reason="No." if verdict == "reject" else "")


def open_page(person, **facts):
    profiles.write(person, is_public=True, **facts)
    return person


# -- Who has a page ------------------------------------------------------------------------------
@pytest.mark.parametrize("tail", ["", "proposed/", "corrected/", "reviewed/"])
def test_nobody_has_a_page_who_did_not_choose_one_and_nobody_learns_that_they_are_here(alice, bruno_client, mel_client, visitor, tail):
    for client in (visitor, bruno_client, mel_client):
        there, ghost = client.get(f"/people/alice/{tail}"), client.get(f"/people/ghost/{tail}")
        assert there.status_code == ghost.status_code == 404
        told = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.text.replace("ghost", "alice")) for page in (there, ghost)]
        assert told[0] == told[1]
        assert there.headers.keys() == ghost.headers.keys()


def test_the_person_sees_what_their_page_would_say_and_that_nobody_else_does(alice_client):
    page = alice_client.get("/people/alice/")

    assert page.status_code == 200
    assert "Only you see this page" in page.text
    assert "no-store" in page["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in page.text


def test_a_page_by_choice_is_everybodys(alice, alice_client, visitor):
    open_page(
        alice,
        display_name="Alice Moreau",
        about="Reads about schedulers.",
        affiliation="ENS",
        orcid="0000-0002-1825-0097",
        homepage="https://www.example.org/alice",
    )
    page = visitor.get("/people/alice/")

    assert page.status_code == 200
    for words in ("<h1><bdi>Alice Moreau</bdi></h1>", "Reads about schedulers.", "ENS", "here since"):
        assert words in page.text
    assert 'href="https://orcid.org/0000-0002-1825-0097"' in page.text
    assert '<a href="https://www.example.org/alice" rel="nofollow ugc noopener">example.org</a>' in page.text
    assert "This is your page" not in page.text
    assert "This is your page, as everybody sees it" in alice_client.get("/people/alice/").text


def test_the_address_is_on_no_page(alice, visitor, mel):
    open_page(alice, display_name="Alice Moreau")
    bring_in(alice, "Orca", by=mel)
    for address in ("/people/alice/", "/people/alice/proposed/", "/people/", "/papers/orca/", "/changes/", "/changes.atom"):
        assert "alice@example.org" not in visitor.get(address).text


def test_a_closed_account_has_no_page(alice, visitor):
    open_page(alice, display_name="Alice Moreau")
    alice.is_active = False
    alice.save()

    assert visitor.get("/people/alice/").status_code == 404


def test_the_name_in_another_case_leads_to_the_page(alice, visitor):
    assert visitor.get("/people/ALICE/").status_code == 404
    open_page(alice)
    assert visitor.get("/people/ALICE/")["Location"] == "/people/alice/"


@pytest.mark.parametrize("name", ["%00", "%ff", "al%C4%B0ce", "a" * 500, "alice%0a", "..", "%E2%80%AEalice"])
def test_no_name_is_too_strange_to_be_unknown(alice, visitor, name):
    assert visitor.get(f"/people/{name}/").status_code in {301, 302, 404}


def test_there_are_no_other_parts_and_no_other_pages(alice, visitor):
    open_page(alice)
    for tail in ("rejected/", "proposed/?page=2", "proposed/?page=x", "proposed/?page=0"):
        assert visitor.get(f"/people/alice/{tail}").status_code == 404
    assert visitor.post("/people/alice/").status_code == 405


# -- What is on it -------------------------------------------------------------------------------
def figures_of(page):
    return {name: page.context["figures"][place] for place, name in enumerate(("proposed", "corrected", "reviewed"))}


def test_approved_is_counted_and_nothing_else_is_shown(alice, mel, visitor):
    open_page(alice)
    paper = bring_in(alice, "Orca", by=mel)
    correct(alice, paper, by=mel, year=2022)
    propose(alice, "Waiting in secret")
    review.decide(propose(alice, "Rejected in secret"), "reject", by=mel, seen_version=1, reason="It is not about systems.")
    review.decide(propose(alice, "Sent back in secret"), "request_changes", by=mel, seen_version=1, reason="Say why.")
    review.withdraw(propose(alice, "Withdrawn in secret"), by=alice)
    correct(alice, paper, by=mel, verdict="reject", year=1999)
    undone = propose(alice, "Undone in secret")
    review.undo(review.decide(undone, "approve", by=mel, seen_version=1), by=mel)

    page = visitor.get("/people/alice/")
    assert figures_of(page) == {"proposed": 1, "corrected": 1, "reviewed": 0}
    everything = page.text + "".join(visitor.get(f"/people/alice/{part}/").text for part in ("proposed", "corrected", "reviewed"))
    assert "Orca" in everything
    assert "in secret" not in everything
    assert "1999" not in everything


def test_a_correction_counts_once_a_part_of_it_is_taken(alice, mel, visitor):
    open_page(alice)
    paper = make_paper("Orca")
    submission = review.correct(paper, make_record("Orca", year=2022, note="Read it."), by=alice, why=WHY, token=uuid4())
    review.decide(submission, "approve", by=mel, seen_version=1, fields=["year"])
    assert figures_of(visitor.get("/people/alice/"))["corrected"] == 1
    review.decide(submission, "reject", by=mel, seen_version=2, reason="No.")
    assert figures_of(visitor.get("/people/alice/"))["corrected"] == 1


def test_reviewed_is_what_others_proposed(alice, mel, visitor):
    open_page(mel)
    bring_in(alice, "Orca", by=mel)
    bring_in(mel, "My own", by=mel)
    page = visitor.get("/people/mel/")

    assert figures_of(page) == {"proposed": 1, "corrected": 0, "reviewed": 1}
    assert [change.paper.title for change in page.context["reviewed"]] == ["Orca"]


def test_a_paper_that_left_is_said_to_have_left(alice, mel, visitor):
    open_page(alice)
    bring_in(alice, "Orca", by=mel)
    twin = bring_in(alice, "Orka", by=mel)
    review.merge(twin, Paper.objects.get(title="Orca"), make_record("Orca"), by=mel, reason="One work.")
    publishing.retract(Paper.objects.get(), reason="It was made up.", by=None)
    page = visitor.get("/people/alice/").text

    assert "No longer on the shelf" in page
    assert "Merged into another paper" in page
    assert 'href="/papers/orka/"' in page


def test_the_newest_come_first_and_the_rest_is_behind_a_link(alice, mel, visitor):
    open_page(alice)
    for number in range(7):
        bring_in(alice, f"Paper {number}", by=mel)
    page = visitor.get("/people/alice/")

    assert [each.record.title for each in page.context["additions"]] == [f"Paper {number}" for number in (6, 5, 4, 3, 2)]
    assert 'href="/people/alice/proposed/"' in page.text
    assert visitor.get("/people/alice/proposed/").text.count('class="entry"') == 7
    assert 'aria-label="7 papers on the shelf' in page.text


def test_each_kind_has_a_page_of_all(alice, mel, visitor):
    open_page(alice)
    open_page(mel)
    for number in range(4):
        correct(alice, bring_in(alice, f"Paper {number}", by=mel), by=mel, year=2022)

    corrected, reviewed = visitor.get("/people/alice/corrected/").text, visitor.get("/people/mel/reviewed/").text
    assert [corrected.count("<b>Approved</b>"), reviewed.count("<b>Approved</b>")] == [4, 8]
    assert all(f"Paper {number}" in corrected and f"Paper {number}" in reviewed for number in range(4))


def test_public_reading_lists_stand_on_the_page(alice, visitor):
    open_page(alice)
    for name, is_public in (("The cost of long contexts", True), ("Between us", False)):
        reading.create(by=alice, name=name, is_public=is_public)
    page = visitor.get("/people/alice/").text

    assert "The cost of long contexts" in page
    assert "Between us" not in page


def test_a_person_who_did_nothing_yet_is_told_so_and_found_by_no_search_engine(alice, visitor):
    open_page(alice, homepage="https://spam.example")
    page = visitor.get("/people/alice/").text

    assert "Nothing yet" in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.parametrize(("address", "most"), [("", 10), ("proposed/", 5), ("corrected/", 7), ("reviewed/", 7)])
def test_a_page_asks_as_many_questions_however_much_somebody_did(alice, mel, visitor, django_assert_max_num_queries, address, most):
    open_page(alice)
    open_page(mel)
    for number in range(4):
        correct(alice, bring_in(alice, f"Paper {number}", by=mel), by=mel, year=2022)
    for name in ("alice", "mel"):
        with django_assert_max_num_queries(most):
            assert visitor.get(f"/people/{name}/{address}").status_code == 200


# -- Everybody -----------------------------------------------------------------------------------
def test_contributors_stand_in_the_order_of_what_they_did_and_others_are_only_counted(alice, bruno, mel, root, visitor):
    for number in range(3):
        bring_in(alice, f"A{number}", by=mel)
    bring_in(bruno, "B", by=mel)
    bring_in(mel, "M", by=root)
    open_page(alice, display_name="Alice Moreau", affiliation="ENS")
    open_page(mel)
    page = visitor.get("/people/")

    assert [(person.username, tuple(figures)) for person, figures in page.context["rows"]] == [("mel", (1, 0, 4)), ("alice", (3, 0, 0))]
    assert '<a href="/people/alice/"><bdi>Alice Moreau</bdi></a>' in page.text
    assert "And 2 others who keep to themselves: 1 proposed, 0 corrected, 1 reviewed." in page.text
    assert "bruno" not in page.text
    assert "root" not in page.text


def test_nobody_yet(db, visitor):
    assert "Nobody has contributed yet" in visitor.get("/people/").text


def test_contributors_ask_few_questions_however_many_they_are(alice, mel, visitor, django_assert_max_num_queries):
    for number in range(6):
        bring_in(open_page(make_user(f"person{number}")), f"Paper {number}", by=mel)
    with django_assert_max_num_queries(6):
        assert len(visitor.get("/people/").context["rows"]) == 6


def test_the_footer_leads_to_the_contributors(db, visitor):
    assert '<a href="/people/">Contributors</a>' in visitor.get("/about/").text


# -- Credit --------------------------------------------------------------------------------------
def test_papers_name_who_brought_them_in_and_lead_to_their_page(alice, mel, visitor, a_minute_passes):
    bring_in(alice, "Orca", by=mel)
    assert "Proposed by <bdi>alice</bdi>" in visitor.get("/papers/orca/").text
    open_page(alice, display_name="Alice Moreau")

    credit = '<a href="/people/alice/"><bdi>Alice Moreau</bdi></a>'
    for address in ("/papers/orca/", "/papers/orca/history/", "/changes/", "/"):
        assert credit in visitor.get(address).text, address
    assert "proposed by Alice Moreau" in visitor.get("/changes.atom").text


def test_the_name_goes_with_the_page(alice, mel, visitor):
    bring_in(alice, "Orca", by=mel)
    open_page(alice, display_name="Alice Moreau")
    visitor.get("/papers/orca/")
    profiles.write(alice, is_public=False)

    for address in ("/papers/orca/", "/papers/orca/history/", "/changes/", "/changes.atom", "/"):
        assert "Moreau" not in visitor.get(address).text
        assert "alice" in visitor.get(address).text


def test_the_keepers_of_a_category_are_named_as_they_like(alice, visitor):
    paper = make_paper("Orca", categories=["serving"])
    paper.placements.get().category.maintainers.add(open_page(alice, display_name="Alice Moreau"))

    assert '<a href="/people/alice/"><bdi>Alice Moreau</bdi></a>' in visitor.get("/categories/serving/").text


def test_records_hold_no_people(alice, mel, visitor):
    open_page(alice, display_name="Alice Moreau")
    bring_in(alice, "Orca", by=mel)
    for extension in ("json", "jsonl", "csv", "bib", "csl", "ris", "md", "atom"):
        text = b"".join(visitor.get(f"/papers.{extension}")).decode()
        assert "alice" not in text.lower()
        assert "moreau" not in text.lower()


def test_signed_in_readers_see_the_same_page(alice, bruno_client, visitor, mel):
    open_page(alice)
    bring_in(alice, "Orca", by=mel)
    assert "Orca" in signed_in(alice).get("/people/alice/").text
    assert "Orca" in bruno_client.get("/people/alice/").text
