"""The examples of docs/imports.md can be copied and imported."""

import re
from pathlib import Path

import pytest

from frontdesk.agents.models import Agent
from frontdesk.imports.formats import FORMATS
from frontdesk.imports.guessing import guess_format
from tests.imports.running import run_import

GUIDE = (Path(__file__).parents[2] / "docs" / "imports.md").read_text("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_the_example_of_a_format_is_recognized_and_imported(
    agent: Agent, tmp_path: Path, name: str
) -> None:
    section = re.split(rf"`frontdesk import {name} ", GUIDE)[1]
    example = re.search(r"```(?:jsonl?|text|csv)\n(.*?)```", section, re.DOTALL)
    assert example
    file = tmp_path / "example"
    file.write_text(example[1], "utf-8")
    assert guess_format(file) == name
    report, _ = run_import(agent, file, name)
    assert report.tally.recorded >= 2
    assert not report.tally.rejected
    assert not report.tally.conflicts
