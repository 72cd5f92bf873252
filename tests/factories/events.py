"""Messages as events of the ledger, and as JSON of the API."""

import datetime as dt
import itertools
from typing import Any

from frontdesk.ledger.events import Event

NOON = dt.datetime(2026, 10, 14, 12, tzinfo=dt.UTC)
"""The default time of events: a Wednesday in the past."""

_numbers = itertools.count(1)


def make_event(minutes: float = 0, **fields: Any) -> Event:
    """A user's message on Telegram, `minutes` after NOON, with a new message id."""
    defaults: dict[str, Any] = {
        "platform": "telegram",
        "external_id": "1001",
        "role": "user",
        "time": NOON + dt.timedelta(minutes=minutes),
        "text": "Hello",
    }
    if "message_id" not in fields and "sequence" not in fields:
        defaults["message_id"] = f"message-{next(_numbers)}"
    return Event(**{**defaults, **fields})


def make_api_event(**fields: Any) -> dict[str, Any]:
    """The same message in the API's JSON, with a new message id; None leaves a field out."""
    event = {
        "platform": "telegram",
        "externalId": "1001",
        "role": "user",
        "time": "2026-10-14T12:00:00Z",
        "text": "Hello",
        "messageId": f"m{next(_numbers)}",
        **fields,
    }
    return {name: value for name, value in event.items() if value is not None}
