"""The languages to choose from, which are those with texts."""

import re

from django.conf import settings

from frontdesk.agents.models import Agent
from frontdesk.core.catalogs import languages
from frontdesk.core.languages import TAG, language_name

MAX_TAG = 35


def languages_of(agent: Agent) -> list[str]:
    """Languages with texts, the agent's own or built in, and the fallback language."""
    own = agent.texts.values_list("language", flat=True).distinct()
    return sorted({*own, *languages(), agent.language}, key=language_name)


def language_choices(agent: Agent) -> list[tuple[str, str]]:
    return [(tag, language_name(tag)) for tag in languages_of(agent)]


def direction(tag: str) -> str:
    """The language's writing direction, as in HTML's dir."""
    return "rtl" if tag.partition("-")[0] in settings.LANGUAGES_BIDI else "ltr"


def clean_language(text: str) -> str | None:
    """A language tag in its normal form ("pt-BR" → "pt-br"), or None if it is not a tag."""
    tag = text.strip().lower().replace("_", "-")
    return tag if len(tag) <= MAX_TAG and re.fullmatch(TAG, tag) else None
