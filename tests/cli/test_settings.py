import re
from pathlib import Path

import pytest

from frontdesk.config.environment import Environment, SettingsError, read_environment
from tests.cli.conftest import Run

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(), re.M)
    documented = {name for name, *cells in rows if all(cell.strip() for cell in cells)}
    assert documented == {Environment.variable(field) for field in Environment.model_fields}


def test_documented_defaults_are_the_real_ones() -> None:
    page = PAGE.read_text()
    for field in ("threads", "log_level", "debug"):
        default = str(Environment.model_fields[field].default)
        value = default.lower() if default in ("True", "False") else default
        assert re.search(rf"^\| `{Environment.variable(field)}` .*\| `{value}` \|", page, re.M)


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("FRONTDESK_THREADS", "many", "valid integer"),
        ("FRONTDESK_THREADS", "0", "greater than or equal to 1"),
        ("FRONTDESK_LOG_LEVEL", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("FRONTDESK_PUBLIC_URL", "desk.example.com", "must begin with http"),
        ("DATABASE_URL", "mysql://user@host/name", "must begin with postgres://"),
        ("DATABASE_URL", "postgres://user@host:port/name", "ort could not be cast"),
        ("DATABASE_URL", "postgres://user@host", "must be like postgres://"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"{variable}: .*{re.escape(problem)}"):
        read_environment()


def test_a_wrong_setting_is_one_line_and_no_traceback(run: Run) -> None:
    done = run("serve", FRONTDESK_THREADS="many")
    assert done.returncode == 1
    assert done.stderr.startswith("frontdesk: FRONTDESK_THREADS: ")
    assert done.stderr.count("\n") == 1


def test_an_unusable_setting_does_not_hide_the_help(run: Run) -> None:
    done = run("serve", "--help", FRONTDESK_THREADS="many")
    assert done.returncode == 0
    assert "--workers" in done.stdout
