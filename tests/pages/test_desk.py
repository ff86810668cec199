"""The maintainer's desk: the queue, a submission beside its nearest paper, and decisions."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import MAINTAINERS
from catalog import arranging, publishing, review
from catalog.models import Category, Decision, Paper, Submission
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record

QUEUE = "/admin/catalog/submission/"
WHY = "It serves a thousand adapters from one copy of the base model."


@pytest.fixture
def submit(alice):
    """Propose a paper in the category `serving`, waiting for so many hours."""

    def submit_(title="S-LoRA: Serving Thousands of Adapters", *, by=alice, hours=1, why=WHY, **facts):
        make_category("serving")
        record = make_record(title, categories=["serving"], **{"links": ["https://example.org/paper"], **facts})
        submission = review.submit(record, by=by, why=why, token=uuid4())
        Submission.objects.filter(pk=submission.pk).update(submitted_at=timezone.now() - timedelta(hours=hours))
        return Submission.objects.get(pk=submission.pk)

    return submit_


def address(submission):
    return f"{QUEUE}{submission.pk}/change/"


def decide(client, submission, verdict, **told):
    code = {"approve": "belongs", "request_changes": "facts", "reject": "out_of_scope"}[verdict]
    data = {"verdict": verdict, "version": submission.version, "reason_code": code, "reason": "", "private_note": "", **told}
    return client.post(address(submission), data)


def standing(submission):
    return Submission.objects.get(pk=submission.pk).status


def titles(response):
    return [row.submission.title for row in response.context["rows"]]


# -- Who may enter -----------------------------------------------------------------------------
DOORS = ["/admin/", QUEUE, "/admin/catalog/paper/", "/admin/catalog/category/add/", "/admin/accounts/user/", "/admin/nowhere/"]


@pytest.mark.parametrize("door", DOORS)
def test_a_visitor_is_asked_to_sign_in_on_the_site_own_page(visitor, db, door):
    response = visitor.get(door, follow=True)
    assert [url.partition("?")[0] for url, _status in response.redirect_chain] == ["/admin/login/", "/accounts/login/"]
    assert response.request["QUERY_STRING"] == f"next={door.replace('/', '%2F')}"


@pytest.mark.parametrize("door", DOORS)
def test_a_contributor_is_told_that_the_desk_is_for_maintainers(alice_client, door):
    response = alice_client.get(door, follow=True)
    assert response.status_code == 403
    assert b"The desk is for maintainers" in response.content
    assert b"password" not in response.content


@pytest.fixture
def staff_client(db):
    """Staff, with every permission that Django knows, and no maintainer."""
    user = make_user("sol", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    return signed_in(user)


@pytest.mark.parametrize("door", DOORS)
def test_staff_who_are_no_maintainers_see_nothing(staff_client, door):
    assert staff_client.get(door, follow=True).status_code == 403


def test_a_maintainer_who_is_not_staff_does_not_enter(db):
    user = make_user("sol")
    user.groups.add(Group.objects.get(name=MAINTAINERS))
    assert signed_in(user).get(QUEUE).status_code == 403


@pytest.mark.parametrize("verdict", ["approve", "request_changes", "reject"])
def test_a_decision_sent_by_anybody_else_changes_nothing(visitor, alice_client, bruno_client, staff_client, submit, verdict):
    submission = submit()
    for client, status in [(visitor, 302), (alice_client, 403), (bruno_client, 403), (staff_client, 403)]:
        assert decide(client, submission, verdict, reason="Because.").status_code == status
    assert standing(submission) == "pending"
    assert not Decision.objects.exists()
    assert not Paper.objects.exists()


def test_the_same_holds_for_every_other_address_of_a_submission(mel_client, alice_client, submit):
    submission = submit()
    for ending in ("add/", f"{submission.pk}/delete/", f"{submission.pk}/history/", f"{submission.pk}/"):
        for client, expected in [(mel_client, {404}), (alice_client, {403})]:
            assert client.post(QUEUE + ending, {"post": "yes"}).status_code in expected
    assert mel_client.post(QUEUE, {"action": "delete_selected", "_selected_action": submission.pk}).status_code == 405
    assert standing(submission) == "pending"


def test_a_maintainer_reaches_every_room_but_the_people(mel_client, root_client):
    rooms = ["/admin/", QUEUE, *(f"/admin/catalog/{room}/" for room in ("paper", "category", "venue", "organization", "reason"))]
    for room in rooms:
        assert mel_client.get(room).status_code == 200
    assert mel_client.get("/admin/accounts/user/").status_code == 403
    assert root_client.get("/admin/accounts/user/").status_code == 200
    assert root_client.get("/admin/account/emailaddress/").status_code == 404


def test_sign_out_and_password_are_the_site_own(mel_client):
    assert mel_client.post("/admin/logout/")["Location"] == "/accounts/logout/"
    assert mel_client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


# -- The queue ---------------------------------------------------------------------------------
def test_the_queue_shows_what_waits_oldest_first(mel_client, submit):
    submit("Splitwise", hours=2)
    submit("Orca", hours=60)
    back = submit("Sarathi", hours=80)
    decide(mel_client, back, "request_changes", reason="Name the venue.")
    response = mel_client.get(QUEUE)
    assert titles(response) == ["Orca", "Splitwise"]
    assert response.context["figures"].waiting == 2
    assert response.context["figures"].back == 1
    assert response.context["figures"].oldest == "2 d 12 h"
    assert (response.context["figures"].this_week, response.context["figures"].this_week_by_you) == (1, 1)
    assert [row.lateness for row in response.context["rows"]] == ["late", ""]


def test_an_empty_queue_says_so(mel_client):
    assert b"Nothing is waiting" in mel_client.get(QUEUE).content


def test_a_submission_is_found_by_title_and_by_number(mel_client, submit):
    orca, splitwise = submit("Orca"), submit("Splitwise")
    assert titles(mel_client.get(QUEUE, {"q": "split"})) == ["Splitwise"]
    for spelling in (f"{orca.pk}", f"#{orca.pk}", f"No. {orca.pk}"):
        assert titles(mel_client.get(QUEUE, {"q": spelling})) == ["Orca"]
    assert splitwise.pk != orca.pk


@pytest.mark.parametrize("q", ["\x00", "9" * 40, "%", "²", "'\"<b>", "‮", "x" * 2000])
def test_no_search_breaks_the_queue(mel_client, submit, q):
    submit("Orca")
    assert mel_client.get(QUEUE, {"q": q, "state": "nonsense", "kind": "\x00"}).status_code == 200


@pytest.mark.parametrize("page", ["9999", "0", "-1", "x", "1e9", "9" * 40])
def test_a_page_that_is_not_there_answers_404(mel_client, submit, page):
    submit("Orca")
    assert mel_client.get(QUEUE, {"page": page}).status_code == 404


def test_a_row_says_who_sends_it_and_how_that_went_before(mel_client, submit, bruno):
    decide(mel_client, submit("Orca"), "approve")
    submit("Splitwise")
    submit("Sarathi", by=bruno)
    said = {row.submission.title: str(row.standing) for row in mel_client.get(QUEUE).context["rows"]}
    assert said == {"Splitwise": "1 approved of 1", "Sarathi": "first submission"}


def test_a_row_names_the_risk_that_its_nearest_paper_is(mel_client, submit):
    make_paper("FlashAttention: Fast and Memory-Efficient Exact Attention", short_name="FlashAttention")
    submit("FlashAttention-2: Faster Attention", short_name="FlashAttention-2")
    submit("Quite Another Matter")
    said = {row.submission.title: row.risk for row in mel_client.get(QUEUE).context["rows"]}
    assert str(said["FlashAttention-2: Faster Attention"][1]) == "Near title"
    assert said["Quite Another Matter"] is None


def test_an_edit_lays_risk_and_checks_down_anew(alice, submit):
    make_paper("FlashAttention: Fast and Memory-Efficient Exact Attention", short_name="FlashAttention")
    submission = submit("FlashAttention-2: Faster Attention", short_name="FlashAttention-2")
    assert submission.risk == "similar_title"
    record = make_record("Quite Another Matter", categories=["serving"], links=["https://example.org/paper"])
    edited = review.edit(submission, record, by=alice, seen_version=1, why=WHY)
    assert edited.risk == ""
    assert edited.tally["fail"] == submission.tally["fail"] - 1


# -- One submission ------------------------------------------------------------------------------
def test_a_submission_stands_beside_its_nearest_paper(mel_client, submit):
    near = make_paper("FlashAttention: Fast and Memory-Efficient Exact Attention", short_name="FlashAttention", year=2022)
    submission = submit("FlashAttention-2: Faster Attention", short_name="FlashAttention-2", year=2023)
    response = mel_client.get(address(submission))
    assert response.context["other"] == near
    assert b"<del>2022</del>" in response.content
    assert b"Number 1 in" in response.content
    for words in (WHY, "Submitted by", "Checks", "Where it will stand"):
        assert words in response.content.decode()


def test_another_paper_can_be_put_beside_it(mel_client, submit):
    make_paper("FlashAttention: Fast and Memory-Efficient Exact Attention", short_name="FlashAttention")
    other = make_paper("Orca")
    submission = submit("FlashAttention-2: Faster Attention", short_name="FlashAttention-2")
    assert mel_client.get(address(submission), {"beside": other.slug}).context["other"] == other
    assert mel_client.get(address(submission), {"beside": "nowhere"}).context["other"] != other


def test_a_submission_without_neighbours_says_so(mel_client, submit):
    response = mel_client.get(address(submit("Quite Another Matter")))
    assert b"Nothing in the catalogue is near it." in response.content
    assert b"In the catalogue</th>" not in response.content


@pytest.mark.parametrize("number", ["0", "987654", "9" * 30])
def test_a_number_that_was_never_given_answers_404(mel_client, number):
    assert mel_client.get(f"{QUEUE}{number}/change/").status_code == 404
    assert mel_client.post(f"{QUEUE}{number}/change/", {"verdict": "approve"}).status_code == 404


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\" ' &"


def test_hostile_text_is_text_wherever_it_is_shown(mel_client, submit, bruno):
    make_paper(f"{HOSTILE} a paper")
    submission = submit(
        f"{HOSTILE} a proposal",
        by=bruno,
        why=HOSTILE,
        abstract=HOSTILE,
        note=HOSTILE,
        authors=[HOSTILE],
        venue=HOSTILE,
        organizations=[HOSTILE],
        links=["https://example.org/"],
    )
    pages = [mel_client.get(QUEUE), mel_client.get(QUEUE, {"q": HOSTILE}), mel_client.get(address(submission))]
    pages.append(decide(mel_client, submission, "reject", reason_code="belongs", reason=HOSTILE, private_note=HOSTILE))
    pages.append(mel_client.post(address(submission), decided(submission, reason=HOSTILE, private_note=HOSTILE), follow=True))
    pages.append(mel_client.get(address(submission)))
    for page in pages:
        assert page.status_code == 200
        assert b"<script>alert" not in page.content
        assert b"<img" not in page.content


def decided(submission, **told):
    return {"verdict": "reject", "version": submission.version, "reason_code": "out_of_scope", **told}


# -- Decisions ---------------------------------------------------------------------------------
def test_approving_puts_the_paper_in_the_catalogue_and_says_where(mel, mel_client, submit, django_capture_on_commit_callbacks):
    submission = submit("Orca: A Distributed Serving System")
    with django_capture_on_commit_callbacks(execute=True):
        response = decide(mel_client, submission, "approve", private_note="Checked the PDF.")
    assert response.status_code == 302
    paper = Paper.objects.get()
    decision = Decision.objects.get()
    assert response["Location"] == f"{QUEUE}?decided={decision.pk}"
    assert (decision.verdict, decision.by, decision.reason_code, decision.private_note) == ("approve", mel, "belongs", "Checked the PDF.")
    assert standing(submission) == "approved"
    assert f'<a href="{paper.get_absolute_url()}">' in mel_client.get(response["Location"]).content.decode()
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]]
    assert "Checked the PDF." not in mail.outbox[0].body


@pytest.mark.parametrize(("verdict", "status"), [("reject", "rejected"), ("request_changes", "changes_requested")])
def test_a_decision_against_keeps_its_reason_and_leaves_the_catalogue_alone(mel_client, submit, verdict, status):
    submission = submit()
    response = decide(mel_client, submission, verdict, reason="About chips only.", private_note="Third of its kind.")
    assert response.status_code == 302
    assert standing(submission) == status
    assert not Paper.objects.exists()
    page = mel_client.get(address(submission)).content
    for words in (b"About chips only.", b"Third of its kind."):
        assert words in page
    # What was sent back and never returned can still be rejected, and nothing else.
    buttons = [name for name in ("approve", "request_changes", "reject") if f'name="verdict" value="{name}"'.encode() in page]
    assert buttons == (["reject"] if verdict == "request_changes" else [])


def test_after_a_decision_the_next_in_the_queue_opens(mel_client, submit):
    first, second, third = submit("Orca", hours=9), submit("Splitwise", hours=6), submit("Sarathi", hours=3)
    for decided_, following in [(second, third), (third, first)]:
        assert decide(mel_client, decided_, "approve")["Location"].partition("?")[0] == address(following)
    assert decide(mel_client, first, "approve")["Location"].partition("?")[0] == QUEUE


@pytest.mark.parametrize("verdict", ["reject", "request_changes"])
def test_a_decision_against_needs_words_and_keeps_those_there_are(mel_client, submit, verdict):
    submission = submit()
    response = decide(mel_client, submission, verdict, reason="  ", private_note="Ask sol first.")
    assert response.context["form"].errors.keys() == {"reason"}
    page = response.content.decode()
    assert "Ask sol first." in page
    assert 'aria-invalid="true"' in page
    assert standing(submission) == "pending"


def test_a_reason_for_another_decision_is_refused_at_its_field(mel_client, submit):
    submission = submit()
    response = decide(mel_client, submission, "reject", reason_code="belongs", reason="Out of scope, sorry to say.")
    assert response.context["form"].errors.keys() == {"reason_code"}
    assert "Out of scope, sorry to say." in response.content.decode()
    assert standing(submission) == "pending"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"verdict": "publish"},
        {"verdict": "approve", "version": "x"},
        {"verdict": "approve", "version": "9" * 40, "reason_code": "belongs"},
        {"verdict": "approve", "version": "1", "reason_code": "\x00"},
        {"verdict": "reject", "version": "1", "reason_code": "out_of_scope", "reason": "\x00"},
        {"verdict": "reject", "version": "1", "reason_code": "out_of_scope", "reason": "x" * 20_000},
    ],
)
def test_a_malformed_decision_is_answered_with_the_form(mel_client, submit, data):
    submission = submit()
    response = mel_client.post(address(submission), data)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert standing(submission) == "pending"


def test_a_second_decision_learns_of_the_first(mel_client, root_client, submit):
    submission = submit()
    decide(mel_client, submission, "reject", reason="Out of scope.")
    response = decide(root_client, submission, "approve", reason="I liked it.")
    assert response.status_code == 409
    page = response.content.decode()
    assert "Already rejected by mel on" in page
    assert "I liked it." in page
    assert Decision.objects.count() == 1
    assert not Paper.objects.exists()


def test_a_decision_on_a_withdrawn_submission_is_refused(mel_client, submit, alice):
    submission = submit()
    review.withdraw(submission, by=alice)
    response = decide(mel_client, submission, "approve")
    assert response.status_code == 409
    assert b"Already withdrawn by its contributor." in response.content
    assert not Paper.objects.exists()


def test_a_decision_on_a_text_that_was_not_seen_is_refused_and_what_was_typed_is_kept(mel_client, submit, alice):
    submission = submit()
    review.edit(submission, submission.record, by=alice, seen_version=1, why=WHY)
    response = decide(mel_client, submission, "reject", reason="Out of scope.", private_note="Ask sol.")
    assert response.status_code == 409
    page = response.content.decode()
    assert "Edited by alice while you were reading" in page
    assert 'name="version" value="2"' in page
    assert "Out of scope.</textarea>" in page
    assert "Ask sol.</textarea>" in page
    assert 'value="out_of_scope" selected' in page
    assert standing(submission) == "pending"


def test_approving_what_has_come_into_the_catalogue_meanwhile_is_refused_beside_that_paper(mel_client, submit):
    submission = submit("Orca, the preprint", identifiers={"arxiv": "2301.00001"})
    held = publishing.publish(make_record("Another name altogether", identifiers={"arxiv": "2301.00001"}))
    response = decide(mel_client, submission, "approve")
    assert response.status_code == 409
    assert response.context["other"] == held
    assert b"The catalogue has this arXiv identifier" in response.content
    assert standing(submission) == "pending"


def test_a_category_that_was_renamed_meanwhile_is_still_the_one_asked_for(mel_client, submit):
    submission = submit()
    arranging.rename_category(Category.objects.get(), name="Inference")
    for page in (QUEUE, address(submission)):
        assert "Inference" in mel_client.get(page).content.decode()
    answers = {answer.name: answer.outcome for answer in mel_client.get(address(submission)).context["answers"]}
    assert answers["category"] == "pass"
    assert decide(mel_client, submission, "approve").status_code == 302
    assert Paper.objects.get().record.categories[0].path == "inference"


def test_approving_into_a_category_that_is_gone_is_refused(mel_client, submit):
    submission = submit()
    Category.objects.all().delete()
    response = decide(mel_client, submission, "approve")
    assert response.status_code == 409
    assert b"A category it asks for is gone" in response.content
    assert standing(submission) == "pending"


def test_a_maintainer_does_not_decide_their_own_where_the_site_forbids_it(mel, mel_client, submit, settings):
    submission = submit(by=mel)
    settings.SELF_APPROVAL = "nobody"
    page = mel_client.get(address(submission))
    assert b"This is your own submission" in page.content
    assert b'id="decision"' not in page.content
    assert decide(mel_client, submission, "approve").status_code == 403
    assert standing(submission) == "pending"


def test_a_submission_of_a_closed_account_can_still_be_read_and_decided(mel_client, submit, bruno):
    submission = submit(by=bruno)
    bruno.delete()
    assert mel_client.get(address(submission)).status_code == 200
    assert decide(mel_client, submission, "approve").status_code == 302
    assert mel_client.get(address(submission)).status_code == 200


# -- Everything on the desk ----------------------------------------------------------------------
def test_no_page_of_the_desk_brings_styles_or_scripts_of_its_own(root_client, submit, alice):
    make_paper("Orca", venue="OSDI", organizations=["Seoul National University"], year=2022, categories=["serving"])
    submission = submit("Splitwise")
    pages = ["/admin/", QUEUE, address(submission), f"/admin/accounts/user/{alice.pk}/change/", "/admin/catalog/category/add/"]
    for room in ("paper", "category", "venue", "organization"):
        changelist = f"/admin/catalog/{room}/"
        pages += [changelist, reverse(f"admin:catalog_{room}_change", args=[first(root_client, changelist)])]
    for page in pages:
        response = root_client.get(page)
        text = response.content.decode()
        assert response.status_code == 200, page
        assert "<style" not in text, page
        assert " style=" not in text, page
        assert text.count("<script") == text.count("<script src="), page
        assert "unsafe" not in response["Content-Security-Policy"]
        assert text.count("<h1") == 1, page


def first(client, changelist):
    return client.get(changelist).context["cl"].result_list[0].pk
