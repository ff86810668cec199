"""What second factors are made of is kept sealed: a copy of the database lets nobody make digits or recovery codes.

The key is derived from SECRET_KEY. What a former one has sealed is read as long as that one is in SECRET_KEY_FALLBACKS.
"""

import logging
from base64 import urlsafe_b64encode
from typing import Any

from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

# By type of factor, the part of its data that is a secret.
SECRETS = {"totp": "secret", "recovery_codes": "seed"}


def seal(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Of what no key here opens, a secret that nobody has: nothing fits it, and the pages of the account go on."""
    try:
        return _keys().decrypt(sealed).decode()
    except InvalidToken:
        log.error("A second factor was sealed by a key that is neither SECRET_KEY nor in SECRET_KEY_FALLBACKS.")
        return generate_totp_secret()


@transaction.atomic
def seal_anew(factors: Any) -> int:
    """Seal by the key of now what a former one has sealed; how many. What no key here opens is left as it is."""
    keys, sealed = _keys(), 0
    for factor in factors.filter(type__in=SECRETS).select_for_update().iterator(chunk_size=500):
        name = SECRETS[factor.type]
        try:
            factor.data[name] = keys.rotate(factor.data[name]).decode()
        except InvalidToken:
            continue
        factor.save(update_fields=["data"])
        sealed += 1
    return sealed


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(_derived(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(secret: str) -> bytes:
    """HKDF (RFC 5869): this key tells nothing of the others that are made of the same secret."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"openshelf second factors").derive(secret.encode())
    return urlsafe_b64encode(derived)
