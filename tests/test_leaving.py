"""Nothing is left of who leaves: every table and column is read, whatever rooms there are."""

import base64
import json
import pickle
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import QueryDict
from django.test import Client

from accounts import leaving, notify, profiles, tokens
from accounts.models import MAINTAINERS, Notification, User
from catalog import drafts, following, publishing, reading, review
from catalog.filters import PaperFilter
from catalog.models import Category, Comment, Decision, Paper, Revision, Submission
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record

WHY = "It measures what the others only claim, and on real traces."
NAME, ADDRESS, OTHER_ADDRESS, CALLED = "zelda.quirke", "zelda@quirke.example", "zq@elsewhere.example", "Zelda Oxenham-Quirke"
TRACES = ("quirke", "oxenham", "zelda", "elsewhere.example")


@pytest.fixture
def zelda(db):
    """A maintainer who has another address, a page, and a category to keep."""
    person = User.objects.create_user(NAME, ADDRESS, "password", is_staff=True)
    EmailAddress.objects.create(user=person, email=ADDRESS, verified=True, primary=True)
    EmailAddress.objects.create(user=person, email=OTHER_ADDRESS, verified=False, primary=False)
    person.groups.add(Group.objects.get_or_create(name=MAINTAINERS)[0])
    make_category("serving").maintainers.add(person)
    profiles.write(
        person,
        is_public=True,
        display_name=CALLED,
        about="Zelda reads about schedulers.",
        affiliation="Quirke Labs",
        orcid="0000-0002-1825-0097",
        homepage="https://quirke.example/",
    )
    return person


def propose(person, title, **facts):
    return review.submit(make_record(title, categories=["serving"], **facts), by=person, why=WHY, token=uuid4())


@pytest.fixture
def busy(zelda, alice, mel, root, root_client, django_capture_on_commit_callbacks):
    """zelda has done, and others have done with her, all there is to do. Answers with her numbers of submissions by state."""
    with django_capture_on_commit_callbacks(execute=True):
        return _do_everything(zelda, alice, mel, root, root_client)


