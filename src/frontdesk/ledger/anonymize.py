"""Anonymizing a user: the history and its numbers stay, but no longer identify the person.

One transaction moves all rows to a new user with a random id, because the old id could be computed
from the identity. Message ids could be computed too, and ids of chats and sessions may name the
person, so they are replaced as well; equal ones stay equal. Names and operators' notes are removed.
The agent's rollups do not change.
"""

import secrets
import uuid
from typing import Any

from django.db import connection, models
from django_tasks import task

from frontdesk.agents.models import Agent
from frontdesk.core import tasks
from frontdesk.core.sql.dialect import dialect
from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import erasures, linking, owned, reactions, search_index
from frontdesk.ledger.models import DailyActivity, EndUser, Erasure, Message, Session, UserTag
from frontdesk.ledger.search_key import search_key, sort_name
from frontdesk.ledger.users import TOTALS

KEPT = (
    *("agent_id", "platform", "language", "base_language", "plan", "tags"),
    *("assigned_plan", "plan_until", "assigned_tags"),
    *("known_at", *TOTALS),
)
"""The columns of a user's row that are kept; the others are reset."""

MOVED: tuple[type[models.Model], ...] = (UserTag, DailyActivity, Session, Message)


def anonymize(
    agent: Agent, user_id: uuid.UUID, by: str, may_return: bool, keep_texts: bool
) -> Erasure:
    """Anonymize a user. A small history is done on return; a large one is RUNNING.

    Reports of the identity are rejected from now on; with `may_return`, only reports of messages
    sent before the anonymization are. Raises EndUser.DoesNotExist.
    """
    erasure = with_retries(_start)(agent, user_id, by, may_return, keep_texts)
    if erasure.state == Erasure.State.RUNNING:
        move.enqueue(str(erasure.id))
    return erasure


@task()
def move(erasure_id: str) -> None:
    """Move a large history. Safe to repeat."""
    with_retries(_move)(uuid.UUID(erasure_id))


def resume() -> int:
    """Restart the anonymizations whose task was lost; returns how many."""
    running = Erasure.objects.filter(kind=Erasure.Kind.ANONYMIZE, state=Erasure.State.RUNNING)
    return tasks.enqueue_missing(move, running.values_list("id", flat=True))


def _start(
    agent: Agent, user_id: uuid.UUID, by: str, may_return: bool, keep_texts: bool
) -> Erasure:
    user, erasure = erasures.start(agent, user_id, Erasure.Kind.ANONYMIZE, by, may_return)
    erasure.keep_texts = keep_texts
    if erasure.total <= erasures.INLINE:
        _replace(user, erasure)
        erasures.finish(erasure)
    else:
        erasure.save()
    return erasure


def _move(erasure_id: uuid.UUID) -> None:
    erasure = erasures.lock_running(erasure_id, Erasure.Kind.ANONYMIZE)
    if erasure is None or erasure.former_id is None:
        return
    user = linking.lock_identities(erasure.agent_id, [erasure.former_id]).get(erasure.former_id)
    if user is not None:  # not erased in the meantime
        _replace(user, erasure)
    erasures.finish(erasure)


def _replace(user: EndUser, erasure: Erasure) -> None:
    anonymous = _make_anonymous(user)
    salt = secrets.token_hex(32)  # forgotten when this transaction ends
    for model in MOVED:
        _copy(model, user.id, anonymous.id, _replacements(model, salt, erasure.keep_texts))
    erasures.add_counts(erasure, owned.remove(owned.owned_tables(), [user.id]))
    erasures.add_counts(erasure, owned.remove_themselves([user.id]))
    reactions.remove_others(user.id)
    if user.person_id:
        linking.dissolve_if_single(user.person_id)


def _make_anonymous(user: EndUser) -> EndUser:
    new_id = uuid.uuid4()
    external_id = f"anon-{secrets.token_hex(8)}"
    key = search_key(new_id, "", "", "", external_id)
    anonymous = EndUser(
        id=new_id,
        external_id=external_id,
        search_key=key,
        sort_name=sort_name(new_id, "", ""),
        **{name: getattr(user, name) for name in KEPT},
    )
    anonymous.save(force_insert=True)
    search_index.put([(new_id, key)], {new_id})
    return anonymous


Replacements = dict[str, tuple[str, list[Any]]]
"""By column: the SQL that replaces its value, with the parameters."""


def _replacements(model: type[models.Model], salt: str, keep_texts: bool) -> Replacements:
    if model is Session:
        return {**_random_id(), **_hashed("chat", salt), **_hashed("external_id", salt)}
    if model is not Message:
        return {}
    texts: Replacements = {} if keep_texts else {"text": ("''", []), "error": ("''", [])}
    if not keep_texts:
        texts["redacted"] = ("%s", [True])
    return {**_random_id(), **_hashed("chat", salt), **_hashed("session_id", salt), **texts}


def _random_id() -> Replacements:
    return {"id": (dialect().random_id(), [])}


def _hashed(column: str, salt: str) -> Replacements:
    """Equal values stay equal, and empty ones empty."""
    digest = dialect().sha256(f"%s || {column}")
    return {column: (f"CASE WHEN {column} = '' THEN '' ELSE {digest} END", [salt])}


def _copy(
    model: type[models.Model], old: uuid.UUID, new: uuid.UUID, replacements: Replacements
) -> None:
    """Copy the old user's rows to the new user."""
    values: Replacements = {owned.COLUMN: ("%s", [dialect().adapt(new)]), **replacements}
    columns = [field.column or "" for field in model._meta.concrete_fields]
    sources = [values.get(column, (column, [])) for column in columns]
    parameters = [parameter for _, own in sources for parameter in own]
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {', '.join(sql for sql, _ in sources)} FROM {table}"
            f" WHERE {owned.COLUMN} = %s",
            [*parameters, dialect().adapt(old)],
        )
