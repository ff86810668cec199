"""Passkeys, authenticator apps and recovery codes: added, asked for, lost; and who may not decide without."""

import contextlib
import json
import re
import time
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts import tokens
from accounts.forms import CredentialField
from accounts.models import User
from catalog import review
from catalog.models import Submission
from tests.conftest import signed_in
from tests.factories import make_category, make_paper, make_record
from tests.pages.test_accounts import ASK, ENTER, LOGIN, VERIFY, last_code
from tests.passkeys import Passkey

PASSKEYS, ADD, FIRST, SIGN_IN, FACTOR = map(
    reverse, ["mfa_list_webauthn", "mfa_add_webauthn", "mfa_signup_webauthn", "mfa_login_webauthn", "mfa_authenticate"]
)
BY_PASSKEY = reverse("account_signup_by_passkey")
APP, NO_APP, CODES = map(reverse, ["mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes"])
# What is in an answer, of either kind; and one in which everything but one part may be read.
RESPONSE = ["clientDataJSON", "authenticatorData", "signature", "attestationObject", "userHandle"]
GOOD = json.loads(Passkey().made({"publicKey": {"user": {"id": "MQ"}, "challenge": "AA"}}))["response"]
WHY = "It measures what others only say about batching."

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


def options_in(page):
    data = json.loads(re.search(r'<script id="passkey-data" type="application/json">(.+?)</script>', page.text)[1])
    return data.get("creation_options") or data.get("request_options")


def options_to_sign_in(client):
    return client.get(SIGN_IN, headers={"accept": "application/json"}).json()["request_options"]


def with_password(user, client=None):
    """In a browser where this person has just said their password."""
    client = client or Client()
    client.post(LOGIN, {"login": user.username, "password": "password"})
    return client


@pytest.fixture(autouse=True)
def _time_stands_still():
    """Digits are good for the half minute that they are of, which may just be ending."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


def digits(secret, half_minutes=0):
    """What the app shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + half_minutes))


def give_app(user):
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


@pytest.mark.parametrize("shape", [RegistrationResponse, AuthenticationResponse])
def test_whatever_is_sent_as_a_passkey_is_read_or_refused(shape):
    parts = ["", "AA", "=", "é", "e30", "oA", "AAAA" * 20, "gICA", "eyJ0eXBlIjoxfQ", "pA", None, 1, [], {}]
    said = ["", "{}", "[]", "0", "false", '"x"', "null", "[" * 15_000, "{" * 90, "NaN", "9" * 5_000, "x" * 50_000, '{"response": []}']
    said += [json.dumps({"id": "AA", "rawId": "AA", "response": part}) for part in parts]
    said += [json.dumps({"id": "AA", "rawId": "AA", "response": dict.fromkeys(RESPONSE, part)}) for part in parts]
    said += [json.dumps({"id": "AA", "rawId": "AA", "response": {**GOOD, field: part}}) for field in RESPONSE for part in parts]
    refused = 0
    for text in said:
        try:
            CredentialField(shape=shape).clean(text)
        except ValidationError:
            refused += 1
    assert refused > len(said) / 2


