"""Making an account, getting in, and what an account holds: read through the letters, as a person would."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.factories import make_category

CODE = re.compile(r"^ {4}(\S{4}-?\S{4})$", re.MULTILINE)
LOGIN, SIGNUP, ASK, ENTER, VERIFY = map(
    reverse,
    ["account_login", "account_signup", "account_request_login_code", "account_confirm_login_code", "account_email_verification_sent"],
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


def last_code():
    return CODE.search(mail.outbox[-1].body)[1]


def is_signed_in(client, user=None):
    found = get_user(client)
    return found == user if user else found.is_authenticated


def text(response):
    return response.content.decode()


class TestSigningUp:
    def test_a_code_makes_the_account(self, visitor):
        sent = visitor.post(SIGNUP, {"email": "dana@example.org", "username": "dana"})
        assert (sent.status_code, sent["Location"]) == (302, VERIFY)
        assert mail.outbox[-1].to == ["dana@example.org"]

        entered = visitor.post(VERIFY, {"action": "verify", "code": last_code()})

        dana = User.objects.get(username="dana")
        assert (entered.status_code, entered["Location"]) == (302, "/")
        assert is_signed_in(visitor, dana)
        assert EmailAddress.objects.get(user=dana).verified
        assert not dana.has_usable_password()

    def test_a_wrong_code_lets_nobody_in_and_says_so_beside_the_field(self, visitor):
        visitor.post(SIGNUP, {"email": "dana@example.org", "username": "dana"})
        answer = visitor.post(VERIFY, {"action": "verify", "code": "AAAA-AAAA"})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in text(answer)
        assert 'id="id_code_error"' in text(answer)
        assert not is_signed_in(visitor)

    def test_next_is_kept_from_the_form_to_the_end(self, visitor):
        visitor.post(SIGNUP, {"email": "dana@example.org", "username": "dana", "next": "/submissions/new/"})
        entered = visitor.post(VERIFY, {"action": "verify", "code": last_code()})
        assert entered["Location"] == "/submissions/new/"

    def test_another_code_can_be_asked_for(self, visitor):
        visitor.post(SIGNUP, {"email": "dana@example.org", "username": "dana"})
        cache.clear()
        visitor.post(VERIFY, {"action": "resend"})
        assert len(mail.outbox) == 2
        visitor.post(VERIFY, {"action": "verify", "code": last_code()})
        assert is_signed_in(visitor)

    def test_a_name_is_free_again_when_its_account_was_not_finished_in_time(self, visitor, client):
        again = {"email": "dana@example.org", "username": "dana"}
        with time_machine.travel(timezone.now() - timedelta(minutes=11), tick=False):
            visitor.post(SIGNUP, {"email": "dana@exmaple.org", "username": "Dana"})
            assert client.post(SIGNUP, again).context["form"].errors.keys() == {"username"}
        client.post(SIGNUP, again)
        client.post(VERIFY, {"code": last_code()})
        assert is_signed_in(client, User.objects.get(username__iexact="dana"))

    def test_the_name_of_an_account_made_by_hand_is_never_given_away(self, visitor):
        by_hand = User.objects.create_user("dana", "dana@example.org", "password", date_joined=timezone.now() - timedelta(days=9))
        visitor.post(SIGNUP, {"email": "other@example.org", "username": "dana"})
        assert User.objects.get() == by_hand

    def test_an_address_that_has_an_account_looks_the_same_and_only_the_letter_differs(self, visitor, client, alice):
        new = visitor.post(SIGNUP, {"email": "new@example.org", "username": "newcomer"})
        known = client.post(SIGNUP, {"email": alice.email, "username": "somebody"})
        assert (known.status_code, known["Location"]) == (new.status_code, new["Location"])
        assert mail.outbox[-1].to == [alice.email]
        assert CODE.search(mail.outbox[-1].body) is None
        assert "It has one already" in mail.outbox[-1].body
        pages = [re.sub("new@example.org|alice@example.org|value=.[^ ]+", "", text(c.get(VERIFY))) for c in (visitor, client)]
        assert pages[0] == pages[1]

    @pytest.mark.parametrize(
        "name",
        ["a", "x" * 31, ".alice", "alice-", "al ice", "аlice", "alice\u202e", "<b>", "a/b", "alice@example.org", "\x00ab", ""],
    )
    def test_a_malformed_username_is_refused_beside_its_field(self, visitor, name):
        answer = visitor.post(SIGNUP, {"email": "dana@example.org", "username": name})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"username"}
        assert not User.objects.exists()

    @pytest.mark.parametrize("name", ["admin", "Admin", "adm1n", "a.d.m.i.n", "rnaintainer", "Maintainer", "0penshelf", "r00t", "staff"])
    def test_a_username_that_would_speak_for_the_site_is_refused(self, visitor, name):
        answer = visitor.post(SIGNUP, {"email": "dana@example.org", "username": name})
        assert "would speak for the site" in text(answer)
        assert not User.objects.exists()

    def test_a_username_is_taken_in_any_case(self, visitor, alice):
        answer = visitor.post(SIGNUP, {"email": "dana@example.org", "username": "ALICE"})
        assert answer.context["form"].errors.keys() == {"username"}

    def test_what_was_typed_stays_in_the_form(self, visitor):
        answer = visitor.post(SIGNUP, {"email": "dana@example.org", "username": "."})
        assert 'value="dana@example.org"' in text(answer)


class TestSigningInByCode:
    def test_the_code_of_the_letter_signs_in(self, visitor, alice):
        asked = visitor.post(ASK, {"email": "Alice@example.org"})
        assert (asked.status_code, asked["Location"]) == (302, ENTER)
        visitor.post(ENTER, {"action": "verify", "code": last_code()})
        assert is_signed_in(visitor, alice)

    def test_a_code_may_be_typed_small_and_without_its_dash(self, visitor, alice):
        visitor.post(ASK, {"email": alice.email})
        visitor.post(ENTER, {"code": last_code().replace("-", "").lower()})
        assert is_signed_in(visitor, alice)

    def test_three_wrong_codes_end_it(self, visitor, alice):
        visitor.post(ASK, {"email": alice.email})
        code = last_code()
        for _attempt in range(3):
            answer = visitor.post(ENTER, {"code": "AAAA-AAAA"})
        assert answer.status_code == 302
        visitor.post(ENTER, {"code": code})
        assert not is_signed_in(visitor)

    def test_an_unknown_address_looks_the_same_and_gets_a_letter_without_a_code(self, visitor, client, alice):
        known = visitor.post(ASK, {"email": alice.email})
        unknown = client.post(ASK, {"email": "nobody@example.org"})
        assert (unknown.status_code, unknown["Location"]) == (known.status_code, known["Location"])
        assert mail.outbox[-1].to == ["nobody@example.org"]
        assert CODE.search(mail.outbox[-1].body) is None
        pages = [re.sub("nobody@example.org|alice@example.org|value=.[^ ]+", "", text(c.get(ENTER))) for c in (visitor, client)]
        assert pages[0] == pages[1]
        wrong = [c.post(ENTER, {"code": "AAAA-AAAA"}).status_code for c in (visitor, client)]
        assert wrong == [422, 422]

    def test_next_is_kept_through_the_code(self, visitor, alice):
        form = visitor.get(LOGIN, {"next": "/submissions/new/"})
        assert text(form).count('name="next" value="/submissions/new/"') == len(
            ["code", "passkey", "GitHub", "Google", "ORCID", "password"]
        )
        asked = visitor.post(ASK, {"email": alice.email, "next": "/submissions/new/"})
        page = visitor.get(asked["Location"])
        assert 'name="next" value="/submissions/new/"' in text(page)
        entered = visitor.post(asked["Location"], {"code": last_code(), "next": "/submissions/new/"})
        assert entered["Location"] == "/submissions/new/"

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://evil.example/",
            "//evil.example/",
            r"/\evil.example",
            r"\\evil.example",
            "javascript:alert(1)",
            "///evil.example",
            "http:evil.example",
        ],
    )
    def test_next_never_leads_to_another_site(self, visitor, alice, elsewhere):
        asked = visitor.post(ASK, {"email": alice.email, "next": elsewhere})
        entered = visitor.post(asked["Location"], {"code": last_code(), "next": elsewhere})
        assert (entered.status_code, entered["Location"]) == (302, "/")

    def test_letters_are_plain_text_with_the_name_and_address_of_the_site(self, visitor, alice, settings):
        visitor.post(ASK, {"email": alice.email})
        letter = mail.outbox[-1]
        assert letter.subject == f"Your sign-in code for {settings.SITE_NAME}"
        assert settings.SITE_URL in letter.body
        assert not letter.alternatives


class TestSigningInByPassword:
    @pytest.mark.parametrize("login", ["alice", "ALICE", "alice@example.org"])
    def test_username_or_address_and_password(self, visitor, alice, login):
        answer = visitor.post(LOGIN, {"login": login, "password": "password", "next": "/submissions/"})
        assert answer["Location"] == "/submissions/"
        assert is_signed_in(visitor, alice)

    def test_a_wrong_password_and_an_unknown_name_are_answered_alike(self, visitor, alice):
        answers = [visitor.post(LOGIN, {"login": name, "password": "wrong"}) for name in ("alice", "nobody")]
        first, second = (re.sub("alice|nobody|value=.[^ ]+", "", text(answer)) for answer in answers)
        assert first == second
        assert "do not belong together" in first
        assert not is_signed_in(visitor)

    def test_the_sixth_try_is_refused_even_with_the_right_password(self, visitor, alice):
        for _attempt in range(5):
            visitor.post(LOGIN, {"login": "alice", "password": "wrong"})
        answer = visitor.post(LOGIN, {"login": "alice", "password": "password"})
        assert "Too many tries" in text(answer)
        assert not is_signed_in(visitor)

    def test_a_password_form_without_a_password_signs_nobody_in(self, visitor, alice):
        answer = visitor.post(LOGIN, {"login": "alice"})
        assert answer.context["form"].errors.keys() == {"password"}
        assert not is_signed_in(visitor)


class TestForgottenPassword:
    def test_a_code_lets_one_choose_a_new_password(self, visitor, alice):
        visitor.post(reverse("account_reset_password"), {"email": alice.email})
        visitor.post(reverse("account_confirm_password_reset_code"), {"code": last_code()})
        complete = reverse("account_complete_password_reset")
        assert visitor.get(complete).status_code == 200
        done = visitor.post(complete, {"password1": "three green spines", "password2": "three green spines"}, follow=True)
        assert done.status_code == 200
        alice.refresh_from_db()
        assert alice.check_password("three green spines")

    def test_an_unknown_address_is_answered_alike(self, visitor, client, alice):
        known, unknown = (
            c.post(reverse("account_reset_password"), {"email": address})
            for c, address in ((visitor, alice.email), (client, "nobody@example.org"))
        )
        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        assert CODE.search(mail.outbox[-1].body) is None


class TestSigningOut:
    def test_asking_for_the_page_signs_nobody_out(self, alice_client, alice):
        assert alice_client.get(reverse("account_logout")).status_code == 200
        assert is_signed_in(alice_client, alice)

    def test_the_button_does(self, alice_client):
        assert alice_client.post(reverse("account_logout")).status_code == 302
        assert not is_signed_in(alice_client)


class TestYourAccount:
    @pytest.fixture
    def fresh(self, visitor, alice):
        """alice, who has just said her password."""
        visitor.post(LOGIN, {"login": "alice", "password": "password"})
        return visitor

    def test_a_session_that_was_left_open_changes_no_address_and_loses_none_that_was_typed(self, alice_client, alice):
        address = reverse("account_email")
        asked = alice_client.post(address, {"action_add": "", "email": "alice@example.com"})
        assert asked["Location"].startswith(reverse("account_reauthenticate"))
        assert not mail.outbox
        alice_client.post(asked["Location"], {"password": "password"})
        assert mail.outbox[-1].to == ["alice@example.com"]

    def test_it_is_for_the_signed_in(self, visitor):
        answer = visitor.get(reverse("accounts:account-detail"))
        assert answer["Location"] == f"{LOGIN}?next=/accounts/"

    def test_it_ties_the_pages_together(self, alice_client):
        page = text(alice_client.get(reverse("accounts:account-detail")))
        for name in ("account_email", "account_change_password", "account_logout", "catalog:submission-list", "accounts:notifications"):
            assert reverse(name) in page

    def test_who_reviews_says_how_often_to_hear_of_what_waits(self, mel_client, mel):
        account = reverse("accounts:account-detail")
        assert '<input type="radio" name="review_digest" value="daily"' in text(mel_client.get(account))
        assert mel_client.post(account, {"review_digest": "weekly"})["Location"] == account
        mel.refresh_from_db()
        assert mel.review_digest == "weekly"
        assert re.search(r'value="weekly"[^>]*checked', text(mel_client.get(account)))

    def test_a_category_maintainer_is_asked_too(self, alice_client, alice):
        make_category("serving").maintainers.add(alice)
        assert "review_digest" in text(alice_client.get(reverse("accounts:account-detail")))
        assert alice_client.post(reverse("accounts:account-detail"), {"review_digest": "never"}).status_code == 302
        alice.refresh_from_db()
        assert alice.review_digest == "never"

    def test_nobody_else_is_asked_or_may_answer(self, alice_client, alice, visitor):
        account = reverse("accounts:account-detail")
        assert "review_digest" not in text(alice_client.get(account))
        assert alice_client.post(account, {"review_digest": "never"}).status_code == 403
        assert visitor.post(account, {"review_digest": "never"})["Location"].startswith(LOGIN)
        alice.refresh_from_db()
        assert alice.review_digest == "daily"

    @pytest.mark.parametrize("often", ["", "hourly", "daily\x00"])
    def test_an_unknown_answer_is_refused_beside_its_field(self, mel_client, mel, often):
        answer = mel_client.post(reverse("accounts:account-detail"), {"review_digest": often, "is_superuser": "on"})
        assert answer.context["form"].errors.keys() == {"review_digest"}
        assert 'id="id_review_digest_error"' in text(answer)
        mel.refresh_from_db()
        assert (mel.review_digest, mel.is_superuser) == ("daily", False)

    def test_a_password_can_be_set_where_there_was_none(self, alice_client, alice):
        alice.set_unusable_password()
        alice.save()
        alice_client.force_login(alice)
        answer = alice_client.post(
            reverse("account_set_password"), {"password1": "three green spines", "password2": "three green spines"}, follow=True
        )
        assert answer.redirect_chain[-1][0] == reverse("accounts:account-detail")
        alice.refresh_from_db()
        assert alice.check_password("three green spines")
        assert "has a password" in mail.outbox[-1].subject

    def test_a_password_is_changed_only_with_the_old_one(self, alice_client, alice):
        change = reverse("account_change_password")
        new = {"password1": "three green spines", "password2": "three green spines"}
        refused = alice_client.post(change, {"oldpassword": "wrong", **new})
        assert refused.context["form"].errors.keys() == {"oldpassword"}
        alice_client.post(change, {"oldpassword": "password", **new})
        alice.refresh_from_db()
        assert alice.check_password("three green spines")

    def test_an_added_address_belongs_to_the_account_only_after_its_code(self, fresh, alice):
        added = fresh.post(reverse("account_email"), {"action_add": "", "email": "alice@example.com"})
        assert added["Location"] == VERIFY
        assert "alice@example.com" not in text(fresh.get(reverse("account_email")))
        fresh.post(VERIFY, {"code": last_code()})
        assert EmailAddress.objects.get(email="alice@example.com").verified

    def test_the_first_address_cannot_be_removed(self, fresh, alice):
        EmailAddress.objects.create(user=alice, email="alice@example.com", verified=True)
        answer = fresh.post(reverse("account_email"), {"action_remove": "", "email": alice.email}, follow=True)
        assert "Make another one the first" in text(answer)
        assert EmailAddress.objects.filter(email=alice.email).exists()


@pytest.mark.parametrize(
    "name", ["account_login", "account_signup", "account_request_login_code", "account_reset_password", "account_inactive"]
)
def test_every_entrance_has_one_heading_and_labels_for_its_fields(visitor, name):
    page = text(visitor.get(reverse(name)))
    assert page.count("<h1") == 1
    assert "style=" not in page
    assert "placeholder" not in page.split("<main")[1]
    controls = re.findall(r'<(?:input|textarea|select)(?![^>]*type="hidden")[^>]*\bid="([^"]+)"', page)
    assert all(f'for="{control}"' in page for control in controls)


@pytest.mark.parametrize(
    "name", ["account_email", "account_change_password", "account_logout", "accounts:account-detail", "accounts:notifications"]
)
def test_every_page_of_an_account_has_one_heading(alice_client, name):
    page = text(alice_client.get(reverse(name)))
    assert page.count("<h1") == 1
    assert "style=" not in page


def test_a_link_to_the_desk_is_for_those_who_may_enter(alice_client, mel_client):
    account = reverse("accounts:account-detail")
    assert reverse("admin:index") not in text(alice_client.get(account))
    assert reverse("admin:index") in text(mel_client.get(account))


class TestWhenTheMailServerIsSilent:
    @pytest.fixture
    def silence(self, monkeypatch):
        """Until it is lifted, no letter leaves."""

        def refuse(*args, **more):
            raise ConnectionRefusedError

        monkeypatch.setattr(EmailMessage, "send", refuse)
        return monkeypatch

    @pytest.mark.parametrize("address", [SIGNUP, ASK])
    def test_a_code_that_was_not_sent_is_said_not_to_be_on_its_way(self, visitor, silence, address):
        answer = visitor.post(address, {"email": "dana@example.org", "username": "dana"})
        assert answer.status_code == 503
        assert answer["Retry-After"]
        assert "no code is on its way" in text(answer)

    def test_the_account_begun_is_finished_by_signing_in(self, visitor, silence):
        visitor.post(SIGNUP, {"email": "dana@example.org", "username": "dana"})
        silence.undo()
        cache.clear()
        visitor.post(ASK, {"email": "dana@example.org"})
        visitor.post(ENTER, {"action": "verify", "code": last_code()})
        assert is_signed_in(visitor, User.objects.get(username="dana"))
        assert EmailAddress.objects.get(email="dana@example.org").verified
