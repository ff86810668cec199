import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import names, orcid, profiles
from accounts.models import User
from tests.conftest import make_user, signed_in
from tests.factories import make_category
from tests.pages.test_people import bring_in, open_page

ADDRESS = "/accounts/profile/"
SAID = {
    "is_public": "on",
    "display_name": "Alice Moreau",
    "about": "Reads about schedulers.",
    "affiliation": "ENS",
    "orcid": "https://orcid.org/0000-0002-1694-233x",
    "homepage": "example.org/alice",
}


def say(client, **said):
    return client.post(ADDRESS, said)


def errors_of(response):
    assert response.status_code == 422
    return response.context["form"].errors


def test_what_somebody_says_of_themselves_is_kept_in_one_way_of_writing(alice, alice_client):
    assert say(alice_client, **SAID).status_code == 302

    alice.refresh_from_db()
    assert alice.is_public
    assert (alice.display_name, alice.about, alice.affiliation) == ("Alice Moreau", "Reads about schedulers.", "ENS")
    assert (alice.orcid, alice.homepage) == ("0000-0002-1694-233X", "https://example.org/alice")


def test_nobody_has_a_page_to_begin_with(alice, alice_client):
    assert not alice.is_public
    assert "You have none" in alice_client.get(ADDRESS).text


def test_it_is_taken_back_as_easily(alice, alice_client, visitor):
    say(alice_client, **SAID)
    assert visitor.get("/people/alice/").status_code == 200
    say(alice_client)
    alice.refresh_from_db()
    assert (alice.display_name, alice.orcid, alice.homepage) == ("", "", "")
    assert visitor.get("/people/alice/").status_code == 404


def test_the_page_is_for_nobody_to_keep(alice_client, visitor):
    assert "no-store" in alice_client.get(ADDRESS)["Cache-Control"]
    assert visitor.get(ADDRESS)["Location"] == f"/accounts/login/?next={ADDRESS}"


# -- Nothing typed is lost -------------------------------------------------------------------------
def test_what_was_typed_while_signed_out_is_there_behind_the_sign_in(alice, visitor):
    answer = say(visitor, **SAID)
    assert answer["Location"] == f"/accounts/login/?next={ADDRESS}"
    visitor.post("/accounts/login/", {"login": "alice", "password": "password", "next": ADDRESS})
    page = visitor.get(ADDRESS)

    assert "Here is what you typed" in page.text
    assert 'value="Alice Moreau"' in page.text
    assert not User.objects.get(pk=alice.pk).display_name
    assert "Alice Moreau" not in visitor.get(ADDRESS).text


def test_what_came_without_its_token_is_shown_again(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    page = say(strict, **SAID)

    assert page.status_code == 403
    assert "This was not sent yet" in page.text
    assert 'value="Alice Moreau"' in page.text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    assert say(strict, csrfmiddlewaretoken=token, **SAID).status_code == 302


def test_what_came_without_its_token_from_nobody_is_kept_for_the_sign_in(alice):
    strict = Client(enforce_csrf_checks=True)
    assert say(strict, **SAID)["Location"] == f"/accounts/login/?next={ADDRESS}"
    strict.force_login(alice)
    assert 'value="Alice Moreau"' in strict.get(ADDRESS).text


def test_what_is_refused_is_shown_with_what_was_typed(alice_client):
    page = say(alice_client, **SAID | {"orcid": "0000-0002-1694-2339"})
    assert list(errors_of(page)) == ["orcid"]
    assert 'value="0000-0002-1694-2339"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert 'value="Alice Moreau"' in page.text


# -- Hostile names -----------------------------------------------------------------------------------
HIDDEN = {
    "bidi": "Alice \u202eeromM",
    "isolate": "\u2066Alice",
    "zero width": "Al\u200bice",
    "joiner in Latin": "adm\u200din",
    "control": "Al\x07ice",
    "escape": "Al\x1b[31mice",
    "soft hyphen": "Al\u00adice",
    "tag": "Alice\U000e0041",
    "selector": "Alice\ufe0f",
    "filler": "\u3164",
    "braille blank": "\u2800",
    "grapheme joiner": "Al\u034fice",
    "private": "Al\ue000ice",
    "unassigned": "Al\u0378ice",
}
FOREIGN = {
    "the site": "Openshelf",
    "an office": "Alice, maintainer",
    "an office apart": "Main tainer",
    "an office in figures": "M4intain3r Admin",
    "an office in Cyrillic": "\u0430dmin",
    "an office in full width": "\uff21\uff44\uff4d\uff49\uff4e",
    "an office in mathematics": "\U0001d400\U0001d41d\U0001d426\U0001d422\U0001d427",
    "an office with accents": "\u00c0dm\u00efn",
    "somebody gone": "deleted user",
    "a maintainer": "mel",
    "a maintainer in capitals": "MEL",
    "a maintainer apart": "m e l",
    "a maintainer in figures": "me1",
    "a maintainer in Cyrillic": "\u043c\u0435\u04cf",
    "a category maintainer": "k33per",
    "another": "bruno",
    "another in capitals": "BRUNO",
    "another apart": "bru no",
    "the name of a maintainer's page": "Me\u013a Ott",
}


@pytest.mark.parametrize("name", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("field", ["display_name", "about", "affiliation"])
def test_signs_that_nobody_sees_are_refused_by_name(alice_client, field, name):
    assert list(errors_of(say(alice_client, **{field: name}))) == [field]


@pytest.mark.parametrize("name", FOREIGN.values(), ids=FOREIGN)
def test_nobody_takes_the_name_of_the_site_or_of_somebody_else(alice_client, bruno, mel, name):
    profiles.write(mel, is_public=True, display_name="Mel Ott")
    make_category("serving").maintainers.add(make_user("keeper"))
    assert list(errors_of(say(alice_client, is_public="on", display_name=name))) == ["display_name"]
    assert not User.objects.get(username="alice").is_public


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Müller",
        "李小龍",
        "محمد",
        "می\u200cخواهم",
        "क्\u200dष",
        "Анна Ким",
        "Μαρία",
        "Alice O’Brien-Smith",
        "Nguyễn Thị",
        "Alice",
        "alice",
    ],
)
def test_names_of_all_the_world_are_names(alice, alice_client, bruno, name):
    assert say(alice_client, display_name=name).status_code == 302
    alice.refresh_from_db()
    assert alice.display_name == name


