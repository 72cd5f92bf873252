"""The first pass over an export: which chats there are, and who writes in them.

This is needed to find the agent, because the header of a chat may come after its messages. It takes
a fraction of the time of recording.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from frontdesk.imports.errors import ImportFileError
from frontdesk.imports.people import Person
from frontdesk.imports.progress import progress_bar
from frontdesk.imports.source import Source
from frontdesk.imports.telegram.reader import Chat, ExportReader
from frontdesk.imports.telegram.senders import name_of, sender_of

MAX_PEOPLE = 20_000
"""Per chat. People who first write after this many others are not considered as the agent."""


@dataclass
class SurveyedChat:
    """A chat and the people who wrote in it: names by id, in order of appearance.

    `first_ids` has the id of each one's first message.
    """

    chat: Chat
    people: dict[str, str] = field(default_factory=dict)
    first_ids: dict[str, str] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)

    @property
    def partner(self) -> Person:
        """The person a private chat is named after."""
        return Person(self.chat.id, self.chat.name)

    def observe(self, person: Person, message_id: str) -> None:
        if person.id in self.people or len(self.people) < MAX_PEOPLE:
            self.first_ids.setdefault(person.id, message_id)
            self.people[person.id] = self.people.get(person.id) or person.name

    def identify(self, person: Person) -> Person:
        """The person of this chat with the same name and an id, if `person` has only a name."""
        return Person(self._ids.get(person.id, person.id), person.name)

    def merge_names(self, others: Iterable[Person]) -> None:
        """Find the ids of people who are known only by name, here and among `others`."""
        ids_by_name = defaultdict(set)
        for person in (*map(Person._make, self.people.items()), *others):
            if person.id and not person.id.startswith("name:"):
                ids_by_name[person.name].add(person.id)
        for alias in [id_ for id_ in self.people if id_.startswith("name:")]:
            ids = ids_by_name.get(self.people[alias], set())
            if len(ids) == 1:
                self._ids[alias] = next(iter(ids))
        self.people = {self._ids.get(id_, id_): name for id_, name in self.people.items()}


@dataclass
class Survey:
    """The result of the first pass. `owner` is the exported account, if the file names it."""

    chats: list[SurveyedChat] = field(default_factory=list)
    messages: int = 0
    owner: Person | None = None
    owner_username: str = ""


def survey(source: Source) -> Survey:
    """Read an export once. Damage ends this pass silently; the second pass reports it.

    Raises ImportFileError if the file is not an export, or has no message before the damage.
    """
    found = Survey()
    reader = ExportReader(source)
    chats: dict[int, SurveyedChat] = {}
    with progress_bar("Reading people", source) as show:
        try:
            for position, message in reader.messages():
                index = position.chat.index
                chat = chats.get(index) or chats.setdefault(index, SurveyedChat(position.chat))
                found.messages += 1
                if isinstance(message, dict) and message.get("type") != "service":
                    person = sender_of(message)
                    if person:
                        chat.observe(person, position.id)
                if found.messages % 1_000 == 0:
                    show()
        except ImportFileError:
            if not found.messages:
                raise
    found.chats = list(chats.values())
    _set_owner(found, reader.owner)
    for chat in found.chats:
        chat.merge_names([chat.partner, *([found.owner] if found.owner else [])])
    return found


def _set_owner(found: Survey, information: dict[str, Any]) -> None:
    names = (name_of(information.get(part)) for part in ("first_name", "last_name"))
    owner = sender_of({"from_id": information.get("user_id"), "from": " ".join(names).strip()})
    found.owner = owner if owner and not owner.id.startswith("name:") else None
    found.owner_username = name_of(information.get("username"))
