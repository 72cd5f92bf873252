"""The platforms of users: their names, their icons, and what they vouch for.

Channels register theirs when the apps are ready. The platforms below have no channel here: their
users are reported by agents that run elsewhere.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

SLUG = r"[a-z0-9][a-z0-9_-]{0,31}"
"""The pattern of a platform's key."""


@dataclass(frozen=True)
class Platform:
    """One platform. `vouches_for_ids`: its ids are verified, whatever program reports them."""

    key: str
    name: str
    icon: str = "plug"
    vouches_for_ids: bool = False
    vouches_for_usernames: bool = False
    profile_prefix: str = ""
    """The address of a user's public profile, up to the username."""

    def profile_url(self, username: str) -> str:
        """The user's public profile, or "" where the platform has none."""
        return f"{self.profile_prefix}{quote(username, safe='')}" if self.profile_prefix else ""


_OUTSIDE = (
    Platform("api", "API", "api"),
    Platform("discord", "Discord", "brand-discord"),
    Platform("slack", "Slack", "brand-slack"),
    Platform("whatsapp", "WhatsApp", "brand-whatsapp"),
)
_platforms = {platform.key: platform for platform in _OUTSIDE}


def register(platform: Platform) -> None:
    """Add a platform, replacing one with the same key."""
    _platforms[platform.key] = platform


def unregister(key: str) -> None:
    _platforms.pop(key, None)


def platform_of(key: str) -> Platform:
    """The platform with this key. An unknown one is named after it and vouches for nothing."""
    return _platforms.get(key) or Platform(key, _name_of(key))


def _name_of(key: str) -> str:
    """A name that no other key has: underscores stay, and so does a key named like a platform."""
    name = key.replace("-", " ").title()
    is_taken = any(each.name.casefold() == name.casefold() for each in _platforms.values())
    return key if is_taken else name


def is_slug(text: str) -> bool:
    return re.fullmatch(SLUG, text) is not None


def platform_icon(key: str) -> str:
    """The icon's name for a platform."""
    return platform_of(key).icon


def platform_word(key: str) -> str:
    """The platform's name as people write it."""
    return platform_of(key).name
