"""Encryption of stored secrets."""

import pytest
from django.test import override_settings

from frontdesk.core.encryption import EncryptionError, decrypt, encrypt

OLD, NEW = "the key of last year, which was long", "the key of this year, which is long"


def test_an_encrypted_secret_can_be_decrypted_and_does_not_show() -> None:
    encrypted = encrypt("sk-geheim-ключ")

    assert decrypt(encrypted) == "sk-geheim-ключ"
    assert "geheim" not in encrypted
    assert encrypted != encrypt("sk-geheim-ключ"), "equal secrets must not have equal ciphertexts"


def test_an_empty_secret_stays_empty() -> None:
    assert encrypt("") == ""
    assert decrypt("") == ""


def test_an_old_key_decrypts_what_it_encrypted() -> None:
    with override_settings(SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=[]):
        encrypted = encrypt("secret")

    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert decrypt(encrypted) == "secret"
        encrypted_again = encrypt("secret")

    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert decrypt(encrypted_again) == "secret"
        with pytest.raises(EncryptionError):
            decrypt(encrypted)


@pytest.mark.parametrize("spoilt", ["x", "gAAAAA", "ключ", "\0"])
def test_what_was_not_encrypted_cannot_be_decrypted(spoilt: str) -> None:
    with pytest.raises(EncryptionError) as caught:
        decrypt(spoilt)

    assert spoilt not in str(caught.value)


def test_a_changed_secret_cannot_be_decrypted_and_the_error_does_not_reveal_it() -> None:
    encrypted = encrypt("secret")
    changed = encrypted[:-5] + ("A" if encrypted[-5] != "A" else "B") + encrypted[-4:]

    with pytest.raises(EncryptionError, match="enter it again") as caught:
        decrypt(changed)

    assert "secret" not in str(caught.value).replace("secret key", "")
    assert caught.value.__cause__ is None