def _do_everything(zelda, alice, mel, root, root_client):
    numbers = {}
    # What she proposes, in every state.
    approved = propose(zelda, "Orca")
    review.decide(approved, "approve", by=mel, seen_version=1, reason="Good.", private_note="Seen before.")
    paper = Paper.objects.get(title="Orca")
    numbers["approved"] = approved.pk
    numbers["pending"] = propose(zelda, "Waiting").pk
    back = propose(zelda, "Back")
    review.decide(back, "request_changes", by=mel, seen_version=1, reason="Say why.")
    numbers["back"] = back.pk
    rejected = propose(zelda, "Rejected")
    review.decide(rejected, "reject", by=mel, seen_version=1, reason="Not about systems.")
    withdrawn = propose(zelda, "Withdrawn")
    review.withdraw(withdrawn, by=zelda)
    correction = review.correct(paper, make_record("Orca", categories=["serving"], year=2022), by=zelda, why=WHY, token=uuid4())
    review.decide(correction, "approve", by=mel, seen_version=1)
    review.remove(paper, by=zelda, why="It was withdrawn by its authors.", token=uuid4())
    own = propose(zelda, "Her own")
    review.decide(own, "approve", by=zelda, seen_version=1)
    # What she says, and is told; what others are told of her.
    review.comment(back, "I will say it better.", by=zelda)
    theirs = propose(alice, "Alice proposes")
    review.open_item(theirs, by=zelda)
    review.comment(theirs, "Which traces?", by=zelda)
    review.leave_note(theirs, "Ask again.", by=zelda)
    review.decide(theirs, "approve", by=zelda, seen_version=1, private_note="Fine.")
    # What others wrote about her, and she about herself.
    review.comment(theirs, f"Ask ZELDA@quirke.example, or {OTHER_ADDRESS}.", by=alice)
    review.leave_note(theirs, f"She wrote from <{ADDRESS}>.", by=mel)
    told = propose(alice, "Told")
    review.decide(told, "reject", by=mel, seen_version=1, reason=f"See mailto:{ADDRESS}.", private_note=f"{ADDRESS} knows.")
    asked = review.submit(make_record("Asked", categories=["serving"]), by=alice, why=f"{WHY} Or ask {ADDRESS}", token=uuid4())
    review.edit(asked, make_record("Asked", categories=["serving"], year=2022), by=alice, seen_version=1, why=f"{WHY} Ask {OTHER_ADDRESS}!")
    reading.put(paper.public_id, by=alice, state="reading", note=f"From {ADDRESS}")
    reading.create(by=alice, name=f"By {ADDRESS}", description=f"Ask {OTHER_ADDRESS}.", is_public=True)
    drafts.save(QueryDict(f"why={quote_plus(f'Ask <{ADDRESS}>, {ADDRESS}')}"), by=alice, token=uuid4(), path="/submissions/new/")
    # What she does at the desk.
    survivor, twin = make_paper("Twin one"), make_paper("Twin two")
    review.tell_apart(survivor, paper, by=zelda, because="Two systems.")
    notice = review.propose_notice(survivor, kind="erratum", text="An erratum is published.", by=zelda)
    review.confirm_notice(notice, by=mel)
    review.undo(review.merge(twin, survivor, make_record("Twin one"), by=zelda, reason="One."), by=zelda)
    review.log_arrangement("Serving", "Described in other words.", by=zelda)
    publishing.retract(twin, reason=f"Made up, as {ADDRESS} says.", by=zelda)
    # What is hers alone.
    drafts.save(QueryDict("title=Unfinished"), by=zelda, token=uuid4(), path="/submissions/new/")
    _token, key = tokens.make(zelda, name="Quirke's script", scopes=["read", "submit", "review"], days=30)
    notify.begin_digest(zelda, "review", "2026-11-23")
    Authenticator.objects.create(user=zelda, type="webauthn", data={"name": "Zelda's key"})
    SocialAccount.objects.create(user=zelda, provider="github", uid="zelda-q", extra_data={"email": ADDRESS})
    reading.create(by=zelda, name="What Zelda reads", description="By Quirke.", is_public=True)
    reading.put(paper.public_id, by=zelda, state="reading", note="Zelda: read section 4.")
    following.follow(zelda, following.named(Category.objects.get(path="serving")), how="daily")
    following.follow(zelda, following.selected(PaperFilter(QueryDict("q=quirke"))), how="weekly")
    # What her programs and those of others were answered.
    record = {"title": "By program", "year": 2024, "categories": [{"path": "serving"}], "links": [{"url": "https://example.org/1"}]}
    _send(key, "/api/v1/submissions/", {"why": WHY, "record": record}, status=201)
    _token, roots = tokens.make(root, name="script", scopes=["read", "review"], days=30)
    decision = {"verdict": "request_changes", "reason": "Say why."}
    _send(roots, f"/api/v1/submissions/{numbers['pending']}/decisions/", decision, status=201)
    # Where she is signed in, and where somebody tries her address.
    signed_in(zelda).get("/papers/")
    browser = Client()
    browser.post("/accounts/login/", {"login": NAME, "password": "password"})
    browser.post("/accounts/login/", {"login": ADDRESS, "password": "wrong"})
    Client().post("/accounts/login/code/", {"email": ADDRESS})
    Client().post("/accounts/password/reset/", {"email": ADDRESS})
    Client().post("/accounts/email/", {"action_add": "", "email": OTHER_ADDRESS})
    # What the owner did about her account.
    fields = {"is_active": "on", "is_staff": "on", "groups": [Group.objects.get(name=MAINTAINERS).pk], "_save": "Save"}
    assert root_client.post(f"/admin/accounts/user/{zelda.pk}/change/", fields).status_code == 302
    return numbers


def _send(key, address, said, *, status):
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "once", "If-Match": "*"}
    response = Client().post(address, json.dumps(said), content_type="application/json", headers=headers)
    assert response.status_code == status, response.content


def traces_in(text, found):
    return [f"{found}: {text[max(0, place - 60) : place + 60]!r}" for trace in TRACES if (place := text.lower().find(trace)) >= 0]


