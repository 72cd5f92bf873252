"""Runs the real command, each test in its own home."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.waiting import PATIENCE, eventually

Run = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = [sys.executable, "-m", "frontdesk"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """The command's environment: SQLite in the home, whatever database the other tests use."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FRONTDESK_", "DJANGO_")) and name not in ("DATABASE_URL", "PORT")
    }
    return {**kept, "FRONTDESK_HOME": str(home)}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """`run("agents", "list", NAME="value")`: arguments, and variables of the environment."""

    def run_command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            env={**environment, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )

    return run_command


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home made by `frontdesk migrate`; to be copied, not used."""
    home = tmp_path_factory.mktemp("migrated") / "home"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")}
    clean.pop("DATABASE_URL", None)
    subprocess.run(
        [*COMMAND, "migrate"],
        env={**clean, "FRONTDESK_HOME": str(home)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return home


@pytest.fixture
def ready(migrated: Path, home: Path) -> Path:
    """The test's home, as `frontdesk migrate` leaves it."""
    subprocess.run(["cp", "-a", migrated, home], check=True)
    return home


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts a long-running command in its own process group; ends it after the test."""
    started: list[subprocess.Popen[str]] = []

    def start_command(*arguments: str, **variables: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            env={**environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start_command
    for process in started:
        process.kill()
        process.communicate()


def answer(url: str) -> tuple[int, str]:
    """Status and body of a GET, once a server listens there."""

    def ask() -> tuple[int, str] | None:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as response:  # noqa: S310  # ours
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return None

    found = eventually(ask)
    assert found
    return found


def read_until(process: "subprocess.Popen[str]", beginning: str) -> list[str]:
    """The lines of standard output, up to the first that starts like this."""
    assert process.stdout is not None
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith(beginning):
            return lines
    errors = process.stderr.read()
    raise AssertionError(f"ended with {process.wait()} after {lines}: {errors}")


def processes_of(home: Path) -> list[int]:
    """The ids of processes with this FRONTDESK_HOME (Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile, or is not ours
            continue
        if f"FRONTDESK_HOME={home}".encode() in variables:
            found.append(int(folder.name))
    return found


def kill_all(home: Path) -> None:
    """As when the machine is out of memory: no process has time to clean up.

    A server process is not in its parent's process group, and goes on for a second without it.
    """

    def are_gone() -> bool:
        for process in processes_of(home):  # a parent may have just replaced a child
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return not processes_of(home)

    eventually(are_gone)
