"""`make bench` on tiny sizes: that it still runs, not how fast."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_bench_writes_its_tables(tmp_path: Path) -> None:
    output = tmp_path / "benchmarks.md"
    database = os.environ.get("FRONTDESK_TEST_DATABASE", "sqlite")
    command = [sys.executable, "-m", "bench", "--quick", "--databases", database]
    subprocess.run([*command, "--output", str(output)], cwd=ROOT, check=True, timeout=800)
    text = output.read_text()
    assert "| search: exact id |" in text
    assert "| The whole page |" in text
    assert text.count("| flat |") == 1, "a row for each size with users"
    assert "| 0 | 0 | 0 and 0 | met |" in text, "no message of the chat is lost or doubled"
