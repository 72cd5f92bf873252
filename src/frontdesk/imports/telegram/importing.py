"""Imports an export: reads it once to find out who is who, and once more to record."""

import contextlib
import itertools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from frontdesk.agents.models import Agent
from frontdesk.imports.archive import ZIP
from frontdesk.imports.errors import ImportFileError, Skipped
from frontdesk.imports.files import record_entries
from frontdesk.imports.journal import journaled
from frontdesk.imports.options import Options
from frontdesk.imports.recording import Entry
from frontdesk.imports.report import MAX_FIRST, Report, preview_line
from frontdesk.imports.source import Source, open_source, read_twice
from frontdesk.imports.telegram.conversion import ChatConverter
from frontdesk.imports.telegram.reader import ExportReader
from frontdesk.imports.telegram.reversal import resolve_reversed
from frontdesk.imports.telegram.sides import Sides, find_sides
from frontdesk.imports.telegram.survey import Survey, survey
from frontdesk.imports.telegram.times import Clock
from frontdesk.ledger.events import EventError

MAX_LOOKED_AT = 1_000
"""Messages that are read for the first ones that count."""
MAX_NOTICES = 12
MAX_NAMES = 5


def import_telegram(agent: Agent, path: Path | None, report: Report, options: Options) -> None:
    """Record the messages of an export, a file or folder, in constant memory.

    `options.bot` says who is the agent, by name, @username or `from_id`; None guesses. A chat that
    is recorded with its sides the other way round is refused; with `options.replace` it is taken
    back first. Raises ImportFileError.
    """
    file = _result_file(path)
    zone = options.zone or agent.zone
    with journaled(agent, "telegram", file, report):
        _import(agent, file, options.bot, zone, report, replace=options.replace)


def _import(
    agent: Agent, file: Path, bot: str | None, zone: ZoneInfo, report: Report, *, replace: bool
) -> None:
    with open_source(file) as source:
        found = survey(source)
    sides = find_sides(found, bot)
    for notice in _side_notices(found, sides, bot):
        report.notice(notice)
    if bot is None and not report.dry_run:
        _preview(file, found, _converters(found, sides, Clock(zone)), report)
    resolve_reversed(agent, file, found, sides, report, replace=replace)
    clock = Clock(zone)
    try:
        with open_source(file) as source:
            _record(agent, source, found, sides, clock, report)
    finally:
        if clock.local_times:
            report.notice(
                f"Times without a zone ({clock.local_times:,}) were read as"
                f" {zone}. If that is wrong, set the right zone with --zone."
            )


def _result_file(path: Path | None) -> Path:
    if path and path.is_dir():
        if not (path / "result.json").is_file():
            raise ImportFileError(f"There is no result.json in {path}.{_HOW_TO_EXPORT}")
        path /= "result.json"
    path = read_twice(path)
    with open_source(path) as source:
        start = source.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise ImportFileError(f"{path.name} is empty")
    if start.startswith(b"<"):
        raise ImportFileError(f"{path.name} is a web page.{_HOW_TO_EXPORT}")
    if start.startswith(ZIP):
        raise ImportFileError(f"{path.name} is a zip archive: unpack it and import its result.json")
    return path


_HOW_TO_EXPORT = " In Telegram Desktop, export again and choose the format “Machine-readable JSON”."


def _record(
    agent: Agent,
    source: Source,
    found: Survey,
    sides: dict[int, Sides],
    clock: Clock,
    report: Report,
) -> None:
    chats = _converters(found, sides, clock)
    record_entries(agent, source, _entries(source, chats), report)


def _entries(source: Source, chats: dict[int, ChatConverter]) -> Iterator[Entry]:
    for position, message in ExportReader(source).messages():
        converter = chats.get(position.chat.index)
        if converter is None:
            raise ImportFileError(f"{source.name} changed while it was read")
        try:
            yield Entry(position, converter.convert(position, message))
        except Skipped as skipped:
            yield Entry(position, skipped)
        except EventError as error:
            yield Entry(position, error.reason)


def _converters(found: Survey, sides: dict[int, Sides], clock: Clock) -> dict[int, ChatConverter]:
    return {
        surveyed.chat.index: ChatConverter(surveyed, sides[surveyed.chat.index], clock)
        for surveyed in found.chats
    }


def _preview(file: Path, found: Survey, chats: dict[int, ChatConverter], report: Report) -> None:
    """Show the first messages as they will be recorded, before a guess is used."""
    report.notice(f"{found.messages:,} messages in {len(found.chats):,} chats; the first:")
    shown = 0
    # Damage is reported by the pass that records.
    with open_source(file) as source, contextlib.suppress(ImportFileError):
        for position, message in itertools.islice(ExportReader(source).messages(), MAX_LOOKED_AT):
            try:
                event = chats[position.chat.index].convert(position, message)
            except (Skipped, EventError):
                continue
            report.notice(preview_line(event))
            shown += 1
            if shown == MAX_FIRST:
                return


def _side_notices(found: Survey, sides: dict[int, Sides], bot: str | None) -> list[str]:
    """Who was identified as the agent, and why: one line for all chats with the same agent."""
    chats: dict[tuple[str, str], list[str]] = defaultdict(list)
    for surveyed in found.chats:
        side = sides[surveyed.chat.index]
        if not side.skip:
            chats[side.agent, side.how].append(str(surveyed.chat))
    notices = [
        f"The agent is {agent} in {_some(names)}; {how}." for (agent, how), names in chats.items()
    ]
    if len(notices) > MAX_NOTICES:
        notices[MAX_NOTICES:] = [f"… and so on for {len(notices) - MAX_NOTICES:,} more."]
    if notices and bot is None:
        notices.append("If that is wrong, name the agent with --bot.")
    return notices


def _some(names: list[str]) -> str:
    if len(names) <= MAX_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:MAX_NAMES])} and {len(names) - MAX_NAMES:,} more chats"
