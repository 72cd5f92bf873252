"""Which side of each chat is the agent: named by the operator, or guessed and reported.

- A private chat has two sides; its end user is the one that is not the agent. In a chat with a bot,
  the bot is the agent and the exported account is the user. In a chat with a person, the exported
  account is the agent, unless the person's name ends in “Bot”.
- In a group everyone is an end user, except a member whose name ends in “Bot”. If there is none,
  the exported account is the agent, provided that the file names it.

A file has one agent: a bot that is the agent of one chat is so in every chat where it writes. Where
nobody fits, or several do, the operator must say.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from frontdesk.imports.errors import ImportFileError, shorten
from frontdesk.imports.people import Person, find_named, label, looks_like_bot, names_of
from frontdesk.imports.telegram.survey import Survey, SurveyedChat

_PRIVATE = ("personal_chat", "bot_chat")
_NOT_WITH_PEOPLE = {
    "saved_messages": "saved messages: notes to oneself",
    "replies": "replies to comments in channels",
    "verify_codes": "login codes",
    "public_channel": "channel post: not from a person",
    "private_channel": "channel post: not from a person",
}
_TELEGRAM_ITSELF = "777000"
_BY_ACCOUNT = "guessed: it is the account that was exported"


@dataclass(frozen=True)
class Sides:
    """Who is who in one chat.

    `user` is the end user of a private chat; None in a group, or if the file does not say. `skip`,
    if not empty, says why this chat is not recorded. `agent` and `how` tell the operator who was
    identified as the agent, and why. `unknown`: nobody fits.
    """

    is_group: bool = False
    agents: frozenset[str] = frozenset()
    user: Person | None = None
    skip: str = ""
    agent: str = ""
    how: str = ""
    unknown: bool = False


def find_sides(found: Survey, bot: str | None) -> dict[int, Sides]:
    """The sides of every chat, by its index. `bot` is a name, a @username, or a `from_id`.

    Raises ImportFileError if `bot` matches no one, or several people; without `bot`, if nobody fits
    or several do.
    """
    sides = {surveyed.chat.index: _sides(surveyed, found, bot) for surveyed in found.chats}
    if bot is None:
        bots = {id_ for one in sides.values() if one.how != _BY_ACCOUNT for id_ in one.agents}
        if len(bots) == 1:
            sides = _everywhere(sides, found, bots.pop())
        _refuse_doubt(sides, found)
    elif len(ids := _numbered(sides.values())) > 1:
        who = " or ".join(f"user{id_}" for id_ in sorted(ids))
        raise ImportFileError(f"Several people are named “{shorten(bot)}”; use the id: {who}")
    elif ids:  # under another name in other chats
        sides = _everywhere(sides, found, ids.pop())
    if bot is not None and not any(one.agents for one in sides.values()):
        raise ImportFileError(
            f"No one in this export is “{shorten(bot)}”. Its people are: {_names(found)}"
        )
    return sides


def _numbered(sides: Iterable[Sides]) -> set[str]:
    """The ids of the agents, without those who are known only by name."""
    return {id_ for one in sides for id_ in one.agents if not id_.startswith("name:")}


def _everywhere(sides: dict[int, Sides], found: Survey, agent: str) -> dict[int, Sides]:
    """The sides with this person as the agent of every chat where they are."""
    result = dict(sides)
    for surveyed in found.chats:
        index = surveyed.chat.index
        is_there = agent in surveyed.people or surveyed.chat.id == agent
        if is_there and agent not in sides[index].agents:
            given = _sides(surveyed, found, f"user{agent}")
            if given.agents:
                result[index] = replace(given, how="the same as in the other chats")
    return result


def _refuse_doubt(sides: dict[int, Sides], found: Survey) -> None:
    """Raises ImportFileError where nobody fits, or several do."""
    for surveyed in found.chats:
        if sides[surveyed.chat.index].unknown:
            raise ImportFileError(
                f"It is not clear who the agent is in {surveyed.chat}: no name ends in “Bot”."
                f" Say it with --bot. The people are: {_names(found)}"
            )
    agents = Counter((one.agents, one.agent) for one in sides.values() if one.agents)
    people = _numbered(sides.values()) or {id_ for ids, _ in agents for id_ in ids}
    if len(people) > 1:
        who = ", ".join(f"{name} ({count:,} chats)" for (_, name), count in agents.most_common(5))
        raise ImportFileError(
            f"A file has one agent, but here it could be {who}. Say it with --bot; chats without"
            " the agent are skipped."
        )


def _names(found: Survey) -> str:
    people = (Person(*known) for chat in found.chats for known in chat.people.items())
    return names_of(people)


def _sides(surveyed: SurveyedChat, found: Survey, bot: str | None) -> Sides:
    chat = surveyed.chat
    if chat.type in _NOT_WITH_PEOPLE:
        return Sides(skip=_NOT_WITH_PEOPLE[chat.type])
    if not _is_private(surveyed):
        return _group_sides(surveyed, found, bot)
    if chat.id == _TELEGRAM_ITSELF:
        return Sides(skip="notice from Telegram")
    return _private_sides(surveyed, found, bot)


def _is_private(surveyed: SurveyedChat) -> bool:
    """Whether a chat has two sides: by its type or, if that is unknown, by its people."""
    chat = surveyed.chat
    if chat.type in _PRIVATE or "group" in chat.type:
        return chat.type in _PRIVATE
    return chat.id in surveyed.people or len(surveyed.people) <= 2


def _private_sides(surveyed: SurveyedChat, found: Survey, bot: str | None) -> Sides:
    partner = _partner(surveyed, found.owner)
    account = _account(surveyed, found.owner, partner)
    if bot is None:
        is_partner, how = _guess(surveyed.chat.type, partner, account)
    else:
        head = {partner.id: surveyed.chat.name} if partner else {}
        named = find_named([p for p in (partner, account) if p], bot, _usernames(found) | head)
        if not named:
            return Sides(skip="the given bot is not in this chat")
        is_partner, how = named[0] == partner, "as given"
    agent, user = (partner, account) if is_partner else (account, partner)
    who = label(agent) if agent else "the exported account"
    return Sides(agents=frozenset([agent.id] if agent else []), user=user, agent=who, how=how)


def _partner(surveyed: SurveyedChat, owner: Person | None) -> Person | None:
    """The person the chat is named after; if neither id nor name matches, the first writer."""
    chat, writers = surveyed.chat, [Person(*known) for known in surveyed.people.items()]
    named = [p for p in writers if p.id == chat.id] or [
        p for p in writers if p.name and p.name == chat.name
    ]
    if owner:
        others = [p for p in writers if p.id != owner.id]
    else:  # a single writer is the exported account, unless the chat is named after them
        others = writers if len(writers) > 1 or not chat.id else []
    silent = [surveyed.partner] if chat.id else []
    partner = next(iter([*named, *others, *silent]), None)
    return partner and Person(partner.id, partner.name or chat.name)


def _account(surveyed: SurveyedChat, owner: Person | None, partner: Person | None) -> Person | None:
    """The exported account: named by the file, or the one who is not the partner."""
    writers = (Person(*known) for known in surveyed.people.items())
    accounts = [owner] if owner else writers
    return next((p for p in accounts if partner is None or p.id != partner.id), None)


def _guess(type_: str, partner: Person | None, account: Person | None) -> tuple[bool, str]:
    """Whether the partner is the agent, and why."""
    if type_ == "bot_chat":
        return True, "guessed: this is a chat with a bot"
    by_name = "guessed by the name"
    if partner and looks_like_bot(partner.name):
        return True, by_name
    if account and looks_like_bot(account.name):
        return False, by_name
    return False, _BY_ACCOUNT


def _group_sides(surveyed: SurveyedChat, found: Survey, bot: str | None) -> Sides:
    people = [Person(*known) for known in surveyed.people.items()]
    if bot is not None:
        agents, how = find_named(people, bot, _usernames(found)), "as given"
        if not agents:
            return Sides(skip="the given bot is not in this chat")
    elif agents := [p for p in people if looks_like_bot(p.name)]:
        how = "guessed by the name"
    elif found.owner:
        agents, how = [found.owner], _BY_ACCOUNT
    else:
        return Sides(is_group=True, unknown=True)
    who = ", ".join(map(label, agents[:5])) or "no one"
    return Sides(is_group=True, agents=frozenset(p.id for p in agents), agent=who, how=how)


def _usernames(found: Survey) -> dict[str, str]:
    return {found.owner.id: found.owner_username} if found.owner else {}
