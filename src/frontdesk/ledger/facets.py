"""Counts of users by facet: platform, language, plan, tag and habit.

A habit is how much a user does: the platform, and the numbers of sessions and sent messages in
bands that double (1, 2–3, 4–7, …). Users who have not written have none.
"""

import uuid
from collections.abc import Iterable, Set

from frontdesk.core.sql import bulk
from frontdesk.ledger.models import FACET_COLUMNS, EndUser, FacetCount, UserTag
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.users import TOTALS, UserState

_SESSIONS, _SENT = map(TOTALS.index, ("total_sessions", "total_messages_sent"))

_TAG, _HABIT = FacetCount.Facet.TAG.value, FacetCount.Facet.HABIT.value


def habit(platform: str, sessions: int, sent: int) -> str:
    """The habit as a facet's value: "web:3:5" for 4–7 sessions and 16–31 messages sent."""
    return f"{platform}:{band(sessions)}:{band(sent)}" if sent else ""


def band(number: int) -> int:
    """The band of a number: 0, and from 2**(band - 1) to 2**band - 1."""
    return number.bit_length()


def move_habit(rollups: RollupChanges, before: str, after: str) -> None:
    """Count a user in another band than before."""
    if before == after:
        return
    for sign, value in ((-1, before), (1, after)):
        if value:
            rollups.facets[_HABIT, value] += sign


def count(states: Iterable[UserState], created: Set[uuid.UUID], rollups: RollupChanges) -> None:
    """Add these users' new facets to the counts, and subtract the old ones."""
    for user in states:
        for facet, before, after in zip(
            FACET_COLUMNS, user.facets_before, user.facets, strict=True
        ):
            if user.id in created:
                rollups.facets[facet, after] += 1
            elif before != after:
                rollups.facets[facet, before] -= 1
                rollups.facets[facet, after] += 1
        move_habit(rollups, *_habits(user))
        for sign, names in ((1, user.tags - user.tags_before), (-1, user.tags_before - user.tags)):
            for name in names:
                rollups.facets[_TAG, name] += sign


def _habits(user: UserState) -> tuple[str, str]:
    """Before this batch, and now."""
    before = habit(user.platform, user.stored[_SESSIONS], user.stored[_SENT])
    return before, habit(user.platform, user.sessions, user.figures.messages_sent)


def remove_user(user: EndUser, rollups: RollupChanges) -> None:
    """Subtract a user who is removed from all counts."""
    for facet, column in FACET_COLUMNS.items():
        rollups.facets[facet, getattr(user, column) or ""] -= 1
    usual = habit(user.platform, user.total_sessions, user.total_messages_sent)
    move_habit(rollups, usual, "")
    for name in user.all_tags:
        rollups.facets[_TAG, name] -= 1


def save_tags(agent_id: uuid.UUID, states: Iterable[UserState]) -> None:
    """Bring the index of tags up to date with these users' tags."""
    gained, lost = [], []
    for user in states:
        if user.tags != user.tags_before:
            gained += [(user.id, name, agent_id) for name in sorted(user.tags - user.tags_before)]
            lost += [(user.id, name) for name in sorted(user.tags_before - user.tags)]
    bulk.insert(UserTag, ["end_user_id", "name", "agent_id"], gained)
    bulk.delete(UserTag, ["end_user_id", "name"], lost)
