"""Returning database connections while a thread waits: there are fewer than threads."""

from django.db import connection

from frontdesk.core.sql.dialect import dialect


def release_connection() -> None:
    """Return this thread's connection before something that may take minutes.

    The next query gets another one. Within a transaction it is kept, or the transaction would be
    lost.
    """
    if not connection.in_atomic_block:
        connection.close()


def lend_connection() -> None:
    """Return the connection briefly, if other threads can use it in the meantime.

    On SQLite no other thread could, and reopening the file costs 3 ms of CPU time.
    """
    if dialect().has_pool:
        release_connection()
