"""The input that people.actions accepts, from a form, the API or a bulk job alike."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from frontdesk.agents.limits import Limits, validate_limits
from frontdesk.agents.models import Agent, Plan
from frontdesk.core.formats import number
from frontdesk.core.text import clean_line, storable
from frontdesk.ledger import events
from frontdesk.ledger.events import EventError

MAX_REASON = 200
MAX_NOTE = 2_000
MAX_TEXT = 1_000
MAX_REMARK = 5_000
MAX_TAG = 50
MAX_TAGS = 50
MAX_IDS = 500
EARLIEST = dt.datetime(1000, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
"""Away from the calendar's ends, where converting to another zone would fail."""


class ActionError(Exception):
    """An action that cannot be done as requested.

    `field` names the input; `message` is shown to people and sent in the API's error.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def ids(given: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """The ids without repeats, in order. At most MAX_IDS, as their rows are locked together."""
    if len(given) > MAX_IDS:
        raise ActionError("ids", _("At most %(max)s users at once.") % {"max": MAX_IDS})
    return sorted(set(given))


def line(field: str, given: str, max_length: int, *, required: str = "") -> str:
    """A single clean line. `required` is the error for an empty one; without it, empty is valid."""
    return _bounded(field, clean_line(given) or "", max_length, required)


def text(field: str, given: str, max_length: int, *, required: str = "") -> str:
    """Text of several lines, without characters that a database cannot store."""
    clean = storable(given.replace("\r\n", "\n")).strip()
    return _bounded(field, clean, max_length, required)


def _bounded(field: str, clean: str, max_length: int, required: str) -> str:
    if required and not clean:
        raise ActionError(field, required)
    if len(clean) > max_length:
        message = _("At most %(max)s characters; this has %(count)s.")
        numbers = {"max": number(max_length), "count": number(len(clean))}
        raise ActionError(field, message % numbers)
    return clean


def until(given: dt.datetime | None) -> dt.datetime | None:
    """A time in the future, in UTC. None stays None."""
    if given is None:
        return None
    if given.tzinfo is None:
        raise ActionError("until", _("The time needs a time zone."))
    if given <= timezone.now():
        raise ActionError("until", _("The time must be in the future."))
    if given >= LATEST:
        raise ActionError("until", _("This is too far in the future. Leave the time out instead."))
    return given.astimezone(dt.UTC)


def plan_key(agent: Agent, key: str) -> str:
    """The key of one of the agent's plans, or "" for none."""
    if key and ("\0" in key or not Plan.objects.filter(agent=agent, key=key).exists()):
        message = _("This agent has no plan “%(plan)s”.") % {"plan": key[:60]}
        raise ActionError("plan", message)
    return key


def tag_names(field: str, given: Collection[str], max_length: int = MAX_TAG) -> list[str]:
    """Clean names without repeats, in order."""
    names = sorted({clean for name in given if (clean := clean_line(name))})
    if len(names) > MAX_TAGS:
        raise ActionError(field, _("At most %(max)s tags at once.") % {"max": MAX_TAGS})
    for name in names:
        if len(name) > max_length:
            message = _("A tag has at most %(max)s characters: “%(tag)s…”.")
            raise ActionError(field, message % {"max": max_length, "tag": name[:60]})
    return names


def limits(given: object) -> Limits:
    """A set of limits, as described by agents.limits."""
    try:
        validate_limits(given)
    except ValidationError as error:
        raise ActionError("limits", " ".join(error.messages)) from None
    found: Limits = given  # type: ignore[assignment]  # validate_limits checked its type
    return found


def attributes(given: object) -> dict[str, Any]:
    """A JSON object of at most 50 names and 8,000 characters, the same as a reporter may send."""
    if not isinstance(given, dict):
        raise ActionError("attributes", _("Attributes are a JSON object of names and values."))
    if len(given) > events.MAX_ATTRIBUTES:
        message = _("At most %(max)s attributes.") % {"max": events.MAX_ATTRIBUTES}
        raise ActionError("attributes", message)
    for name in given:
        if not isinstance(name, str) or not 0 < len(name) <= 255:
            message = _("The name of an attribute has 1 to 255 characters.")
            raise ActionError("attributes", message)
    try:
        return events.clean_attributes(given)
    except EventError as error:
        message = _("The attributes are not valid: %(reason)s.") % {"reason": error.reason}
        raise ActionError("attributes", message) from None
    except (TypeError, RecursionError):
        message = _("Attributes are a JSON object of names and values.")
        raise ActionError("attributes", message) from None
