"""What a person is told of their limits: how much of each is used, and when there is more."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from frontdesk.agents.models import Agent
from frontdesk.channels.words import phrase
from frontdesk.gate.limit_status import LimitUse, limit_status
from frontdesk.ledger.models import EndUser


class UsageLine(NamedTuple):
    """One limit, for people. `percent` of it is used; None where nothing is used up."""

    key: str
    title: str
    used: str
    value: str
    percent: int | None
    resets_at: dt.datetime | None


def usage_lines(agent: Agent, user: EndUser, language: str) -> list[UsageLine]:
    """The limits that apply to this user, the most used first; none where there is no limit."""
    limits = [limit for limit in limit_status(agent, user).limits if limit.value is not None]
    lines = [_line(limit, language) for limit in limits]
    return sorted(
        lines, key=lambda line: -1 if line.percent is None else line.percent, reverse=True
    )


def _line(limit: LimitUse, language: str) -> UsageLine:
    is_cost = limit.kind.counts == "cost"
    show = _dollars if is_cost else _number
    return UsageLine(
        key=limit.key,
        title=phrase(limit.key, language),
        used=show(limit.used),
        value=show(limit.value or 0),
        percent=None if limit.percent is None else min(limit.percent, 100),
        resets_at=limit.resets_at,
    )


def _dollars(micro: int) -> str:
    return f"${Decimal(micro).scaleb(-6):,.2f}"


def _number(value: int) -> str:
    return f"{value:,}"
