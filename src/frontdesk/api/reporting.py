"""`POST …/messages`: programs report messages."""

from collections import Counter
from typing import Annotated

import msgspec
from django.http import HttpRequest
from ninja import Router

from frontdesk.agents.models import ApiKey
from frontdesk.api import openapi
from frontdesk.api.auth import ApiKeyAuth, key_of
from frontdesk.api.group_commit import record_together
from frontdesk.api.schemas import described
from frontdesk.api.splitting import RawEvent, split
from frontdesk.core.http.body import read_body
from frontdesk.ledger.events import Event, EventError, Outcome, Status, parse

router = Router(tags=["Reporting"])


class EventResult(msgspec.Struct, rename="camel"):
    """The outcome of one event."""

    status: Annotated[
        Status,
        described(
            "`recorded`: counted and committed. `duplicate`: already known; nothing changed."
            " `conflict`: its id is known with different content, which stays. `rejected`: cannot"
            " be recorded; sending it again does not help."
        ),
    ]
    reason: Annotated[str | None, described("Why it was not recorded; null if it was.")]
    message_id: Annotated[
        str | None, described("The event's `messageId`; null if it has no readable one.")
    ]


class Report(msgspec.Struct):
    """The outcomes of the events of one request."""

    results: Annotated[list[EventResult], described("One for each event, in the same order.")]
    recorded: Annotated[int, described("How many results are `recorded`.")]
    duplicates: Annotated[int, described("How many results are `duplicate`.")]
    conflicts: Annotated[int, described("How many results are `conflict`.")]
    rejected: Annotated[int, described("How many results are `rejected`.")]


@router.post(
    "/agents/{agent_id}/messages",
    auth=ApiKeyAuth(ApiKey.Scope.INGEST),
    operation_id="reportMessages",
    summary="Report messages",
    openapi_extra=openapi.reporting(Event, Report),
)
def report_messages(request: HttpRequest, agent_id: str) -> Report:
    """Up to 1,000 events. Each is one message, with what is known about the user at that time.

    The answer is 200 if the body can be split into events, **even if some or all of them are
    rejected**: read `results`, which has one entry for each event, in order. A bad event does not
    affect the others. Events that are `recorded` are committed to the database.

    Sending the same events again changes nothing. After a timeout, a 5xx or a lost connection, send
    the same request again: events that were recorded before come back as `duplicate`.
    """
    key = key_of(request)
    raw = split(read_body(request), request.content_type or "", _charset(request))
    results: list[EventResult] = [_UNREAD] * len(raw)
    events, indexes = [], []
    for index, item in enumerate(raw):
        event = _read(item)
        if isinstance(event, Outcome):
            results[index] = EventResult(event.status, event.reason, None)
        else:
            events.append(event)
            indexes.append(index)
    if events:
        outcomes = record_together(key.agent, events)
        for index, event, outcome in zip(indexes, events, outcomes, strict=True):
            results[index] = EventResult(outcome.status, outcome.reason, event.message_id)
    return _report(results)


_UNREAD = EventResult("rejected", None, None)


def _read(item: RawEvent) -> Event | Outcome:
    if not isinstance(item, (bytes, msgspec.Raw, dict)):
        return Outcome("rejected", "an event is a JSON object")
    try:
        return parse(item)
    except EventError as error:
        return Outcome("rejected", error.reason)


def _report(results: list[EventResult]) -> Report:
    counts = Counter(result.status for result in results)
    return Report(
        results,
        recorded=counts["recorded"],
        duplicates=counts["duplicate"],
        conflicts=counts["conflict"],
        rejected=counts["rejected"],
    )


def _charset(request: HttpRequest) -> str:
    return (request.content_params or {}).get("charset", "")
