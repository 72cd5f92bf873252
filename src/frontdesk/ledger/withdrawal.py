"""Takes messages and contacts back, as if they had never been reported: what an import brought.

The users' derived numbers are recounted in the same transaction, under the lock that recording
takes. Users of whom nothing is left are removed. If something else refers to them (a note, a block,
an assigned plan), they stay without messages, with their profile.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, F

from frontdesk.core.sql import bulk
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import facets, import_claims, owned, users
from frontdesk.ledger.import_claims import ProfileValues
from frontdesk.ledger.models import (
    DailyActivity,
    EndUser,
    Import,
    ImportClaim,
    ImportedProfile,
    Message,
    Session,
    UserTag,
)
from frontdesk.ledger.recount import recount_users
from frontdesk.ledger.rollups import RollupChanges
from frontdesk.ledger.users import UserState

CHUNK_USERS, CHUNK_MESSAGES = 200, 5_000
"""The most users of one transaction, and the messages after which no further user is taken."""

_OF_MESSAGES = (UserTag, Session, DailyActivity, Message, ImportClaim, ImportedProfile)
"""Tables that follow from messages: their rows keep no user."""

Keys = Mapping[uuid.UUID, Collection[uuid.UUID]]
"""Ids of messages by end user."""


@dataclass
class Withdrawn:
    """What was taken back. `kept` users stay without messages."""

    messages: int = 0
    users: int = 0
    kept: int = 0


def withdraw(agent_id: uuid.UUID, messages: Keys) -> int:
    """Remove these messages, whoever reported them; returns how many. Safe to repeat."""
    return with_retries(_withdraw)(agent_id, messages)


def withdraw_import(
    agent_id: uuid.UUID, import_id: uuid.UUID, progress: Callable[[], None] = lambda: None
) -> None:
    """Remove what only this import reported, some users at a time, and count it in its row.

    Safe to repeat.
    """
    while ids := _next_users(import_id):
        with_retries(_withdraw_import)(agent_id, import_id, ids)
        progress()


def _next_users(import_id: uuid.UUID) -> list[uuid.UUID]:
    claims = ImportClaim.objects.filter(import_id=import_id).values("end_user_id")
    counted = claims.annotate(messages=Count("id")).order_by("end_user_id")
    ids: list[uuid.UUID] = []
    messages = 0
    for row in counted[:CHUNK_USERS]:
        if ids and messages + row["messages"] > CHUNK_MESSAGES:
            break
        ids.append(row["end_user_id"])
        messages += row["messages"]
    profiles = ImportedProfile.objects.filter(import_id=import_id)  # of contacts, and what stays
    return ids or list(profiles.values_list("end_user_id", flat=True)[:CHUNK_USERS])


def _withdraw_import(agent_id: uuid.UUID, import_id: uuid.UUID, ids: list[uuid.UUID]) -> None:
    states = users.lock_ids(agent_id, ids)
    of_users = ImportClaim.objects.filter(end_user_id__in=ids)
    shared = set(of_users.exclude(import_id=import_id).values_list("end_user_id", "id"))
    messages: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    claimed = list(of_users.filter(import_id=import_id).values_list("end_user_id", "id"))
    for user, id_ in claimed:
        if (user, id_) not in shared:
            messages[user].append(id_)
    left = import_claims.forget(import_id, states)
    removed, kept = _remove(agent_id, states, messages, _forget_contacts(states, left))
    _restore(agent_id, {id_: left[id_] for id_ in left.keys() - kept})
    of_users.filter(import_id=import_id).delete()
    ImportedProfile.objects.filter(end_user_id__in=ids, import_id=import_id).delete()
    Import.objects.filter(id=import_id).update(
        removed_messages=F("removed_messages") + removed.messages,
        removed_users=F("removed_users") + removed.users,
        kept_messages=F("kept_messages") + len(claimed) - removed.messages,
        kept_users=F("kept_users") + removed.kept,
    )


def _withdraw(agent_id: uuid.UUID, messages: Keys) -> int:
    states = users.lock_ids(agent_id, messages.keys())
    return _remove(agent_id, states, messages, set())[0].messages


def _forget_contacts(
    states: Mapping[uuid.UUID, UserState], left: Mapping[uuid.UUID, ProfileValues]
) -> set[uuid.UUID]:
    """Set since when the users are known without a message; returns those of whom it changed."""
    rows = []
    for id_, values in left.items():
        known_at = import_claims.known_since(values)
        if known_at != states[id_].known_at:
            states[id_].known_at = known_at
            rows.append((id_, known_at))
    bulk.update(EndUser, ["id"], ["known_at"], rows)
    return {id_ for id_, _ in rows}


def _remove(
    agent_id: uuid.UUID,
    states: Mapping[uuid.UUID, UserState],
    messages: Keys,
    forgotten: Set[uuid.UUID],
) -> tuple[Withdrawn, set[uuid.UUID]]:
    """Remove the messages of these locked users, and the users of whom nothing is left.

    `forgotten` users are known from other times without a message. Returns the users who are kept,
    too.
    """
    known = _known(states.keys(), messages)
    changed = [states[id_] for id_ in known.keys() | forgotten]
    rows = sorted((id_.hex, key.hex) for id_, keys in known.items() for key in keys)
    for model in (Message, ImportClaim):
        bulk.delete(model, ["end_user_id", "id"], rows)
    empty = {s.id for s in changed if s.known_at is None and not _has_messages(s.id)}
    kept = _referred(empty)
    EndUser.objects.filter(id__in=kept).update(known_at=F("first_seen_at"))
    recount_users(agent_id, [(s.id, s.platform, s.external_id) for s in changed])
    _remove_users(agent_id, empty - kept)
    return Withdrawn(len(rows), len(empty - kept), len(kept)), kept


def _known(ids: Collection[uuid.UUID], messages: Keys) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Those of the messages that exist."""
    found: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    rows = bulk.select(
        "SELECT m.end_user_id, m.id FROM {given}"
        " CROSS JOIN ledger_message m WHERE m.end_user_id = r.end_user_id AND m.id = r.id",
        {"end_user_id": "hex", "id": "hex"},
        sorted((id_.hex, key.hex) for id_ in ids for key in messages.get(id_, ())),
        ["uuid", "uuid"],
    )
    for id_, key in rows:
        found[id_].append(key)
    return found


