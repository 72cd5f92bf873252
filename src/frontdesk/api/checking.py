"""`POST …/check`: whether to admit a message, for agents that answer elsewhere."""

import datetime as dt
import math
from typing import Annotated

import msgspec
from django.utils import timezone
from pydantic import Field

from frontdesk.agents.models import ApiKey
from frontdesk.api.managing_schemas import Body, LimitItem
from frontdesk.api.operations import AGENT, Call, Operations
from frontdesk.api.schemas import CamelModel, described
from frontdesk.gate.admission import Verdict, check
from frontdesk.ledger import events
from frontdesk.ledger.events import Event

operations = Operations("Checking", ApiKey.Scope.INGEST)


class CheckBody(Body, kw_only=True):
    """A user's message, as it would be reported at this moment."""

    platform: Annotated[
        str, described("Where the user is: web, telegram, api, … or any other slug.")
    ]
    external_id: Annotated[str, described("The user's id on the platform.")]
    message_id: Annotated[
        str | None,
        described(
            "The id under which the message will be reported. A refusal is counted once per id;"
            " without an id it is not counted."
        ),
    ] = None
    session_id: Annotated[str | None, described("Your id of the session, if you have one.")] = None
    chat: Annotated[str, described("The chat within the platform.")] = ""
    new_session: Annotated[
        bool, described("The user asked for a new session, for example with /new.")
    ] = False
    text: Annotated[str, described("The text; only its length matters.")] = ""
    language: Annotated[
        str | None,
        described("Language tag for the answer's `text`; null: the user's known language."),
    ] = None
    username: Annotated[
        str | None, described("On Telegram: admits people who are invited by username.")
    ] = None
    email: Annotated[
        str | None, described("With `verified`: admits people who are invited by e-mail.")
    ] = None
    verified: Annotated[
        bool,
        described(
            "You vouch for the identity and for `email`. Telegram identities are always verified."
        ),
    ] = False
    reserve: Annotated[
        bool,
        described(
            "Reserve capacity in the limits for `messageId`, until it is reported or ten minutes"
            " have passed. Without it, several messages that are checked before they are reported"
            " may exceed a limit together."
        ),
    ] = False


class VerdictItem(CamelModel):
    """The gate's verdict on a message."""

    admitted: bool
    reason: str | None = Field(
        description="null when admitted; else `archived`, `paused`, `closed`, `not_verified`,"
        " `not_invited`, `blocked`, `erased`, or the key of the limit that is used up."
    )
    text: str | None = Field(
        description="The text to show to the person, in their language; null when admitted."
    )
    retry_at: dt.datetime | None = Field(
        description="When retrying may succeed; null: unknown, or never."
    )
    retry_after: int | None = Field(description="The same in seconds from now.", examples=[42])
    limit: LimitItem | None = Field(description="The limit that is used up; null: none is.")
    usage: list[LimitItem] = Field(
        description="Every limit that applies, without this message; empty when the verdict did not"
        " depend on limits."
    )


@operations.post(
    AGENT + "/check",
    "Check whether a message is admitted",
    example={
        "platform": "telegram",
        "externalId": "271828",
        "messageId": "271828:17",
        "text": "Where is my parcel?",
        "reserve": True,
    },
)
def check_message(call: Call, body: CheckBody) -> VerdictItem:
    """Call this before your agent answers. The status is 200 for both verdicts.

    Checked in this order: agent archived or paused, access, block, limits. Nothing is recorded:
    report the message and its answer as usual, under the same `messageId`. Reports are never
    refused.
    """
    now = timezone.now()
    verdict = check(call.agent, _event(body, now), body.verified, body.reserve)
    return _item(verdict, now)


def _event(body: CheckBody, now: dt.datetime) -> Event:
    """The message as it would be reported. Raises EventError."""
    sent = msgspec.to_builtins(body)
    fields = {name: value for name, value in sent.items() if name not in ("verified", "reserve")}
    return events.parse({**fields, "role": "user", "time": now})


def _item(verdict: Verdict, now: dt.datetime) -> VerdictItem:
    retry_at = verdict.retry_at
    seconds = math.ceil((retry_at - now).total_seconds()) if retry_at else None
    return VerdictItem(
        admitted=verdict.admitted,
        reason=verdict.reason or None,
        text=verdict.text or None,
        retry_at=retry_at,
        retry_after=seconds,
        limit=LimitItem.model_validate(verdict.limit) if verdict.limit else None,
        usage=[LimitItem.model_validate(limit) for limit in verdict.limits],
    )