@pytest.mark.parametrize("name", ["123", "!!!", "\U0001f600", "a" * 81, "Z" + "\u0301" * 20, "A" * 900_000, "Al\u0456ce", "\0"])
def test_what_is_no_name_is_refused(alice_client, name):
    assert list(errors_of(say(alice_client, display_name=name))) == ["display_name"]


def test_blanks_are_single_and_accents_composed(alice, alice_client):
    say(alice_client, display_name="  Zoe\u0308 \u00a0\t Mu\u0308ller ")
    alice.refresh_from_db()
    assert alice.display_name == "Zoë Müller"


HOSTILE = '"><script>alert(1)</script>{{ 7|add:7 }}&lt; \u05d0\u05d1'


def test_whatever_stands_in_a_name_is_shown_as_it_stands(alice, mel, visitor, mailoutbox, django_capture_on_commit_callbacks):
    """The form refuses more than the pages rely on: this one came in behind its back."""
    with django_capture_on_commit_callbacks(execute=True):
        bring_in(alice, "Orca", by=mel)
    User.objects.filter(pk=alice.pk).update(is_public=True, display_name=HOSTILE, about=HOSTILE, affiliation=HOSTILE)
    User.objects.filter(pk=mel.pk).update(is_public=True, display_name=HOSTILE)
    clients = (visitor, signed_in(alice), signed_in(mel))
    addresses = (
        "/",
        "/papers/orca/",
        "/papers/orca/history/",
        "/changes/",
        "/queue/",
        "/people/",
        "/people/alice/",
        "/people/alice/proposed/",
    )
    for address in (*addresses, "/people/mel/reviewed/", "/statistics/"):
        for client in clients:
            page = client.get(address).text
            assert "<script>alert" not in page, address
    assert "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in visitor.get("/people/alice/").text
    feed = visitor.get("/changes.atom").text
    assert "<script>" not in feed
    for letter in mailoutbox:
        assert HOSTILE not in letter.subject + letter.body


def test_letters_and_the_api_call_people_by_their_usernames(alice, mel, mailoutbox, django_capture_on_commit_callbacks):
    open_page(alice, display_name="Alice Moreau")
    open_page(mel, display_name="Mel Ott")
    with django_capture_on_commit_callbacks(execute=True):
        bring_in(alice, "Orca", by=mel)

    assert [letter.body.splitlines()[0] for letter in mailoutbox] == ["Hello alice,"] * len(mailoutbox)
    assert "mel approved" in mailoutbox[-1].body


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "data:text/html,x", "ftp://example.org", "//", "https://", "https:///x", "http://a b.example"),
        *("https://user@example.org", "https://user:pass@example.org", "https://example.org\\@evil.example", "https://exa\u202emple.org"),
        *("https://example.org/\x00", "https://" + "a" * 300 + ".example", "mailto:alice@example.org", "https://example.org:99999/"),
    ],
)
def test_a_home_page_is_an_address_of_the_web(alice_client, address):
    assert list(errors_of(say(alice_client, homepage=address))) == ["homepage"]


def test_a_host_in_other_letters_is_shown_for_what_it_is(alice, alice_client, visitor):
    say(alice_client, is_public="on", homepage="https://\u0430pple.example/")
    assert "xn--pple-43d.example</a>" in visitor.get("/people/alice/").text


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("https://orcid.org/0000-0002-1694-233X", "0000-0002-1694-233X"),
        ("http://www.orcid.org/0000-0002-1694-233x/", "0000-0002-1694-233X"),
        ("0000000218250097", "0000-0002-1825-0097"),
        (" orcid.org/0000-0001-5109-3700 ", "0000-0001-5109-3700"),
        ("0000-0002-1825-0098", None),
        ("0000-0002-1694-2330", None),
        ("0000-0002-1825-009", None),
        ("0000-0002-1825-0097x", None),
        ("\u0660000-0002-1825-0097", None),
        ("", None),
    ],
)
def test_an_orcid_is_known_by_its_last_digit(written, known):
    assert orcid.normalise(written) == known


@pytest.mark.parametrize(
    "facts",
    [{"homepage": "javascript:alert(1)"}, {"orcid": "0000"}, {"display_name": "x" * 81}, {"about": "x" * 281}, {"affiliation": "x" * 121}],
)
def test_the_database_holds_to_it_too(alice, facts):
    with pytest.raises(Exception) as caught, transaction.atomic():
        User.objects.filter(pk=alice.pk).update(**facts)
    assert isinstance(caught.value, IntegrityError) or "too long" in str(caught.value)


@pytest.mark.parametrize("pair", [("maintainer", "rnaintainer"), ("admin", "Adm1n"), ("alice", "a.l-i_c e"), ("will", "vvi11")])
def test_names_that_look_alike_have_one_skeleton(pair):
    assert names.skeleton(pair[0]) == names.skeleton(pair[1])
