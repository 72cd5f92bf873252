"""By what users are told apart in lists: counts per platform, language, plan and tag."""

import uuid
from collections.abc import Iterable, Set

from frontdesk.ledger import bulk
from frontdesk.ledger.models import EndUser, FacetCount, UserTag
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.users import UserState

_PLATFORM, _LANGUAGE, _PLAN, _TAG = (
    facet.value
    for facet in (
        FacetCount.Facet.PLATFORM,
        FacetCount.Facet.LANGUAGE,
        FacetCount.Facet.PLAN,
        FacetCount.Facet.TAG,
    )
)


def count(states: Iterable[UserState], created: Set[uuid.UUID], rollups: RollupChanges) -> None:
    """Add what these users' facets have become, and take away what they were."""
    for user in states:
        if user.id in created:
            rollups.facets[_PLATFORM, user.platform] += 1
        for facet, before, after in (
            (_LANGUAGE, user.language_before, user.profile.values["language"]),
            (_PLAN, user.subscription_before, user.subscription),
        ):
            if user.id in created:
                rollups.facets[facet, after] += 1
            elif before != after:
                rollups.facets[facet, before] -= 1
                rollups.facets[facet, after] += 1
        for sign, names in ((1, user.tags - user.tags_before), (-1, user.tags_before - user.tags)):
            for name in names:
                rollups.facets[_TAG, name] += sign


def leave_out(user: EndUser, rollups: RollupChanges) -> None:
    """Take away what a user who goes is counted in."""
    rollups.facets[_PLATFORM, user.platform] -= 1
    rollups.facets[_LANGUAGE, user.language] -= 1
    rollups.facets[_PLAN, user.subscription or ""] -= 1
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
