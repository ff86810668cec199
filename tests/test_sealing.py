"""Second factors as they are stored: a copy of the database opens nothing, and a changed SECRET_KEY loses nothing."""

import importlib
import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.apps import apps
from django.core.management import call_command

from accounts import sealing
from tests.conftest import signed_in
from tests.pages.test_second_factors import digits

migration = importlib.import_module("accounts.migrations.0007_seal_factors")

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret():
    return generate_totp_secret()


@pytest.fixture
def factors(alice, secret):
    """An app and recovery codes, as they are added."""
    return TOTP.activate(alice, secret).instance, RecoveryCodes.activate(alice).instance


def stored():
    return json.dumps(list(Authenticator.objects.values_list("data", flat=True)))


def opened(factor):
    return sealing.unseal(Authenticator.objects.get(pk=factor.pk).data[sealing.SECRETS[factor.type]])


def test_neither_the_secret_of_an_app_nor_what_codes_are_made_of_stands_in_the_database(factors, secret):
    assert secret not in stored()
    assert opened(factors[1]) not in stored()
    assert opened(factors[0]) == secret


def test_two_that_are_alike_are_not_seen_to_be(secret):
    assert sealing.seal(secret) != sealing.seal(secret)


def test_another_key_opens_nothing_and_the_account_goes_on(alice, factors, secret, settings, caplog):
    code = factors[1].wrap().get_unused_codes()[0]
    settings.SECRET_KEY = "another"
    app, codes = (Authenticator.objects.get(pk=factor.pk).wrap() for factor in factors)
    assert opened(factors[0]) != secret
    assert not app.validate_code(digits(secret))
    assert not codes.validate_code(code)
    assert signed_in(alice).get("/accounts/").status_code == 200
    assert "SECRET_KEY_FALLBACKS" in caplog.text
    assert secret not in caplog.text


def test_nobody_knows_what_fits_where_the_key_is_lost(factors, settings):
    settings.SECRET_KEY = "another"
    assert len({opened(factors[0]) for _time in range(9)}) == 9


def test_what_a_former_key_has_sealed_is_read_and_needs_it_no_more_once_sealed_anew(factors, secret, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newer", [settings.SECRET_KEY]
    before = [opened(factor) for factor in factors]
    assert before[0] == secret
    call_command("seal_factors")
    settings.SECRET_KEY_FALLBACKS = []
    assert [opened(factor) for factor in factors] == before


def test_sealing_anew_leaves_what_it_cannot_open_and_passkeys_as_they_are(alice, factors, settings):
    Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Phone", "credential": {}})
    before, key = stored(), settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    assert sealing.seal_anew(Authenticator.objects.all()) == 0
    assert stored() == before
    settings.SECRET_KEY = key
    assert sealing.seal_anew(Authenticator.objects.all()) == 2


def test_what_was_stored_before_is_sealed_by_the_migration_and_opened_by_its_way_back(factors, secret):
    seed = opened(factors[1])
    migration.unseal_each(apps, None)
    assert secret in stored()
    assert seed in stored()
    migration.seal_each(apps, None)
    assert secret not in stored()
    assert [opened(factor) for factor in factors] == [secret, seed]
