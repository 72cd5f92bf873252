"""Small Telegram exports for the tests, and importing them."""

import itertools
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from frontdesk.agents.models import Agent
from frontdesk.imports.options import Options
from frontdesk.imports.report import Report
from frontdesk.imports.telegram.importing import import_telegram
from frontdesk.ledger.models import EndUser, Message

ALICE = {"from": "Alice", "from_id": "user10"}
BOB = {"from": "Bob", "from_id": "user11"}
ME = {"from": "Me", "from_id": "user20"}
BOT = {"from": "Support Bot", "from_id": "user30"}

START = 1_760_000_000
_numbers = itertools.count(1)


def message(sender: dict[str, Any], text: Any = "Hello", **fields: Any) -> dict[str, Any]:
    """A message with its own id, one minute after the previous one."""
    number = next(_numbers)
    return {
        "id": number,
        "type": "message",
        "date_unixtime": str(START + 60 * number),
        **sender,
        "text": text,
        **fields,
    }


def chat(*messages: Any, **head: Any) -> dict[str, Any]:
    """A personal chat with Alice, unless `head` says otherwise."""
    defaults = {"name": "Alice", "type": "personal_chat", "id": 10}
    return {**defaults, **head, "messages": list(messages)}


def group(*messages: Any, **head: Any) -> dict[str, Any]:
    return chat(*messages, **{"name": "Crowd", "type": "private_supergroup", "id": 500, **head})


def account(*chats: Any, **fields: Any) -> dict[str, Any]:
    """The export of a whole account, named Me."""
    person = {"user_id": 20, "first_name": "Me", "last_name": "", "username": "@me_myself"}
    return {
        "about": "Here is the data you requested.",
        "personal_information": person,
        "contacts": {"about": "", "list": [{"user_id": 10, "first_name": "Alice"}]},
        "chats": {"about": "This page lists all chats.", "list": list(chats)},
        **fields,
    }


def run(
    agent: Agent,
    folder: Path,
    export: object,
    bot: str | None = None,
    zone: str | None = None,
    *,
    replace: bool = False,
    dry_run: bool = False,
) -> tuple[Report, str]:
    """Import an export, given as JSON values or as bytes; return the report and its notes."""
    file = folder / "result.json"
    file.write_bytes(export if isinstance(export, bytes) else json.dumps(export).encode())
    notes: list[str] = []
    report = Report(show=notes.append, dry_run=dry_run)
    options = Options(bot=bot, zone=ZoneInfo(zone) if zone else None, replace=replace)
    import_telegram(agent, file, report, options)
    return report, "\n".join(notes)


def recorded(agent: Agent) -> list[tuple[str, str, str]]:
    """What is recorded: external id of the user, role, text; in the order of time."""
    users = dict(EndUser.objects.filter(agent=agent).values_list("id", "external_id"))
    rows = Message.objects.filter(end_user_id__in=users).order_by("sent_at", "id")
    found = rows.values_list("end_user_id", "role", "text")
    return [(users[user], role, text) for user, role, text in found]


def state(agent: Agent) -> tuple[list[Any], list[Any]]:
    """Everything recorded that must not depend on the order of events."""
    users = EndUser.objects.filter(agent=agent).order_by("id")
    columns = ("external_id", "name", "first_seen_at", "last_message_at", "total_sessions")
    totals = ("total_chat_messages", "total_messages_sent")
    found = Message.objects.filter(end_user__in=users).order_by("id")
    fields = ("end_user_id", "id", "role", "text", "sent_at", "edited_at", "chat")
    return list(users.values_list(*columns, *totals)), list(found.values_list(*fields))


def reasons(causes: Iterable[str]) -> str:
    return " | ".join(causes)
