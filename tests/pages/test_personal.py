"""Taking one's data along, and leaving."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.db import models
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from accounts import notify, tokens
from accounts.models import User
from catalog import drafts, personal, reading, review
from catalog.models import Submission
from tests.conftest import signed_in
from tests.factories import make_record

WHY = "It measures what the others only claim, and on real traces."
DELETE, DATA, FILE = "/accounts/delete/", "/accounts/data/", "/accounts/data/download/"


@pytest.fixture
def fresh(alice, visitor):
    """alice, who has just said her password."""
    visitor.post("/accounts/login/", {"login": "alice", "password": "password"})
    return visitor


def propose(person, title):
    return review.submit(make_record(title), by=person, why=WHY, token=uuid4())


def data_of(client):
    answer = client.get(FILE)
    return json.loads(answer.getvalue())


# -- For the person alone, and now -----------------------------------------------------------------
@pytest.mark.parametrize("address", [DELETE, DATA, FILE])
def test_nobody_in_particular_is_asked_to_sign_in(visitor, db, address):
    assert visitor.get(address)["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", [DELETE, DATA, FILE])
def test_whoever_finds_an_open_browser_is_asked_who_they_are(alice, fresh, address):
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        answer = fresh.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
        fresh.post(DELETE, {"username": "alice"})
    assert User.objects.filter(username="alice").exists()


@pytest.mark.parametrize("address", [DELETE, DATA, FILE])
def test_who_has_no_password_signs_in_anew(alice, address):
    alice.set_unusable_password()
    alice.save()
    client = signed_in(alice)
    answer = client.get(address)

    assert answer.status_code == 403
    assert "Sign in once more, by a code" in answer.text
    assert client.get("/accounts/").status_code == 200, "nobody is signed out by looking"
    back = re.search(r'name="next" value="([^"]+)"', answer.text)[1]
    assert client.post("/accounts/logout/", {"next": back})["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", [DELETE, DATA, FILE])
def test_nobody_keeps_these_pages(fresh, address):
    answer = fresh.get(address)
    assert answer.status_code == 200
    assert {"private", "no-store"} <= {word.strip() for word in answer["Cache-Control"].split(",")}


# -- The data --------------------------------------------------------------------------------------
def test_all_that_is_kept_is_in_the_file_and_nothing_secret(alice, mel, fresh):
    back = propose(alice, "Orca")
    review.comment(back, "On which traces?", by=mel)
    review.leave_note(back, "Between maintainers.", by=mel)
    review.decide(back, "request_changes", by=mel, seen_version=1, reason="Say why.", private_note="Not for her.")
    review.comment(back, "On those of a cloud.", by=alice)
    review.edit(back, make_record("Orca 2"), by=alice, seen_version=1, why=WHY)
    propose(mel, "Of somebody else")
    drafts.save(QueryDict("title=Unfinished"), by=alice, token=uuid4(), path="/submissions/new/")
    _token, key = tokens.make(alice, name="script", scopes=["read"], days=30)
    notify.notify(alice, "Something happened.", url="/changes/")
    Authenticator.objects.create(user=alice, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    SocialAccount.objects.create(user=alice, provider="github", uid="42", extra_data={"login": "alice-m"})
    reading.create(by=alice, name="Long contexts")
    answer = fresh.get(FILE)
    text = answer.getvalue().decode()
    told = json.loads(text)

    assert answer["Content-Disposition"] == 'attachment; filename="openshelf-alice.json"'
    assert list(told) == ["shape", "site", "made_at", *(part.name for part in personal.PARTS)]
    assert (told["shape"], told["account"]["username"]) == (1, "alice")
    assert told["addresses"] == [{"email": "alice@example.org", "verified": True, "primary": True}]
    (submission,) = told["submissions"]
    assert [version["record"]["title"] for version in submission["versions"]] == ["Orca", "Orca 2"]
    assert [(said["by"], said["text"]) for said in submission["conversation"]] == [
        ("mel", "On which traces?"),
        ("alice", "On those of a cloud."),
    ]
    assert submission["decisions"][0]["reason"] == "Say why."
    assert told["drafts"][0]["fields"] == {"title": ["Unfinished"]}
    assert told["tokens"][0]["name"] == "script"
    assert "Something happened." in [notification["text"] for notification in told["notifications"]]
    assert told["second_factors"][0]["type"] == "totp"
    assert told["other_sites"][0]["uid"] == "42"
    assert told["reading"]["lists"][0]["name"] == "Long contexts"
    for secret in ("Between maintainers.", "Not for her.", "Of somebody else", key, "JBSWY3DPEHPK3PXP", alice.password):
        assert secret not in text


def test_what_one_decided_is_in_it_with_ones_own_notes(alice, mel):
    submission = propose(alice, "Orca")
    review.leave_note(submission, "Look at section 4.", by=mel)
    review.decide(submission, "approve", by=mel, seen_version=1, private_note="Fine.")
    client = Client()
    client.post("/accounts/login/", {"login": "mel", "password": "password"})
    told = data_of(client)

    assert [(made["verdict"], made["private_note"]) for made in told["decisions"]] == [("approve", "Fine.")]
    assert told["desk"]["notes"][0]["text"] == "Look at section 4."


def test_a_person_of_whom_nothing_is_known_gets_that(fresh):
    told = data_of(fresh)
    assert (told["submissions"], told["decisions"], told["drafts"]) == ([], [], [])


def test_the_page_says_what_is_in_it(fresh):
    page = fresh.get(DATA).text
    for part in personal.PARTS:
        assert f"<dt><code>{part.name}</code></dt><dd>{part.words}</dd>" in page


# Rows that point to a person, and where the file tells of them. What else comes to point to people has to be told, too.
TOLD = {
    "account.EmailAddress.user": "addresses",
    "accounts.Digest.user": "letters",
    "accounts.Notification.user": "notifications",
    "accounts.Token.user": "tokens",
    "admin.LogEntry.user": "what owners did at the desk about names and accounts is the site's own log",
    "catalog.AnsweredRequest.user": "requests",
    "catalog.Category_maintainers.user": "desk",
    "catalog.Comment.by": "comments",
    "catalog.Decision.by": "decisions",
    "catalog.DeskNote.by": "desk",
    "catalog.DisputeNotice.confirmed_by": "desk",
    "catalog.DisputeNotice.lifted_by": "desk",
    "catalog.DisputeNotice.proposed_by": "desk",
    "catalog.Distinction.by": "desk",
    "catalog.Draft.contributor": "drafts",
    "catalog.Follow.user": "follows",
    "catalog.Import.applied_by": "desk",
    "catalog.Import.by": "desk",
    "catalog.Reading.user": "reading",
    "catalog.ReadingList.owner": "reading",
    "catalog.Revision.by": "decisions, by which revisions come about",
    "catalog.Submission.contributor": "submissions",
    "catalog.Submission.opened_by": "desk",
    "catalog.Tombstone.by": "desk",
    "catalog.Visit.user": "visits",
    "mfa.Authenticator.user": "second_factors",
    "socialaccount.SocialAccount.user": "other_sites",
    "usersessions.UserSession.user": "browsers",
    "accounts.User_groups.user": "account",
    "accounts.User_user_permissions.user": "nobody has permissions of their own",
}


def test_no_room_that_keeps_something_of_people_is_forgotten():
    from django.apps import apps

    pointing = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model is User
    }
    assert pointing == set(TOLD)


# -- Leaving -----------------------------------------------------------------------------------------
def test_the_page_says_what_goes_and_what_stays_and_looking_deletes_nothing(alice, fresh):
    page = fresh.get(DELETE, {"username": "alice"}).text

    for words in (
        "What goes, at once",
        "What stays, said of a deleted user",
        "Proposals that wait for a maintainer",
        'href="/accounts/data/"',
    ):
        assert words in page
    assert User.objects.filter(pk=alice.pk).exists()


@pytest.mark.parametrize("typed", ["", "Alice", "alice@example.org", " alicee", "mel"])
def test_a_slip_of_the_hand_deletes_nothing(alice, fresh, typed):
    answer = fresh.post(DELETE, {"username": typed})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert User.objects.filter(pk=alice.pk).exists()


def test_who_confirms_it_is_gone_and_signed_out_everywhere(alice, alice_client, fresh, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = fresh.post(DELETE, {"username": "alice"})

    assert answer.status_code == 200
    assert "Your account is deleted" in answer.text
    assert "Sign in" in answer.text
    assert not User.objects.filter(username="alice").exists()
    assert [letter.to for letter in mailoutbox] == [["alice@example.org"]]
    for client in (fresh, alice_client):
        assert client.get("/accounts/").status_code == 302
    assert fresh.post("/accounts/login/", {"login": "alice", "password": "password"}).status_code == 422


def test_a_form_without_its_token_deletes_nothing(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(DELETE, {"username": "alice"}).status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()


def test_the_last_owner_is_told_to_name_another_first(root, visitor):
    visitor.post("/accounts/login/", {"login": "root", "password": "password"})
    page = visitor.get(DELETE).text
    assert "You are the only owner of this site" in page
    assert "Delete my account" not in page
    assert "You are the only owner" in visitor.post(DELETE, {"username": "root"}).text
    assert User.objects.filter(username="root").exists()


def test_the_last_maintainer_is_told_to_have_another_named(mel, visitor):
    visitor.post("/accounts/login/", {"login": "mel", "password": "password"})
    assert "You are the only maintainer" in visitor.get(DELETE).text


# -- At the desk ---------------------------------------------------------------------------------------
def test_an_owner_deletes_an_account_on_request_and_the_log_has_no_name(
    alice, root_client, root, mailoutbox, django_capture_on_commit_callbacks
):
    address = f"/admin/accounts/user/{alice.pk}/delete/"
    propose(alice, "Orca")
    assert f'href="{address}"' in root_client.get(f"/admin/accounts/user/{alice.pk}/change/").text
    assert root_client.post(address, {"username": "bob"}).status_code == 422
    assert User.objects.filter(pk=alice.pk).exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert root_client.post(address, {"username": "alice"})["Location"] == "/admin/accounts/user/"

    assert not User.objects.filter(pk=alice.pk).exists()
    assert Submission.objects.get().contributor is None
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr, entry.is_deletion()) == (root, "deleted user", True)
    assert [letter.to for letter in mailoutbox] == [["alice@example.org"]]


def test_nobody_but_an_owner_deletes_somebody_else(alice, bruno_client, mel_client, visitor):
    for client in (visitor, bruno_client, mel_client):
        assert client.post(f"/admin/accounts/user/{alice.pk}/delete/", {"username": "alice"}).status_code in {302, 403}
    assert User.objects.filter(pk=alice.pk).exists()


def test_an_owner_does_not_delete_the_last_owner_or_themselves_at_the_desk(root, mel, root_client):
    assert root_client.post(f"/admin/accounts/user/{root.pk}/delete/", {"username": "root"})["Location"] == DELETE
    assert root_client.get("/admin/accounts/user/999/delete/").status_code == 404
    assert User.objects.filter(pk=root.pk).exists()


def test_the_desk_finds_people_by_the_names_of_their_pages(alice, root_client):
    User.objects.filter(pk=alice.pk).update(display_name="Alice Moreau")
    assert "Alice Moreau" in root_client.get("/admin/accounts/user/?q=moreau").text
