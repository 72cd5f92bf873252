"""The trigram index over search keys: `ledger_search`, a separate table.

It is separate because every batch rewrites users' totals, and an index on the same row would be
rewritten each time. PostgreSQL has a table with a GIN index; SQLite has an FTS5 table whose rows
are numbered by the user's id. There are no triggers: Django loses them when it remakes a table.
"""

import uuid
from collections.abc import Collection, Iterable

from django.db import connection

from frontdesk.core.sql.bulk import Row
from frontdesk.core.sql.dialect import dialect
from frontdesk.ledger.search_key import search_id

TABLE = "ledger_search"


def put(rows: Collection[Row], created: Collection[uuid.UUID]) -> None:
    """Index (user id, search key) rows, replacing those of users that were not just created."""
    if not rows:
        return
    if dialect().trigrams_are_numbered:
        # Sorted: FTS5 writes a single segment while row numbers increase.
        numbered = sorted((search_id(user_id), user_id, key) for user_id, key in rows)
        _remove_numbers([number for number, user_id, _ in numbered if user_id not in created])
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO ledger_search (rowid, search_key, end_user_id) VALUES (%s, %s, %s)",
                [(number, key, user_id.hex) for number, user_id, key in numbered],
            )
        return
    ids, keys = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_search (end_user_id, search_key)"
            " SELECT * FROM unnest(%s::uuid[], %s::text[])"
            " ON CONFLICT (end_user_id) DO UPDATE SET search_key = EXCLUDED.search_key",
            [list(ids), list(keys)],
        )


def remove(ids: Collection[uuid.UUID]) -> int:
    """Remove users from the index; returns how many were in it."""
    if dialect().trigrams_are_numbered:
        return _remove_numbers(map(search_id, ids))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_search WHERE end_user_id = ANY(%s)", [list(ids)])
        removed: int = cursor.rowcount
    return removed


def _remove_numbers(numbers: Iterable[int]) -> int:
    with connection.cursor() as cursor:
        cursor.executemany("DELETE FROM ledger_search WHERE rowid = %s", [(n,) for n in numbers])
        removed: int = cursor.rowcount
    return removed
