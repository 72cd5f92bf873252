"""The people of a chat, and which of them is the agent."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from frontdesk.imports.errors import ImportFileError, shorten

NAME_LENGTH = 255
"""As long as the ledger's column."""


class Person(NamedTuple):
    """A person: the id as text, or `name:…` if the file has only the name."""

    id: str
    name: str


def named(name: str) -> Person:
    """A person who is known by name alone."""
    return Person(f"name:{name}"[:NAME_LENGTH], name)


def looks_like_bot(name: str) -> bool:
    """Whether a name ends in the word “bot”: Support Bot, support_bot, SupportBot; not Talbot."""
    return bool(_BOT_NAME.fullmatch(name))


def find_named(
    people: Iterable[Person], bot: str, other_names: Mapping[str, str] | None = None
) -> list[Person]:
    """The person that `bot` refers to, if any. `other_names` has further names by id."""
    reference = bot.strip().removeprefix("@")
    wanted = _squeeze(reference)
    by_id, by_name = [], []
    for person in people:
        names = (person.name, (other_names or {}).get(person.id, ""))
        if reference.removeprefix("user") == person.id:
            by_id.append(person)
        elif reference in names or (wanted and wanted in map(_squeeze, names)):
            by_name.append(person)
    matches = by_id or by_name
    if len(matches) > 1:
        who = " or ".join(map(label, matches[:5]))
        raise ImportFileError(f"Several people are named “{shorten(bot)}”; use the id: {who}")
    return matches


def _squeeze(name: str) -> str:
    """A name without the differences between “Support Bot” and “support_bot”."""
    return "".join(c for c in name.casefold() if c.isalnum())


def label(person: Person) -> str:
    """How to name a person with --bot."""
    if person.id.startswith("name:"):
        return f"“{shorten(person.name)}”"
    return f"“{shorten(person.name)}” (user{person.id})" if person.name else f"user{person.id}"


def names_of(people: Iterable[Person]) -> str:
    """The first people, as --bot names them."""
    labels = list(dict.fromkeys(map(label, people)))
    return f"{', '.join(labels[:10]) or 'no one'}{' and others' if len(labels) > 10 else ''}"


def choose_agent(
    people: Collection[Person], bot: str | None, likely: Collection[Person], sign: str
) -> tuple[Person, str]:
    """The one agent of a file, and how it was found: named by `bot`, or the only likely one.

    `sign` says what makes a person likely, such as "is a bot". Raises ImportFileError if the
    operator must say it.
    """
    if bot is not None:
        given = find_named(people, bot)
        if not given:
            raise ImportFileError(
                f"No one in this export is “{shorten(bot)}”. Its people are: {names_of(people)}"
            )
        return given[0], "as given"
    if len(likely) != 1:
        raise ImportFileError(
            f"It is not clear who the agent is: {'more than one' if likely else 'no one'} {sign}."
            f" Say it with --bot. The people are: {names_of(likely or people)}"
        )
    return next(iter(likely)), f"guessed, because it {sign}. If that is wrong, use --bot"


_BOT_NAME = re.compile(r"(?:.*[\W_])?(?i:bot|бот)\W*|.*[a-z0-9]B(?:ot|OT)\W*")
