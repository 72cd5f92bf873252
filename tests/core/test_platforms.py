"""The names and icons of platforms."""

from frontdesk.core.platforms import platform_icon, platform_word


def test_an_unknown_platform_is_named_after_its_slug() -> None:
    assert platform_word("matrix-bridge") == "Matrix Bridge"
    assert platform_icon("matrix-bridge") == "plug"
    assert platform_word("whatsapp") == "WhatsApp"
