"""Encryption of stored secrets that are used again, and so cannot be stored as digests.

The key is derived from the secret key, which is not in the database. An older secret key
(FRONTDESK_OLD_SECRET_KEYS) still decrypts what it encrypted.
"""

import base64
import functools

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"frontdesk: secrets at rest"


class EncryptionError(ValueError):
    """A secret that cannot be decrypted: it was encrypted with another secret key."""

    def __init__(self) -> None:
        super().__init__("it was stored under another secret key; enter it again")


def encrypt(secret: str) -> str:
    """Encrypt and authenticate a secret. An empty one stays empty."""
    return _keys(*_secret_keys()).encrypt(secret.encode()).decode() if secret else ""


def decrypt(encrypted: str) -> str:
    """The decrypted secret. Raises EncryptionError."""
    if not encrypted:
        return ""
    try:
        return _keys(*_secret_keys()).decrypt(encrypted.encode()).decode()
    except InvalidToken:
        raise EncryptionError from None


def _secret_keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


@functools.cache
def _keys(*secret_keys: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in secret_keys])


def _derived(secret_key: str) -> bytes:
    # HKDF and not a slow hash: the secret key is random, not a password.
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return base64.urlsafe_b64encode(derivation.derive(secret_key.encode()))
