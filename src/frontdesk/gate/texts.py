"""The texts that people read when their message is refused, in their language.

An operator's own text (`AgentText`) overrides the built-in one. In a text, `{retry}` is the time
from which the person may write again, and `{limit}` is the maximum.
"""

import datetime as dt
import math
import zoneinfo
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frontdesk.agents.limits import LIMITS
from frontdesk.agents.models import Agent, AgentText
from frontdesk.core import catalogs
from frontdesk.core.catalogs import languages
from frontdesk.core.languages import base_of
from frontdesk.core.text import Text
from frontdesk.gate.limits import Rule

FALLBACK = catalogs.SOURCE_LANGUAGE
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600


@dataclass(frozen=True)
class Occasion:
    """A situation in which a person reads a text instead of an answer."""

    key: str
    title: Text
    definition: Text


OCCASIONS = {
    occasion.key: occasion
    for occasion in (
        Occasion("archived", _("Archived"), _("The agent is archived.")),
        Occasion("paused", _("Paused"), _("The agent is paused.")),
        Occasion("closed", _("Closed"), _("No one may write to the agent.")),
        Occasion(
            "not_verified",
            _("Not verified"),
            _("Only verified people may write, and this person is not verified."),
        ),
        Occasion(
            "not_invited",
            _("Not invited"),
            _("Only invited people may write, and this person is not on the list."),
        ),
        Occasion(
            "blocked",
            _("Blocked"),
            _(
                "The person is blocked, and the block has no text of its own."
                " {retry} is the end of the block."
            ),
        ),
        Occasion(
            "limit",
            _("Over a limit"),
            _("The person has used up a limit. {retry} is when writing is possible again."),
        ),
        Occasion(
            "too_long",
            _("Message too long"),
            _("The message is longer than allowed. {limit} is the number of characters."),
        ),
    )
}


TEXTS = {
    "archived": "This assistant is no longer available.",
    "paused": "This assistant is taking a break. Please try again later.",
    "closed": "This assistant is not taking messages at the moment.",
    "not_verified": "Please sign in to talk to this assistant.",
    "not_invited": "This assistant is for invited people only.",
    "blocked": "You cannot write to this assistant at the moment. You can write again {retry}.",
    "blocked_for_good": "You can no longer write to this assistant.",
    "limit": "You have reached your limit for now. You can write again {retry}.",
    "limit_for_good": "You have reached your limit.",
    "too_long": "Your message is too long. Please keep it within {limit} characters.",
    "minutes": "in {n} min ({at})",
    "hours": "in {n} h ({at})",
    "days": "in {n} d ({at})",
    "later": "later",
}
"""The built-in texts in English by key; their translations are in locale/.

{retry} becomes one of minutes, hours, days or later; {limit} becomes the maximum. `…_for_good` is
used when there is no time to retry. Units are abbreviated, so that no language needs plural forms;
{at} is the exact time.
"""


def occasion_of(reason: str) -> str:
    """The occasion of a verdict's reason. All limits share one, except those on single messages."""
    if reason in LIMITS:
        return "limit" if LIMITS[reason].is_used_up_by_messages else "too_long"
    return "blocked" if reason == "erased" else reason


def allowed(rule: Rule) -> str:
    """The value of a limit as people read it: `{limit}`."""
    return "" if rule.value is None else rule.kind.quantity.write_for_visitors(rule.value)


def default_text(occasion: str, language: str) -> str:
    """The built-in text, with placeholders, in this language or its base, else in English."""
    return _built_in(occasion, language)


def text_for(
    agent: Agent,
    occasion: str,
    language: str,
    *,
    retry: dt.datetime | None = None,
    limit: str = "",
    now: dt.datetime | None = None,
) -> str:
    """The text of an occasion: in the person's language, else the agent's, else in English.

    For each language, the agent's own text for exactly that language comes first, then that for its
    base ("pt" for "pt-br"), then the built-in one.
    """
    own = dict(
        AgentText.objects.filter(agent=agent, occasion=occasion).values_list("language", "text")
    )
    for tag in (language, agent.language, FALLBACK):
        text = own.get(tag) or own.get(base_of(tag)) or _built_in_text(occasion, tag, retry)
        if text:
            return fill(agent, text, tag, retry=retry, limit=limit, now=now)
    raise AssertionError("there is a built-in text in English for every occasion")


def fill(
    agent: Agent,
    text: str,
    language: str,
    *,
    retry: dt.datetime | None = None,
    limit: str = "",
    now: dt.datetime | None = None,
) -> str:
    """The text with its placeholders filled in; other braces stay as they are."""
    if "{retry}" in text:
        when = _when(retry, now or timezone.now(), agent.zone, language)
        text = text.replace("{retry}", when)
    return text.replace("{limit}", limit) if limit else text


def _built_in(key: str, language: str) -> str:
    return catalogs.translate(f"gate.{key}", TEXTS[key], base_of(language))


def _built_in_text(occasion: str, language: str, retry: dt.datetime | None) -> str:
    if base_of(language) not in languages():
        return ""
    lasting = f"{occasion}_for_good"
    return _built_in(lasting if retry is None and lasting in TEXTS else occasion, language)


def _when(
    retry: dt.datetime | None, now: dt.datetime, zone: zoneinfo.ZoneInfo, language: str
) -> str:
    """How long from now, and the time in the agent's zone: "in 25 min (14:30 CET)". Rounded up."""
    if retry is None:
        return _built_in("later", language)
    seconds = max(1, math.ceil((retry - now).total_seconds()))
    unit, size = "minutes", MINUTE
    if seconds > 2 * DAY:
        unit, size = "days", DAY
    elif seconds > 2 * HOUR:
        unit, size = "hours", HOUR
    # Rounded up to a whole minute, so that a person who returns at that time is admitted.
    at = (retry + dt.timedelta(minutes=1, microseconds=-1)).replace(second=0, microsecond=0)
    at = at.astimezone(zone)
    name = at.tzname() or ""
    day = f"{at:%Y-%m-%d} " if seconds > DAY else ""
    where = name if name.isalpha() else f"UTC{name}"
    return _built_in(unit, language).format(
        n=math.ceil(seconds / size), at=f"{day}{at:%H:%M} {where}"
    )
