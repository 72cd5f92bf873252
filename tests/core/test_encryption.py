"""Secrets at rest."""

import pytest
from django.test import override_settings

from frontdesk.core.encryption import EncryptionError, decrypt, encrypt

OLD, NEW = "the key of last year, which was long", "the key of this year, which is long"


def test_a_sealed_secret_opens_and_does_not_show() -> None:
    sealed = encrypt("sk-geheim-ключ")

    assert decrypt(sealed) == "sk-geheim-ключ"
    assert "geheim" not in sealed
    assert sealed != encrypt("sk-geheim-ключ"), "equal secrets are not to be told by their seals"


def test_no_secret_stays_none() -> None:
    assert encrypt("") == ""
    assert decrypt("") == ""


def test_an_old_key_opens_what_it_sealed() -> None:
    with override_settings(SECRET_KEY=OLD, SECRET_KEY_FALLBACKS=[]):
        sealed = encrypt("secret")

    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD]):
        assert decrypt(sealed) == "secret"
        sealed_anew = encrypt("secret")

    with override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[]):
        assert decrypt(sealed_anew) == "secret"
        with pytest.raises(EncryptionError):
            decrypt(sealed)


@pytest.mark.parametrize("spoilt", ["x", "gAAAAA", "ключ", "\0"])
def test_what_is_no_seal_does_not_open(spoilt: str) -> None:
    with pytest.raises(EncryptionError) as caught:
        decrypt(spoilt)

    assert spoilt not in str(caught.value)


def test_a_seal_that_was_changed_does_not_open_and_the_error_tells_nothing_of_it() -> None:
    sealed = encrypt("secret")
    changed = sealed[:-5] + ("A" if sealed[-5] != "A" else "B") + sealed[-4:]

    with pytest.raises(EncryptionError, match="enter it again") as caught:
        decrypt(changed)

    assert "secret" not in str(caught.value).replace("secret key", "")
    assert caught.value.__cause__ is None
