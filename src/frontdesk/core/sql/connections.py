"""Database connections, of which there are fewer than people who wait for an answer."""

from django.db import connection


def release_connection() -> None:
    """Give this thread's connection back before something that may take minutes.

    The next query gets another. Within a transaction it stays, for that would be lost.
    """
    if not connection.in_atomic_block:
        connection.close()


def lend_connection() -> None:
    """The same in a thread that needs one again soon and then ends, if others can use it meanwhile.

    On SQLite nobody else could, and opening the file anew costs 3 ms of the processor.
    """
    if connection.vendor == "postgresql":
        release_connection()
