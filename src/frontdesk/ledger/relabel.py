"""Removes or renames the plans and tags that operators assigned to users, in chunks.

The tasks are safe to repeat and continue where an interrupted one stopped: users that are done no
longer match. Reported plans and tags stay.
"""

import datetime as dt
import uuid

from django.db.models import Q
from django_tasks import task

from frontdesk.ledger.assign import CHUNK, change_tags, remove_plan
from frontdesk.ledger.models import EndUser, UserTag

_FIRST = (dt.datetime.min.replace(tzinfo=dt.UTC), uuid.UUID(int=0))


def request_plan_removal(agent_id: uuid.UUID, key: str) -> None:
    """Let the worker remove this plan from all users to whom an operator assigned it."""
    take_plan_away.enqueue(str(agent_id), key)


def request_tag_change(agent_id: uuid.UUID, name: str, new_name: str) -> None:
    """Let the worker rename an assigned tag or, if `new_name` is empty, remove it."""
    change_tag.enqueue(str(agent_id), name, new_name)


@task()
def take_plan_away(agent_id: str, key: str) -> None:
    """Walk the index of subscriptions. A new message moves its user ahead, never back."""
    agent = uuid.UUID(agent_id)
    at, last = _FIRST
    while rows := list(
        EndUser.objects.filter(agent_id=agent, subscription=key)
        .filter(Q(last_message_at__gt=at) | Q(last_message_at=at, id__gt=last))
        .order_by("last_message_at", "id")
        .values_list("last_message_at", "id", "assigned_plan")[:CHUNK]
    ):
        if ids := [user_id for _, user_id, assigned in rows if assigned == key]:
            remove_plan(agent, ids, key)
        at, last = rows[-1][:2]


@task()
def change_tag(agent_id: str, name: str, new_name: str) -> None:
    """Walk the users that have the tag. Users whose tag was only reported are skipped."""
    agent = uuid.UUID(agent_id)
    last = uuid.UUID(int=0)
    while ids := list(
        UserTag.objects.filter(agent_id=agent, name=name, end_user_id__gt=last)
        .order_by("end_user_id")
        .values_list("end_user_id", flat=True)[:CHUNK]
    ):
        tags = EndUser.objects.filter(id__in=ids).values_list("id", "assigned_tags")
        if assigned := [user_id for user_id, names in tags if name in names]:
            change_tags(agent, assigned, [new_name] if new_name else [], [name])
        last = ids[-1]
