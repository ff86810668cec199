"""Signing in by GitHub, Google and ORCID: whom they know, and whom we do. No question leaves: their answers are written here."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.auth import get_user
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.providers import ProviderAdapter
from tests.conftest import signed_in
from tests.pages.test_accounts import ASK, ENTER, LOGIN, VERIFY, last_code
from tests.pages.test_second_factors import FACTOR, give_app

SITES, JOIN = reverse("socialaccount_connections"), reverse("socialaccount_signup")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


class Answer:
    def __init__(self, said, status=200):
        self.said, self.status_code, self.ok = said, status, status < 400
        self.headers, self.content = {"content-type": "application/json"}, b""

    def json(self):
        return self.said

    def raise_for_status(self):
        assert self.ok


@pytest.fixture
def elsewhere(monkeypatch):
    """The other sites, and whom they take the browser for: `elsewhere["login"] = "alice-there"`."""
    told = {"id": 7, "login": "dana-there", "email": "dana@example.org", "verified": True, "orcid": "0000-0002-1825-0097", "asked": []}

    class Session:
        def __enter__(self):
            return self

        def __exit__(self, *gone):
            return None

        def request(self, method, url, **more):
            told["asked"].append(more["data"])
            if "token" in told:
                return Answer(told["token"])
            return Answer({"access_token": "secret-token", "token_type": "bearer", "orcid": told["orcid"]})

        def get(self, url, **more):
            if "said" in told:
                return Answer(told["said"])
            if url.endswith("/user/emails"):
                return Answer([{"email": told["email"], "primary": True, "verified": told["verified"]}] if told["email"] else [])
            if "orcid" in url:
                return Answer({"orcid-identifier": {"path": told["orcid"]}, "person": {"emails": {"email": []}}})
            return Answer({"id": told["id"], "login": told["login"], "email": None, "name": "Dana <b>"})

    monkeypatch.setattr(ProviderAdapter, "get_requests_session", lambda adapter: Session())
    return told


def go(client, site="github", *, process="login", next_url=""):
    """There and back."""
    there = client.post(f"/accounts/{site}/login/", {"process": process, "next": next_url})
    assert there.status_code == 302
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    return client.get(f"/accounts/{site}/login/callback/", {"code": "given", "state": state})


@pytest.mark.parametrize(
    ("site", "host"), [("github", "https://github.com/"), ("google", "https://accounts.google.com/"), ("orcid", "https://orcid.org/")]
)
def test_the_way_there_is_a_button_and_the_policy_of_the_page_lets_it_through(visitor, site, host):
    page = visitor.get(LOGIN)
    assert f'action="/accounts/{site}/login/"' in page.text
    assert host.rstrip("/") in page["Content-Security-Policy"].split("form-action")[1].split(";")[0]
    assert visitor.post(f"/accounts/{site}/login/", {"process": "login"})["Location"].startswith(host)
    asked = visitor.get(f"/accounts/{site}/login/", {"process": "login"})
    assert (asked.status_code, "Location" in asked) == (200, False)


@pytest.mark.parametrize("site", ["github", "google", "orcid"])
def test_a_code_is_good_for_the_browser_that_asked_alone(visitor, elsewhere, site):
    """Whoever got hold of another's has no verifier for it (RFC 7636; RFC 9700, section 2.1.1)."""
    there = visitor.post(f"/accounts/{site}/login/", {"process": "login"})
    asked = parse_qs(urlsplit(there["Location"]).query)
    visitor.get(f"/accounts/{site}/login/callback/", {"code": "given", "state": asked["state"][0]})
    verifier = elsewhere["asked"][-1]["code_verifier"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["code_challenge"] == [urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()]
    again = visitor.post(f"/accounts/{site}/login/", {"process": "login"})
    assert parse_qs(urlsplit(again["Location"]).query)["code_challenge"] != asked["code_challenge"]


@pytest.mark.parametrize("site", ["github", "google", "orcid"])
@pytest.mark.parametrize("said", [{}, [], ["x"], None, "x", 0, {"response-code": 409}, {"error": "x"}])
def test_an_answer_that_nobody_can_read_opens_nothing(visitor, elsewhere, site, said):
    elsewhere["said"] = said
    answer = go(visitor, site)
    assert (answer.status_code, "did not say who you are" in answer.text) == (401, True)
    assert not get_user(visitor).is_authenticated
    assert visitor.get(JOIN)["Location"] == LOGIN


@pytest.mark.parametrize(
    "token", [{}, {"error": "bad_verification_code"}, {"access_token": "x"}, {"access_token": "x", "id_token": "x.y.z"}]
)
@pytest.mark.parametrize("site", ["google", "orcid"])
def test_nor_does_one_without_what_it_should_hold(visitor, elsewhere, site, token):
    elsewhere.update(token=token, said={})
    assert go(visitor, site).status_code == 401


def test_a_way_in_that_no_page_offers_is_none(visitor):
    visitor.cookies["g_csrf_token"] = "x"
    for method in (visitor.get, visitor.post):
        assert method("/accounts/google/login/token/", {"g_csrf_token": "x", "credential": "e30.e30.x"}).status_code == 404


def test_a_site_that_is_not_configured_does_not_appear(visitor, alice_client, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    for page in (visitor.get(LOGIN).text, visitor.get("/accounts/signup/").text, alice_client.get("/accounts/").text):
        assert "GitHub" not in page
        assert "ORCID" not in page


class TestSomebodyNew:
    def test_chooses_a_name_and_their_verified_address_needs_no_code(self, visitor, elsewhere):
        arrived = go(visitor, next_url="/submissions/new/")
        assert arrived["Location"] == JOIN
        form = visitor.get(JOIN)
        assert 'value="dana@example.org"' in form.text
        joined = visitor.post(JOIN, {"email": "dana@example.org", "username": "dana"})
        assert joined["Location"] == "/submissions/new/"
        dana = User.objects.get(username="dana")
        assert get_user(visitor) == dana
        assert EmailAddress.objects.get(user=dana).verified
        assert not dana.has_usable_password()
        assert SocialAccount.objects.get(user=dana).uid == "7"
        assert not SocialToken.objects.exists()

        browser = Client()
        assert go(browser, next_url="/submissions/")["Location"] == "/submissions/"
        assert get_user(browser) == dana

    def test_an_address_that_nobody_vouches_for_needs_its_code(self, visitor, elsewhere):
        elsewhere["verified"] = False
        go(visitor)
        assert visitor.post(JOIN, {"email": "dana@example.org", "username": "dana"})["Location"] == VERIFY
        assert not get_user(visitor).is_authenticated
        visitor.post(VERIFY, {"code": last_code()})
        assert get_user(visitor) == User.objects.get(username="dana")

    def test_another_address_than_the_one_that_is_vouched_for_is_not_taken(self, visitor, elsewhere):
        go(visitor)
        visitor.post(JOIN, {"email": "other@example.org", "username": "dana"})
        assert get_user(visitor).email == "dana@example.org"
        assert not EmailAddress.objects.filter(email="other@example.org").exists()

    def test_who_begins_with_the_address_of_another_is_not_in_when_the_other_comes(self, visitor, client, elsewhere):
        go(visitor, "orcid")
        visitor.post(JOIN, {"email": "erin@example.org", "username": "erin"})
        client.post(ASK, {"email": "erin@example.org"})
        client.post(ENTER, {"code": last_code()})
        erin = User.objects.get(username="erin")
        assert get_user(client) == erin
        assert not SocialAccount.objects.exists()
        for browser in (visitor, Client()):
            go(browser, "orcid")
            assert not get_user(browser).is_authenticated

    def test_by_orcid_gives_an_address(self, visitor, elsewhere):
        assert go(visitor, "orcid")["Location"] == JOIN
        assert visitor.post(JOIN, {"email": "", "username": "dana"}).context["form"].errors.keys() == {"email"}
        visitor.post(JOIN, {"email": "dana@example.org", "username": "dana"})
        visitor.post(VERIFY, {"code": last_code()})
        assert SocialAccount.objects.get(user=get_user(visitor)).uid == "0000-0002-1825-0097"

    @pytest.mark.parametrize("name", ["admin", "<b>", "alice", ""])
    def test_is_held_to_the_rules_of_names(self, visitor, elsewhere, alice, name):
        go(visitor)
        assert visitor.post(JOIN, {"email": "dana@example.org", "username": name}).context["form"].errors.keys() == {"username"}
        assert not User.objects.filter(email="dana@example.org").exists()


class TestAnAddressThatIsHere:
    def test_is_told_to_sign_in_first_and_opens_nothing(self, visitor, elsewhere, alice):
        elsewhere["email"] = alice.email
        answer = go(visitor)
        assert answer.status_code == 409
        assert "You have an account here" in answer.text
        assert f"?next={SITES}" in answer.text
        assert not get_user(visitor).is_authenticated
        assert not SocialAccount.objects.exists()
        assert visitor.get(JOIN)["Location"] == LOGIN

    def test_says_nothing_to_who_only_claims_it(self, visitor, elsewhere, alice):
        elsewhere.update(email=alice.email, verified=False)
        assert go(visitor)["Location"] == JOIN
        claimed = visitor.post(JOIN, {"email": alice.email, "username": "dana"})
        assert claimed["Location"] == VERIFY
        assert "It has one already" in mail.outbox[-1].body
        assert not SocialAccount.objects.exists()


class TestConnecting:
    @pytest.fixture
    def here(self, alice):
        client = Client()
        client.post(LOGIN, {"login": "alice", "password": "password"})
        return client

    def test_it_signs_in_from_then_on_until_it_is_disconnected(self, here, elsewhere, alice):
        assert go(here, process="connect")["Location"] == SITES
        page = here.get(SITES).text
        assert "dana-there" in page
        assert "<b>" not in page.split("<main")[1].split("</main")[0]
        assert mail.outbox[-1].subject.startswith("GitHub was connected")
        browser = Client()
        go(browser)
        assert get_user(browser) == alice

        number = SocialAccount.objects.get().pk
        here.post(SITES, {"account": number})
        assert not SocialAccount.objects.exists()
        assert mail.outbox[-1].subject.startswith("GitHub was disconnected")
        stranger = Client()
        go(stranger)
        assert not get_user(stranger).is_authenticated

    def test_the_last_one_goes_without_a_password_too(self, here, elsewhere, alice):
        go(here, process="connect")
        alice.set_unusable_password()
        alice.save()
        client = Client()
        go(client)
        assert client.post(SITES, {"account": SocialAccount.objects.get().pk}).status_code == 302
        assert not SocialAccount.objects.exists()

    def test_it_brings_no_address_along_whosever_that_is(self, here, elsewhere, alice, bruno):
        for email in ("dana@example.org", bruno.email):
            elsewhere.update(email=email, id=elsewhere["id"] + 1)
            assert go(here, process="connect")["Location"] == SITES
        assert list(EmailAddress.objects.filter(user=alice).values_list("email", flat=True)) == [alice.email]
        assert EmailAddress.objects.get(email=bruno.email).user == bruno

    def test_nobody_in_particular_connects_nothing(self, visitor, elsewhere):
        assert go(visitor, process="connect")["Location"] == SITES
        assert visitor.get(SITES)["Location"].startswith(LOGIN)
        assert not SocialAccount.objects.exists()

    def test_what_one_person_began_is_not_ended_by_the_next_in_the_same_browser(self, here, elsewhere, bruno):
        there = here.post("/accounts/github/login/", {"process": "connect"})
        state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
        here.post(reverse("account_logout"))
        here.post(LOGIN, {"login": "bruno", "password": "password"})
        assert get_user(here) == bruno
        assert here.get("/accounts/github/login/callback/", {"code": "given", "state": state}).status_code == 401
        assert not SocialAccount.objects.exists()

    def test_what_is_connected_to_another_stays_there(self, here, elsewhere, bruno):
        SocialAccount.objects.create(user=bruno, provider="github", uid="7")
        answer = go(here, process="connect")
        assert "connected to another account" in here.get(answer["Location"]).text
        assert SocialAccount.objects.get().user == bruno

    def test_nobody_disconnects_anothers(self, alice, bruno_client):
        theirs = SocialAccount.objects.create(user=alice, provider="github", uid="7")
        assert bruno_client.post(SITES, {"account": theirs.pk}).context["form"].errors
        assert SocialAccount.objects.exists()
        assert "GitHub" not in bruno_client.get(SITES).text.split("Connect another")[0].split("<main")[1]

    def test_a_session_that_was_left_open_connects_nothing(self, alice, elsewhere):
        client = signed_in(alice)
        go(client, process="connect")
        assert not SocialAccount.objects.exists()

    def test_a_site_that_is_configured_no_more_breaks_no_page(self, alice, alice_client, settings):
        SocialAccount.objects.create(user=alice, provider="orcid", uid="0000-0002-1825-0097")
        settings.SOCIALACCOUNT_PROVIDERS = {}
        assert "None is connected" in alice_client.get(SITES).text
        assert alice_client.get("/accounts/").status_code == 200


def test_a_second_factor_is_asked_for_all_the_same(visitor, elsewhere, alice):
    SocialAccount.objects.create(user=alice, provider="github", uid="7")
    give_app(alice)
    assert go(visitor)["Location"] == FACTOR
    assert not get_user(visitor).is_authenticated
    assert Authenticator.objects.exists()


@pytest.mark.parametrize("query", [{}, {"code": "x"}, {"code": "x", "state": "x"}, {"error": "access_denied", "state": "x"}])
def test_an_answer_to_no_question_of_this_browser_opens_nothing(visitor, elsewhere, query):
    answer = visitor.get("/accounts/github/login/callback/", query)
    assert answer.status_code == 401
    assert "did not say who you are" in answer.text


def test_the_question_of_one_browser_is_not_answered_in_another(visitor, client, elsewhere):
    there = visitor.post("/accounts/github/login/", {"process": "login"})
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    assert client.get("/accounts/github/login/callback/", {"code": "given", "state": state}).status_code == 401
    assert visitor.get("/accounts/github/login/callback/", {"code": "given", "state": state}).status_code == 302
    assert visitor.get("/accounts/github/login/callback/", {"code": "given", "state": state}).status_code == 401


def test_whoever_turns_back_there_is_told_that_nothing_happened(visitor):
    there = visitor.post("/accounts/github/login/", {"process": "login"})
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    back = visitor.get("/accounts/github/login/callback/", {"error": "access_denied", "state": state}, follow=True)
    assert "Nothing was made or changed" in back.text


def test_tokens_of_other_sites_are_not_kept():
    from allauth.socialaccount import app_settings

    assert not app_settings.STORE_TOKENS
    assert isinstance(get_adapter(), ProviderAdapter)
