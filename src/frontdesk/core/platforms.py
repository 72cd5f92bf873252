"""Platforms where users live: their slugs, names and icons."""

import re

SLUG = r"[a-z0-9][a-z0-9_-]{0,31}"
"""A platform's name as reporters write it."""

PLATFORMS = {
    "web": ("world", "Web"),
    "telegram": ("brand-telegram", "Telegram"),
    "api": ("api", "API"),
    "discord": ("brand-discord", "Discord"),
    "slack": ("brand-slack", "Slack"),
    "whatsapp": ("brand-whatsapp", "WhatsApp"),
}
"""Icon and word of the platforms that we know; any other slug is shown as itself, with a plug."""


def is_slug(text: str) -> bool:
    return re.fullmatch(SLUG, text) is not None


def platform_icon(slug: str) -> str:
    """The icon's name for a platform."""
    return PLATFORMS.get(slug, ("plug", ""))[0]


def platform_word(slug: str) -> str:
    """The platform's name as people write it."""
    known = PLATFORMS.get(slug)
    return known[1] if known else slug.replace("-", " ").replace("_", " ").title()
