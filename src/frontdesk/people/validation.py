"""What the acts of people/acts.py accept, whoever asks for them: a form, the API, a bulk job."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from frontdesk.agents.limits import Limits, validate_limits
from frontdesk.agents.models import Agent, Plan
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
"""Far from the calendar's ends, where a change of zone would fail."""


class ActionError(Exception):
    """An act that cannot be done as asked: `field` names the input, `message` tells people why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def ids(given: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """The users once each, in order; at most MAX_IDS, for they are locked together."""
    if len(given) > MAX_IDS:
        raise ActionError("ids", f"At most {MAX_IDS} users at once.")
    return sorted(set(given))


def line(field: str, given: str, most: int, *, required: str = "") -> str:
    """One clean line of at most `most` characters; `required` is what to say of an empty one."""
    return _bounded(field, clean_line(given) or "", most, required)


def text(field: str, given: str, most: int, *, required: str = "") -> str:
    """Text of several lines that every database can hold, at most `most` characters of it."""
    clean = storable(given.replace("\r\n", "\n")).strip()
    return _bounded(field, clean, most, required)


def _bounded(field: str, clean: str, most: int, required: str) -> str:
    if required and not clean:
        raise ActionError(field, required)
    if len(clean) > most:
        raise ActionError(field, f"At most {most:,} characters; this has {len(clean):,}.")
    return clean


def until(given: dt.datetime | None) -> dt.datetime | None:
    """A moment that is still to come, in UTC; None stays None."""
    if given is None:
        return None
    if given.tzinfo is None:
        raise ActionError("until", "The time needs a zone.")
    if given <= timezone.now():
        raise ActionError("until", "The time must be in the future.")
    if given >= LATEST:
        raise ActionError("until", "This is too far away; leave the time out instead.")
    return given.astimezone(dt.UTC)


def plan_key(agent: Agent, key: str) -> str:
    """The key of one of the agent's plans, or "" for none."""
    if key and ("\0" in key or not Plan.objects.filter(agent=agent, key=key).exists()):
        raise ActionError("plan", f"This agent has no plan “{key[:60]}”.")
    return key


def tag_names(field: str, given: Collection[str], most: int = MAX_TAG) -> list[str]:
    """Clean names, each once, in order."""
    names = sorted({clean for name in given if (clean := clean_line(name))})
    if len(names) > MAX_TAGS:
        raise ActionError(field, f"At most {MAX_TAGS} tags at once.")
    for name in names:
        if len(name) > most:
            raise ActionError(field, f"A tag has at most {most} characters: “{name[:60]}…”.")
    return names


def limits(given: object) -> Limits:
    """A set of limits, as agents.limits describes it."""
    try:
        validate_limits(given)
    except ValidationError as error:
        raise ActionError("limits", " ".join(error.messages)) from None
    found: Limits = given  # type: ignore[assignment]  # this is what validate_limits has found
    return found


def attributes(given: object) -> dict[str, Any]:
    """A JSON object of at most 50 names and 8,000 characters, as a reporter may send it."""
    if not isinstance(given, dict):
        raise ActionError("attributes", "Attributes are a JSON object of names and values.")
    if len(given) > events.MAX_ATTRIBUTES:
        raise ActionError("attributes", f"At most {events.MAX_ATTRIBUTES} attributes.")
    for name in given:
        if not isinstance(name, str) or not 0 < len(name) <= 255:
            raise ActionError("attributes", "An attribute's name has 1 to 255 characters.")
    try:
        return events.clean_attributes(given)
    except EventError as error:
        raise ActionError("attributes", f"These {error.reason}.") from None
    except (TypeError, RecursionError):
        raise ActionError(
            "attributes", "Attributes are a JSON object of names and values."
        ) from None
