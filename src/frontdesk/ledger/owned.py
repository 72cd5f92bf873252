"""Finds, counts and removes the rows that belong to an end user, in every table.

The tables are found in the app registry, so that tables of higher layers need no import, and a new
table cannot be forgotten.
"""

import uuid
from collections.abc import Collection, Iterable

from django.apps import apps
from django.db import models

from frontdesk.ledger import search_index
from frontdesk.ledger.models import DailyActivity, EndUser, ImportClaim, Message, Session

COLUMN = "end_user_id"
GROWING: tuple[type[models.Model], ...] = (Session, DailyActivity, Message, ImportClaim)
"""The tables that grow with the conversation. Large histories are removed in chunks."""

Counts = dict[str, int]
"""Rows by the name of their table."""


def owned_tables() -> list[type[models.Model]]:
    """Every model with an end user column, so without the users' own rows and the search index."""
    found = (
        model
        for model in apps.get_models()
        if any(field.column == COLUMN for field in model._meta.concrete_fields)
    )
    return sorted(found, key=lambda model: model._meta.db_table)


def small_tables() -> list[type[models.Model]]:
    """The tables in which a user has only a few rows."""
    return [model for model in owned_tables() if model not in GROWING]


def count(user_id: uuid.UUID) -> int:
    """All rows of an existing user, with their own row and that of the search index."""
    return sum(_of(model, [user_id]).count() for model in owned_tables()) + 2


def remove(tables: Iterable[type[models.Model]], ids: Collection[uuid.UUID]) -> Counts:
    """Remove these users' rows from these tables; returns how many."""
    return {model._meta.db_table: _of(model, ids).delete()[0] for model in tables}


def remove_themselves(ids: Collection[uuid.UUID]) -> Counts:
    """Remove the users' own rows and their search index."""
    return {
        search_index.TABLE: search_index.remove(ids),
        EndUser._meta.db_table: EndUser.objects.filter(id__in=ids).delete()[0],
    }


def remove_some(model: type[models.Model], user_id: uuid.UUID, limit: int) -> int:
    """Remove up to `limit` of the user's rows from a growing table."""
    rows, key = _of(model, [user_id]), _second_key(model)
    # A range of the key and not a list of keys, for which PostgreSQL may read all rows again for
    # each key.
    last = rows.order_by(key).values_list(key, flat=True)[limit - 1 : limit]
    if bound := last.first():
        rows = rows.filter(**{f"{key}__lte": bound})
    return rows.delete()[0]


def _of(model: type[models.Model], ids: Collection[uuid.UUID]) -> "models.QuerySet[models.Model]":
    return model._default_manager.filter(**{f"{COLUMN}__in": ids})


def _second_key(model: type[models.Model]) -> str:
    """The field of the primary key that follows the end user."""
    return next(field.name for field in model._meta.pk_fields if field.column != COLUMN)
