"""The web chat with many people at once, on one server process of `frontdesk serve`.

`python -m bench.chatting` runs only this part and prints its tables.
"""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.chat_clients import ChatClient, Exchange, ask_model
from tests.fakes.model import answer_to

from bench import databases, report
from bench.databases import Installation
from bench.process import Worker, own_memory
from bench.report import Chat, Spread

PEOPLE, TURNS = 200, 5
PIECES, SECONDS = 40, 2.0
"""The length of the model's answer in words, and its duration."""

_TICKS = os.sysconf("SC_CLK_TCK")


def measure(
    installation: Installation,
    people: int,
    turns: int,
    pieces: int = PIECES,
    seconds: float = SECONDS,
) -> Chat:
    """Let `people` chat at once in a new installation, with `turns` questions each."""
    model, port = _free_port(), _free_port()
    environment = {**installation.environment, "FRONTDESK_CHAT_RATE": "1000000"}
    environment["FRONTDESK_INTERNAL_HOSTS"] = f"127.0.0.1:{model}"
    _frontdesk(environment, "migrate").wait()
    with Worker(installation) as worker:
        database = worker.ask("versions")
        url = f"http://127.0.0.1:{model}/v1"
        agent = worker.ask("open_chat", url)
        with _model(model, pieces, seconds), _served(environment, port) as server:
            alone = asyncio.run(_ask_the_model(model, people))
            asyncio.run(_talk(port, worker.ask("open_chat", url), people, 1))  # a warm-up
            before, started = server.cpu(), time.perf_counter()
            exchanges = asyncio.run(_talk(port, agent, people, turns))
            seconds_taken, worked = time.perf_counter() - started, server.cpu() - before
            memory = server.memory()
        expected = {question: answer_to(question, pieces) for question, _ in exchanges}
        lost, doubled = worker.ask("chat_losses", agent, expected)
    answered = [exchange for question, exchange in exchanges if exchange.text == expected[question]]
    return Chat(
        database,
        people,
        Spread.of([exchange.first - exchange.started for exchange in answered if exchange.first]),
        Spread.of([exchange.ended - exchange.started for exchange in answered]),
        *(Spread.of(list(found)) for found in zip(*alone, strict=True)),
        per_second=2 * len(answered) / seconds_taken,
        cpu=worked / len(exchanges),
        memory=memory,
        lost=lost,
        doubled=doubled,
    )


async def _talk(port: int, agent: str, people: int, turns: int) -> list[tuple[str, Exchange]]:
    """All questions and their outcomes; all people start at the same moment."""
    clients = [ChatClient(port, agent) for _ in range(people)]
    for client in clients:
        await client.arrive()

    async def talk(person: int) -> list[tuple[str, Exchange]]:
        found = []
        for turn in range(turns):
            question = f"question {turn} of person {person}"
            found.append((question, await clients[person].ask(question, uuid.uuid4())))
        return found

    everyone = await asyncio.gather(*map(talk, range(people)))
    return [pair for person in everyone for pair in person]


async def _ask_the_model(port: int, people: int) -> list[tuple[float, float]]:
    """Seconds to the first piece and to the end if as many people ask the model directly."""
    exchanges = await asyncio.gather(*(ask_model(port, str(n)) for n in range(people)))
    return [(e.first - e.started, e.ended - e.started) for e in exchanges if e.first]


class _Server:
    """A `frontdesk serve` without a background worker: two processes, one of which serves."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def cpu(self) -> float:
        """CPU seconds of its processes."""
        return sum(_ticks(number) for number in self._numbers()) / float(_TICKS)

    def memory(self) -> int:
        """Private bytes of the serving process."""
        return max(own_memory(number) for number in self._numbers())

    def _numbers(self) -> list[int]:
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]


def _ticks(process: int) -> int:
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])  # in user mode and in the kernel


@contextmanager
def _served(environment: dict[str, str], port: int) -> Iterator[_Server]:
    process = _frontdesk(environment, "serve", "--port", str(port), "--no-worker")
    try:
        assert process.stdout  # noqa: S101
        for line in process.stdout:
            if line.startswith("Frontdesk serves"):
                break
        yield _Server(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


@contextmanager
def _model(port: int, pieces: int, seconds: float) -> Iterator[None]:
    paced = ["--pieces", str(pieces), "--seconds", str(seconds)]
    process = subprocess.Popen([sys.executable, "-m", "tests.fakes.model", str(port), *paced])
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(60)


def _frontdesk(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "frontdesk", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chatting", description=__doc__)
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--turns", type=int, default=TURNS)
    options = parser.parse_args()
    measured = []
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as name:
        folder = Path(name)
        for database in options.databases.split(","):
            with databases.maker(database, folder)("chat") as installation:
                measured.append(measure(installation, options.people, options.turns))
    sys.stdout.write("\n".join(report.chatting(measured)) + "\n")


if __name__ == "__main__":
    main()
