"""Imports a chat: reads it once for its people and the order of its dates, and once to record."""

import datetime as dt
import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from frontdesk.agents.models import Agent
from frontdesk.imports.addressees import Addressees
from frontdesk.imports.errors import Skipped
from frontdesk.imports.files import import_file
from frontdesk.imports.options import Options
from frontdesk.imports.people import NAME_LENGTH, Person, choose_agent, label, looks_like_bot, named
from frontdesk.imports.progress import progress_bar
from frontdesk.imports.recording import Entry
from frontdesk.imports.report import Report
from frontdesk.imports.source import Source, open_source, read_twice
from frontdesk.imports.whatsapp.content import content_of
from frontdesk.imports.whatsapp.dates import DateEvidence, date_of
from frontdesk.imports.whatsapp.reader import RawMessage, read_messages
from frontdesk.imports.whatsapp.words import GROUP
from frontdesk.ledger.events import Event, EventError, parse

MAX_PEOPLE = 20_000
"""People who first write after this many others are not considered as the agent."""
MAX_REMEMBERED = 10_000
"""Messages whose repetition in the same second or minute is noticed."""

_TEXT_FILE = re.compile(r"^(?!__MACOSX/)(?:.*/)?(?:_chat|[^/]*whatsapp[^/]*)\.txt$", re.IGNORECASE)
_NUMBER = re.compile(r"\+?[\d\s()\u2011-]{7,25}")


def import_whatsapp(agent: Agent, path: Path | None, report: Report, options: Options) -> None:
    """Record a chat from its text, or the zip archive with it. Raises ImportFileError.

    `options.bot` says who is the agent, unless one name ends in “Bot”; `options.date_order` and
    `options.zone` say what the file does not.
    """
    path = read_twice(path)
    with open_source(path, _TEXT_FILE) as source:
        found = _survey(source)
    chosen, how = choose_agent(
        found.people.values(),
        options.bot,
        [person for person in found.people.values() if looks_like_bot(person.name)],
        "has a name that ends in “Bot”",
    )
    report.notice(f"The agent is {label(chosen)}; {how}.")
    order = options.date_order or found.dates.order()
    zone = options.zone or agent.zone
    chat = _Chat(found, chosen, order, zone, _title(path))
    import_file(agent, path, report, "whatsapp", chat.entries, members=_TEXT_FILE)
    report.notice(
        f"Dates were read as {order}, times as {zone}. If that is wrong, undo this import and say"
        " it with --date-order and --zone."
    )


@dataclass
class _Survey:
    """The result of the first pass: who wrote, by id, and how dates are written."""

    people: dict[str, Person] = field(default_factory=dict)
    dates: DateEvidence = field(default_factory=DateEvidence)
    has_group_notice: bool = False


def _survey(source: Source) -> _Survey:
    """Read a chat once. Raises ImportFileError if it is not one, or damaged."""
    found = _Survey()
    with progress_bar("Reading people", source) as show:
        for number, message in enumerate(read_messages(source)):
            found.dates.observe(message.header)
            try:
                person = _sender(message)
                content_of(message.text)
            except Skipped:
                found.has_group_notice |= bool(GROUP.search(message.text))
                continue
            if len(found.people) < MAX_PEOPLE:
                found.people.setdefault(person.id, person)
            if number % 1_000 == 0:
                show()
    return found


def _sender(message: RawMessage) -> Person:
    """Raises Skipped for a line of WhatsApp itself."""
    name = message.sender.lstrip("~\u200e\u200f\u202a ").strip("\u202c\u202f\xa0 ")[:NAME_LENGTH]
    if not name:
        raise Skipped("a notice of WhatsApp")
    if _NUMBER.fullmatch(name):
        digits = "".join(c for c in name if c.isdecimal())
        return Person(f"+{digits}", name)
    return named(name)


def _title(path: Path) -> str:
    """The name of a group, as the name of the exported file has it."""
    title = re.sub(r"\s*\(\d+\)$", "", path.name.removesuffix(".gz").rpartition(".")[0])
    return title if "whatsapp" in title.lower() else "group"


class _Chat:
    """Converts the messages of one chat, in the file's order, to events.

    In a private chat all messages belong to the one who is not the agent. In a group, an answer
    belongs to the user who wrote last.
    """

    def __init__(
        self, found: _Survey, agent: Person, order: str, zone: ZoneInfo, title: str
    ) -> None:
        self._agent = agent
        self._order = order
        self._zone = zone
        users = [person for person in found.people.values() if person != agent]
        is_group = len(users) > 1 or found.has_group_notice
        self._user = None if is_group or not users else users[0]
        self._chat = title if is_group else ""
        self._addressees = Addressees()
        self._known: OrderedDict[bytes, int] = OrderedDict()
        self._last: dt.datetime | None = None
        self._same = 0

    def entries(self, source: Source) -> Iterator[Entry]:
        for message in read_messages(source):
            try:
                yield Entry(message, self._event(message), message.size)
            except Skipped as skipped:
                yield Entry(message, skipped)
            except EventError as error:
                yield Entry(message, error.reason)

    def _event(self, message: RawMessage) -> Event:
        local = self._local_time(message)
        sequence = self._sequence(local)
        sender = _sender(message)
        content = content_of(message.text)
        is_agent = sender.id == self._agent.id
        user = self._user or (Person(self._addressees.addressee(), "") if is_agent else sender)
        id_ = self._message_id(sender, local, content.known_by)
        self._addressees.remember(id_, user.id)
        return parse(
            {
                "platform": "whatsapp",
                "externalId": user.id,
                "role": "agent" if is_agent else "user",
                "time": local.replace(tzinfo=self._zone).astimezone(dt.UTC),
                "text": content.text,
                "messageId": id_,
                "sequence": sequence,
                "chat": self._chat,
                "name": user.name or None,
            }
        )

    def _local_time(self, message: RawMessage) -> dt.datetime:
        try:
            date = date_of(message.header, self._order)
            return dt.datetime.combine(date, dt.time(*message.header.clock))
        except ValueError:
            written = "-".join(map(str, message.header.date))
            raise EventError(f"there is no such time: {written}, read as {self._order}") from None

    def _sequence(self, local: dt.datetime) -> int:
        """The message's number among those of the same second or minute."""
        self._same = self._same + 1 if local == self._last else 0
        self._last = local
        return self._same

    def _message_id(self, sender: Person, local: dt.datetime, known_by: str) -> str:
        """The same in every export of the chat from the same phone, whatever its zone."""
        written = "\0".join((sender.id, local.isoformat(), known_by))
        digest = hashlib.sha256(written.encode("utf-8", "replace")).digest()[:16]
        count = self._known.pop(digest, 0) + 1
        self._known[digest] = count
        if len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)
        return f"{digest.hex()}.{count}"
