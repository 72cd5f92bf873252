"""Notes what only imports reported, in the transaction that records it.

A message that an import brought is claimed by it, and by each import that reports it again. Any
other report of the message, an edit included, ends the claims: from then on it stays.

Of a user's profile, the newest values of each import are kept, and those of everything else.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from frontdesk.core.sql import bulk
from frontdesk.ledger.messages import ChangedMessages
from frontdesk.ledger.models import Import, ImportClaim, ImportedProfile
from frontdesk.ledger.profile import Claims, Profile, is_newer
from frontdesk.ledger.users import UserState

ProfileValues = dict[str, Any]
"""By field, the [time in µs, value] that is kept; those of attributes by "attributes.name"."""

_KEY = ["end_user_id", "id"]


class Batch(NamedTuple):
    """What a batch reported of which users, and their profiles before it (of an import only).

    `profiles` computes the reported profile values, which are rarely needed.
    """

    keys: Mapping[uuid.UUID, Collection[str]]
    changed: ChangedMessages
    before: Mapping[uuid.UUID, ProfileValues]
    profiles: Callable[[], Mapping[uuid.UUID, Claims]]


class ImportEnded(Exception):  # noqa: N818  # not an error: an operator took the import back
    """The import is being taken back, or was, and must bring nothing more."""


def start(
    import_id: uuid.UUID | None, states: Iterable[UserState]
) -> dict[uuid.UUID, ProfileValues]:
    """The profiles before an import changes them. Raises ImportEnded.

    The import's row is locked until the transaction ends, so that undoing waits for the batch.
    """
    if import_id is None:
        return {}
    running = Import.objects.filter(id=import_id, state=Import.State.RUNNING)
    if running.select_for_update().values_list("id").first() is None:
        raise ImportEnded
    return {state.id: profile_values(state.profile) for state in states}


def profile_values(profile: Profile) -> ProfileValues:
    found: ProfileValues = {
        name: [at, profile.values[name]]
        for name, at in profile.times.items()
        if name != "attributes"
    }
    for name, at in profile.times.get("attributes", {}).items():
        found[f"attributes.{name}"] = [at, profile.values["attributes"].get(name)]
    return found


def update(batch: Batch, import_id: uuid.UUID | None) -> None:
    """Claim what an import reported, or end the claims on what was reported otherwise (None)."""
    new = {(user, s.key) for user, states in batch.changed.items() for s in states if s.is_new}
    keys = {(user, key) for user, theirs in batch.keys.items() for key in theirs}
    known = sorted((user.hex, key) for user, key in keys - new)
    claims = _claims(known)
    if import_id is None:
        _end(claims, batch)
        return
    shared = {(user, key) for user, key, _ in claims}
    own = {(user, key) for user, key, claimant in claims if claimant == import_id}
    rows = sorted((user.hex, key, import_id.hex) for user, key in new | (shared - own))
    bulk.insert(ImportClaim, [*_KEY, "import_id"], rows)
    _note_profiles(batch, import_id)


def _end(claims: Collection[tuple[uuid.UUID, str, uuid.UUID]], batch: Batch) -> None:
    """What was reported with these messages is no longer known from imports alone."""
    if not claims:
        return
    bulk.delete(ImportClaim, _KEY, sorted({(user.hex, key) for user, key, _ in claims}))
    users = {user for user, _, _ in claims}
    sources, reported = sources_of(users), batch.profiles()
    changes = {
        id_: newest([sources[id_].get(ImportedProfile.REPORTED, {}), _values_of(reported[id_])])
        for id_ in users & sources.keys()
    }
    save_sources([(id_, ImportedProfile.REPORTED, values) for id_, values in changes.items()])


def _claims(keys: Collection[tuple[str, str]]) -> list[tuple[uuid.UUID, str, uuid.UUID]]:
    rows = bulk.select(
        "SELECT c.end_user_id, c.id, c.import_id FROM {given} CROSS JOIN ledger_importclaim c"
        " WHERE c.end_user_id = r.end_user_id AND c.id = r.id",
        {"end_user_id": "hex", "id": "hex"},
        list(keys),
        ["uuid", "uuid", "uuid"],
    )
    return [(user, key.hex, claimant) for user, key, claimant in rows]


def _note_profiles(batch: Batch, import_id: uuid.UUID) -> None:
    """Keep what the import reported of these users' profiles."""
    known = sources_of(batch.before.keys())
    rows = []
    for id_, claims in batch.profiles().items():
        sources = known.get(id_, {})
        now = {
            ImportedProfile.REPORTED: reported_values(batch.before[id_], sources),
            import_id: newest([sources.get(import_id, {}), _values_of(claims)]),
        }
        rows += [(id_, key, own) for key, own in now.items() if own != sources.get(key, {})]
    save_sources(rows)


def save_sources(rows: Collection[tuple[uuid.UUID, uuid.UUID, ProfileValues]]) -> None:
    """Save the values that users have from an import, or from everything else."""
    bulk.upsert(
        ImportedProfile,
        ["end_user_id", "import_id"],
        ["fields"],
        sorted(rows, key=lambda row: (row[0], row[1])),
    )


def sources_of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, ProfileValues]]:
    """Each user's values by the import that reported them, and those of everything else."""
    found: dict[uuid.UUID, dict[uuid.UUID, ProfileValues]] = {}
    rows = ImportedProfile.objects.filter(end_user_id__in=list(ids))
    for id_, source, values in rows.values_list("end_user_id", "import_id", "fields"):
        found.setdefault(id_, {})[source] = values
    return found


def reported_values(
    now: ProfileValues, sources: Mapping[uuid.UUID, ProfileValues]
) -> ProfileValues:
    """What is not from imports: as known before, and what has changed since."""
    expected = newest(sources.values())
    since = {name: claim for name, claim in now.items() if claim != expected.get(name)}
    return newest([sources.get(ImportedProfile.REPORTED, {}), since])


def newest(sources: Iterable[ProfileValues]) -> ProfileValues:
    """The newest value of each field."""
    result: ProfileValues = {}
    for source in sources:
        for name, claim in source.items():
            if name not in result or is_newer(claim, result[name]):
                result[name] = claim
    return result


def _values_of(claims: Claims) -> ProfileValues:
    profile = Profile.of({})
    profile.merge(claims)
    return profile_values(profile)
