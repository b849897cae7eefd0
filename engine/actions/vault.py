"""Secrets that must be read again are kept encrypted, by a key that is not in the database."""

from __future__ import annotations

import hashlib
import hmac

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

HEADER = {"alg": "dir", "enc": "A256GCM"}


class Vault:
    """Seals and opens with a key made of the desk's secret key."""

    def __init__(self, secret_key: str) -> None:
        derived = hmac.digest(secret_key.encode(), b"bellwether vault", hashlib.sha256)
        self._key = OctKey.import_key(derived)

    def seal(self, secret: str) -> str:
        """Return it encrypted, and such that a change is noticed."""
        return jwe.encrypt_compact(HEADER, secret.encode(), self._key)

    def open(self, sealed: str) -> str | None:
        """Return what was sealed, None when it was not by this key."""
        try:
            plain = jwe.decrypt_compact(sealed, self._key).plaintext
        except (JoseError, ValueError):
            return None
        return plain.decode() if plain is not None else None
