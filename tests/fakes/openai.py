"""A server with OpenAI's API (npm: @copilotkit/aimock) and answers set by the test."""

import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fakes.node import FOLDER, node
from tests.waiting import eventually

PROGRAM = FOLDER / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"


class OpenAIServer:
    """One server; `url` is the base URL of its API. Unexpected requests are answered with 404."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.url = f"{self.origin}/v1"

    def expect(self, text: str, response: dict[str, Any], **options: Any) -> None:
        """Answer a last message that contains `text` this way. The first expectation wins.

        `response`: {"content": …}, {"toolCalls": …} or {"error": …, "status": …}; `options`, such
        as latency (ms between chunks), chunkSize, truncateAfterChunks, disconnectAfterMs and match
        (more of what to match), as aimock's fixtures have them.
        """
        match = {"userMessage": text, **options.pop("match", {})}
        fixture = {"match": match, "response": response, **options}
        self._call("POST", "fixtures", {"fixtures": [fixture]})

    def say(self, text: str, answer: str, **options: Any) -> None:
        """Answer a last message that contains `text` with this."""
        self.expect(text, {"content": answer}, **options)

    def requests(self) -> list[dict[str, Any]]:
        """The received bodies, oldest first."""
        return [entry["body"] for entry in self.journal()]

    def journal(self) -> list[dict[str, Any]]:
        """The requests: method, path, headers, body and how it was answered, oldest first."""
        found = self._call("GET", "journal")
        entries = found if isinstance(found, list) else found["entries"]
        return [entry for entry in entries if entry["path"].startswith("/v1")]

    def reset(self) -> None:
        """Forget all expectations and requests."""
        self._call("POST", "reset")

    def _call(self, method: str, what: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  # our own server
            f"{self.origin}/__aimock/{what}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return json.loads(response.read() or b"null")


@contextmanager
def serve(folder: Path) -> Iterator[OpenAIServer]:
    """Start a server, which ends with the block. `folder` gets its log."""
    fixtures, log = folder / "fixtures.json", folder / "aimock.log"
    never = {"match": {"userMessage": "never said"}, "response": {"content": "Never."}}
    fixtures.write_text(json.dumps({"fixtures": [never]}))  # it needs one at its start
    port = _free_port()
    command = [node(), str(PROGRAM), "-p", str(port), "-f", str(fixtures), "--journal-max", "5000"]
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait_for(port, process, log)
            yield OpenAIServer(port)
        finally:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    def is_listening() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    eventually(lambda: is_listening() or process.poll() is not None)
    assert process.poll() is None, f"aimock did not start:\n{log.read_text()}"
