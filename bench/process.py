"""Controls a worker: starts it, sends it commands, and ends it."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.databases import Installation


class Worker:
    """A worker in an installation, as a context manager that ends it."""

    def __init__(self, installation: Installation) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker"],
            env=installation.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(60)

    def ask(self, *command: Any) -> Any:
        """The worker's answer to a command. Raises RuntimeError if the worker died."""
        return self.ask_all([self], *command)[0]

    @staticmethod
    def ask_all(workers: "list[Worker]", *command: Any) -> list[Any]:
        """Send the same command to all of them at once, and wait for the answers."""
        for worker in workers:
            worker._send(command)
        return [worker._receive(command) for worker in workers]

    def _send(self, command: tuple[Any, ...]) -> None:
        assert self._process.stdin  # noqa: S101
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def _receive(self, command: tuple[Any, ...]) -> Any:
        assert self._process.stdout  # noqa: S101
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker ended at {command}; its error is above")
        return json.loads(line)


def own_memory(process: int | None = None) -> int:
    """Private bytes of a process, by default this one, without mapped files."""
    for line in Path(f"/proc/{process or 'self'}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("the kernel does not report RssAnon")
