"""Database connections, which are fewer than the people who wait for an answer."""

from django.db import connection

from frontdesk.core.sql.dialect import dialect


def release_connection() -> None:
    """Give this thread's connection back before something that may take minutes.

    The next query gets another. Within a transaction it stays, or the transaction would be lost.
    """
    if not connection.in_atomic_block:
        connection.close()


def lend_connection() -> None:
    """Give the connection back for a moment, if other threads can use it meanwhile.

    On SQLite no other thread could, and to open the file again costs 3 ms of the processor.
    """
    if dialect().has_pool:
        release_connection()
