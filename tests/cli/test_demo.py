import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Run, answer, read_until
from tests.waiting import PATIENCE, eventually

AT_THE_DESK = {
    "agents_plan": 6,
    "agents_tag": 7,
    "gate_block": 8,
    "gate_refusedtotal": 6,
    "gate_userlimits": 6,
    "people_note": 5,
    "ledger_person": 4,
    "ledger_erasure": 2,
}
"""What the demo's operator has done, by table."""

Start = Callable[..., "subprocess.Popen[str]"]


OPEN = {"backends_backend": 2, "web_webchat": 2}
"""What people need to talk to the demo's agents, by table."""


def for_scripts(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith(("Console  ", "Sign in  ", "Chat     "))]


def test_an_interrupted_start_is_completed_and_then_used_as_it_is(
    start: Start, run: Run, home: Path, port: int
) -> None:
    killed = start("demo", "--port", str(port))
    read_until(killed, "Creating the demo")
    eventually(lambda: count(home, "ledger_message") > 3_000)
    killed.kill()
    killed.wait()

    first = start("demo", PORT=str(port))
    lines = read_until(first, "Chat     ")
    console, sign_in, chat = for_scripts(lines)
    assert console == f"Console  http://127.0.0.1:{port}"
    assert sign_in.startswith("Sign in  demo / ")
    assert answer(f"http://127.0.0.1:{port}/healthz") == (200, "ok\n")
    assert chat.startswith(f"Chat     http://127.0.0.1:{port}/chat/")
    status, page = answer(chat.split()[1])
    assert status == 200
    assert "I am Mira" in page
    assert (home / "demo.json").stat().st_mode & 0o077 == 0  # it holds the password
    stop(first)
    assert 1_500 <= count(home, "ledger_enduser") < 1_510  # live traffic brings a few
    assert count(home, "ledger_message") >= 30_000
    assert {table: count(home, table) for table in AT_THE_DESK} == AT_THE_DESK
    assert {table: count(home, table) for table in OPEN} == OPEN
    assert count(home, "ledger_reachabilitychange") >= 8
    assert run("check").returncode == 0

    close(home)  # as in a home of an older version
    second = start("demo", "--port", str(port))
    lines = read_until(second, "Chat     ")
    assert for_scripts(lines) == [console, sign_in, chat]
    assert not [line for line in lines if line.startswith("Creating the demo")]
    assert {table: count(home, table) for table in OPEN} == OPEN
    stop(second)


def test_it_never_touches_a_real_installation(run: Run, ready: Path) -> None:
    done = run("demo")
    assert done.returncode == 1
    assert "contains a real installation" in done.stderr


def stop(demo: "subprocess.Popen[str]") -> None:
    demo.send_signal(signal.SIGINT)
    demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 0


def count(home: Path, table: str) -> int:
    """Rows of a table; 0 while it, or the database, is not there yet."""
    try:
        with closing(sqlite3.connect(f"file:{home}/frontdesk.sqlite3?mode=ro", uri=True)) as found:
            rows: int = found.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            return rows
    except sqlite3.OperationalError:
        return 0


def close(home: Path) -> None:
    """Remove what people need to talk to the agents."""
    with closing(sqlite3.connect(home / "frontdesk.sqlite3")) as found, found:
        for table in OPEN:
            found.execute(f"DELETE FROM {table}")  # noqa: S608
