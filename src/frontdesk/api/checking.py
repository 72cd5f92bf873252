"""`POST …/check`: may this message go on? For agents that answer elsewhere."""

import datetime as dt
import math
import re
from typing import Annotated

import msgspec
from django.utils import timezone
from pydantic import Field

from frontdesk.agents.models import ApiKey
from frontdesk.api.managing_schemas import Body, LimitItem
from frontdesk.api.operations import AGENT, Call, Operations
from frontdesk.api.schemas import CamelModel
from frontdesk.core.http.errors import ApiError, invalid_field
from frontdesk.gate.admission import Verdict, check
from frontdesk.ledger import events
from frontdesk.ledger.events import Event, EventError

operations = Operations("Checking", ApiKey.Scope.INGEST)


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class CheckBody(Body, kw_only=True):
    """A user's message that asks to be let in, as it would be reported, at this moment."""

    platform: Annotated[str, _says("Where the user is: web, telegram, api, … or any other slug.")]
    external_id: Annotated[str, _says("The user's id on the platform.")]
    message_id: Annotated[
        str | None,
        _says(
            "The id with which the message will be reported. A refusal is counted once for it;"
            " without it this is only a question."
        ),
    ] = None
    session_id: Annotated[str | None, _says("Your id of the dialogue, if you have one.")] = None
    chat: Annotated[str, _says("The chat within the platform.")] = ""
    new_session: Annotated[bool, _says("The user asked for a new dialogue, as by /new.")] = False
    text: Annotated[str, _says("What was said; only its length matters.")] = ""
    language: Annotated[
        str | None, _says("Language tag for the answer's `text`; null: the one that is known.")
    ] = None
    username: Annotated[str | None, _says("On Telegram: lets in who is invited by username.")] = (
        None
    )
    email: Annotated[
        str | None, _says("With `verified`: lets in who is invited by e-mail address.")
    ] = None
    verified: Annotated[
        bool,
        _says("You vouch for the identity, and for `email`. Telegram's are always vouched for."),
    ] = False
    reserve: Annotated[
        bool,
        _says(
            "Keep a place in the limits for `messageId`, until it is reported or ten minutes are"
            " over. Without it, messages that are checked before they are reported may pass a"
            " limit together."
        ),
    ] = False


class VerdictItem(CamelModel):
    """What the gate says to a message."""

    admitted: bool
    reason: str | None = Field(
        description="null when admitted; else `archived`, `paused`, `closed`, `not_verified`,"
        " `not_invited`, `blocked`, `erased`, or the key of the limit that is used up."
    )
    text: str | None = Field(
        description="What to show to the person, in the person's language; null when admitted."
    )
    retry_at: dt.datetime | None = Field(
        description="When retrying may help; null: nobody knows, or never."
    )
    retry_after: int | None = Field(description="The same in seconds from now.", examples=[42])
    limit: LimitItem | None = Field(description="The limit that stands in the way.")
    usage: list[LimitItem] = Field(
        description="Every limit that applies, as it stands without this message; empty where the"
        " verdict did not depend on them."
    )


@operations.post(
    AGENT + "/check",
    "Ask whether a message may go on",
    example={
        "platform": "telegram",
        "externalId": "271828",
        "messageId": "271828:17",
        "text": "Where is my parcel?",
        "reserve": True,
    },
)
def check_message(call: Call, body: CheckBody) -> VerdictItem:
    """Ask before your agent answers; the answer is 200 for both verdicts.

    In this order: agent archived or paused, who may write, block, limits. Nothing is recorded:
    report the message and its answer as always, under the same `messageId`. What is reported is
    never refused.
    """
    now = timezone.now()
    try:
        verdict = check(call.agent, _event(body, now), body.verified, body.reserve)
    except EventError as error:
        raise _invalid(error.reason) from None
    return _item(verdict, now)


def _event(body: CheckBody, now: dt.datetime) -> Event:
    """The message as it would be reported; EventError for what could not be."""
    given = msgspec.to_builtins(body)
    told = {name: value for name, value in given.items() if name not in ("verified", "reserve")}
    return events.parse({**told, "role": "user", "time": now})


def _invalid(reason: str) -> ApiError:
    """`reason` begins with the name of the field: "email is not …", "platform: expected …"."""
    name, said = re.split(r":? ", reason, maxsplit=1)
    return invalid_field(name, f"{said}.")


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
