"""The names of languages."""

from django.conf.locale import LANG_INFO

TAG = r"[a-z]{2,3}(-[a-z0-9]{1,8})*"
"""The pattern of a normalized language tag such as "pt-br"."""

_MORE = {"zh": "Chinese"}  # Django has names only for its two scripts


def base_of(tag: str) -> str:
    """The language of a language tag: "pt" of "pt-BR"."""
    return tag.lower().replace("_", "-").partition("-")[0]


def language_name(tag: str) -> str:
    """ "pt-br" → "Brazilian Portuguese"; an unknown tag is returned unchanged."""
    if not tag:
        return "Unknown"
    for known in (tag, base_of(tag)):
        name = LANG_INFO.get(known, {}).get("name") or _MORE.get(known)
        if name:
            return name if known == tag else f"{name} ({tag})"
    return tag