def traces_in_database():
    """In every column of every row of every table; in what sessions and the cache hold, read as they are read."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    found += traces_in(_as_text(value), f"{table}.{column}")
    for session in Session.objects.all():
        found += traces_in(str(session.get_decoded()), "a session")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM cache")
        for key, value in cursor.fetchall():
            found += traces_in(f"{key} {pickle.loads(base64.b64decode(value))!r}", "the cache")
    return found


def _as_text(value):
    if isinstance(value, memoryview | bytes):
        return bytes(value).decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str)


PAGES = (
    *("/", "/papers/", "/papers/orca/", "/papers/orca/history/", "/papers/twin-two/", "/papers/twin-two/history/", "/categories/serving/"),
    *("/changes/", "/changes.atom", "/queue/", "/people/", "/lists/", "/statistics/", "/about/", "/sitemap.xml", f"/people/{NAME}/"),
    *(f"/papers.{extension}" for extension in ("json", "jsonl", "csv", "bib", "csl", "ris", "md", "atom")),
    *("/api/v1/papers/", "/api/v1/export/", "/api/v1/changes/", "/oai?verb=ListRecords&metadataPrefix=oai_dc"),
)
DESK = ("/admin/catalog/submission/", "/admin/accounts/user/", "/admin/catalog/paper/", "/admin/catalog/import/", "/submissions/")


def text_of(response):
    return b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()


def leave(person, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        leaving.leave(person)


def test_the_search_finds_who_is_here(busy):
    """A search that finds nothing afterwards has to find something before."""
    places = {found.partition(":")[0] for found in traces_in_database()}

    expected = {"accounts_user.username", "accounts_user.email", "accounts_user.display_name", "account_emailaddress.email"}
    expected |= {"accounts_notification.text", "accounts_token.name", "catalog_answeredrequest.body", "django_admin_log.object_repr"}
    assert expected | {"a session"} <= places


def test_nothing_is_left_in_any_table(zelda, busy, django_capture_on_commit_callbacks):
    leave(zelda, django_capture_on_commit_callbacks)

    assert traces_in_database() == []


def test_nothing_is_left_on_any_page_or_in_any_file(
    zelda, busy, visitor, mel_client, root_client, alice_client, django_capture_on_commit_callbacks
):
    for address in PAGES:
        visitor.get(address)
    # It says once more what was done to the account.
    root_client.get("/")
    leave(zelda, django_capture_on_commit_callbacks)

    for client in (visitor, alice_client, mel_client, root_client):
        for address in PAGES:
            page = text_of(client.get(address)).replace(f"/people/{NAME}/", "").replace(f"%2Fpeople%2F{NAME}%2F", "")
            assert traces_in(page, address) == []
    submissions = [f"{base}{number}/" for number in Submission.objects.values_list("pk", flat=True) for base in ("/submissions/",)]
    desk = [f"/admin/catalog/submission/{number}/change/" for number in Submission.objects.values_list("pk", flat=True)]
    for address in (*DESK, *submissions, *desk):
        assert traces_in(text_of(root_client.get(address, follow=True)), address) == []


def test_the_record_stays_without_a_name(zelda, busy, visitor, django_capture_on_commit_callbacks):
    kept = (Submission, Decision, Revision, Paper, Comment)
    before = [model.objects.count() for model in kept]
    exported = visitor.get("/papers.jsonl").getvalue()
    leave(zelda, django_capture_on_commit_callbacks)

    assert [model.objects.count() for model in kept] == before
    assert visitor.get("/papers.jsonl").getvalue() == exported
    assert "Proposed by <bdi>deleted user</bdi>" in visitor.get("/papers/orca/").text
    assert "proposed by <bdi>deleted user</bdi>" in visitor.get("/papers/orca/history/").text
    assert "by <bdi>deleted user</bdi>" in visitor.get("/changes/").text
    assert "deleted user" in visitor.get("/changes.atom").text
    assert "deleted user" in visitor.get("/queue/").text


def test_what_was_sent_back_is_withdrawn_and_what_waits_is_decided(zelda, busy, mel, django_capture_on_commit_callbacks, mailoutbox):
    waiting = propose(zelda, "Waits for a maintainer")
    leave(zelda, django_capture_on_commit_callbacks)
    mailoutbox.clear()

    assert Submission.objects.get(pk=busy["back"]).status == "withdrawn"
    assert Submission.objects.get(pk=waiting.pk).status == "pending"
    with django_capture_on_commit_callbacks(execute=True):
        decision = review.decide(waiting, "approve", by=mel, seen_version=1)
        assert Paper.objects.filter(title="Waits for a maintainer").exists()
        review.undo(decision, by=mel)
    assert mailoutbox == []


def test_what_others_typed_keeps_its_words_without_the_address(alice, bruno, mel, django_capture_on_commit_callbacks):
    make_category("serving")
    kept = "Not xalice@example.org, alice@example.organic or alice@example.org.uk"
    theirs = review.submit(make_record("Orca", categories=["serving"]), by=bruno, why=f"{WHY} Ask Alice@Example.org. {kept}", token=uuid4())
    review.comment(theirs, "alice@example.org knows alice well.", by=mel)
    leave(alice, django_capture_on_commit_callbacks)

    theirs.refresh_from_db()
    assert theirs.why == f"{WHY} Ask deleted user. {kept}"
    assert [said.text for said in theirs.comments.all()] == ["deleted user knows alice well."]


def test_who_has_no_address_takes_nothing_along(alice, bruno, bruno_client, django_capture_on_commit_callbacks):
    make_category("serving")
    theirs = review.submit(make_record("Orca", categories=["serving"]), by=bruno, why=WHY, token=uuid4())
    leave(User.objects.create_user("nameless", ""), django_capture_on_commit_callbacks)

    theirs.refresh_from_db()
    assert theirs.why == WHY
    assert bruno_client.get("/accounts/").status_code == 200


def test_others_are_told_what_they_were_told_without_the_name(zelda, alice, busy, django_capture_on_commit_callbacks):
    before = Notification.objects.exclude(user=zelda).count()
    leave(zelda, django_capture_on_commit_callbacks)

    texts = list(Notification.objects.values_list("text", flat=True))
    assert len(texts) == before
    assert "deleted user wrote about Alice proposes" in texts


def test_a_long_sentence_stays_within_its_length(alice, mel, django_capture_on_commit_callbacks):
    short = make_user("zq")
    notify.notify(mel, "zq wrote about no. 1: " + "x" * 300, url="/")
    notify.notify(mel, "zqq wrote about no. 1", url="/")
    leave(short, django_capture_on_commit_callbacks)

    told, other = Notification.objects.order_by("pk").values_list("text", flat=True)
    assert (told[:35], len(told)) == ("deleted user wrote about no. 1: xxx", 200)
    assert other == "zqq wrote about no. 1"


def test_one_letter_says_farewell_and_nothing_follows(zelda, busy, mailoutbox, django_capture_on_commit_callbacks):
    mailoutbox.clear()
    leave(zelda, django_capture_on_commit_callbacks)

    (letter,) = mailoutbox
    assert letter.to == [ADDRESS]
    assert letter.subject == "Your account is deleted"
    assert "zelda.quirke" in letter.body
    assert "said of a deleted user" in letter.body


def test_the_account_goes_though_the_letter_cannot(alice, monkeypatch, caplog, django_capture_on_commit_callbacks):
    def refuse(*_args, **_more):
        raise OSError("550 alice@example.org unknown")

    monkeypatch.setattr(leaving, "send_mail", refuse)
    leave(alice, django_capture_on_commit_callbacks)

    assert not User.objects.filter(username="alice").exists()
    assert "alice@example.org" not in caplog.text


def test_sessions_of_others_go_on(alice, bruno, bruno_client, alice_client, django_capture_on_commit_callbacks):
    leave(alice, django_capture_on_commit_callbacks)

    assert bruno_client.get("/accounts/").status_code == 200
    assert alice_client.get("/accounts/").status_code == 302
    assert Session.objects.count() == 1


def test_the_log_of_the_desk_keeps_what_owners_did_without_the_name(zelda, busy, root, django_capture_on_commit_callbacks):
    number = zelda.pk
    leave(zelda, django_capture_on_commit_callbacks)

    assert [entry.object_repr for entry in LogEntry.objects.filter(user=root, object_id=str(number))] == ["deleted user"]


def test_somebody_else_may_take_the_name_and_gets_none_of_the_credit(alice, mel, visitor, django_capture_on_commit_callbacks):
    make_category("serving")
    review.decide(propose(alice, "Orca"), "approve", by=mel, seen_version=1)
    leave(alice, django_capture_on_commit_callbacks)
    profiles.write(make_user("alice"), is_public=True)

    assert visitor.get("/people/alice/").context["figures"].total == 0
    assert "deleted user" in visitor.get("/papers/orca/").text


# -- Who is needed -------------------------------------------------------------------------------
def test_the_last_owner_stays(root, mel):
    with pytest.raises(leaving.Needed):
        leaving.leave(root)
    assert User.objects.filter(pk=root.pk).exists()


def test_the_last_maintainer_stays_until_another_is_named(mel, alice, django_capture_on_commit_callbacks):
    with pytest.raises(leaving.Needed):
        leaving.leave(mel)
    alice.groups.set(mel.groups.all())
    with pytest.raises(leaving.Needed):
        leaving.leave(mel)
    alice.is_staff = True
    alice.save()
    leave(mel, django_capture_on_commit_callbacks)
    assert User.objects.get() == alice


def test_a_closed_account_takes_nobodys_place(mel, root, django_capture_on_commit_callbacks):
    root.is_active = False
    root.save()
    with pytest.raises(leaving.Needed):
        leaving.leave(mel)
    leave(root, django_capture_on_commit_callbacks)


def test_a_maintainer_may_leave_where_an_owner_stays(mel, root, django_capture_on_commit_callbacks):
    leave(mel, django_capture_on_commit_callbacks)
    assert User.objects.get() == root


def test_where_somebody_is_needed_nothing_was_touched(root, mel, alice_client, mailoutbox, django_capture_on_commit_callbacks):
    client = signed_in(root)
    notify.notify(mel, "root wrote about no. 1", url="/")
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(leaving.Needed):
        leaving.leave(root)

    assert client.get("/accounts/").status_code == 200
    assert Notification.objects.get().text == "root wrote about no. 1"
    assert mailoutbox == []
