"""A passkey in software: what a phone answers to the server's questions (ES256, no attestation)."""

import secrets
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

HOST = "testserver"
ORIGIN = f"https://{HOST}"
Answer = dict[str, Any]


class SoftKey:
    """Made for one site; `origin` is where the browser says it is."""

    def __init__(self, *, host: str = HOST, origin: str = ORIGIN) -> None:
        self.host, self.origin = host, origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.user_handle = ""

    def register(self, options: Answer) -> Answer:
        """To `creation_options`: a new credential."""
        asked = options["publicKey"]
        self.user_handle = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())
        known = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        told = self._data(AuthenticatorData.FLAG.AT, known)
        client = self._client(CollectedClientData.TYPE.CREATE, asked["challenge"])
        return self._answer(
            clientDataJSON=websafe_encode(client),
            attestationObject=websafe_encode(AttestationObject.create("none", told, {})),
        ) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def sign(self, options: Answer, *, challenge: str = "") -> Answer:
        """To `request_options`; with a `challenge` of its own, to another question."""
        asked = options["publicKey"]
        told = self._data()
        client = self._client(CollectedClientData.TYPE.GET, challenge or asked["challenge"])
        signed = self.key.sign(told + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=websafe_encode(client),
            authenticatorData=websafe_encode(told),
            signature=websafe_encode(signed),
            userHandle=self.user_handle,
        ) | {"clientExtensionResults": {}}

    def _data(
        self, flags: int = 0, credential: AttestedCredentialData | None = None
    ) -> AuthenticatorData:
        seen = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | flags
        host = sha256(self.host.encode()).digest()
        return AuthenticatorData.create(host, seen, 0, credential or b"")

    def _client(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(kind, websafe_decode(challenge), self.origin)

    def _answer(self, **response: str) -> Answer:
        name = websafe_encode(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
