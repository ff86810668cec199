"""Pages for when a page cannot be shown."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from catalog.models import Tombstone
from catalog.views import errors


def request_to(address, user=None):
    request = RequestFactory().get(address)
    if user:
        request.user = user
    return request


def text(response):
    return response.content.decode()


@pytest.mark.django_db
def test_an_unused_address_is_answered_with_a_search(visitor):
    answer = visitor.get("/no/such/page/")
    assert answer.status_code == 404
    assert f'action="{reverse("catalog:paper-list")}"' in text(answer)
    assert "There is no page at this address" in text(answer)


@pytest.mark.parametrize(
    "answer", [errors.server_error, errors.unavailable, lambda request: errors.bad_request(request, SuspiciousOperation())]
)
def test_pages_for_faults_ask_nothing_of_the_database_or_the_request(answer):
    response = answer(request_to("/"))
    assert response.status_code in {400, 500, 503}
    assert "/static/css/site.css" in text(response)
    assert text(response).count("<h1") == 1


def test_an_unavailable_catalogue_says_when_to_come_back():
    assert errors.unavailable(request_to("/"))["Retry-After"] == "30"


@pytest.mark.django_db
def test_a_crash_shows_its_page_and_nothing_of_its_cause(visitor, monkeypatch):
    def crash(self, *arguments, **more):
        raise RuntimeError("the secret is 12345")

    monkeypatch.setattr("catalog.context.Catalogue.state", property(crash))
    visitor.raise_request_exception = False
    answer = visitor.get(reverse("account_login"))
    assert answer.status_code == 500
    assert "Something is broken on our side" in text(answer)
    assert "12345" not in text(answer)
    assert "Traceback" not in text(answer)


@pytest.mark.django_db
def test_the_forbidden_page_names_the_account_and_offers_sign_in_to_visitors(alice):
    signed_in = errors.permission_denied(request_to("/x/", alice), PermissionDenied())
    assert signed_in.status_code == 403
    assert "alice" in text(signed_in)
    visiting = text(errors.permission_denied(request_to("/x/?a=1&b=2"), PermissionDenied()))
    assert "/accounts/login/?next=/x/%3Fa%3D1%26b%3D2" in visiting


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_and_the_page_says_how_to_send_it_again(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(reverse("account_logout"))
    assert answer.status_code == 403
    assert "what you typed is still there" in text(answer)
    assert client.get(reverse("catalog:submission-list")).status_code == 200


@pytest.mark.django_db
def test_a_retracted_paper_says_what_when_and_why_and_escapes_both():
    tombstone = Tombstone(slug="aviary", title="<b>Aviary</b>", reason="Withdrawn <script>", at=timezone.now().replace(2026, 11, 22))
    answer = errors.gone(request_to("/papers/aviary/"), tombstone)
    assert answer.status_code == 410
    assert "&lt;b&gt;Aviary&lt;/b&gt;" in text(answer)
    assert "Withdrawn &lt;script&gt;" in text(answer)
    assert "22 November 2026" in text(answer)


@pytest.mark.django_db
def test_a_limit_says_when_it_frees():
    until = timezone.now() + timedelta(minutes=5)
    answer = errors.too_many_requests(request_to("/"), until=until)
    assert answer.status_code == 429
    assert 295 <= int(answer["Retry-After"]) <= 300
    assert f"{until:%H:%M}" in text(answer)


@pytest.mark.django_db
def test_an_address_that_asks_for_too_many_codes_is_told_to_wait():
    cache.clear()
    answers = [Client().post(reverse("account_request_login_code"), {"email": "alice@example.org"}) for _try in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 422]
    assert "Too many tries. Wait" in text(answers[-1])


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/no/such/page/", "/accounts/login/"])
def test_pages_keep_to_the_content_security_policy(visitor, address):
    answer = visitor.get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<style" not in text(answer)
    assert "style=" not in text(answer)
    tags = [tag.partition(">")[0] for tag in text(answer).split("<script")[1:]]
    assert all(" src=" in tag or 'type="application/json"' in tag for tag in tags)


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "address"), [("post", "/papers/"), ("put", "/"), ("delete", "/statistics/")])
def test_a_method_that_an_address_does_not_take_is_explained(alice_client, method, address):
    answer = getattr(alice_client, method)(address)
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"
    assert text(answer).count("<h1") == 1
    assert "Nothing was changed" in text(answer)


@pytest.mark.django_db
def test_the_api_says_so_in_its_own_way(visitor):
    answer = visitor.delete("/api/v1/papers/")
    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_text_in_another_encoding_is_refused_with_a_page(visitor):
    answer = visitor.generic("POST", "/accounts/login/", b"login=a", content_type="application/x-www-form-urlencoded; charset=utf-16")
    assert answer.status_code == 415
    assert "This was not sent as UTF-8" in text(answer)