def _has_messages(id_: uuid.UUID) -> bool:
    return Message.objects.filter(end_user_id=id_).exists()


def _referred(ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Users that something other than their messages refers to."""
    found: set[uuid.UUID] = set()
    for model in owned.owned_tables():
        if model not in _OF_MESSAGES:
            rows = model._default_manager.filter(**{f"{owned.COLUMN}__in": ids})
            found.update(rows.values_list(owned.COLUMN, flat=True))
    assigned = models.Q(person_id__isnull=False) | ~models.Q(assigned_plan="")
    for user in EndUser.objects.filter(id__in=ids):
        if user.assigned_tags or user.assigned_attributes:
            found.add(user.id)
    found.update(EndUser.objects.filter(assigned, id__in=ids).values_list("id", flat=True))
    return found


def _remove_users(agent_id: uuid.UUID, ids: Collection[uuid.UUID]) -> None:
    rollups = RollupChanges()
    for user in EndUser.objects.filter(id__in=ids):
        facets.remove_user(user, rollups)
    owned.remove(owned.owned_tables(), ids)
    owned.remove_themselves(ids)
    rollups.save(agent_id)


def _restore(agent_id: uuid.UUID, left: Mapping[uuid.UUID, ProfileValues]) -> None:
    """Let the profiles of these users, as far as they remain, have these values."""
    changed = []
    for state in users.read(sorted(left)).values():
        if left[state.id] != import_claims.values_of(state):
            import_claims.restore(state, left[state.id])
            changed.append(state)
    users.save(agent_id, changed, set())
    rollups = RollupChanges()
    facets.count(changed, set(), rollups)
    facets.save_tags(agent_id, changed)
    rollups.save(agent_id)
