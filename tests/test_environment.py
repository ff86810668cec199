import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment


@pytest.fixture
def variable(monkeypatch):
    return lambda value, name="VARIABLE": monkeypatch.setenv(name, value)


def refusal(function, *args, **kwargs):
    with pytest.raises(ImproperlyConfigured) as caught:
        function("VARIABLE", *args, **kwargs)
    [line] = str(caught.value).splitlines()
    assert line.startswith("VARIABLE is ")
    assert "expected" in line
    return line


@pytest.mark.parametrize(("value", "meaning"), [("on", True), ("1", True), ("True", True), ("off", False), ("0", False), (" no ", False)])
def test_a_switch_is_on_or_off_in_the_usual_words(variable, value, meaning):
    variable(value)
    assert environment.boolean("VARIABLE", default=not meaning) is meaning


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_value_means_the_default(variable, default):
    variable("  ")
    assert environment.boolean("VARIABLE", default=default) is default
    assert environment.text("VARIABLE", default="as is") == "as is"


@pytest.mark.parametrize("value", ["maybe", "2", "on;off", "ja"])
def test_any_other_word_is_not_a_switch(variable, value):
    variable(value)
    assert "on or off" in refusal(environment.boolean, default=False)


def test_text_is_one_line(variable):
    variable("Papers\nBcc: everyone")
    assert "one line" in refusal(environment.text, default="")


def test_a_choice_names_what_may_be_chosen(variable):
    variable("everybody")
    assert "maintainers or nobody" in refusal(environment.choice, ["maintainers", "nobody"], default="maintainers")


@pytest.mark.parametrize(
    "value", ["https://papers.example.org", "https://papers.example.org/", "http://localhost:8101", "http://[::1]:8000"]
)
def test_the_site_is_a_scheme_and_a_host(variable, value):
    variable(value)
    assert environment.site_url("VARIABLE", default="") == value.rstrip("/")


@pytest.mark.parametrize(
    "value",
    [
        "papers.example.org",
        "ftp://papers.example.org",
        "https://",
        "https://papers.example.org/papers",
        "https://papers.example.org?q",
        "https://papers.example.org/#top",
        "https://user@papers.example.org",
        "https://papers.example.org:port",
        "https://[::1",
    ],
)
def test_anything_else_is_not_the_address_of_a_site(variable, value):
    variable(value)
    assert "https://papers.example.org" in refusal(environment.site_url, default="")


def test_the_site_answers_to_the_name_in_its_address_and_to_no_other():
    assert environment.hosts("VARIABLE", site_url="https://papers.example.org:444", debug=False) == ["papers.example.org"]
    assert environment.hosts("VARIABLE", site_url="http://[2001:db8::1]:8000", debug=False) == ["[2001:db8::1]"]


def test_hosts_are_separated_by_commas(variable):
    variable("papers.example.org, .example.net")
    assert environment.hosts("VARIABLE", site_url="http://localhost", debug=False) == ["papers.example.org", ".example.net"]


def test_this_machine_is_a_host_while_developing(variable):
    variable("portal")
    assert environment.hosts("VARIABLE", site_url="http://localhost", debug=True) == ["portal", "127.0.0.1", "localhost", "[::1]"]


@pytest.mark.parametrize("value", ["*", "https://papers.example.org", "a/b", "a b", "user@host"])
def test_every_host_or_an_address_is_not_a_host(variable, value):
    variable(value)
    assert "host names" in refusal(environment.hosts, site_url="http://localhost", debug=False)


@pytest.mark.parametrize("url", ["https://papers.example.org", "http://papers.example.org:8000", "http://8.8.8.8"])
def test_debug_is_refused_in_public(url):
    with pytest.raises(ImproperlyConfigured, match=r"^DEBUG is not usable: expected off"):
        environment.hosts("VARIABLE", site_url=url, debug=True)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://192.168.1.4", "http://portal:8000", "http://box.local", "http://[::1]:8000"]
)
def test_debug_is_welcome_at_home(url):
    assert environment.hosts("VARIABLE", site_url=url, debug=True)


def test_a_key_is_made_up_once_while_developing_and_nobody_else_may_read_it(tmp_path):
    kept_in = tmp_path / "secret-key"
    made = environment.secret_key("VARIABLE", debug=True, kept_in=kept_in)
    assert len(made) >= 50
    assert environment.secret_key("VARIABLE", debug=True, kept_in=kept_in) == made
    assert kept_in.stat().st_mode & 0o077 == 0


def test_a_key_is_required_in_production(tmp_path):
    assert "missing" in refusal(environment.secret_key, debug=False, kept_in=tmp_path / "secret-key")
    assert not list(tmp_path.iterdir())


def test_the_key_that_is_given_is_the_key(variable, tmp_path):
    variable("given")
    assert environment.secret_key("VARIABLE", debug=True, kept_in=tmp_path / "secret-key") == "given"


def test_former_keys_are_separated_by_blanks(variable):
    assert environment.former_keys("VARIABLE") == []
    variable(" newer,with-a-comma   older ")
    assert environment.former_keys("VARIABLE") == ["newer,with-a-comma", "older"]


def test_sqlite_waits_for_a_writer_from_the_start_of_a_transaction():
    database = environment.database_from_url("VARIABLE", default="sqlite:////srv/openshelf.sqlite3")
    assert database["NAME"] == "/srv/openshelf.sqlite3"
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert database["OPTIONS"]["timeout"] == 20


