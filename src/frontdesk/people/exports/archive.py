"""All stored data about one user as a zip, for data requests.

A Person has a folder for each identity. Operators' notes, and their reasons for blocks, are not
included.
"""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from django.template.loader import render_to_string
from django.utils import timezone

from frontdesk.agents.models import Agent
from frontdesk.core.sql.connections import lend_connection
from frontdesk.ledger import linking, reachability
from frontdesk.ledger.events import PROFILE_TEXTS, Event
from frontdesk.ledger.models import EndUser, MemberReaction, Message, ReachabilityChange, Session
from frontdesk.ledger.order import ORDER, SESSION_ORDER, Place
from frontdesk.ledger.reactions import member_reactions

STEP = 200
"""Rows that are read at once: up to 20 MB for the longest messages."""

_PIECE = 64 * 1024

PROFILE = {
    field.name: field.encode_name
    for field in msgspec.structs.fields(Event)
    if field.name in PROFILE_TEXTS and field.name != "plan"  # it is in the subscription
}
"""The reported texts of a profile, with their names in JSON."""


def stream(agent: Agent, user: EndUser) -> Iterator[bytes]:
    """The zip, piece by piece, in constant memory: JSON for programs, index.html for people."""
    identities = linking.identities(user) if user.person_id else [user]
    lend_connection()
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, identity in enumerate(identities, 1):
            folder = f"{number}-{identity.platform}/" if len(identities) > 1 else ""
            for name, content in _files(agent, identity):
                with archive.open(_entry(folder + name), "w") as file:
                    for piece in content:
                        file.write(piece)
                        if pipe.size >= _PIECE:
                            yield pipe.take()
    yield pipe.take()


def file_name(user: EndUser) -> str:
    """Such as "user-6f2c0a9e.zip": it names no one."""
    return f"user-{user.id.hex[:8]}.zip"


class _Pipe(io.RawIOBase):
    """The file that zipfile writes into. It cannot seek, so nothing has to be kept."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        self.size += len(data)
        return len(data)

    def take(self) -> bytes:
        taken, self._written, self.size = b"".join(self._written), [], 0
        return taken


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, timezone.now().timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _files(agent: Agent, user: EndUser) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield "index.html", _page(agent, user)
    yield "profile.json", [_json(_profile(user))]
    yield "sessions.json", _array(_session, _steps(Session, user, SESSION_ORDER))
    yield "messages.json", _array(_message, map(_reacted, _steps(Message, user, ORDER)))
    yield "reactions.json", _array(_reaction, _reaction_steps(user))
    yield "reachability.json", _array(_reachability, _reachability_steps(user))


def _steps(model: Any, user: EndUser, order: Sequence[str]) -> Iterator[list[Any]]:
    """All rows of the user in this order, some at a time."""
    rows = model.objects.filter(end_user_id=user.id).order_by(*order)
    found = _read(rows)
    while found:
        yield found
        last = Place(*(getattr(found[-1], column) for column in order))
        found = _read(rows.filter(last.after(order))) if len(found) == STEP else []


def _reaction_steps(user: EndUser) -> Iterator[list[Any]]:
    """All in one step: people react by hand."""
    given = MemberReaction.objects.filter(end_user_id=user.id).order_by("reacted_at")
    found = list(given)
    lend_connection()
    if found:
        yield found


def _reacted(messages: list[Message]) -> list["_Reacted"]:
    """With the reactions of other members of a group."""
    others = member_reactions(messages)
    lend_connection()
    return [_Reacted(message, others[message.id]) for message in messages]


def _reachability_steps(user: EndUser) -> Iterator[list[Any]]:
    """All in one step: only a bounded number is kept."""
    found = reachability.changes([user.id])[::-1]
    lend_connection()
    if found:
        yield found


def _read(rows: Any) -> list[Any]:
    """The first rows. The connection is not held while they are sent."""
    found = list(rows[:STEP])
    lend_connection()
    return found


def _array(
    describe: Callable[[Any], dict[str, Any]], steps: Iterator[list[Any]]
) -> Iterator[bytes]:
    """A JSON array, one element per line."""
    yield b"["
    separator = b"\n"
    for rows in steps:
        yield separator + b",\n".join(_json(describe(row)) for row in rows)
        separator = b",\n"
    yield b"\n]\n"


def _page(agent: Agent, user: EndUser) -> Iterator[bytes]:
    """The same data as a page in the agent's time zone, without scripts or external files."""
    known = [(name, value) for name, value in _profile(user).items() if value not in (None, "")]
    yield _render(agent, "head", person=user, profile=known)
    for messages in _steps(Message, user, ORDER):
        yield _render(agent, "messages", person=user, messages=messages)
    yield _render(agent, "foot")


def _render(agent: Agent, part: str, **context: Any) -> bytes:
    with timezone.override(agent.zone):
        return render_to_string(f"people/archive/{part}.html", {**context, "agent": agent}).encode()


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)


def _profile(user: EndUser) -> dict[str, Any]:
    return {
        "id": user.id,
        "platform": user.platform,
        "externalId": user.external_id,
        **{key: getattr(user, name) for name, key in PROFILE.items()},
        "subscription": user.subscription,
        "planUntil": user.plan_until,
        "tags": user.all_tags,
        "attributes": {**user.attributes, **user.assigned_attributes},
        "firstSeen": user.first_seen_at,
        "lastMessage": user.last_message_at if user.has_written else None,
        "unreachableSince": user.unreachable_since,
        "unreachableCause": user.unreachable_cause,
        "activeDays": user.active_days,
        "totalSessions": user.total_sessions,
        "totalChatMessages": user.total_chat_messages,
        "totalMessagesSent": user.total_messages_sent,
        "userCost": user.user_cost,
        "unpricedMessages": user.unpriced_messages,
        "failedMessages": user.failed_messages,
    }


def _reachability(change: ReachabilityChange) -> dict[str, Any]:
    return {"time": change.at, "reachable": change.reachable, "cause": change.cause}


def _session(session: Session) -> dict[str, Any]:
    return {
        "sessionId": session.external_id or None,
        "chat": session.chat,
        "start": session.first_at,
        "end": session.last_at,
        "messages": session.messages,
        "messagesSent": session.messages_sent,
        "cost": session.cost,
    }


def _reaction(reaction: MemberReaction) -> dict[str, Any]:
    """The user's reaction to an answer to someone else."""
    return {
        "answerId": reaction.answer_id,
        "reaction": reaction.reaction,
        "reactedAt": reaction.reacted_at,
    }


class _Reacted(NamedTuple):
    message: Message
    others: dict[str, int]


def _message(reacted: _Reacted) -> dict[str, Any]:
    message = reacted.message
    return {
        "id": message.id,
        "role": message.role,
        "time": message.sent_at,
        "text": message.text,
        "sessionId": message.session_id or None,
        "chat": message.chat,
        "editedAt": message.edited_at,
        "model": message.model,
        "inputTokens": message.input_tokens,
        "outputTokens": message.output_tokens,
        "cachedTokens": message.cached_tokens,
        "cost": message.cost,
        "latencyMs": message.latency_ms,
        "failed": message.failed,
        "error": message.error,
        "textNotKept": message.redacted,
        "reaction": message.reaction,
        "reactedAt": message.reacted_at,
        "memberReactions": reacted.others,
    }
