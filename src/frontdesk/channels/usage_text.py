"""What a person reads about their limits: how much of each is used, and when it resets."""

import datetime as dt
from typing import NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.channels.words import phrases
from frontdesk.gate.limit_status import LimitUse, limit_status
from frontdesk.ledger.models import EndUser


class UsageLine(NamedTuple):
    """One limit, for people. `percent` of it is used; None for limits on single messages."""

    key: str
    title: str
    used: str
    value: str
    percent: int | None
    resets_at: dt.datetime | None


def usage_lines(agent: Agent, user: EndUser, language: str) -> list[UsageLine]:
    """The limits that apply to this user, most used first; empty if there are none."""
    limits = [limit for limit in limit_status(agent, user).limits if limit.value is not None]
    lines = [_line(limit, language) for limit in limits]
    return sorted(
        lines, key=lambda line: -1 if line.percent is None else line.percent, reverse=True
    )


def _line(limit: LimitUse, language: str) -> UsageLine:
    write = limit.kind.quantity.write_for_visitors
    return UsageLine(
        key=limit.key,
        title=phrases(language).get(limit.key, str(limit.kind.title)),
        used=write(limit.used),
        value=write(limit.value or 0),
        percent=None if limit.percent is None else min(limit.percent, 100),
        resets_at=limit.resets_at,
    )
