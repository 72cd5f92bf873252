"""Recounts every figure of analytics, one by one, from the messages sent and refused.

It follows the definitions, not the code of the blocks. `tests.oracle` determines messages and
sessions. Days, weeks and hours are in the agent's time zone. Money is in micro-dollars.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from typing import NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.ledger.events import Event
from tests import oracle
from tests.oracle import User

WEEK = dt.timedelta(days=7)


class Days(NamedTuple):
    """Both included."""

    first: dt.date
    last: dt.date

    def has(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


class Said(NamedTuple):
    """One message. `used`: it has a model, tokens or a cost; `cost` is None if unknown."""

    user: User
    day: dt.date
    hour: int
    role: str
    used: bool
    model: str
    cost: int | None
    failed: bool


class Talk(NamedTuple):
    """One session in which the user wrote, and the day on which it started."""

    user: User
    day: dt.date
    seconds: int


class Refused(NamedTuple):
    platform: str
    day: dt.date


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def week(first: dt.date) -> Days:
    return Days(first, first + dt.timedelta(days=6))


@dataclass(frozen=True)
class Recount:
    """What happened at one agent. `languages` are those of the present users."""

    said: list[Said]
    talks: list[Talk]
    refused: list[Refused]
    languages: dict[User, str]

    @classmethod
    def of(
        cls,
        agent: Agent,
        events: Iterable[Event],
        refused: Iterable[Refused] = (),
        erased: Set[User] = frozenset(),
    ) -> "Recount":
        """From the accepted events; messages of erased users still count."""
        state = oracle.recount(agent, events)
        said = [_said(agent, user, m) for user, own in state.messages.items() for m in own]
        talks = [
            Talk(
                user,
                session["first_at"].astimezone(agent.zone).date(),
                int((session["last_at"] - session["first_at"]).total_seconds()),
            )
            for user, sessions in state.sessions.items()
            for session in sessions
            if session["messages_sent"]
        ]
        languages = {
            user: profile["language"]
            for user, profile in state.profiles.items()
            if user not in erased
        }
        return cls(said, talks, list(refused), languages)

    def on(self, platform: str) -> "Recount":
        """The same on one platform, or on all; the languages are always those of all platforms."""
        if not platform:
            return self
        return replace(
            self,
            said=[message for message in self.said if message.user[0] == platform],
            talks=[talk for talk in self.talks if talk.user[0] == platform],
            refused=[message for message in self.refused if message.platform == platform],
        )

    # --- users ----------------------------------------------------------------------------------

    @property
    def days(self) -> dict[User, set[dt.date]]:
        """The days on which each user sent a message."""
        days: dict[User, set[dt.date]] = {}
        for message in self.said:
            if message.role == "user":
                days.setdefault(message.user, set()).add(message.day)
        return days

    def active(self, days: Days) -> set[User]:
        """Users who sent a message on one of these days."""
        return {user for user, own in self.days.items() if any(map(days.has, own))}

    def joined(self, days: Days) -> set[User]:
        """Users whose first day is one of these."""
        return {user for user, own in self.days.items() if days.has(min(own))}

    def platforms(self, days: Days) -> Counter[str]:
        """Active users by platform."""
        return Counter(platform for platform, _ in self.active(days))

    # --- amounts -----------------------------------------------------------------------------

    def within(self, days: Days) -> list[Said]:
        return [message for message in self.said if days.has(message.day)]

    def sent(self, days: Days) -> int:
        return sum(message.role == "user" for message in self.within(days))

    def chat(self, days: Days) -> int:
        return sum(message.role in ("user", "agent") for message in self.within(days))

    def cost(self, days: Days) -> int:
        return sum(message.cost or 0 for message in self.within(days))

    def unpriced(self, days: Days) -> int:
        return sum(message.used and message.cost is None for message in self.within(days))

    def failed(self, days: Days) -> int:
        return sum(message.failed for message in self.within(days))

    def sessions(self, days: Days) -> int:
        return sum(days.has(talk.day) for talk in self.talks)

    def seconds(self, days: Days) -> int:
        return sum(talk.seconds for talk in self.talks if days.has(talk.day))

    def refusals(self, days: Days) -> int:
        return sum(days.has(message.day) for message in self.refused)

    def models(self, days: Days) -> dict[str, tuple[int, int, int]]:
        """By model: messages with usage, cost, and those without a known price."""
        used = [message for message in self.within(days) if message.used]
        return {
            model: (
                sum(m.model == model for m in used),
                sum(m.cost or 0 for m in used if m.model == model),
                sum(m.cost is None for m in used if m.model == model),
            )
            for model in {message.model for message in used}
        }

    # --- hours, weeks and habits --------------------------------------------------------------

    def hours(self, days: Days) -> Counter[tuple[int, int]]:
        """Messages sent by weekday (Monday is 0) and hour."""
        sent = (message for message in self.within(days) if message.role == "user")
        return Counter((message.day.weekday(), message.hour) for message in sent)

    def weeks(self, user: User) -> set[dt.date]:
        """The Mondays of the weeks in which a user wrote."""
        return {monday(day) for day in self.days[user]}

    def cohort(self, first: dt.date, later: dt.date) -> int:
        """Users whose first week starts on one Monday and who wrote in the week of another."""
        own = (self.weeks(user) for user in self.days)
        return sum(min(weeks) == first and later in weeks for weeks in own)

    def movement(self, this: dt.date) -> tuple[int, int, int, int, int]:
        """New, returning, reactivated, going quiet and lost in the week from this Monday on."""
        counts = [0] * 5
        for user in self.days:
            weeks = self.weeks(user)
            is_here, was_here, is_new = this in weeks, this - WEEK in weeks, min(weeks) == this
            since = [this - n * WEEK in weeks for n in range(4)]
            for place, holds in enumerate(
                (
                    is_new,
                    is_here and was_here,
                    is_here and not was_here and not is_new,
                    was_here and not is_here,
                    this - 4 * WEEK in weeks and not any(since),
                )
            ):
                counts[place] += holds
        return counts[0], counts[1], counts[2], counts[3], counts[4]

    def habits(self) -> dict[User, tuple[int, int]]:
        """All sessions and sent messages of the current users who have written."""
        sent = Counter(message.user for message in self.said if message.role == "user")
        sessions = Counter(talk.user for talk in self.talks)
        return {user: (sessions[user], sent[user]) for user in sent if user in self.languages}

    def language_counts(self) -> Counter[str]:
        return Counter(language.split("-")[0] for language in self.languages.values())


def _said(agent: Agent, user: User, message: dict[str, object]) -> Said:
    at = message["sent_at"]
    assert isinstance(at, dt.datetime)
    local = at.astimezone(agent.zone)
    tokens = ("input_tokens", "output_tokens", "cached_tokens")
    cost = message["cost"]
    assert cost is None or isinstance(cost, int)
    return Said(
        user=user,
        day=local.date(),
        hour=local.hour,
        role=str(message["role"]),
        used=bool(message["model"])
        or cost is not None
        or any(message[name] is not None for name in tokens),
        model=str(message["model"]),
        cost=cost,
        failed=message["role"] == "agent" and bool(message["failed"]),
    )
