"""Finds chats that are recorded with their sides the other way round, and takes them back.

The user of such a chat is the one who is now its agent. The same messages have other keys there, so
importing would record them a second time.
"""

import itertools
import uuid
from collections import defaultdict
from pathlib import Path

from frontdesk.agents.models import Agent
from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.report import Report
from frontdesk.imports.source import open_source
from frontdesk.imports.telegram.conversion import scope_of
from frontdesk.imports.telegram.reader import ExportReader
from frontdesk.imports.telegram.sides import Sides
from frontdesk.imports.telegram.survey import Survey, SurveyedChat
from frontdesk.ledger import messages
from frontdesk.ledger.events import EARLIEST, Event, message_key, user_id
from frontdesk.ledger.withdrawal import withdraw

CHUNK = 20_000
"""Messages that are taken back at once; each time the user is recounted."""


def resolve_reversed(
    agent: Agent,
    file: Path,
    found: Survey,
    sides: dict[int, Sides],
    report: Report,
    *,
    replace: bool,
) -> None:
    """Raises ImportFileError for chats that are recorded the other way round, or removes them."""
    wrong = {
        surveyed.chat.index: surveyed
        for surveyed in found.chats
        if _is_reversed(agent, surveyed, sides[surveyed.chat.index])
    }
    if not wrong:
        return
    names = ", ".join(str(surveyed.chat) for surveyed in itertools.islice(wrong.values(), 5))
    is_group = any(sides[index].is_group for index in wrong)
    if not replace or is_group:
        how = "undo that import first" if is_group else "--replace takes it back and does it right"
        raise ImportFileError(
            f"Already imported the other way round, with {sides[min(wrong)].agent} as a user:"
            f" {names}; {how}"
        )
    if not report.dry_run:
        removed = _remove(agent, file, wrong, sides)
        report.notice(f"Taken back, to be recorded the right way round: {removed:,} messages.")


def _is_reversed(agent: Agent, surveyed: SurveyedChat, sides: Sides) -> bool:
    for id_ in sides.agents:
        own = surveyed.first_ids.get(id_)
        ids = ([own] if own else []) if sides.is_group else list(surveyed.first_ids.values())[:20]
        user = user_id(agent.id, "telegram", id_)
        keys = [(user.hex, _key(user, surveyed, number, sides)) for number in ids]
        if messages.fetch(keys, None):  # their prices do not matter
            return True
    return False


def _key(user: uuid.UUID, surveyed: SurveyedChat, number: str, sides: Sides) -> str:
    scope = scope_of(surveyed.chat, sides.is_group)
    same = Event(
        platform="telegram",
        external_id="",
        role="user",
        time=EARLIEST,
        message_id=f"{scope}:{number}",
    )
    return message_key(user, same)


def _remove(
    agent: Agent, file: Path, wrong: dict[int, SurveyedChat], sides: dict[int, Sides]
) -> int:
    removed = 0
    with open_source(file) as source:
        positions = (
            position
            for position, _ in ExportReader(source).messages()
            if position.chat.index in wrong
        )
        while chunk := list(itertools.islice(positions, CHUNK)):
            keys: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
            for position in chunk:
                index = position.chat.index
                for id_ in sides[index].agents:
                    user = user_id(agent.id, "telegram", id_)
                    key = _key(user, wrong[index], position.id, sides[index])
                    keys[user].append(uuid.UUID(key))
            removed += withdraw(agent.id, keys)
    return removed
