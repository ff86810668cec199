"""What is tried at the doors of accounts: addresses that lead away, guesses, codes over and over, and forms without their token."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.account import forms as account
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.template import engines
from django.template.loader import get_template
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone

from tests.pages.test_accounts import ASK, ENTER, LOGIN, SIGNUP, VERIFY, last_code
from tests.passkeys import Passkey

RESET, CODE_OF_RESET, ADDRESSES, LOGOUT, AGAIN = map(
    reverse,
    ["account_reset_password", "account_confirm_password_reset_code", "account_email", "account_logout", "account_reauthenticate"],
)
AWAY = [
    *("https://evil.example", "http://evil.example/", "HTTPS://EVIL.EXAMPLE", "//evil.example", "///evil.example", "////evil.example"),
    *(
        r"\\evil.example",
        r"/\evil.example",
        r"\/evil.example",
        r"/\/evil.example",
        r"\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
    ),
    *("\n//evil.example", "/\r\n/evil.example", "\x00//evil.example", "/\x00/evil.example", " //evil.example", "\u2028//evil.example"),
    *("javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "\x01javascript:alert(1)"),
    *("data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://evil.example", "https:evil.example", "https:/evil.example"),
    *(
        "http://testserver@evil.example/",
        "http://evil.example\\@testserver/",
        "//testserver@evil.example",
        "https://testserver.evil.example",
    ),
]
# By the look of it this site's, and by its port another.
AWAY += ["http://testserver:8080@evil.example", "mailto:a@evil.example"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


def fresh(user):
    """A browser in which this person has just said their password."""
    client = Client()
    client.post(LOGIN, {"login": user.username, "password": "password"})
    return client


def is_home(location):
    """As a browser reads it: backslashes are slashes, tabs and line ends are nothing, and what is before the address is cut off."""
    read = re.sub(r"[\t\r\n]", "", location).replace("\\", "/").lstrip("".join(map(chr, range(33))))
    parts = urlsplit(read)
    return parts.scheme in {"", "http"} and parts.netloc in {"", "testserver"} and not read.startswith("//")


# -- Leading away ------------------------------------------------------------------------------
@pytest.mark.parametrize("away", AWAY)
def test_nobody_is_led_away(alice, away):
    def by_password(client):
        return client.post(LOGIN, {"login": "alice", "password": "password", "next": away})

    def by_code(client):
        asked = client.post(ASK, {"email": alice.email, "next": away})
        assert is_home(asked["Location"])
        return client.post(ENTER, {"code": last_code(), "next": away})

    def already_in(client):
        client.force_login(alice)
        return client.get(LOGIN, {"next": away})

    def signing_out(client):
        client.force_login(alice)
        return client.post(LOGOUT, {"next": away})

    def showing_who_one_is(client):
        client.force_login(alice)
        return client.post(AGAIN, {"password": "password", "next": away})

    for way in (by_password, by_code, already_in, signing_out, showing_who_one_is):
        cache.clear()
        answer = way(Client())
        assert answer.status_code in {302, 400}, way
        assert answer.status_code == 400 or is_home(answer["Location"]), (way, answer["Location"])


@pytest.mark.parametrize("away", AWAY)
def test_nor_with_a_new_account_nor_by_another_site(visitor, away):
    visitor.post(SIGNUP, {"email": "dana@example.org", "username": "dana", "next": away})
    assert is_home(visitor.post(VERIFY, {"code": last_code(), "next": away})["Location"])
    sent = Client()
    sent.post("/accounts/github/login/", {"process": "login", "next": away})
    assert all(is_home(state[0].get("next", "/")) for state in sent.session["socialaccount_states"].values())


def test_what_leads_on_here_is_followed(visitor, alice):
    answer = visitor.post(LOGIN, {"login": "alice", "password": "password", "next": "/papers/?q=a&page=2"})
    assert answer["Location"] == "/papers/?q=a&page=2"


# -- Who has an account ------------------------------------------------------------------------
def page_of(response, *told):
    """A page without what one typed oneself, and what is another each time."""
    return re.sub("|".join([*map(re.escape, told), 'name="csrfmiddlewaretoken" value="[^"]+"']), "", response.text)


@pytest.mark.parametrize(
    ("ask", "then"),
    [
        ({"address": SIGNUP, "fields": {"username": "newcomer"}}, VERIFY),
        ({"address": reverse("account_signup_by_passkey"), "fields": {"username": "newcomer"}}, VERIFY),
        ({"address": ASK, "fields": {}}, ENTER),
        ({"address": RESET, "fields": {}}, CODE_OF_RESET),
    ],
    ids=["sign-up", "sign-up by passkey", "code", "forgotten password"],
)
def test_an_address_is_answered_alike_whether_it_has_an_account_or_not(alice, ask, then):
    answers = []
    for number, email in enumerate([alice.email, "nobody@example.org"]):
        client = Client()
        fields = {"email": email, **{name: f"{value}{number}" for name, value in ask["fields"].items()}}
        asked = client.post(ask["address"], fields)
        shown, wrong = client.get(then), client.post(then, {"code": "AAAA-AAAA"})
        tries = [client.post(then, {"code": "AAAA-AAAA"}) for _try in range(2)]
        answers.append(
            [asked.status_code, asked["Location"], page_of(shown, email), wrong.status_code, page_of(wrong, email)]
            + [(each.status_code, each.get("Location")) for each in tries]
        )
    assert answers[0] == answers[1]


def test_an_address_that_is_added_is_answered_alike_too(bruno, alice):
    answers = []
    for email in (alice.email, "nobody@example.org"):
        cache.clear()
        client = fresh(bruno)
        added = client.post(ADDRESSES, {"action_add": "", "email": email})
        shown = client.get(VERIFY)
        assert (shown.status_code, mail.outbox[-1].to) == (200, [email])
        answers.append([added.status_code, added["Location"], page_of(shown, email)])
    assert answers[0] == answers[1]
    assert not EmailAddress.objects.filter(user=bruno, email=alice.email).exists()


def test_an_address_of_another_is_not_made_ones_own_by_its_code_either(bruno, alice):
    client = fresh(bruno)
    client.post(ADDRESSES, {"action_add": "", "email": alice.email})
    assert mail.outbox[-1].to == [alice.email]
    client.post(VERIFY, {"code": last_code()})
    assert EmailAddress.objects.get(email=alice.email).user == alice


# -- Codes -------------------------------------------------------------------------------------
WAYS = {
    "sign-in": (ASK, {"email": "alice@example.org"}, ENTER),
    "sign-up": (SIGNUP, {"email": "dana@example.org", "username": "dana"}, VERIFY),
    "password": (RESET, {"email": "alice@example.org"}, CODE_OF_RESET),
}


def is_through(client, way):
    if way == "password":
        return client.get(reverse("account_complete_password_reset")).status_code == 200
    return get_user(client).is_authenticated


@pytest.mark.parametrize("way", WAYS)
class TestACode:
    def test_is_tried_three_times_at_most(self, alice, visitor, way):
        ask, fields, enter = WAYS[way]
        visitor.post(ask, fields)
        code = last_code()
        for _try in range(3):
            visitor.post(enter, {"code": "AAAA-AAAA"})
        visitor.post(enter, {"code": code})
        assert not is_through(visitor, way)

    def test_the_third_try_still_counts(self, alice, visitor, way):
        ask, fields, enter = WAYS[way]
        visitor.post(ask, fields)
        for code in ("AAAA-AAAA", "AAAA-AAAA", last_code()):
            visitor.post(enter, {"code": code})
        assert is_through(visitor, way)

    def test_is_good_for_ten_minutes(self, alice, visitor, way):
        ask, fields, enter = WAYS[way]
        visitor.post(ask, fields)
        with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=5)):
            visitor.post(enter, {"code": last_code()})
            assert not is_through(visitor, way)

    def test_belongs_to_the_browser_that_asked(self, alice, visitor, client, way):
        ask, fields, enter = WAYS[way]
        visitor.post(ask, fields)
        code = last_code()
        cache.clear()
        client.post(ask, fields)
        client.post(enter, {"code": code})
        assert not is_through(client, way)

    def test_is_used_once(self, alice, visitor, way):
        ask, fields, enter = WAYS[way]
        visitor.post(ask, fields)
        code = last_code()
        visitor.post(enter, {"code": code})
        assert is_through(visitor, way)
        visitor.post(LOGOUT)
        cache.clear()
        visitor.post(enter, {"code": code})
        assert not is_through(visitor, way)


@pytest.mark.parametrize("ways", [(ASK,), (RESET,), (ASK, RESET)])
def test_letters_with_codes_to_one_address_are_few(alice, ways):
    answers = [Client().post(ways[number % len(ways)], {"email": alice.email.title()}) for number in range(5)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 422, 422]
    assert len(mail.outbox) == 3
    assert "Wait five minutes" in answers[-1].text
    assert "Alice@Example.Org" in answers[-1].text


@pytest.fixture
def compared(monkeypatch):
    """The codes that were held against the one of a letter."""
    seen, compare = [], account.compare_user_code
    monkeypatch.setattr(
        account,
        "compare_user_code",
        lambda *, actual, expected: (bool(expected) and seen.append(actual)) or compare(actual=actual, expected=expected),
    )
    return seen


def guess(address, *, ways=("sign-in", "password", "sign-in")):
    """Whoever asks for as many letters as there are, each from another browser and place, and tries whatever may be tried."""
    for number, way in enumerate(ways):
        stranger = Client(REMOTE_ADDR=f"192.0.2.{number}")
        ask, _fields, enter = WAYS[way]
        stranger.post(ask, {"email": address})
        for _try in range(9):
            stranger.post(enter, {"code": "AAAA-AAAA"})


def test_of_one_address_five_wrong_codes_are_looked_at_from_however_many_browsers(alice, compared):
    guess(alice.email)
    assert len(compared) == 5


def test_the_right_code_lets_its_owner_in_whatever_others_have_tried(alice, visitor, compared):
    guess(alice.email, ways=("sign-in", "password"))
    visitor.post(ASK, {"email": alice.email})
    visitor.post(ENTER, {"code": last_code()})
    assert get_user(visitor) == alice


def test_a_second_try_that_others_have_used_up_is_refused_in_words_and_another_letter_lets_in(alice, visitor):
    guess(alice.email, ways=("sign-in",))
    visitor.post(ASK, {"email": alice.email})
    refused = visitor.post(ENTER, {"code": "AAAA-AAAA"}, follow=True)
    assert refused.redirect_chain == [(ASK, 302)]
    assert "Wait five minutes" in refused.text
    visitor.post(ENTER, {"code": last_code()})
    assert not get_user(visitor).is_authenticated
    visitor.post(ASK, {"email": alice.email})
    visitor.post(ENTER, {"code": last_code()})
    assert get_user(visitor) == alice


def test_what_is_tried_at_one_address_takes_nothing_from_another(alice, bruno, visitor):
    guess(alice.email)
    visitor.post(ASK, {"email": bruno.email})
    for code in ("AAAA-AAAA", "AAAA-AAAA", last_code()):
        visitor.post(ENTER, {"code": code})
    assert get_user(visitor) == bruno


# -- Guesses -----------------------------------------------------------------------------------
def test_one_account_is_guessed_at_five_times_by_whichever_of_its_names(alice):
    for name in ("alice", "alice@example.org", "ALICE", "Alice@Example.org", "alice"):
        Client().post(LOGIN, {"login": name, "password": "wrong"})
    for name in ("alice", "alice@example.org"):
        client = Client()
        client.post(LOGIN, {"login": name, "password": "password"})
        assert not get_user(client).is_authenticated


@pytest.mark.parametrize("login", ["alice", "alice@example.org", "nobody", "nobody@example.org"])
def test_a_wrong_guess_costs_the_same_whoever_is_meant(alice, login, monkeypatch):
    """One password is hashed, and that is what takes time."""
    hashed, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda hasher, *args: hashed.append(1) or encode(hasher, *args))
    Client().post(LOGIN, {"login": login, "password": "wrong"})
    assert len(hashed) == 1


def test_that_a_name_and_an_address_are_one_account_is_not_told_by_it(alice, bruno):
    """After five wrong guesses by the name, the address is answered as anybody's is, and counts as anybody's does."""
    for _try in range(5):
        Client().post(LOGIN, {"login": "alice", "password": "wrong"})
    cache_keys_apart = []
    for email in (alice.email, bruno.email):
        answers = [Client().post(LOGIN, {"login": email, "password": "wrong"}) for _try in range(6)]
        cache_keys_apart.append([page_of(answer, email) for answer in answers])
        cache.clear()
        for _try in range(5):
            Client().post(LOGIN, {"login": "alice", "password": "wrong"})
    assert cache_keys_apart[0] == cache_keys_apart[1]


def test_whoever_knows_the_password_is_let_in_as_often_as_they_like(alice):
    for _time in range(8):
        cache.delete("nothing")
        client = Client()
        client.post(LOGIN, {"login": "alice", "password": "password"})
        assert get_user(client) == alice


# -- Shutting others out -----------------------------------------------------------------------
def known(user):
    """A browser in which this person was signed in, some time ago."""
    client = fresh(user)
    client.post(LOGOUT)
    assert not get_user(client).is_authenticated
    return client


def shut_out(user):
    """All that a stranger can use up."""
    for name in (user.username, user.email):
        for _try in range(6):
            Client().post(LOGIN, {"login": name, "password": "wrong"}, REMOTE_ADDR="192.0.2.1")
    guess(user.email)


@pytest.mark.parametrize("name", ["alice", "alice@example.org"])
def test_whatever_strangers_try_the_owner_gets_in_by_the_password_in_a_browser_of_theirs(alice, visitor, name):
    owner = known(alice)
    shut_out(alice)
    owner.post(LOGIN, {"login": name, "password": "password"})
    assert get_user(owner) == alice
    visitor.post(LOGIN, {"login": name, "password": "password"})
    assert not get_user(visitor).is_authenticated


@pytest.mark.parametrize("way", ["sign-in", "password"])
def test_and_by_a_letter(alice, way):
    ask, fields, enter = WAYS[way]
    owner = known(alice)
    shut_out(alice)
    assert owner.post(ask, fields)["Location"] == enter
    for code in ("AAAA-AAAA", "AAAA-AAAA", last_code()):
        owner.post(enter, {"code": code})
    assert is_through(owner, way)


def test_a_browser_that_is_known_has_no_more_tries_than_another(alice, compared):
    owner = known(alice)
    for _try in range(5):
        owner.post(LOGIN, {"login": "alice", "password": "wrong"})
    assert "Too many tries" in owner.post(LOGIN, {"login": "alice", "password": "password"}).text
    letters = len(mail.outbox)
    for _letter in range(5):
        owner.post(ASK, {"email": alice.email})
        for _try in range(3):
            owner.post(ENTER, {"code": "AAAA-AAAA"})
    assert (len(mail.outbox) - letters, len(compared)) == (3, 5)


def test_what_one_account_knows_a_browser_by_is_nothing_to_another(alice, bruno, visitor):
    shut_out(alice)
    its = known(bruno).cookies["known_browser"].value
    for forged in (its, its.partition(".")[0], f"{its}x", "", ".", "x.y"):
        visitor.cookies["known_browser"] = forged
        visitor.post(LOGIN, {"login": "alice", "password": "password"}, REMOTE_ADDR="192.0.2.9")
        assert visitor.post(ASK, {"email": alice.email}).status_code == 422
        assert not get_user(visitor).is_authenticated


def test_it_says_of_nobody_who_they_are_and_lets_nobody_in(alice, visitor):
    cookie = known(alice).cookies["known_browser"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/accounts/", True, "Lax")
    assert "alice" not in cookie.value
    visitor.cookies["known_browser"] = cookie.value
    assert visitor.get("/accounts/")["Location"].startswith(LOGIN)
    again = Client()
    again.cookies["known_browser"] = cookie.value
    again.post(LOGIN, {"login": "alice", "password": "password"})
    assert again.cookies["known_browser"].value == cookie.value


# -- Tokens of forms ---------------------------------------------------------------------------
@pytest.fixture
def strict():
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize(
    ("address", "fields", "kept"),
    [
        (SIGNUP, {"email": "dana@example.org", "username": "dana"}, ["dana@example.org", "dana"]),
        (LOGIN, {"login": "alice", "password": "password"}, ["alice"]),
        (ASK, {"email": "alice@example.org"}, ["alice@example.org"]),
        (RESET, {"email": "alice@example.org"}, ["alice@example.org"]),
    ],
)
def test_a_form_without_its_token_is_refused_and_shown_again_with_what_is_no_secret(strict, alice, address, fields, kept):
    answer = strict.post(address, {**fields, "next": "/submissions/new/"})
    assert answer.status_code == 403
    assert "This was not sent" in answer.text
    assert all(f'value="{text}"' in answer.text for text in kept)
    assert 'value="password"' not in answer.text
    assert 'name="next" value="/submissions/new/"' in answer.text
    assert not mail.outbox
    assert not get_user(strict).is_authenticated
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text)[1]
    assert strict.post(address, {**fields, "csrfmiddlewaretoken": token}).status_code == 302


@pytest.mark.parametrize("address", [LOGOUT, VERIFY, "/accounts/2fa/webauthn/login/", "/accounts/github/login/", "/accounts/sessions/"])
def test_other_forms_without_their_token_do_nothing(strict, alice, address):
    strict.force_login(alice)
    assert strict.post(address, {"code": "x", "credential": "x", "process": "login"}).status_code == 403
    assert get_user(strict) == alice


def test_what_the_signed_in_typed_without_a_token_is_shown_again(strict, alice):
    strict.force_login(alice)
    added = strict.post(ADDRESSES, {"action_add": "", "email": "alice@example.com"})
    assert (added.status_code, 'value="alice@example.com"' in added.text) == (403, True)
    token = strict.post("/accounts/tokens/", {"name": "Zotero <b>", "scopes": ["read", "submit"], "days": "7"})
    assert token.status_code == 403
    assert 'value="Zotero &lt;b&gt;"' in token.text
    assert token.text.count("checked") >= 2
    assert not alice.tokens.exists()


def test_what_was_typed_after_the_session_had_ended_is_there_after_signing_in(visitor, alice):
    away = visitor.post(ADDRESSES, {"action_add": "", "email": "alice@example.com", "password": "never"})
    assert away["Location"] == f"{LOGIN}?next={ADDRESSES}"
    assert "never" not in str(dict(visitor.session))
    back = visitor.post(LOGIN, {"login": "alice", "password": "password", "next": ADDRESSES}, follow=True)
    assert back.redirect_chain == [(ADDRESSES, 302)]
    assert "Here is what you typed" in back.text
    assert 'value="alice@example.com"' in back.text
    assert 'value="alice@example.com"' not in visitor.get(ADDRESSES).text


def test_neither_a_token_nor_a_session_loses_it_either(strict, alice):
    away = strict.post("/accounts/tokens/", {"name": "Zotero", "scopes": ["read"], "days": "7"})
    assert away["Location"].startswith(LOGIN)
    strict.handler.enforce_csrf_checks = False
    back = strict.post(LOGIN, {"login": "alice", "password": "password", "next": "/accounts/tokens/"}, follow=True)
    assert 'value="Zotero"' in back.text


# -- Pages -------------------------------------------------------------------------------------
def views_of_accounts():
    for address, view, _defaults in _walk(get_resolver().url_patterns):
        if address.startswith("accounts/"):
            yield address, view


def _walk(patterns, above=""):
    for pattern in patterns:
        here = above + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns, here)
        else:
            yield here, pattern.callback, pattern.default_args


def _leads_to(address, view):
    """Not where an address of our own stands before it."""
    return "<" in address or resolve(f"/{address}").func == view


def test_every_page_of_accounts_is_drawn_by_ours():
    ours = str(engines["django"].dirs[0])
    classes = [getattr(view, "view_class", None) for address, view in views_of_accounts() if _leads_to(address, view)]
    drawn = [name for each in classes if (name := getattr(each, "template_name", None))]
    assert len(drawn) > 20
    assert [name for name in drawn if not get_template(name).origin.name.startswith(ours)] == []


def test_every_letter_and_message_is_ours():
    """But for those of ways that this site does not go: links in letters, and telephones."""
    import allauth

    ours, theirs = engines["django"].dirs[0], allauth.__path__[0]
    from pathlib import Path

    found = [path.relative_to(f"{theirs}/templates") for path in Path(theirs, "templates").glob("*/[em]*/*.txt")]
    rooms = {"account", "mfa", "socialaccount", "usersessions"}
    missing = {str(path) for path in found if path.parts[0] in rooms and not (ours / path).exists()}
    assert {name for name in missing if "phone" not in name and "password_reset_key" not in name} == set()


def test_a_page_of_ones_own_is_kept_by_no_cache(alice_client, alice):
    Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Phone", "credential": _credential()})
    for address in ("/accounts/", ADDRESSES, "/accounts/2fa/webauthn/", "/accounts/sessions/", "/accounts/3rdparty/", "/accounts/tokens/"):
        answer = alice_client.get(address)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store"), address


def _credential():
    import json

    return json.loads(Passkey().made({"publicKey": {"user": {"id": "MQ"}, "challenge": "AA"}}))


@pytest.mark.parametrize(
    "address", ["/accounts/2fa/webauthn/", "/accounts/sessions/", "/accounts/3rdparty/", "/accounts/2fa/totp/activate/"]
)
def test_a_visitor_is_shown_the_way_in(visitor, address):
    assert visitor.get(address)["Location"].startswith(LOGIN)
