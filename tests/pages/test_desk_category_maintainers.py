"""The desk of somebody who is named on a category: the queue, as far as it is theirs, and nothing else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.models import MAINTAINERS
from catalog import review, taxonomy
from catalog.models import Category, Decision, Paper, Submission
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record

QUEUE = "/admin/catalog/submission/"
WHY = "It serves a thousand adapters from one copy of the base model."


@pytest.fixture
def sol(db):
    """Keeps `systems`, and with it what lies below; no staff."""
    user = make_user("sol")
    taxonomy.name_maintainers(make_category("systems"), [user])
    return user


@pytest.fixture
def sol_client(sol):
    return signed_in(sol)


@pytest.fixture
def submit(alice):
    def submit_(title, *categories, by=alice, hours=1):
        for path in categories:
            make_category(path)
        record = make_record(title, categories=categories, links=["https://example.org/paper"])
        submission = review.submit(record, by=by, why=WHY, token=uuid4())
        Submission.objects.filter(pk=submission.pk).update(submitted_at=timezone.now() - timedelta(hours=hours))
        return Submission.objects.get(pk=submission.pk)

    return submit_


@pytest.fixture
def inside(submit):
    return submit("Orca", "systems/serving")


@pytest.fixture
def outside(submit):
    return submit("Splitwise", "training")


@pytest.fixture
def half_outside(submit):
    return submit("Sarathi", "systems/serving", "training")


@pytest.fixture
def own(submit, sol):
    return submit("My own", "systems", by=sol)


@pytest.fixture
def nowhere(submit):
    return submit("Without a place")


STRANGE = ["outside", "half_outside", "own", "nowhere"]


def address(submission):
    return f"{QUEUE}{submission.pk}/change/"


def decide(client, submission, verdict="approve", **told):
    code = {"approve": "belongs", "request_changes": "facts", "reject": "out_of_scope"}[verdict]
    data = {"verdict": verdict, "version": submission.version, "reason_code": code, "reason": "Because.", "private_note": "", **told}
    return client.post(address(submission), data)


def titles(response):
    return [row.submission.title for row in response.context["rows"]]


# -- What is theirs ------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["systems", "systems/serving", "systems/serving/scheduling"])
@pytest.mark.parametrize("verdict", ["approve", "request_changes", "reject"])
def test_they_find_read_and_decide_what_is_proposed_for_their_category_or_below(sol, sol_client, submit, path, verdict):
    submission = submit("Orca", path)
    assert titles(sol_client.get(QUEUE)) == ["Orca"]
    assert b'id="decision"' in sol_client.get(address(submission)).content
    assert decide(sol_client, submission, verdict).status_code == 302
    decision = Decision.objects.get()
    assert (decision.by, decision.verdict, decision.is_own) == (sol, verdict, False)
    assert Paper.objects.count() == (verdict == "approve")
    assert sol_client.get(address(submission)).status_code == 200


def test_what_is_not_theirs_is_in_no_list_and_no_count(sol_client, inside, outside, half_outside, own, nowhere, mel_client):
    for submission in (outside, nowhere):
        decide(mel_client, submission, "reject")
    for query in ("", "q=i", "state=waiting&state=changes&state=decided&state=withdrawn", f"q={half_outside.pk}", "kind=addition"):
        response = sol_client.get(f"{QUEUE}?{query}")
        assert set(titles(response)) <= {"Orca"}
        counts = {facet.name: {option.value: option.count for option in facet.options} for facet in response.context["selection"].facets}
        assert counts["state"]["decided"] == 0
        assert sum(counts["kind"].values()) <= 1
        for title in (outside.title, half_outside.title, own.title, nowhere.title):
            assert title not in response.text
    for page in (QUEUE, "/admin/"):
        text = sol_client.get(page).text
        assert "<dt>waiting</dt><dd>1</dd>" in text
        assert "decided this week, 0 by you</dt><dd>0</dd>" in text
    item = sol_client.get(address(inside))
    assert (item.context["ahead"], item.context["waiting"], item.context["following"]) == (1, 1, None)


def test_the_figures_are_about_their_queue(sol_client, mel_client, submit, inside):
    decide(sol_client, submit("Alpa", "systems", hours=5), "reject")
    decide(mel_client, submit("Bamboo", "training", hours=50), "reject")
    theirs, all_ = (client.get(QUEUE).context["figures"] for client in (sol_client, mel_client))
    assert (theirs.this_week, theirs.this_week_by_you, theirs.usual) == (1, 1, "5 h")
    assert (all_.this_week, all_.this_week_by_you) == (2, 1)


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("verdict", ["approve", "request_changes", "reject"])
def test_what_is_not_theirs_is_not_there_for_them(request, sol_client, strange, verdict):
    submission = request.getfixturevalue(strange)
    assert sol_client.get(address(submission)).status_code == 404
    assert decide(sol_client, submission, verdict).status_code == 404
    assert Submission.objects.get().is_pending
    assert not Decision.objects.exists()


def test_the_next_in_the_queue_is_one_of_theirs(sol_client, submit):
    first = submit("Orca", "systems", hours=9)
    submit("Splitwise", "training", hours=6)
    third = submit("Sarathi", "systems/serving", hours=3)
    assert decide(sol_client, first)["Location"].partition("?")[0] == address(third)
    assert decide(sol_client, third)["Location"].partition("?")[0] == QUEUE


def test_a_rival_that_is_not_theirs_is_not_named_beside_their_own(sol_client, mel_client, submit):
    submission, rival = submit("Orca", "systems"), submit("Orca", "training")
    assert [each.pk for each in mel_client.get(address(submission)).context["proposed_too"]] == [rival.pk]
    page = sol_client.get(address(submission))
    assert not page.context["proposed_too"]
    assert address(rival) not in page.text


def test_the_queue_asks_them_as_little_for_a_hundred_rows(sol_client, submit, alice, bruno, django_assert_max_num_queries):
    for number in range(100):
        submit(f"Paper {number}", "systems/serving", by=[alice, bruno][number % 2])
    with django_assert_max_num_queries(12):
        assert len(titles(sol_client.get(QUEUE))) == 100


# -- Meanwhile -----------------------------------------------------------------------------------
def test_what_is_edited_while_they_read_is_refused_as_changed(sol_client, inside, alice):
    review.edit(inside, inside.record, by=alice, seen_version=1, why=WHY)
    response = decide(sol_client, inside, "reject", reason="Out of scope.")
    assert response.status_code == 409
    assert "Edited by alice while you were reading" in response.text
    assert "Out of scope.</textarea>" in response.text


def test_what_moves_elsewhere_while_they_read_is_gone_for_them(sol_client, inside, alice):
    make_category("training")
    elsewhere = make_record("Orca", categories=["training"], abstract="Not for sol.")
    review.edit(inside, elsewhere, by=alice, seen_version=1, why=WHY)
    for version in (1, 2):
        response = decide(sol_client, inside, version=version)
        assert response.status_code == 404
        assert "Not for sol." not in response.text
    assert not Decision.objects.exists()


def test_what_moves_elsewhere_at_the_very_moment_is_not_shown_to_them(sol_client, inside, alice, monkeypatch):
    make_category("training")
    decide_ = review.decide

    def overtaken(submission, *told, **more):
        review.edit(submission, make_record("Orca", categories=["training"]), by=alice, seen_version=1, why=WHY)
        return decide_(submission, *told, **more)

    monkeypatch.setattr(review, "decide", overtaken)
    assert decide(sol_client, inside).status_code == 404
    assert Submission.objects.get().is_pending


def test_they_learn_who_was_faster(sol_client, mel_client, inside):
    decide(mel_client, inside, "reject")
    response = decide(sol_client, inside)
    assert response.status_code == 409
    assert "Already rejected by mel on" in response.text


def test_who_is_named_no_more_is_out_at_once(sol_client, inside):
    assert sol_client.get(address(inside)).status_code == 200
    taxonomy.name_maintainers(Category.objects.get(path="systems"), [])
    assert decide(sol_client, inside).status_code == 403
    for page in ("/admin/", QUEUE, address(inside)):
        assert sol_client.get(page).status_code == 403
    assert not Decision.objects.exists()


def test_a_closed_account_is_out_at_once(sol, sol_client, inside):
    sol.is_active = False
    sol.save()
    assert decide(sol_client, inside).status_code == 302
    assert sol_client.get(QUEUE)["Location"].startswith("/admin/login/")
    assert not Decision.objects.exists()


# -- The rest of the desk --------------------------------------------------------------------------
def test_no_other_room_lets_them_in(sol_client, alice):
    paper = make_paper("Orca", venue="OSDI", year=2022, organizations=["MIT"], categories=["systems"])
    things = [paper, paper.edition.venue, paper.organizations.get(), Category.objects.get(), alice]
    for thing in things:
        room = f"admin:{thing._meta.app_label}_{thing._meta.model_name}"
        pages = [reverse(f"{room}_changelist")]
        pages += [f"{pages[0]}{ending}" for ending in ("add/", *(f"{thing.pk}/{act}/" for act in ("change", "delete", "history")))]
        for page in pages:
            assert sol_client.get(page).status_code in {403, 404}, page
            told = {"name": "Mine", "kept_by": "sol", "is_superuser": "on", "post": "yes", "action": "delete_selected"}
            assert sol_client.post(page, told).status_code in {403, 404, 405}, page
    assert Category.objects.get().name == "Systems"
    alice.refresh_from_db()
    assert not alice.is_superuser


def test_their_desk_leads_to_the_queue_and_to_nothing_that_is_closed(sol_client, inside):
    for page in ("/admin/", QUEUE, address(inside)):
        text = sol_client.get(page).text
        assert f'href="{QUEUE}"' in text
        for room in ("catalog/paper", "catalog/category", "catalog/venue", "catalog/organization", "accounts/user"):
            assert f'href="/admin/{room}/' not in text
    assert "Behind the queue" not in sol_client.get("/admin/").text


def test_a_contributor_is_not_let_in_because_somebody_else_is_named(alice_client, inside, sol):
    for page in ("/admin/", QUEUE, address(inside)):
        assert alice_client.get(page).status_code == 403
    assert decide(alice_client, inside).status_code == 403


def test_being_named_does_not_open_the_desk_to_a_full_maintainer_whom_the_owner_keeps_out(sol, sol_client):
    sol.groups.add(Group.objects.get(name=MAINTAINERS))
    assert sol_client.get("/admin/catalog/paper/").status_code == 403
    assert sol_client.get(QUEUE).status_code == 403


def test_the_menu_leads_to_the_desk_whoever_may_enter(sol_client, mel_client, alice_client, inside):
    make_paper("Alpa", categories=["systems"])
    for client, is_shown in [(sol_client, True), (mel_client, True), (alice_client, False)]:
        for page in ("/", "/papers/", "/accounts/", "/nowhere/"):
            assert ('<a href="/admin/">Desk</a>' in client.get(page, follow=True).text) == is_shown, page


# -- Naming them -----------------------------------------------------------------------------------
@pytest.fixture
def systems(db):
    return make_category("systems", name="Systems")


def change(category):
    return f"/admin/catalog/category/{category.pk}/change/"


def usernames(category):
    return sorted(category.maintainers.values_list("username", flat=True))


@pytest.mark.parametrize("written", ["alice, bruno", "Bruno alice", " alice,,bruno\t", "ALICE bruno alice"])
def test_a_full_maintainer_names_the_people_who_keep_a_category(mel_client, systems, alice, bruno, written):
    told = {"name": "Systems", "slug": "systems", "description": "", "kept_by": written}
    assert mel_client.post(change(systems), told).status_code == 302
    assert usernames(systems) == ["alice", "bruno"]
    assert 'value="alice, bruno"' in mel_client.get(change(systems)).text
    assert mel_client.post(change(systems), {**told, "kept_by": "bruno"}).status_code == 302
    assert usernames(systems) == ["bruno"]
    bruno.refresh_from_db()
    assert not bruno.is_staff
    history = mel_client.get(f"/admin/catalog/category/{systems.pk}/history/").text
    assert "Kept by" in history


def test_a_new_category_can_be_given_its_people_at_once(mel_client, alice):
    told = {"name": "Serving", "parent": "", "slug": "", "description": "", "kept_by": "alice"}
    assert mel_client.post("/admin/catalog/category/add/", told).status_code == 302
    assert usernames(Category.objects.get(path="serving")) == ["alice"]


@pytest.mark.parametrize("written", ["alice nobody", "alice, closed", "alice@example.org", "<b>", "\x00", "x" * 1001])
def test_a_name_without_an_open_account_is_refused_beside_the_field_and_nothing_typed_is_lost(mel_client, systems, alice, bruno, written):
    make_user("closed", is_active=False)
    taxonomy.name_maintainers(systems, [bruno])
    response = mel_client.post(change(systems), {"name": "Changed", "slug": "", "description": "Typed.", "kept_by": written})
    assert response.context["adminform"].form.errors.keys() == {"kept_by"}
    assert 'id="id_kept_by_error"' in response.text
    for typed in ("Changed", "Typed.", "alice" if "alice" in written else ""):
        assert typed in response.text
    assert usernames(systems) == ["bruno"]
    systems.refresh_from_db()
    assert systems.name == "Systems"


def test_an_account_that_was_closed_meanwhile_does_not_stand_in_the_way(mel_client, systems, alice, bruno):
    taxonomy.name_maintainers(systems, [alice, bruno])
    bruno.is_active = False
    bruno.save()
    assert 'value="alice"' in mel_client.get(change(systems)).text
    told = {"name": "Systems", "slug": "systems", "description": "New words.", "kept_by": "alice"}
    assert mel_client.post(change(systems), told).status_code == 302
    assert usernames(systems) == ["alice"]
