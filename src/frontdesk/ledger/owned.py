"""The rows that hang on an end user, in whichever table: found, counted and removed.

The tables are found in the app registry, so that those of higher rooms are known without importing
them, and a new one cannot be forgotten.
"""

import uuid
from collections.abc import Collection, Iterable

from django.apps import apps
from django.db import models

from frontdesk.ledger import search_index
from frontdesk.ledger.models import DailyActivity, EndUser, Message, Session

COLUMN = "end_user_id"
GROWING: tuple[type[models.Model], ...] = (Session, DailyActivity, Message)
"""The tables whose rows grow with the conversation: large ones are removed in chunks."""

Counts = dict[str, int]
"""Rows by the name of their table."""


def owned_tables() -> list[type[models.Model]]:
    """Every model with an end user column; the users' own rows and the search index are apart."""
    found = (
        model
        for model in apps.get_models()
        if any(field.column == COLUMN for field in model._meta.concrete_fields)
    )
    return sorted(found, key=lambda model: model._meta.db_table)


def small_tables() -> list[type[models.Model]]:
    """Those in which a user has a handful of rows."""
    return [model for model in owned_tables() if model not in GROWING]


def count(user_id: uuid.UUID) -> int:
    """The rows of a user who is there: all that hang on them, their own, the search index's."""
    return sum(_of(model, [user_id]).count() for model in owned_tables()) + 2


def remove(tables: Iterable[type[models.Model]], ids: Collection[uuid.UUID]) -> Counts:
    """Remove all that these users have in these tables; returns how many rows."""
    return {model._meta.db_table: _of(model, ids).delete()[0] for model in tables}


def remove_themselves(ids: Collection[uuid.UUID]) -> Counts:
    """Remove the users' own rows, and what the search finds them by."""
    return {
        search_index.TABLE: search_index.remove(ids),
        EndUser._meta.db_table: EndUser.objects.filter(id__in=ids).delete()[0],
    }


def remove_some(model: type[models.Model], user_id: uuid.UUID, most: int) -> int:
    """Remove at most so many of the rows that the user has in a growing table."""
    rows, key = _of(model, [user_id]), _second_key(model)
    # A range of the key, and no list of keys: for that PostgreSQL may choose to read all rows anew
    # for each of them.
    last = rows.order_by(key).values_list(key, flat=True)[most - 1 : most]
    if bound := last.first():
        rows = rows.filter(**{f"{key}__lte": bound})
    return rows.delete()[0]


def _of(model: type[models.Model], ids: Collection[uuid.UUID]) -> "models.QuerySet[models.Model]":
    return model._default_manager.filter(**{f"{COLUMN}__in": ids})


def _second_key(model: type[models.Model]) -> str:
    """The field that, after the end user's, makes up the key."""
    return next(field.name for field in model._meta.pk_fields if field.column != COLUMN)
