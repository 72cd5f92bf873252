import contextlib
import http.client
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from tests.cli.conftest import Run, answer, processes_of, read_until
from tests.waiting import PATIENCE, eventually

Start = Callable[..., "subprocess.Popen[str]"]
MAKE_BOT = """
import frontdesk.commands.wsgi
from frontdesk.agents.models import Agent
from frontdesk.core.encryption import encrypt
from frontdesk.channels.telegram.models import TelegramBot
agent = Agent.objects.create(name="Ada")
token, url = encrypt("4711:AAHn0tARealTokenButLongEnough0000000"), "http://127.0.0.1:1"
TelegramBot.objects.create(
    agent=agent, bot_id=4711, username="ada_bot", token=token, webhook_secret=token, api_url=url
)
"""
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_it_refuses_without_migrations(run: Run) -> None:
    done = run("serve")
    assert done.returncode == 1
    assert "migrations are missing in the database: run `frontdesk migrate`" in done.stderr


def test_it_refuses_without_static_files(run: Run, ready: Path) -> None:
    shutil.rmtree(ready / "static")
    done = run("serve")
    assert done.returncode == 1
    assert "static files" in done.stderr
    assert "run `frontdesk migrate`" in done.stderr


def test_it_refuses_a_home_that_is_not_writable(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("serve", FRONTDESK_HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 1
    assert f"cannot write to the home {tmp_path}/file/home" in done.stderr


def test_it_refuses_a_database_that_does_not_answer(run: Run) -> None:
    done = run("serve", DATABASE_URL="postgres://somebody@127.0.0.1:1/frontdesk")
    assert done.returncode == 1
    assert "cannot reach the database: " in done.stderr
    assert done.stderr.count("\n") == 1


def test_it_refuses_a_port_that_is_taken(run: Run, ready: Path, port: int) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as a second server would
        other.bind(("127.0.0.1", port))
        other.listen()
        done = run("serve", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port}: another program uses it" in done.stderr


@on_linux
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_ends_cleanly(
    start: Start, ready: Path, port: int, ending: signal.Signals
) -> None:
    server = start("serve", "--port", str(port))
    read_until(server, "http://")  # the first owner's link comes last
    assert answer(f"http://127.0.0.1:{port}/healthz") == (200, "ok\n")
    idle = http.client.HTTPConnection("127.0.0.1", port)
    idle.request("GET", "/healthz")
    idle.getresponse().read()  # and stays connected, as browsers do
    # The parent, a server process, the worker.
    eventually(lambda: len(processes_of(ready)) >= 3)

    # As Ctrl-C in a terminal, which reaches every process of the foreground.
    os.killpg(server.pid, ending)
    _, errors = server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    assert "Traceback" not in errors
    assert processes_of(ready) == []
    idle.close()


@on_linux
def test_killing_the_parent_leaves_no_orphans(start: Start, ready: Path, port: int) -> None:
    server = start("serve", "--port", str(port))
    read_until(server, "Frontdesk serves")
    server.kill()
    server.wait()
    eventually(lambda: not processes_of(ready))


@on_linux
def test_a_worker_that_dies_is_started_again(start: Start, ready: Path, port: int) -> None:
    server = start("serve", "--port", str(port))
    read_until(server, "Frontdesk serves")
    dead = wait_for_worker(ready, ())
    os.kill(dead, signal.SIGKILL)
    assert wait_for_worker(ready, {dead}) != dead


@on_linux
def test_a_worker_that_ends_releases_its_bots(
    start: Start, ready: Path, environment: dict[str, str]
) -> None:
    def served_by(database: sqlite3.Connection) -> str | None:
        row = database.execute("SELECT served_by FROM telegram_telegrambot").fetchone()
        return str(row[0]) if row[0] else None

    subprocess.run([sys.executable, "-c", MAKE_BOT], env=environment, check=True)
    with contextlib.closing(sqlite3.connect(ready / "frontdesk.sqlite3")) as database:
        worker = start("worker")
        eventually(lambda: served_by(database))
        worker.terminate()
        _, errors = worker.communicate(timeout=PATIENCE)
        assert served_by(database) is None
    assert worker.returncode == 0
    assert "Traceback" not in errors


def wait_for_worker(home: Path, passed_over: Collection[int]) -> int:
    def find() -> int:
        for process in set(processes_of(home)) - set(passed_over):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                if b"\0worker\0" in Path(f"/proc/{process}/cmdline").read_bytes():
                    return process
        return 0

    return eventually(find)


def test_the_link_it_prints_makes_the_first_owner(start: Start, ready: Path, port: int) -> None:
    server = start("serve", "--port", str(port), "--no-worker")
    link = read_until(server, f"http://127.0.0.1:{port}/accounts/")[-1]
    status, page = answer(link)
    assert status == 200
    assert "password1" in page


def test_no_link_is_printed_once_there_is_an_operator(
    start: Start, run: Run, ready: Path, port: int
) -> None:
    run(
        *("createowner", "--username", "olivia", "--email", "olivia@example.com"),
        FRONTDESK_OWNER_PASSWORD="correct horse battery",
    )
    server = start("serve", "--no-worker", PORT=str(port))
    assert read_until(server, "Frontdesk serves")[0].startswith(
        f"Frontdesk serves http://127.0.0.1:{port}"
    )
    server.terminate()
    rest, _ = server.communicate(timeout=PATIENCE)
    assert rest == ""
