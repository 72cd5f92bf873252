"""The history part of a profile: a page of the conversation, the sessions, or a search."""

import datetime as dt
import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from frontdesk.console.users.subject import Subject
from frontdesk.ledger.models import EndUser, Message, Session
from frontdesk.ledger.reactions import member_reactions
from frontdesk.people.profiles import history, message_search
from frontdesk.people.profiles.history import Cursor, HistoryPage
from frontdesk.people.profiles.sessions_list import sessions_page

MAX_QUERY = 200


class Entry(NamedTuple):
    """A message, and the identity that sent or received it."""

    message: Message
    user: EndUser
    others: Sequence[tuple[str, int]] = ()
    """The emoji that other members of the group show below it, and how many of them do."""


class SessionRow(NamedTuple):
    session: Session
    user: EndUser
    seconds: float


class Result(NamedTuple):
    entry: Entry
    excerpt: list[message_search.Part]


@dataclass(frozen=True)
class HistoryRequest:
    """The part of the history that the address requests."""

    show: str
    """ "conversation", "sessions" or "search"."""
    parameters: Mapping[str, str]
    zone: ZoneInfo

    @classmethod
    def parse(cls, parameters: Mapping[str, str], zone: ZoneInfo) -> "HistoryRequest":
        if parameters.get("find", "").strip():
            return cls("search", parameters, zone)
        is_sessions = parameters.get("show") == "sessions"
        return cls("sessions" if is_sessions else "conversation", parameters, zone)


def context(subject: Subject, wanted: HistoryRequest) -> dict[str, Any]:
    """The template's values for the requested part. Raises Http404 for a malformed request."""
    common = {"show": wanted.show, "find": wanted.parameters.get("find", "")[:MAX_QUERY]}
    try:
        if wanted.show == "search":
            return common | _search(subject, wanted)
        if wanted.show == "sessions":
            return common | _sessions(subject, wanted)
        return common | _conversation(subject, wanted)
    except (ValueError, OverflowError):
        raise Http404(_("This address does not lead to a part of the history.")) from None


def _conversation(subject: Subject, wanted: HistoryRequest) -> dict[str, Any]:
    page = _page(subject.ids, wanted)
    others = member_reactions(page.messages)
    entries = [
        Entry(each, subject.by_id[each.end_user_id], others[each.id].most_common())
        for each in page.messages
    ]
    return {
        "page": page,
        "days": _by_day(entries),
        "marked": wanted.parameters.get("message", ""),
        "is_newest": page.later is None,
    }


def _page(ids: Sequence[uuid.UUID], wanted: HistoryRequest) -> HistoryPage:
    parameters = wanted.parameters
    if parameters.get("before"):
        return history.before(ids, Cursor.parse(parameters["before"]))
    if parameters.get("after"):
        return history.after(ids, Cursor.parse(parameters["after"]))
    if parameters.get("date"):
        day = dt.date.fromisoformat(parameters["date"])
        start = dt.datetime.combine(day, dt.time.min, wanted.zone)
        return history.from_time(ids, start.astimezone(dt.UTC))
    if parameters.get("time"):
        return history.from_time(
            ids, dt.datetime.fromisoformat(parameters["time"]).astimezone(dt.UTC)
        )
    if parameters.get("message"):
        message = history.find(ids, uuid.UUID(parameters["message"]))
        if message is None:
            raise Http404(_("There is no such message in this history."))
        return history.around(ids, Cursor.of(message))
    return history.newest(ids)


def _by_day(entries: list[Entry]) -> list[tuple[dt.date, list[Entry]]]:
    grouped = itertools.groupby(entries, lambda e: timezone.localtime(e.message.sent_at).date())
    return [(day, list(group)) for day, group in grouped]


def _sessions(subject: Subject, wanted: HistoryRequest) -> dict[str, Any]:
    before, after = wanted.parameters.get("before"), wanted.parameters.get("after")
    page = sessions_page(
        subject.ids,
        Cursor.parse(before) if before else None,
        Cursor.parse(after) if after else None,
    )
    rows = [
        SessionRow(
            session,
            subject.by_id[session.end_user_id],
            (session.last_at - session.first_at).total_seconds(),
        )
        for session in page.sessions
    ]
    return {"sessions": page, "rows": rows}


def _search(subject: Subject, wanted: HistoryRequest) -> dict[str, Any]:
    since = wanted.parameters.get("since")
    found = message_search.search(
        subject.ids, wanted.parameters["find"][:MAX_QUERY], Cursor.parse(since) if since else None
    )
    results = [
        Result(Entry(hit.message, subject.by_id[hit.message.end_user_id]), hit.excerpt)
        for hit in found.hits
    ]
    return {"found": found, "results": results, "is_continued": bool(since)}
