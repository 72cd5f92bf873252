"""Creates a row for a user in every table with an end user, and counts a user's rows.

The tables come from the database, not from the tested code.
"""

import datetime as dt
import functools
import uuid
from typing import Any

from django.apps import apps
from django.db import connection, models

from frontdesk.core.sql.dialect import dialect
from frontdesk.ledger.models import EndUser

COLUMN = "end_user_id"


@functools.cache
def tables_with_a_user() -> set[str]:
    """The tables of the database that have an end user column."""
    with connection.cursor() as cursor:
        introspection = connection.introspection
        return {
            table
            for table in introspection.table_names(cursor)
            if COLUMN in {c.name for c in introspection.get_table_description(cursor, table)}
        }


def rows_of(user_id: uuid.UUID) -> dict[str, int]:
    """The tables in which the user has rows, with their numbers; includes the users' table."""
    wanted = dialect().adapt(user_id)
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(tables_with_a_user()):
            cursor.execute(
                f"SELECT COUNT(*) FROM {table} WHERE {COLUMN} = %s",  # noqa: S608
                [wanted],
            )
            found[table] = cursor.fetchone()[0]
    found["ledger_enduser"] = EndUser.objects.filter(id=user_id).count()
    return {table: rows for table, rows in found.items() if rows}


def fill_owned_tables(user: EndUser) -> None:
    """Give the user a row in every table with an end user."""
    has = rows_of(user.id)
    for model in apps.get_models():
        if model._meta.db_table in tables_with_a_user() - has.keys():
            model._default_manager.create(**_fields(model, user))


def _fields(model: type[models.Model], user: EndUser) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.column == COLUMN:
            fields[field.name] = user
        elif field.column == "agent_id":
            fields[field.name] = user.agent
        elif not field.has_default() and not field.null and not field.blank:
            fields[field.name] = _value(field)
    return fields


def _value(field: "models.Field[Any, Any]") -> object:
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.DateTimeField):
        return dt.datetime.now(dt.UTC)
    return 1 if isinstance(field, models.IntegerField | models.BooleanField) else "x"
