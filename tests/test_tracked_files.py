"""What is committed: no secrets, no generated files, nothing of the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

SECRET_NAMES = re.compile(r"(?:^|/)(?:secret\.key|\.env|id_\w+|.*\.(?:pem|p12|sqlite3(?:-\w+)?))$")
SECRETS = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----[\r\n]"
    rb"|\bfd_[\w-]{40,}"  # an API key of Frontdesk
    rb"|\bsk-[\w-]{40,}"  # a key of a model's provider
    rb"|\b\d{8,10}:AA[\w-]{33}\b"  # a Telegram bot's token
    rb"|\A\s*[\w-]{40,}\s*\Z"  # a file that is nothing but a random token
)


@pytest.fixture(scope="module")
def tracked() -> dict[str, bytes]:
    """The contents of every tracked file by its path."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so there is no list of what is committed")
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    names = [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]
    return {name: (ROOT / name).read_bytes() for name in names}


def test_no_secret_is_committed(tracked: dict[str, bytes]) -> None:
    assert [name for name in tracked if SECRET_NAMES.search(name)] == []
    assert [name for name, content in tracked.items() if SECRETS.search(content)] == []


@pytest.mark.parametrize(
    "content",
    [
        b"-----BEGIN PRIVATE KEY-----\nMIIE",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl",
        b'KEY = "fd_' + b"x" * 43 + b'"',
        b"8" + b"0" * 9 + b":AA" + b"x" * 33,
        b"Zk3-" * 12 + b"\n",
    ],
)
def test_a_secret_is_recognized(content: bytes) -> None:
    assert SECRETS.search(content)


def test_no_path_of_this_checkout_is_committed(tracked: dict[str, bytes]) -> None:
    path = f"{ROOT}/".encode()
    assert [name for name, content in tracked.items() if path in content] == []


def test_no_minified_file_is_committed(tracked: dict[str, bytes]) -> None:
    assert [name for name in tracked if ".min." in name] == []


def test_the_lock_file_names_no_host() -> None:
    assert "resolved" not in (ROOT / "package-lock.json").read_text()
