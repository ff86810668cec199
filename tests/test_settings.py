import json
import logging
import os
import subprocess
import sys

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, connection

from accounts.models import MAINTAINERS, User
from config.logs import JsonLine

PRODUCTION = {
    "DEBUG": "",
    "SECRET_KEY": "x9" * 40 + "abcdef",
    "SITE_URL": "https://papers.example.org",
    "DATABASE_URL": "sqlite://:memory:",
}


def in_production(program, **environ):
    """What a program says under the settings of a public site."""
    environ = {**os.environ, **PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings", **environ}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout or done.stderr


def test_a_public_site_keeps_its_cookies_to_itself():
    said = in_production(
        "from django.conf import settings as s; import json; print(json.dumps("
        "[[s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE],"
        " [s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.CSRF_COOKIE_HTTPONLY, s.CSRF_COOKIE_SAMESITE]]))"
    )
    assert json.loads(said) == [["__Host-sessionid", True, True, "Lax"], ["__Host-csrftoken", True, True, "Lax"]]


def test_a_public_site_is_https_only_and_believes_one_proxy():
    said = in_production(
        "from django.conf import settings as s; "
        "print(s.DEBUG, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS, s.ALLOWED_HOSTS, s.ALLAUTH_TRUSTED_PROXY_COUNT)"
    )
    assert said.strip() == "False True 31536000 ['papers.example.org'] 1"


def test_at_home_nobody_else_is_believed_about_who_asks():
    assert settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0
    assert settings.REST_FRAMEWORK["NUM_PROXIES"] == 0


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_a_reference_to_nothing():
    with pytest.raises(IntegrityError):
        EmailAddress.objects.create(user_id=999, email="nobody@example.org")


@pytest.mark.django_db
def test_a_changed_key_signs_nobody_out_while_the_former_one_is_known(alice_client, bruno_client, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newer", [settings.SECRET_KEY]
    assert alice_client.get("/accounts/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    # Whoever came by meanwhile is signed in by the newer one.
    assert [client.get("/accounts/").status_code for client in (alice_client, bruno_client)] == [200, 302]


def test_a_page_may_not_hold_postgresql_for_ever():
    program = "import config.wsgi, os; print(os.environ['PGOPTIONS'])"
    assert "statement_timeout=15s" in in_production(program)
    assert in_production(program, PGOPTIONS="-c statement_timeout=1min").strip() == "-c statement_timeout=1min"


def test_the_server_stops_with_one_line_too():
    assert in_production("import config.wsgi", OUTBOUND="perhaps") == "OUTBOUND is not usable: expected on or off.\n"


@pytest.mark.django_db
def test_limits_are_counted_where_all_workers_count():
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    cache.set("kept", "here")
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM cache")
        assert cursor.fetchone() == (1,)


def test_a_log_line_stays_one_line_whatever_it_reports():
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        record = logging.LogRecord("site", logging.ERROR, __file__, 1, "said %s", ("a\r\n\x1b[31mb\u2028",), sys.exc_info())
    line = JsonLine().format(record)
    assert line.isprintable()
    event = json.loads(line)
    assert event["message"] == "said a\r\n\x1b[31mb\u2028"
    assert "ValueError: first\nsecond" in event["traceback"]


@pytest.mark.django_db
def test_letters_go_through_the_one_mailer(mailoutbox):
    mail.send_mail("Subject", "Body", None, ["alice@example.org"])
    [letter] = mailoutbox
    assert letter.from_email == settings.DEFAULT_FROM_EMAIL


@pytest.mark.django_db
def test_the_first_account_may_do_everything_and_its_password_is_shown_once(client, capsys):
    call_command("ensure_maintainer")
    password = capsys.readouterr().out.split()[-1]
    maintainer = User.objects.get()
    assert (maintainer.username, maintainer.email) == ("maintainer", "maintainer@localhost")
    assert maintainer.is_superuser
    assert maintainer.is_staff
    assert maintainer.groups.filter(name=MAINTAINERS).exists()
    assert EmailAddress.objects.get(user=maintainer).verified
    assert client.login(username="maintainer", password=password)

    call_command("ensure_maintainer")
    assert capsys.readouterr().out == ""
    assert User.objects.get().password == maintainer.password


def test_no_account_is_made_where_somebody_maintains_the_site(mel, capsys):
    call_command("ensure_maintainer")
    assert capsys.readouterr().out == ""
    assert User.objects.get() == mel


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["a@b", "аlice", "a b", "-a", ".", "a/b", "a\n", ""])
def test_a_username_is_plain_and_never_an_address(username):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as caught:
        User(username=username, email="a@example.org", password="x").full_clean()
    assert set(caught.value.message_dict) == {"username"}


def test_who_maintains_is_the_group_or_a_superuser(alice, mel, root):
    assert [user.is_maintainer for user in (alice, mel, root)] == [False, True, True]


UNCONFIGURED = {f"{site}_CLIENT_{part}": "" for site in ("GITHUB", "GOOGLE", "ORCID") for part in ("ID", "SECRET")}


def test_a_site_that_is_not_configured_is_no_part_of_this_one():
    program = (
        "from config import settings as s; print(s.PROVIDERS, *s.SECURE_CSP['form-action'], 'allauth.socialaccount' in s.INSTALLED_APPS)"
    )
    assert in_production(program, **UNCONFIGURED).strip() == "{} 'self' True"
    one = in_production(program, **UNCONFIGURED | {"ORCID_CLIENT_ID": "a", "ORCID_CLIENT_SECRET": "b"})
    assert "https://orcid.org" in one
    assert "github" not in one
    half = in_production("import config.wsgi", **UNCONFIGURED | {"ORCID_CLIENT_ID": "a"})
    assert half == "ORCID_CLIENT_SECRET is missing: expected what belongs to ORCID_CLIENT_ID.\n"


def test_who_decides_owes_a_second_factor_where_the_site_is_public():
    program = "from config import settings as s; print(s.MAINTAINERS_NEED_MFA)"
    assert in_production(program).strip() == "True"
    assert in_production(program, SITE_URL="http://localhost:8000").strip() == "False"
    assert in_production(program, MAINTAINERS_NEED_MFA="off").strip() == "False"
