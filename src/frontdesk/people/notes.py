"""Operators' notes on users.

They are written under the ledger's lock, so that no note outlives its user's erasure.
"""

import uuid

from django.utils import timezone

from frontdesk.core.sql.retries import with_retries
from frontdesk.ledger import users
from frontdesk.ledger.models import EndUser
from frontdesk.people.models import Note


@with_retries
def add(user: EndUser, author_id: int | None, author_name: str, text: str) -> Note:
    """Raises EndUser.DoesNotExist if the user was erased in the meantime."""
    _lock(user)
    return Note.objects.create(
        end_user_id=user.id, author_id=author_id, author_name=author_name, text=text
    )


@with_retries
def edit(user: EndUser, note_id: uuid.UUID, text: str) -> None:
    _lock(user)
    own = Note.objects.filter(end_user_id=user.id, id=note_id)
    own.update(text=text, edited_at=timezone.now())


@with_retries
def delete(user: EndUser, note_id: uuid.UUID) -> None:
    _lock(user)
    Note.objects.filter(end_user_id=user.id, id=note_id).delete()


def _lock(user: EndUser) -> None:
    if not users.lock_ids(user.agent_id, [user.id]):
        raise EndUser.DoesNotExist