class TestPasskeys:
    def test_an_account_is_made_with_one_and_it_signs_in(self, visitor):
        visitor.post(BY_PASSKEY, {"email": "dana@example.org", "username": "dana"})
        sent_on = visitor.post(VERIFY, {"code": last_code()})
        assert sent_on["Location"] == FIRST
        passkey = Passkey()
        made = visitor.post(FIRST, {"name": "Phone", "credential": passkey.made(options_in(visitor.get(FIRST)))})
        dana = User.objects.get(username="dana")
        assert (made.status_code, get_user(visitor)) == (302, dana)
        assert not dana.has_usable_password()

        browser = Client()
        entered = browser.post(SIGN_IN, {"credential": passkey.shown(options_to_sign_in(browser)), "next": "/submissions/"})
        assert entered["Location"] == "/submissions/"
        assert get_user(browser) == dana

    @pytest.fixture
    def passkey(self, alice):
        client = with_password(alice)
        passkey = Passkey()
        added = client.post(ADD, {"name": "Phone", "credential": passkey.made(options_in(client.get(ADD)))})
        assert added["Location"] == CODES
        assert mail.outbox[-1].subject.startswith("A passkey was added")
        return passkey

    @pytest.mark.parametrize("origin", ["https://evil.example", "https://testserver.evil.example", "http://testserver", "null", ""])
    def test_what_was_said_to_another_site_opens_nothing_here(self, visitor, alice, passkey, origin):
        answer = visitor.post(SIGN_IN, {"credential": passkey.shown(options_to_sign_in(visitor), origin=origin)})
        assert answer.status_code == 422
        assert "That passkey does not fit" in answer.text
        assert not get_user(visitor).is_authenticated

    def test_what_was_said_once_is_good_once(self, visitor, alice, passkey):
        said = passkey.shown(options_to_sign_in(visitor))
        visitor.post(SIGN_IN, {"credential": said})
        assert get_user(visitor) == alice
        visitor.logout()
        for browser in (visitor, Client()):
            options_to_sign_in(browser)
            browser.post(SIGN_IN, {"credential": said})
            assert not get_user(browser).is_authenticated

    def test_a_challenge_belongs_to_the_browser_that_was_given_it(self, visitor, alice, passkey):
        said = passkey.shown(options_to_sign_in(Client()))
        visitor.post(SIGN_IN, {"credential": said})
        assert not get_user(visitor).is_authenticated

    def test_another_key_is_nobodys(self, visitor, alice, passkey):
        visitor.post(SIGN_IN, {"credential": said_by_another(passkey, options_to_sign_in(visitor))})
        assert not get_user(visitor).is_authenticated

    def test_a_closed_account_stays_closed(self, visitor, alice, passkey):
        User.objects.update(is_active=False)
        answer = visitor.post(SIGN_IN, {"credential": passkey.shown(options_to_sign_in(visitor))})
        assert answer["Location"] == reverse("account_inactive")

    @pytest.mark.parametrize("credential", ["", "{}", "[]", "0", "null", "[" * 15_000, "9" * 5_000, '{"id": 1}', "\x00"])
    def test_what_no_passkey_says_is_refused_in_words(self, visitor, alice, passkey, credential):
        options_to_sign_in(visitor)
        assert visitor.post(SIGN_IN, {"credential": credential}).status_code == 422
        visitor.post(LOGIN, {"login": "alice", "password": "password"})
        assert visitor.post(FACTOR, {"credential": credential}).status_code == 422
        assert not get_user(visitor).is_authenticated
        owner = with_password_and(passkey, alice)
        owner.get(ADD)
        refused = owner.post(ADD, {"name": "x", "credential": credential})
        assert (refused.status_code, "That passkey does not fit" in refused.text) == (422, True)
        assert Authenticator.objects.filter(type="webauthn").count() == 1

    def test_after_one_that_does_not_fit_the_sign_in_still_leads_on(self, visitor, alice, passkey):
        another = said_by_another(passkey, options_to_sign_in(visitor))
        refused = visitor.post(SIGN_IN, {"credential": another, "next": "/submissions/new/"})
        assert refused.status_code == 422
        assert 'id="errors"' in refused.text
        assert refused.text.count('name="next" value="/submissions/new/"') > 2
        visitor.post(SIGN_IN, {"credential": passkey.shown(options_to_sign_in(visitor)), "next": "/submissions/new/"})
        assert get_user(visitor) == alice

    def test_one_that_does_not_fit_shows_nobody_who_they_are_and_leads_nowhere_else(self, alice, passkey):
        owner = with_password_and(passkey, alice)
        again = reverse("mfa_reauthenticate_webauthn")
        shown = owner.get(again, {"next": ADD})
        refused = owner.post(again, {"credential": said_by_another(passkey, options_in(shown)), "next": ADD})
        assert (refused.status_code, f'name="next" value="{ADD}"' in refused.text) == (422, True)
        assert "That passkey does not fit" in refused.text
        assert owner.post(again, {"credential": passkey.shown(options_in(refused)), "next": ADD})["Location"] == ADD

    def test_it_is_asked_for_besides_a_password_and_a_code(self, visitor, alice, passkey):
        assert with_password(alice, visitor).get(FACTOR).status_code == 200
        assert not get_user(visitor).is_authenticated
        visitor.post(FACTOR, {"credential": passkey.shown(options_in(visitor.get(FACTOR)))})
        assert get_user(visitor) == alice

    def test_names_are_text_and_others_have_no_part_in_it(self, alice, bruno, passkey):
        number = Authenticator.objects.get(type="webauthn").pk
        owner = with_password_and(passkey, alice)
        assert owner.post(reverse("mfa_edit_webauthn", args=[number]), {"name": " <b>\u202eKey  "})["Location"] == PASSKEYS
        page = owner.get(PASSKEYS).text
        assert "<b>\u202e" not in page
        assert "&lt;b&gt;" in page
        for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
            stranger = with_password(bruno)
            address = reverse(name, args=[number])
            assert (stranger.get(address).status_code, stranger.post(address, {"name": "mine"}).status_code) == (404, 404)
        assert owner.post(reverse("mfa_remove_webauthn", args=[number]))["Location"] == PASSKEYS
        assert not Authenticator.objects.exists()
        assert "was removed" in mail.outbox[-1].subject


