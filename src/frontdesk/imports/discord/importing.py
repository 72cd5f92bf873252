"""Imports the file of a channel: reads it once for its people, and once to record."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from frontdesk.agents.models import Agent
from frontdesk.imports.addressees import Addressees
from frontdesk.imports.discord.content import text_of
from frontdesk.imports.errors import ImportFileError, Skipped, shorten
from frontdesk.imports.files import import_file
from frontdesk.imports.options import Options
from frontdesk.imports.people import NAME_LENGTH, Person, choose_agent, label
from frontdesk.imports.progress import progress_bar
from frontdesk.imports.recording import Entry
from frontdesk.imports.records import Record, RecordReader
from frontdesk.imports.report import Report
from frontdesk.imports.source import Source, open_source, read_twice
from frontdesk.imports.times import read_time
from frontdesk.ledger.events import Event, EventError, Role, parse

MAX_PEOPLE = 20_000
"""People who first write after this many others are not considered as the agent."""

_WRITTEN = ("Default", "Reply", "ChatInputCommand", "ContextMenuCommand", "0", "19", "20", "23")
"""Types of messages that someone wrote. Those without a name in the exporter are numbers."""


def import_discord(agent: Agent, path: Path | None, report: Report, options: Options) -> None:
    """Record a channel, a thread or direct messages. Raises ImportFileError.

    `options.bot` says who is the agent, unless there is only one bot.
    """
    path = read_twice(path)
    with open_source(path) as source:
        found = _survey(source)
    bots = [found.people[id_] for id_ in found.bots]
    chosen, how = choose_agent(found.people.values(), options.bot, bots, "is a bot")
    report.notice(f"The agent is {label(chosen)}; {how}.")
    channel = _Channel(found, chosen)
    import_file(agent, path, report, "discord", channel.entries)


def _reader(source: Source) -> RecordReader:
    return RecordReader(source, ("messages",), "an export of DiscordChatExporter in JSON")


@dataclass
class _Survey:
    """The result of the first pass: the channel, and who wrote, by id."""

    channel: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    bots: dict[str, None] = field(default_factory=dict)


def _survey(source: Source) -> _Survey:
    """Read a file once. Raises ImportFileError if it is no such export, or damaged."""
    found = _Survey()
    outer: dict[str, Any] | None = None
    first = last = 0
    with progress_bar("Reading people", source) as show:
        for record in _reader(source).records():
            outer = record.outer
            author = _author(record.value)
            person = _person(author)
            if person and (person.id in found.people or len(found.people) < MAX_PEOPLE):
                found.people[person.id] = person
                if author.get("isBot") is True:
                    found.bots[person.id] = None
            last = _number(record.value) or last
            first = first or last
            if record.number % 1_000 == 0:
                show()
    if outer is None or not isinstance(outer.get("channel"), dict):
        raise ImportFileError(
            f"{source.name} is not an export of DiscordChatExporter in JSON, with “channel” and"
            " “messages”, or it has no messages"
        )
    if first > last:
        raise ImportFileError(
            f"{source.name} has its newest messages first: export it again in the usual order"
        )
    found.channel = outer["channel"]
    return found


def _number(message: Any) -> int:
    """The message's id, which grows with time; 0 if it has none."""
    id_ = _text(message, "id")
    return int(id_) if id_.isdecimal() and len(id_) < 25 else 0


def _author(message: Any) -> dict[str, Any]:
    author = message.get("author") if isinstance(message, dict) else None
    return author if isinstance(author, dict) else {}


def _person(author: dict[str, Any]) -> Person | None:
    name = _text(author, "nickname") or _text(author, "name")
    id_ = _text(author, "id")
    return Person(id_, name[:NAME_LENGTH]) if id_ else None


def _text(holder: Any, name: str) -> str:
    """A text or a number of an object, as text; empty if it has none."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return str(value).strip() if isinstance(value, str | int) else ""


class _Channel:
    """Converts the messages of one file, in its order, to events.

    In direct messages everything belongs to the one who is not the agent. Elsewhere an answer
    belongs to the user whose command or message it answers, or else who wrote last.
    """

    def __init__(self, found: _Survey, agent: Person) -> None:
        self._agent = agent
        self._bots = found.bots
        self._id = _text(found.channel, "id")
        kind = _text(found.channel, "type")
        users = [person for person in found.people.values() if person.id != agent.id]
        is_private = kind == "DirectTextChat" and len(users) == 1
        self._user = users[0] if is_private else None
        parent = _text(found.channel, "categoryId") if "Thread" in kind else ""
        self._chat = "" if is_private else f"{parent}/{self._id}" if parent else self._id
        self._addressees = Addressees()

    def entries(self, source: Source) -> Iterator[Entry]:
        for record in _reader(source).records():
            try:
                yield Entry(_where(record), self._event(record.value))
            except Skipped as skipped:
                yield Entry(_where(record), skipped)
            except EventError as error:
                yield Entry(_where(record), error.reason)

    def _event(self, message: Any) -> Event:
        person = _person(_author(message))
        if person is None:
            raise EventError("a message without an author")
        if _text(message, "type") not in ("", *_WRITTEN):
            raise Skipped("service message")
        user, role = self._user_and_role(person, message)
        id_ = _text(message, "id")
        if not id_:
            raise EventError("a message without an id")
        self._addressees.remember(id_, user.id)
        sent_at = read_time(message.get("timestamp"), "timestamp")
        edited = message.get("timestampEdited")
        edited_at = read_time(edited, "timestampEdited") if edited else sent_at
        return parse(
            {
                "platform": "discord",
                "externalId": user.id,
                "role": role,
                "time": sent_at,
                "editedAt": edited_at if edited_at > sent_at else None,
                "text": text_of(message),
                "messageId": f"{self._id}:{id_}",
                "chat": self._chat,
                **(_profile(_author(message)) if user == person else {}),
            }
        )

    def _user_and_role(self, person: Person, message: Any) -> tuple[Person, Role]:
        if person.id != self._agent.id:
            if person.id in self._bots:
                raise Skipped("from another bot")
            return person, "user"
        return self._user or self._addressee(message), "agent"

    def _addressee(self, message: dict[str, Any]) -> Person:
        interaction = message.get("interaction")
        asking = _text(interaction.get("user"), "id") if isinstance(interaction, dict) else ""
        if asking:
            return Person(asking, "")
        reference = message.get("reference")
        is_reply = _text(reference, "type") != "Forward"
        return Person(
            self._addressees.addressee(_text(reference, "messageId") if is_reply else ""), ""
        )


def _where(record: Record) -> str:
    id_ = _text(record.value, "id")
    return f"message {shorten(id_, 24)}" if id_ else str(record)


def _profile(author: dict[str, Any]) -> dict[str, str]:
    """The profile fields of an author; a picture that was downloaded has no address."""
    name, number = _text(author, "name"), _text(author, "discriminator")
    tag = f"#{number}" if number.strip("0") else ""
    picture = _text(author, "avatarUrl")
    profile = {
        "name": (_text(author, "nickname") or name)[:NAME_LENGTH],
        "username": f"{name}{tag}"[:NAME_LENGTH] if name else "",
        "avatarUrl": picture if picture.startswith("https://") and len(picture) <= 1_000 else "",
    }
    return {key: value for key, value in profile.items() if value}
