"""The names and icons of platforms."""

from frontdesk.core.platforms import (
    Platform,
    platform_icon,
    platform_word,
    register,
    unregister,
)


def test_an_unknown_platform_is_named_after_its_slug() -> None:
    assert platform_word("matrix-bridge") == "Matrix Bridge"
    assert platform_icon("matrix-bridge") == "plug"
    assert platform_word("whatsapp") == "WhatsApp"


def test_two_platforms_never_share_a_name() -> None:
    names = [platform_word(key) for key in ("my-app", "my_app", "whats-app", "api", "a-p-i")]
    assert len({name.casefold() for name in names}) == len(names)
    register(Platform("chat", "My App"))
    try:
        assert platform_word("my-app") == "my-app"
    finally:
        unregister("chat")