def add_factor(client, kind):
    """As the owner of the account does it."""
    if kind == "app":
        client.post(APP, {"code": digits(client.get(APP).context["form"].secret)})
    else:
        client.post(ADD, {"name": "Phone", "credential": Passkey().made(options_in(client.get(ADD)))})
    assert client.get(PASSKEYS).status_code == 200


def said_by_another(passkey, options):
    """What another key says that calls itself by the name of this one."""
    stranger = Passkey()
    stranger.id, stranger.owner = passkey.id, passkey.owner
    return stranger.shown(options)


def with_password_and(passkey, user):
    client = with_password(user)
    client.post(FACTOR, {"credential": passkey.shown(options_in(client.get(FACTOR)))})
    assert get_user(client) == user
    return client


class TestAuthenticatorApps:
    @pytest.mark.django_db(transaction=True)
    def test_one_is_added_with_its_digits_and_brings_recovery_codes(self, alice):
        client = with_password(alice)
        page = client.get(APP)
        assert "data:image/svg+xml;base64," in page.text
        secret = page.context["form"].secret
        assert "does not match" in unescape(client.post(APP, {"code": "000000"}).text)
        added = client.post(APP, {"code": digits(secret)})
        assert added["Location"] == CODES
        codes = client.get(CODES)
        assert codes["Cache-Control"] == "private, no-store"
        assert len(re.findall(r"<li>\d{8}</li>", codes.text)) == 10
        assert mail.outbox[-1].subject.startswith("An authenticator app was added")
        sheet = client.get(reverse("mfa_download_recovery_codes"))
        assert sheet["Cache-Control"] == "private, no-store"
        assert len(re.findall(r"^\d{8}$", sheet.text, re.MULTILINE)) == 10

    def test_its_digits_are_asked_for_whatever_one_signs_in_by(self, visitor, alice):
        secret = give_app(alice)
        visitor.post(ASK, {"email": alice.email})
        assert visitor.post(ENTER, {"code": last_code()})["Location"] == FACTOR
        assert not get_user(visitor).is_authenticated
        visitor.post(FACTOR, {"code": digits(secret)})
        assert get_user(visitor) == alice

    def test_the_same_digits_let_in_once(self, alice):
        secret = give_app(alice)
        clients = [with_password(alice), with_password(alice)]
        for client in clients:
            client.post(FACTOR, {"code": digits(secret)})
        assert [get_user(client).is_authenticated for client in clients] == [True, False]

    @pytest.mark.parametrize(("half_minutes", "is_let_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_those_just_gone_or_just_coming_let_in_too(self, visitor, alice, half_minutes, is_let_in):
        secret = give_app(alice)
        with_password(alice, visitor).post(FACTOR, {"code": digits(secret, half_minutes)})
        assert get_user(visitor).is_authenticated is is_let_in

    @pytest.mark.parametrize("written", ["{}", "{:.3} {:.3}", "{}-"])
    def test_nobody_who_read_them_over_a_shoulder_is_let_in_while_they_are_good(self, alice, written):
        secret = give_app(alice)
        coming, now = digits(secret, 1), timezone.now()
        with_password(alice).post(FACTOR, {"code": coming})
        for later in (31, 59, 89):
            with time_machine.travel(now + timedelta(seconds=later), tick=False):
                reader = with_password(alice)
                reader.post(FACTOR, {"code": written.format(coming, coming[3:])})
                assert not get_user(reader).is_authenticated

    def test_nor_is_whoever_read_them_when_the_app_was_added(self, alice):
        client = with_password(alice)
        secret = client.get(APP).context["form"].secret
        client.post(APP, {"code": digits(secret)})
        reader = with_password(alice)
        reader.post(FACTOR, {"code": digits(secret)})
        assert not get_user(reader).is_authenticated
        reader.post(FACTOR, {"code": digits(secret, 1)})
        assert get_user(reader) == alice

    def test_digits_that_were_used_count_as_a_wrong_guess(self, alice):
        secret = give_app(alice)
        used = digits(secret)
        with_password(alice).post(FACTOR, {"code": used})
        with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
            for _try in range(5):
                with_password(alice).post(FACTOR, {"code": used})
            client = with_password(alice)
            assert "Too many tries" in client.post(FACTOR, {"code": digits(secret)}).text

    def test_what_was_typed_too_early_is_not_used_by_it(self, visitor, alice):
        secret = give_app(alice)
        early = digits(secret, 2)
        with_password(alice, visitor).post(FACTOR, {"code": early})
        with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
            visitor.post(FACTOR, {"code": early})
        assert get_user(visitor) == alice

    def test_five_wrong_ones_are_the_last_for_five_minutes(self, alice):
        secret = give_app(alice)
        for _try in range(5):
            with_password(alice).post(FACTOR, {"code": "000000"})
        client = with_password(alice)
        assert "Too many tries" in client.post(FACTOR, {"code": digits(secret)}).text
        assert not get_user(client).is_authenticated

    def test_a_recovery_code_lets_in_once(self, alice):
        give_app(alice)
        code = RecoveryCodes.activate(alice).get_unused_codes()[0]
        clients = [with_password(alice), with_password(alice)]
        for client in clients:
            client.post(FACTOR, {"code": code})
        assert [get_user(client).is_authenticated for client in clients] == [True, False]

    def test_a_session_that_was_left_open_neither_adds_nor_removes(self, alice, alice_client):
        assert alice_client.get(APP)["Location"].startswith(reverse("account_reauthenticate"))
        give_app(alice)
        assert alice_client.post(NO_APP).status_code == 302
        assert alice_client.get(CODES).status_code in {302, 404}
        assert Authenticator.objects.filter(type="totp").exists()

    def test_who_has_neither_password_nor_key_signs_in_anew_first(self, alice):
        alice.set_unusable_password()
        alice.save()
        client = signed_in(alice)
        for address in (APP, ADD):
            asked = client.get(address)
            assert asked.status_code == 403
            assert f"?next={address}" in unescape(asked.text)
        assert client.post(reverse("account_email"), {"action_add": "", "email": "alice@example.com"}).status_code == 403
        client.post(reverse("account_logout"))
        client.post(ASK, {"email": alice.email})
        client.post(ENTER, {"code": last_code()})
        assert client.get(APP).status_code == 200

    def test_a_new_account_may_add_one_at_once(self, visitor):
        visitor.post(reverse("account_signup"), {"email": "dana@example.org", "username": "dana"})
        visitor.post(VERIFY, {"code": last_code()})
        assert visitor.get(APP).status_code == 200

    def test_it_is_removed_after_proof_and_its_codes_go_with_it(self, alice):
        secret = give_app(alice)
        RecoveryCodes.activate(alice)
        client = with_password(alice)
        client.post(FACTOR, {"code": digits(secret)})
        assert client.post(NO_APP)["Location"] == reverse("mfa_index")
        assert not Authenticator.objects.exists()
        assert "was removed" in mail.outbox[-1].subject

    def test_who_signed_in_long_ago_shows_first_who_they_are_by_any_of_their_ways(self, alice):
        secret = give_app(alice)
        client = with_password(alice)
        client.post(FACTOR, {"code": digits(secret)})
        with time_machine.travel(timezone.now() + timedelta(minutes=10)):
            asked = client.get(NO_APP)
            assert asked["Location"].startswith(reverse("account_reauthenticate"))
            again = client.get(asked["Location"])
            assert reverse("mfa_reauthenticate") in again.text
            shown = client.post(reverse("mfa_reauthenticate"), {"code": digits(secret), "next": NO_APP})
            assert shown["Location"] == NO_APP

    def test_a_forgotten_password_is_no_way_round_it(self, visitor, mel):
        give_app(mel)
        visitor.post(reverse("account_reset_password"), {"email": mel.email})
        visitor.post(reverse("account_confirm_password_reset_code"), {"code": last_code()})
        new = {"password1": "three green spines", "password2": "three green spines"}
        visitor.post(reverse("account_complete_password_reset"), new)
        visitor.post(LOGIN, {"login": "mel", "password": "three green spines"})
        assert not get_user(visitor).is_authenticated
        assert visitor.get(FACTOR).status_code == 200


class TestYourAccount:
    def test_it_says_what_there_is_in_few_questions(self, alice_client, alice, questions):
        give_app(alice)
        RecoveryCodes.activate(alice)
        tokens.make(alice, name="script", scopes=["read"], days=30)
        questions(alice_client, "/accounts/")
        page = alice_client.get("/accounts/").text
        for said in ("10 left", "since", "GitHub, Google, ORCID", "Where you are signed in"):
            assert said in page
        assert alice_client.get(reverse("mfa_index"))["Location"] == "/accounts/"

    def test_without_anything_it_says_so(self, alice_client):
        assert "They come with the first passkey or app" in alice_client.get("/accounts/").text


class TestWhoDecides:
    """Where the site asks for it, nobody decides whose mailbox alone would be enough."""

    @pytest.fixture(autouse=True)
    def _asked_for(self, settings):
        settings.MAINTAINERS_NEED_MFA = True

    @pytest.fixture
    def waiting(self, alice):
        make_category("serving")
        return review.submit(make_record("Orca", categories=["serving"]), by=alice, why=WHY, token="5d8d3c5e-3f0c-4b7e-9d5c-2f6e3a1b0c4d")

    def rooms(self):
        names = {getattr(pattern, "name", None) for pattern in admin.site.get_urls()} - {None, "login", "logout", "jsi18n"}
        found = [*names, *(f"catalog_{model}_changelist" for model in ("submission", "paper", "category", "venue"))]
        for name in found:
            with contextlib.suppress(NoReverseMatch):
                yield reverse(f"admin:{name}")

    @pytest.mark.parametrize("who", ["mel", "root", "bruno"])
    def test_the_desk_leads_to_adding_a_factor_and_says_why(self, request, who, waiting):
        person = request.getfixturevalue(who)
        if who == "bruno":
            make_category("serving").maintainers.add(person)
        client = signed_in(person)
        rooms = [*self.rooms(), reverse("admin:catalog_submission_change", args=[waiting.pk])]
        assert len(rooms) > 3
        for address in rooms:
            for answer in (client.get(address), client.post(address, {"verdict": "approve", "version": 1})):
                assert answer.status_code == 403, address
                assert "second factor" in answer.text
        assert ADD in client.get("/admin/").text
        assert APP in client.get("/admin/").text
        waiting.refresh_from_db()
        assert waiting.is_pending

    def test_an_app_opens_it_and_a_removed_one_closes_it(self, mel, mel_client):
        give_app(mel)
        assert mel_client.get("/admin/").status_code == 200
        Authenticator.objects.all().delete()
        RecoveryCodes.activate(mel)
        assert mel_client.get("/admin/").status_code == 403

    @pytest.mark.parametrize("method", ["head", "options", "put", "patch", "delete"])
    def test_no_other_method_opens_it(self, mel_client, waiting, method):
        for address in ("/admin/", reverse("admin:catalog_submission_change", args=[waiting.pk])):
            assert getattr(mel_client, method)(address).status_code == 403

    @pytest.mark.parametrize("following", ["/admin/", "//evil.example/", "/admin/login/?next=/admin/"])
    def test_nor_does_its_own_sign_in_or_what_that_leads_to(self, mel_client, visitor, mel, following):
        assert mel_client.get("/admin/login/", {"next": following}, follow=True).status_code == 403
        asked = visitor.get("/admin/login/", {"next": following})
        assert asked["Location"].startswith(f"{LOGIN}?next=")
        visitor.post(asked["Location"], {"login": "mel", "password": "password"})
        assert visitor.get("/admin/").status_code == 403
        assert mel_client.post("/admin/password_change/", {"new_password1": "x"}).status_code == 403
        mel.refresh_from_db()
        assert mel.check_password("password")

    def test_what_others_propose_is_neither_read_nor_answered_without(self, mel, mel_client, waiting, client):
        address = waiting.get_absolute_url()
        for answer in (mel_client.get(address), mel_client.post(f"{address}comment/", {"text": "Which traces?"})):
            assert answer.status_code == 403
            assert "once you have a second factor" in answer.text
        _token, key = tokens.make(mel, name="script", scopes=["read", "submit", "review"], days=30)
        headers = {"authorization": f"Bearer {key}"}
        of_it = f"/api/v1/submissions/{waiting.pk}/"
        assert client.get(of_it, headers=headers).status_code == 403
        said = client.post(f"{of_it}comments/", json.dumps({"text": "Which?"}), content_type="application/json", headers=headers)
        assert said.status_code == 403
        assert not waiting.comments.exists()
        give_app(mel)
        assert mel_client.get(address).status_code == 200
        assert client.get(of_it, headers=headers).status_code == 200

    def test_ones_own_proposal_is_open_all_the_same(self, mel, mel_client):
        make_category("serving")
        own = review.submit(make_record("Orca", categories=["serving"]), by=mel, why=WHY, token="5d8d3c5e-3f0c-4b7e-9d5c-2f6e3a1b0c4d")
        assert mel_client.get(own.get_absolute_url()).status_code == 200

    def test_a_token_that_decides_is_not_made_without(self, mel, visitor):
        fields = {"name": "script", "scopes": ["read", "review"], "days": "7"}
        client = with_password(mel, visitor)
        assert "Decide in your name" not in client.get("/accounts/tokens/").text
        assert client.post("/accounts/tokens/", fields).status_code == 422
        give_app(mel)
        assert "Decide in your name" in client.get("/accounts/tokens/").text
        assert client.post("/accounts/tokens/", fields).status_code == 200

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("kind", ["app", "passkey"])
    def test_whoever_was_in_by_the_mailbox_alone_is_out_once_there_is_a_factor(self, mel, kind):
        thief, owner = Client(), with_password(mel)
        thief.post(ASK, {"email": mel.email})
        thief.post(ENTER, {"code": last_code()})
        assert thief.get("/admin/").status_code == 403
        add_factor(owner, kind)
        assert owner.get("/admin/").status_code == 200
        assert not get_user(thief).is_authenticated
        assert thief.get("/admin/").status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_so_is_whoever_was_in_before_the_promotion(self, alice, mel):
        thief, owner = with_password(alice), with_password(alice)
        make_category("serving").maintainers.add(alice)
        add_factor(owner, "app")
        assert owner.get("/admin/").status_code == 200
        assert thief.get("/admin/").status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_and_whoever_came_in_while_there_was_none(self, mel):
        owner = with_password(mel)
        add_factor(owner, "app")
        owner.post(NO_APP)
        thief = with_password(mel)
        assert get_user(thief) == mel
        add_factor(owner, "passkey")
        assert owner.get("/admin/").status_code == 200
        assert not get_user(thief).is_authenticated

    @pytest.mark.django_db(transaction=True)
    def test_a_second_factor_beside_the_first_ends_nothing(self, mel):
        owner = with_password(mel)
        add_factor(owner, "app")
        elsewhere = with_password(mel)
        elsewhere.post(FACTOR, {"code": RecoveryCodes.activate(mel).get_unused_codes()[0]})
        add_factor(owner, "passkey")
        assert get_user(elsewhere) == mel

    def test_a_token_decides_nothing_and_says_what_is_missing(self, mel, waiting, client):
        _token, key = tokens.make(mel, name="script", scopes=["read", "submit", "review"], days=30)
        headers = {"authorization": f"Bearer {key}", "if-match": "*"}
        decide = {"data": json.dumps({"verdict": "approve"}), "content_type": "application/json", "headers": headers}
        answer = client.post(f"/api/v1/submissions/{waiting.pk}/decisions/", **decide)
        assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
        assert "passkey or an authenticator app" in answer.json()["detail"]
        assert client.get("/api/v1/queue/", headers=headers).status_code == 403
        waiting.refresh_from_db()
        assert waiting.is_pending
        give_app(mel)
        assert client.post(f"/api/v1/submissions/{waiting.pk}/decisions/", **decide).status_code == 201

    def test_a_proposal_of_theirs_is_no_decision_of_theirs(self, mel, mel_client):
        paper = make_paper("Orca", categories=["serving"], links=["https://example.org/orca"])
        address = reverse("catalog:paper-remove", args=[paper.slug])
        fields = {"why": "It was withdrawn by its authors last week.", "reason": "withdrawn", "act": "publish", "token": ""}
        assert 'value="publish"' not in mel_client.get(address).text
        mel_client.post(address, fields)
        assert not Submission.objects.filter(status="approved").exists()
        give_app(mel)
        assert 'value="publish"' in mel_client.get(address).text

    def test_a_contributor_owes_nothing(self, alice, alice_client):
        assert not alice.owes_factor
        assert "second factor" not in alice_client.get("/accounts/").text

    def test_the_account_says_it_too(self, mel_client):
        assert "once you have a second factor" in mel_client.get("/accounts/").text


class TestALostFactor:
    def page(self, user):
        return reverse("admin:accounts_user_change", args=[user.pk])

    def fields(self, user, **more):
        named = {"is_active": "on", "is_staff": "on"} if user.is_staff else {"is_active": "on"}
        return {**named, "groups": [group.pk for group in user.groups.all()], **more}

    @pytest.mark.django_db(transaction=True)
    def test_the_owner_takes_it_away_and_the_log_and_a_letter_say_so(self, mel, root, root_client):
        secret = give_app(mel)
        RecoveryCodes.activate(mel)
        theirs = with_password(mel)
        theirs.post(FACTOR, {"code": digits(secret)})
        assert get_user(theirs) == mel
        page = root_client.get(self.page(mel)).text
        assert "an authenticator app" in page
        assert secret not in page

        root_client.post(self.page(mel), self.fields(mel, forget_factors="on"))

        assert not Authenticator.objects.exists()
        assert not get_user(theirs).is_authenticated
        entry = LogEntry.objects.get()
        assert (entry.user, entry.object_id) == (root, str(mel.pk))
        assert "Take the second factor away" in entry.get_change_message()
        assert mail.outbox[-1].to == [mel.email]
        assert "taken away" in mail.outbox[-1].subject
        assert "It was done on" not in mail.outbox[-1].body

    @pytest.mark.django_db(transaction=True)
    def test_an_owner_without_one_is_helped_from_the_machine_itself(self, root):
        give_app(root)
        call_command("forget_factors", "root")
        assert not Authenticator.objects.exists()
        assert mail.outbox[-1].to == [root.email]
        with pytest.raises(CommandError, match="Nobody here is called x"):
            call_command("forget_factors", "x")

    def test_left_alone_it_stays(self, mel, root_client):
        give_app(mel)
        root_client.post(self.page(mel), self.fields(mel))
        assert Authenticator.objects.exists()

    def test_ones_own_is_not_taken_away_here(self, root, root_client):
        give_app(root)
        assert "forget_factors" not in root_client.get(self.page(root)).text
        root_client.post(self.page(root), {"forget_factors": "on"})
        assert Authenticator.objects.exists()

    def test_nobody_else_may(self, alice, mel_client):
        give_app(alice)
        assert mel_client.post(self.page(alice), self.fields(alice, forget_factors="on")).status_code == 403
        assert Authenticator.objects.exists()


def test_an_address_that_waits_for_its_code_bars_a_factor_in_words(alice):
    EmailAddress.objects.create(user=alice, email="alice@example.com", verified=False)
    answer = with_password(alice).get(APP, follow=True)
    assert "waits for its code" in answer.text