def test_sqlite_lets_readers_read_while_one_writes(tmp_path):
    database = environment.database_from_url("VARIABLE", default="sqlite:////srv/openshelf.sqlite3")
    with closing(sqlite3.connect(tmp_path / "database")) as connection:
        connection.executescript(database["OPTIONS"]["init_command"])
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_postgresql_has_a_pool_and_gives_up_on_a_dead_server_within_seconds(variable):
    variable("postgres://me:p%40ss@db.example.org:5433/papers?sslmode=require")
    database = environment.database_from_url("VARIABLE", default="")
    assert (database["HOST"], database["PORT"], database["PASSWORD"], database["NAME"]) == ("db.example.org", 5433, "p@ss", "papers")
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["connect_timeout"] + database["OPTIONS"]["pool"]["timeout"] < 10
    assert database["CONN_HEALTH_CHECKS"]


def test_the_pool_asks_the_server_only_about_a_connection_that_heard_something():
    here, server = socket.socketpair()
    asked = []

    class Idle:
        autocommit = True

        def fileno(self):
            return here.fileno()

        def execute(self, question):
            asked.append(question)

    is_there = environment.POSTGRES_OPTIONS["pool"]["check"]
    with here:
        is_there(Idle())
        assert not asked
        server.close()
        is_there(Idle())
        assert asked == [""]


@pytest.mark.parametrize(
    "value", ["openshelf.db", "mysql://localhost/papers", "postgres://localhost:port/papers", "postgres://localhost", "://"]
)
def test_any_other_address_is_not_a_database(variable, value):
    variable(value)
    assert "postgres://" in refusal(environment.database_from_url, default="")


def test_the_cache_is_a_table_unless_redis_is_named(variable):
    assert environment.cache_from_url("VARIABLE")["BACKEND"].endswith("DatabaseCache")
    variable("redis://localhost:6379/1")
    assert environment.cache_from_url("VARIABLE")["BACKEND"].endswith("RedisCache")


@pytest.mark.parametrize("value", ["memcached://localhost", "localhost:6379", "redis://localhost:port"])
def test_any_other_address_is_not_a_cache(variable, value):
    variable(value)
    assert "redis://" in refusal(environment.cache_from_url)


@pytest.mark.parametrize(
    ("value", "port", "use_ssl", "use_tls"),
    [
        ("smtp://me:p%40ss@mail.example.org", 587, False, False),
        ("smtp://me:p%40ss@mail.example.org?tls=on", 587, False, True),
        ("smtps://me:p%40ss@mail.example.org", 465, True, False),
        ("smtps://me:p%40ss@mail.example.org:2465", 2465, True, False),
    ],
)
def test_mail_goes_to_a_server(variable, value, port, use_ssl, use_tls):
    variable(value)
    options = environment.mailer_from_url("VARIABLE", debug=False)["OPTIONS"]
    assert (options["host"], options["username"], options["password"]) == ("mail.example.org", "me", "p@ss")
    assert (options["port"], options["use_ssl"], options["use_tls"]) == (port, use_ssl, use_tls)


def test_until_a_server_is_named_letters_are_shown_while_developing_and_never_in_production():
    assert environment.mailer_from_url("VARIABLE", debug=True)["BACKEND"].endswith("console.EmailBackend")
    production = environment.mailer_from_url("VARIABLE", debug=False)
    assert (production["OPTIONS"]["host"], production["OPTIONS"]["port"]) == ("localhost", 25)


@pytest.mark.parametrize(
    "value", ["mail.example.org", "smtp://", "smtp://host:port", "smtp://host?tls=maybe", "pop3://host", "smtp://host/box"]
)
def test_any_other_address_is_not_a_mail_server(variable, value):
    variable(value)
    assert "smtp://" in refusal(environment.mailer_from_url, debug=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://localhost/papers"),
        ("SECRET_KEY", ""),
        ("DEBUG", "perhaps"),
        ("ALLOWED_HOSTS", "*"),
        ("SITE_URL", "papers.example.org"),
        ("SITE_NAME", "Papers\nand more"),
        ("EMAIL_URL", "mail.example.org"),
        ("CACHE_URL", "memcached://localhost"),
        ("SELF_APPROVAL", "everybody"),
        ("DATA_LICENSE", "a\nb"),
        ("OUTBOUND", "sometimes"),
    ],
)
def test_a_malformed_value_stops_the_start_with_one_line_that_names_it(name, value):
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": "", "SECRET_KEY": "given", name: value}
    started = subprocess.run([sys.executable, "manage.py", "migrate"], env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert started.returncode == 1
    assert started.stdout == ""
    [line] = started.stderr.splitlines()
    assert line.startswith(f"{name} is ")


def test_what_another_site_gave_is_two_things_or_nothing(variable):
    assert environment.credentials("GITHUBLIKE") is None
    variable("known-as", "GITHUBLIKE_CLIENT_ID")
    with pytest.raises(
        ImproperlyConfigured, match=r"\AGITHUBLIKE_CLIENT_SECRET is missing: expected what belongs to GITHUBLIKE_CLIENT_ID\.\Z"
    ):
        environment.credentials("GITHUBLIKE")
    variable("secret", "GITHUBLIKE_CLIENT_SECRET")
    assert environment.credentials("GITHUBLIKE") == {"client_id": "known-as", "secret": "secret"}
    variable("", "GITHUBLIKE_CLIENT_ID")
    with pytest.raises(ImproperlyConfigured, match=r"\AGITHUBLIKE_CLIENT_ID is missing"):
        environment.credentials("GITHUBLIKE")
