"""Notes what only imports reported, in the transaction that records it.

A message that an import brought is claimed by it, and by each import that reports it again. Any
other report of the message, an edit included, ends the claims: from then on it stays.

Of a user's profile, the newest values of each import are kept, and those of everything else; also
since when each of them knows the user without a message.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from frontdesk.core.sql import bulk
from frontdesk.ledger.messages import ChangedMessages
from frontdesk.ledger.models import NEVER, Import, ImportClaim, ImportedProfile
from frontdesk.ledger.profile import Claims, Profile, is_newer, micros
from frontdesk.ledger.users import UserState

ProfileValues = dict[str, Any]
"""By field, the [time in µs, value] that is kept; those of attributes by "attributes.name".

`known_at` is [time in µs, None]: since when the user is known without a message.
"""

KNOWN = "known_at"
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
    return {state.id: values_of(state) for state in states}


def values_of(state: UserState) -> ProfileValues:
    """What is known of a user."""
    return {**_values(state.profile), **_known(state.known_at)}


def reported_by(claims: Claims, known_at: dt.datetime | None = None) -> ProfileValues:
    """What these claims say of a user who is known since then without a message."""
    profile = Profile.of({})
    profile.merge(claims)
    return {**_values(profile), **_known(known_at)}


def restore(state: UserState, values: ProfileValues) -> None:
    """Let the user's profile have these values."""
    state.profile = Profile.of({name: values[name] for name in values if name != KNOWN})


def known_since(values: ProfileValues) -> dt.datetime | None:
    return NEVER + dt.timedelta(microseconds=values[KNOWN][0]) if KNOWN in values else None


def _known(at: dt.datetime | None) -> ProfileValues:
    return {KNOWN: [micros(at), None]} if at else {}


def _values(profile: Profile) -> ProfileValues:
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
    reported = {id_: reported_by(claims) for id_, claims in batch.profiles().items()}
    update_profiles(reported, batch.before, import_id)


def _end(claims: Collection[tuple[uuid.UUID, str, uuid.UUID]], batch: Batch) -> None:
    """What was reported with these messages is no longer known from imports alone."""
    if not claims:
        return
    bulk.delete(ImportClaim, _KEY, sorted({(user.hex, key) for user, key, _ in claims}))
    reported = batch.profiles()
    users = {user for user, _, _ in claims}
    update_profiles({id_: reported_by(reported[id_]) for id_ in users}, {}, None)


def _claims(keys: Collection[tuple[str, str]]) -> list[tuple[uuid.UUID, str, uuid.UUID]]:
    rows = bulk.select(
        "SELECT c.end_user_id, c.id, c.import_id FROM {given} CROSS JOIN ledger_importclaim c"
        " WHERE c.end_user_id = r.end_user_id AND c.id = r.id",
        {"end_user_id": "hex", "id": "hex"},
        list(keys),
        ["uuid", "uuid", "uuid"],
    )
    return [(user, key.hex, claimant) for user, key, claimant in rows]


def update_profiles(
    reported: Mapping[uuid.UUID, ProfileValues],
    before: Mapping[uuid.UUID, ProfileValues],
    import_id: uuid.UUID | None,
) -> None:
    """Keep what an import reported of users, and what was known of them before.

    What is reported otherwise (None) is kept of users of whom an import has reported something.
    """
    known, rows = sources_of(reported.keys()), []
    for id_, values in reported.items():
        sources = known.get(id_, {})
        source = import_id or ImportedProfile.REPORTED
        now = {source: newest([sources.get(source, {}), values])}
        if not now[source] or (import_id is None and not sources):
            continue
        if import_id is not None:
            now[ImportedProfile.REPORTED] = reported_values(before[id_], sources)
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
    """The newest value of each field, and the earliest time since when the user is known."""
    result: ProfileValues = {}
    for source in sources:
        for name, claim in source.items():
            if name not in result or _replaces(name, claim, result[name]):
                result[name] = claim
    return result


def _replaces(name: str, claim: list[Any], kept: list[Any]) -> bool:
    return bool(claim[0] < kept[0]) if name == KNOWN else is_newer(claim, kept)


def forget(
    import_id: uuid.UUID, states: Mapping[uuid.UUID, UserState]
) -> dict[uuid.UUID, ProfileValues]:
    """Forget what an import reported of these users; returns what is known of them without it.

    The users whom only others reported are left out.
    """
    kept, alone, left = [], [], {}
    for id_, sources in sources_of(states.keys()).items():
        reported = reported_values(values_of(states[id_]), sources)
        others = [
            values
            for source, values in sources.items()
            if source not in (import_id, ImportedProfile.REPORTED)
        ]
        if others:
            kept.append((id_, ImportedProfile.REPORTED, reported))
        else:
            alone.append(id_)
        left[id_] = newest([reported, *others])
    ImportedProfile.objects.filter(end_user_id__in=alone).delete()
    save_sources(kept)
    return left
