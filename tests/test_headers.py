"""What the site says around its pages, and whom it lets in where."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.urls import include, path, reverse

from accounts.models import User
from config import health
from config.headers import security_headers


def away(request):
    raise OperationalError("could not connect to db.internal")


urlpatterns = [path("away/", away), path("", include("config.urls"))]

PAGES = ["/healthz", "/robots.txt", "/accounts/login/", "/no/such/page/"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_every_answer_says_what_a_browser_must_not_do(visitor, address):
    headers = visitor.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_a_view_keeps_its_own_header(rf):
    def view(request):
        return HttpResponse(headers={"Cross-Origin-Resource-Policy": "cross-origin"})

    assert security_headers(view)(rf.get("/")).headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-16", "UTF-7", "cp037", "no-such-charset", "idna"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_is_not_utf_8_is_refused(visitor, charset, method):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    answer = visitor.generic(method, reverse("account_login"), b"login=a", content_type=kind)
    assert answer.status_code == 415
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", 'application/x-www-form-urlencoded; charset="UTF-8"'])
def test_utf_8_is_read(visitor, kind):
    assert visitor.generic("POST", reverse("account_login"), b"login=a", content_type=kind).status_code == 422


@pytest.mark.parametrize("host", ["evil.example", "testserver@evil.example", "testserver:80:80", "127.0.0.1.evil.example"])
def test_a_foreign_host_is_refused(visitor, host):
    assert visitor.get("/robots.txt", headers={"host": host}).status_code == 400


@pytest.mark.django_db
def test_a_forwarded_host_is_not_believed(visitor):
    answer = visitor.get("/admin/", headers={"x-forwarded-host": "evil.example"})
    assert "evil.example" not in answer.headers["Location"]


# -- Caches --------------------------------------------------------------------------------
def answer_to(rf, *, user, asks):
    class Session:
        accessed = asks

    request = rf.get("/")
    request.user, request.session = user, Session()
    return security_headers(lambda request: HttpResponse())(request)


def test_no_cache_keeps_what_somebody_signed_in_sees(rf):
    assert answer_to(rf, user=User(), asks=True).headers["Cache-Control"] == "private, no-store"


def test_a_page_that_is_the_same_for_all_may_be_kept(rf):
    assert "Cache-Control" not in answer_to(rf, user=User(), asks=False).headers
    assert "Cache-Control" not in answer_to(rf, user=AnonymousUser(), asks=True).headers


@pytest.mark.django_db
def test_no_cache_keeps_an_answer_with_a_cookie(visitor):
    answer = visitor.get(reverse("account_login"))
    assert answer.cookies
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_file_sets_no_cookie(alice_client):
    answer = alice_client.get("/robots.txt")
    assert not answer.cookies
    assert "Cache-Control" not in answer.headers


# -- The desk ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_desk_has_no_sign_in_page_of_its_own(visitor):
    first = visitor.get("/admin/accounts/user/", follow=True)
    assert first.resolver_match.view_name == "account_login"
    assert first.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert visitor.post("/admin/login/", {"username": "mel", "password": "password"}).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example"]
)
def test_signing_in_never_leads_off_the_site(visitor, mel, target):
    answer = visitor.get("/admin/login/", {"next": target}, follow=True)
    assert answer.resolver_match.view_name == "account_login"
    answer = visitor.post(f"{reverse('account_login')}?next=", {"login": "mel", "password": "password", "next": target})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"


def test_a_contributor_is_refused_at_the_desk_not_sent_round_in_a_circle(alice_client):
    assert alice_client.get("/admin/", follow=True).status_code == 403


def test_a_maintainer_is_let_in(mel_client):
    assert mel_client.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_guessing_a_password_ends_after_five_tries(visitor, alice):
    guess = {"login": "alice", "password": "wrong"}
    answers = [visitor.post(reverse("account_login"), guess).status_code for _ in range(6)]
    assert answers[:5] == [422] * 5
    sixth = visitor.post(reverse("account_login"), {"login": "alice", "password": "password"})
    assert sixth.status_code != 302
    assert "_auth_user_id" not in visitor.session


# -- Health --------------------------------------------------------------------------------
def test_alive_asks_nobody(visitor):
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_when_database_migrations_and_cache_are(visitor):
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(visitor):
    with connection.cursor() as cursor:
        newest = "SELECT MAX(name) FROM django_migrations WHERE app = 'accounts'"
        cursor.execute(f"DELETE FROM django_migrations WHERE app = 'accounts' AND name = ({newest})")
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")


@pytest.mark.django_db
def test_not_ready_while_the_cache_is_away_and_the_cause_stays_in_the_log(visitor, settings, caplog):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")
    assert "127.0.0.1:1" in caplog.text


@pytest.mark.django_db
def test_not_ready_while_the_database_is_away(visitor, monkeypatch):
    def away(*args):
        raise OSError("connection refused to db.internal")

    monkeypatch.setattr(health, "MigrationExecutor", away)
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")


@pytest.mark.urls(__name__)
def test_a_page_without_its_database_says_when_to_come_back(visitor):
    answer = visitor.get("/away/")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert b"db.internal" not in answer.content


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_is_only_asked(visitor, address):
    assert visitor.post(address).status_code == 405


def test_robots_stay_out_of_what_is_not_for_them(visitor):
    answer = visitor.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    closed = re.findall("Disallow: (.*)", answer.content.decode())
    assert {"/accounts/", "/admin/", "/submissions/", "/suggest/"} <= set(closed)
