"""A paper on the desk: its revisions and the way back to one, and the notices on its page."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import MAINTAINERS
from catalog import arranging, publishing, review
from catalog.models import Category, Decision, DisputeNotice, Paper, Revision, Submission
from catalog.records import replace
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record

WORDS = "The later title was that of the talk."


@pytest.fixture
def paper(db):
    """Orca at its third revision."""
    orca = make_paper("Orca", year=2022, categories=["serving"], authors=["Ann"])
    publishing.revise(orca, replace(orca.record, title="Orca: Serving", abstract="By iteration."))
    orca = Paper.objects.get()
    publishing.revise(orca, replace(orca.record, year=2023))
    return Paper.objects.get()


def address(paper):
    return reverse("admin:catalog_paper_change", args=[paper.pk])


def restoring(paper, number):
    return reverse("admin:catalog_paper_restore", args=[paper.pk, number])


def restore(client, paper, number, **more):
    data = {"words": WORDS, "seen": paper.revision, "token": uuid4(), **more}
    return client.post(restoring(paper, number), data)


def everything():
    rows = (Revision, Decision, Submission, DisputeNotice)
    return [list(model.objects.order_by("pk").values()) for model in rows], list(Paper.objects.values())


# -- The page ------------------------------------------------------------------------------------------
def test_the_page_leads_to_every_act_and_shows_each_revision_with_what_it_changed(mel_client, paper):
    page = mel_client.get(address(paper))

    for act in ("/papers/orca/correct/", "/papers/orca/remove/", reverse("admin:catalog_paper_merge", args=[paper.pk]), "#notices"):
        assert f'href="{act}"' in page.text
    assert [step.revision.number for step in page.context["steps"]] == [3, 2, 1]
    assert [[row.name for row in step.differences] for step in page.context["steps"]] == [["year"], ["title", "abstract"], []]
    assert restoring(paper, 1) in page.text
    assert restoring(paper, 3) not in page.text


def test_a_long_history_is_paged(mel_client, db):
    paper = make_paper("Orca", year=2000)
    for year in range(2001, 2022):
        publishing.revise(paper, make_record("Orca", year=year))
    steps = [mel_client.get(address(paper), {"page": page}).context["steps"] for page in (1, 2)]

    assert [len(each) for each in steps] == [20, 2]
    assert [row.name for row in steps[0][-1].differences] == ["year"]
    assert mel_client.get(address(paper), {"page": 3}).status_code == 404


def test_the_page_asks_no_more_for_a_long_history(mel_client, paper, questions):
    few = questions(mel_client, address(paper))
    for year in range(2001, 2011):
        publishing.revise(paper, make_record("Orca", year=year))

    assert questions(mel_client, address(paper)) == few


def test_a_correction_is_undone_from_the_papers_page(mel, mel_client, alice, paper):
    submission = review.correct(paper, replace(paper.record, year=2020), by=alice, why="It came out in 2020, says the page.", token=uuid4())
    decision = review.decide(submission, "approve", by=mel, seen_version=1)
    assert mel_client.get(address(paper)).context["undoable"] == decision

    mel_client.post(reverse("admin:catalog_paper_undo"), {"decision": decision.pk})
    assert Paper.objects.get().record_json == paper.record_json
    assert mel_client.get(address(paper)).context["undoable"] is None


# -- Restoring -----------------------------------------------------------------------------------------
def test_before_a_revision_is_restored_the_page_says_what_changes(mel_client, paper):
    before = everything()
    page = mel_client.get(restoring(paper, 1))

    assert {row.name for row in page.context["differences"]} == {"title", "year", "abstract"}
    assert everything() == before


def test_restoring_is_a_correction_of_ones_own_decided_at_once(mel, mel_client, paper, visitor):
    assert restore(mel_client, paper, 1).status_code == 302
    now, decision = Paper.objects.get(), Decision.objects.get()

    assert (now.title, now.year, now.abstract) == ("Orca", 2022, "")
    assert (decision.verdict, decision.by, decision.is_own) == ("approve", mel, True)
    assert decision.submission.why == f"Restores revision 1: {WORDS}"
    assert f"Restores revision 1: {WORDS}" in visitor.get("/papers/orca/history/").text


def test_where_nobody_decides_their_own_the_restoring_waits_and_says_so(mel_client, paper, settings):
    settings.SELF_APPROVAL = "nobody"
    response = mel_client.post(restoring(paper, 1), {"words": WORDS, "seen": 3, "token": uuid4()}, follow=True)

    assert Submission.objects.get().is_pending
    assert Paper.objects.get().title == "Orca: Serving"
    assert f"No. {Submission.objects.get().pk} waits" in response.text


def test_a_restoring_sent_twice_restores_once(mel_client, paper):
    token = uuid4()
    restore(mel_client, paper, 1, token=token)
    before = everything()
    response = restore(mel_client, paper, 1, token=token)

    assert (response.status_code, everything()) == (409, before)


@pytest.mark.parametrize("who_decides_their_own", ["maintainers", "nobody"])
def test_a_paper_changed_meanwhile_is_looked_at_again_with_the_words_kept(mel_client, paper, settings, who_decides_their_own):
    settings.SELF_APPROVAL = who_decides_their_own
    publishing.revise(paper, replace(paper.record, note="Meanwhile."))
    before = everything()
    response = restore(mel_client, paper, 1, seen=3)

    assert (response.status_code, everything()) == (409, before)
    assert f"{WORDS}</textarea>" in response.text
    assert {row.name for row in response.context["differences"]} == {"title", "year", "abstract", "note"}
    assert re.search(r'name="seen" value="4"', response.text)


def test_a_revision_that_says_what_the_paper_says_has_nothing_to_restore(mel_client, paper):
    assert "There is nothing to restore" in mel_client.get(restoring(paper, 3)).text
    before = everything()
    response = restore(mel_client, paper, 3)
    assert (response.status_code, everything()) == (409, before)


def test_a_category_that_was_renamed_since_is_no_difference(mel_client, paper):
    arranging.rename_category(Category.objects.get(), name="Inference", slug="inference")

    assert {row.name for row in mel_client.get(restoring(paper, 1)).context["differences"]} == {"title", "year", "abstract"}


def test_an_identifier_that_another_paper_has_by_now_is_a_sentence(mel_client, db):
    orca = make_paper("Orca", identifiers={"arxiv": "2201.00001"})
    publishing.revise(orca, make_record("Orca"))
    make_paper("Sarathi", identifiers={"arxiv": "2201.00001"})
    response = restore(mel_client, Paper.objects.get(pk=orca.pk), 1)

    assert response.status_code == 409
    assert "“Sarathi” has this arXiv identifier by now" in response.text
    assert not Submission.objects.exists()


def test_restoring_needs_words(mel_client, paper):
    before = everything()
    assert (restore(mel_client, paper, 1, words=" ").status_code, everything()) == (200, before)


def test_a_paper_that_is_gone_is_restored_from_its_tombstone(mel_client, paper):
    publishing.retract(Paper.objects.get(), reason="Withdrawn.", by=None)

    assert "/admin/catalog/tombstone/" in mel_client.get(restoring(paper, 1))["Location"]
    response = restore(mel_client, paper, 1)
    assert response.status_code == 409
    assert "Bring it back first" in response.text


@pytest.mark.parametrize("number", ["0", "4", "9" * 30])
def test_a_revision_that_never_was_is_not_found(mel_client, paper, number):
    assert mel_client.get(f"/admin/catalog/paper/{paper.pk}/restore/{number}/").status_code == 404
    assert mel_client.get(f"/admin/catalog/paper/{number}7/change/").status_code == 404


# -- Notices -------------------------------------------------------------------------------------------
NOTICE = {"kind": "results", "text": "A reply reports other figures.", "url": "https://example.org/reply"}


def propose(client, paper, **more):
    return client.post(reverse("admin:catalog_paper_notices", args=[paper.pk]), {**NOTICE, **more})


def confirm(client, notice):
    return client.post(reverse("admin:catalog_paper_notice_confirm", args=[notice.pk]))


def lift(client, notice, reason="It was settled."):
    return client.post(reverse("admin:catalog_paper_notice_lift", args=[notice.pk]), {"reason": reason})


@pytest.fixture
def sol_client(db):
    sol = make_user("sol", is_staff=True)
    sol.groups.add(Group.objects.get_or_create(name=MAINTAINERS)[0])
    return signed_in(sol)


PUBLIC = [
    "/papers/orca/",
    "/papers/orca/history/",
    "/papers/orca.json",
    "/api/v1/papers/orca/",
    "/changes/",
    "/changes.atom",
    "/papers/",
    "/",
]


def test_a_notice_stands_on_the_page_once_a_second_maintainer_has_confirmed_it(mel_client, sol_client, paper, anyone):
    assert propose(mel_client, paper).status_code == 302
    notice = DisputeNotice.objects.get()
    for public in PUBLIC:
        response = anyone.get(public)
        assert "A reply reports" not in (response.getvalue().decode() if response.streaming else response.text)
    own = mel_client.get(address(paper)).text
    assert "A second maintainer has to confirm it." in own
    assert reverse("admin:catalog_paper_notice_confirm", args=[notice.pk]) not in own

    assert confirm(sol_client, notice).status_code == 302
    page = anyone.get("/papers/orca/").text
    assert "<h2>Its results are disputed</h2>" in page
    assert '<bdi>A reply reports other figures.</bdi> <a href="https://example.org/reply" rel="nofollow ugc noopener">' in page


def test_who_proposed_a_notice_cannot_confirm_it(mel_client, paper):
    propose(mel_client, paper)
    before = everything()

    assert (confirm(mel_client, DisputeNotice.objects.get()).status_code, everything()) == (403, before)


def test_a_lifted_notice_is_gone_and_the_log_says_why(mel_client, sol_client, paper, visitor):
    propose(mel_client, paper)
    notice = DisputeNotice.objects.get()
    confirm(sol_client, notice)
    assert lift(mel_client, notice, reason=" ").status_code == 409
    assert "A reply reports" in visitor.get("/papers/orca/").text

    assert lift(mel_client, notice).status_code == 302
    assert "A reply reports" not in visitor.get("/papers/orca/").text
    assert Decision.objects.get(verdict="lift").reason == "It was settled."


def test_what_is_settled_is_not_settled_twice(mel_client, sol_client, paper):
    propose(mel_client, paper)
    notice = DisputeNotice.objects.get()
    confirm(sol_client, notice)
    assert confirm(sol_client, notice).status_code == 409
    lift(mel_client, notice)
    before = everything()

    for response in (lift(mel_client, notice), confirm(sol_client, notice)):
        assert response.status_code == 409
        assert "Somebody was faster" in response.text
    assert everything() == before


def test_a_second_notice_of_a_kind_is_refused(mel_client, paper):
    propose(mel_client, paper)
    response = propose(mel_client, paper)

    assert (response.status_code, DisputeNotice.objects.count()) == (409, 1)


@pytest.mark.parametrize(
    "data",
    [
        {"url": "javascript:alert(1)"},
        {"url": "//example.org"},
        {"url": "https://u:p@example.org/"},
        {"url": "http://127.0.0.1/"},
        {"kind": "fraud"},
        {"text": " "},
        {"text": "x" * 501},
        {"text": "a\x00b"},
    ],
)
def test_what_is_no_notice_is_asked_again_with_what_was_typed(mel_client, paper, data):
    response = propose(mel_client, paper, **data)

    assert response.status_code == 200
    assert response.context["notice_form"].errors.keys() == data.keys()
    assert not DisputeNotice.objects.exists()


def test_hostile_words_stay_text(mel_client, sol_client, paper, visitor):
    propose(mel_client, paper, text="<script>alert(1)</script>", url='https://example.org/"><script>alert(1)</script>')
    notice = DisputeNotice.objects.get()
    confirm(sol_client, notice)

    for response in (mel_client.get(address(paper)), visitor.get("/papers/orca/")):
        assert "<script>alert" not in response.text


# -- Who may -------------------------------------------------------------------------------------------
def test_nobody_but_a_full_maintainer_reads_or_acts_here(mel_client, alice_client, bruno, bruno_client, visitor, paper):
    make_category("serving").maintainers.add(bruno)
    propose(mel_client, paper)
    notice = DisputeNotice.objects.get()
    before = everything()

    for client, refused in ((alice_client, {403}), (bruno_client, {403}), (visitor, {302})):
        assert client.get(address(paper)).status_code in refused
        assert client.get(restoring(paper, 1)).status_code in refused
        assert restore(client, paper, 1).status_code in refused
        assert propose(client, paper, kind="concern").status_code in refused
        assert confirm(client, notice).status_code in refused
        assert lift(client, notice).status_code in refused
        assert client.get(reverse("admin:catalog_paper_duplicates")).status_code in refused
    assert everything() == before
