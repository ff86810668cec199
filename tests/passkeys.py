"""A passkey without a browser: the key of one device, and what the device says when it is asked (WebAuthn, sections 6 and 7)."""

import json
from hashlib import sha256
from secrets import token_bytes

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "https://testserver"


class Passkey:
    def __init__(self, *, domain="testserver"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = token_bytes(16)
        self.domain = sha256(domain.encode()).digest()
        self.owner = b""

    def made(self, options, *, origin=ORIGIN):
        """The answer to `navigator.credentials.create`, as a form sends it."""
        asked = options["publicKey"]
        self.owner = asked["user"]["id"]
        credential = AttestedCredentialData.create(bytes(16), self.id, ES256.from_cryptography_key(self.key.public_key()))
        data = AuthenticatorData.create(self.domain, PRESENT | VERIFIED | ATTESTED, 0, credential)
        return self._said(
            attestationObject=websafe_encode(AttestationObject.create("none", data, {})),
            clientDataJSON=self._client("webauthn.create", asked["challenge"], origin),
        )

    def shown(self, options, *, origin=ORIGIN):
        """The answer to `navigator.credentials.get`."""
        client = self._client("webauthn.get", options["publicKey"]["challenge"], origin)
        data = AuthenticatorData.create(self.domain, PRESENT | VERIFIED, 0)
        signature = self.key.sign(bytes(data) + sha256(websafe_decode(client)).digest(), ec.ECDSA(hashes.SHA256()))
        return self._said(
            authenticatorData=websafe_encode(data), clientDataJSON=client, signature=websafe_encode(signature), userHandle=self.owner
        )

    def _client(self, kind, challenge, origin):
        return websafe_encode(json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode())

    def _said(self, **response):
        known_as = websafe_encode(self.id)
        results = {"credProps": {"rk": True}}
        said = {"type": "public-key", "id": known_as, "rawId": known_as, "clientExtensionResults": results, "response": response}
        return json.dumps(said)
