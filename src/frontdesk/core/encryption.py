"""Secrets at rest: what has to be used again, and so cannot be kept as a digest.

Sealed with a key that is derived from the secret key, which is no part of the database. An older
secret key (FRONTDESK_OLD_SECRET_KEYS) still opens what it has sealed.
"""

import base64
import functools

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"frontdesk: secrets at rest"


class EncryptionError(ValueError):
    """A secret that this installation cannot open: it was sealed with another secret key."""

    def __init__(self) -> None:
        super().__init__("it was stored under another secret key; enter it again")


def encrypt(secret: str) -> str:
    """Encrypt and authenticate a secret; the empty one stays empty."""
    return _keys(*_secret_keys()).encrypt(secret.encode()).decode() if secret else ""


def decrypt(sealed: str) -> str:
    """The secret that was sealed. Raises EncryptionError."""
    if not sealed:
        return ""
    try:
        return _keys(*_secret_keys()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise EncryptionError from None


def _secret_keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


@functools.cache
def _keys(*secret_keys: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in secret_keys])


def _derived(secret_key: str) -> bytes:
    # HKDF, and no slow hash: the secret key is random, not a password.
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return base64.urlsafe_b64encode(derivation.derive(secret_key.encode()))
