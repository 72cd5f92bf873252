"""Database connections, of which there are fewer than people who wait for an answer."""

from django.db import connection


def release_connection() -> None:
    """Give this thread's connection back before something that may take minutes.

    The next query gets another. Within a transaction it stays, for that would be lost. SQLite has
    no pool: there a connection is nobody else's, and the last one to be closed copies the
    write-ahead log home, for which the message would wait.
    """
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()
