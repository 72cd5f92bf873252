"""Takes messages back, as if they had never been reported: what a mistaken import brought.

The users' derived numbers are recounted in the same transaction, under the lock that recording
takes. Users without any message left are removed, unless something else hangs on them.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import facets, owned, users
from frontdesk.ledger.models import DailyActivity, EndUser, Message, Session, UserTag
from frontdesk.ledger.profile import Profile
from frontdesk.ledger.recount import recount_users
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.users import UserState

Claim = tuple[int, Any]
"""Time (µs since 1970) and value of a profile field."""
ProfileValues = dict[str, Any]
"""Claims by field; those of attributes by "attributes.name"."""
_DERIVED = (UserTag, Session, DailyActivity, Message)


@dataclass
class Withdrawn:
    """What was taken back. `kept` are users who stay with their messages, because something else
    refers to them: a note, a block, a plan that an operator assigned."""

    messages: int = 0
    users: int = 0
    kept: set[uuid.UUID] = field(default_factory=set)


def profile_values(profile: Profile) -> ProfileValues:
    """The claims of a profile that `withdraw` can restore."""
    of_attributes = profile.times.get("attributes", {})
    found: ProfileValues = {
        name: [at, profile.values[name]]
        for name, at in profile.times.items()
        if name != "attributes"
    }
    for name, at in of_attributes.items():
        found[f"attributes.{name}"] = [at, profile.values["attributes"].get(name)]
    return found


def withdraw(
    agent_id: uuid.UUID,
    messages: Mapping[uuid.UUID, Collection[uuid.UUID]],
    profiles: Mapping[uuid.UUID, tuple[ProfileValues, ProfileValues]],
    private: Collection[type[Any]] = (),
) -> Withdrawn:
    """Remove these messages by end user. Safe to repeat.

    `profiles` are claims before and after these messages: a field that still has the later claim
    gets the earlier one. `private` are tables of the caller's own, which keep no user.
    """
    return with_retries(_withdraw)(agent_id, messages, profiles, {*_DERIVED, *private})


def _withdraw(
    agent_id: uuid.UUID,
    messages: Mapping[uuid.UUID, Collection[uuid.UUID]],
    profiles: Mapping[uuid.UUID, tuple[ProfileValues, ProfileValues]],
    ignored: set[type[Any]],
) -> Withdrawn:
    result = Withdrawn()
    states = users.lock_ids(agent_id, messages.keys())
    gone, referred = [], _referred(agent_id, states.keys(), ignored)
    for id_ in states:
        theirs = Message.objects.filter(end_user_id=id_, id__in=messages[id_])
        rest = Message.objects.filter(end_user_id=id_).exclude(id__in=messages[id_])
        if not rest.exists():
            if id_ in referred:
                result.kept.add(id_)
                continue
            gone.append(id_)
        result.messages += theirs.delete()[0]
    changed = [state for id_, state in states.items() if id_ not in result.kept]
    recount_users(agent_id, [(s.id, s.platform, s.external_id) for s in changed])
    rollups = RollupChanges()
    _restore(agent_id, {s.id for s in changed} - {*gone}, profiles, rollups)
    _remove(gone, rollups)
    rollups.save(agent_id)
    result.users = len(gone)
    return result


def _referred(
    agent_id: uuid.UUID, ids: Collection[uuid.UUID], ignored: set[type[Any]]
) -> set[uuid.UUID]:
    """Users that something other than their messages refers to."""
    found: set[uuid.UUID] = set()
    for model in owned.owned_tables():
        if model not in ignored:
            rows = model._default_manager.filter(**{f"{owned.COLUMN}__in": ids})
            found.update(rows.values_list(owned.COLUMN, flat=True))
    for user in EndUser.objects.filter(id__in=ids):
        if user.assigned_plan or user.assigned_tags or user.assigned_attributes or user.person_id:
            found.add(user.id)
    return found


def _restore(
    agent_id: uuid.UUID,
    ids: Collection[uuid.UUID],
    profiles: Mapping[uuid.UUID, tuple[ProfileValues, ProfileValues]],
    rollups: RollupChanges,
) -> None:
    states = users.read(sorted(ids & profiles.keys()))
    changed = [state for state in states.values() if _restore_one(state, *profiles[state.id])]
    users.save(agent_id, changed, set())
    facets.count(changed, set(), rollups)
    facets.save_tags(agent_id, changed)


def _restore_one(state: UserState, before: ProfileValues, after: ProfileValues) -> bool:
    """Give the fields that still have the later claim the earlier one; whether any had."""
    profile, now = state.profile, profile_values(state.profile)
    for name, claim in after.items():
        earlier = before.get(name)
        if claim == earlier or now.get(name) != claim:
            continue
        _, dot, attribute = name.partition("attributes.")
        values = profile.values["attributes"] if dot else profile.values
        times = profile.times["attributes"] if dot else profile.times
        key = attribute if dot else name
        if earlier is None:
            del times[key]
        else:
            times[key] = earlier[0]
        value = earlier[1] if earlier else None
        if dot and value is None:
            values.pop(key, None)
        else:
            values[key] = ([] if name == "tags" else "") if value is None else value
        profile.is_changed = True
    if profile.times.get("attributes") == {}:
        del profile.times["attributes"]
    return profile.is_changed


def _remove(ids: Collection[uuid.UUID], rollups: RollupChanges) -> None:
    for user in EndUser.objects.filter(id__in=ids):
        facets.remove_user(user, rollups)
    owned.remove(owned.owned_tables(), ids)
    owned.remove_themselves(ids)
