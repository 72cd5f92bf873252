"""Addresses that operators enter must not lead into this network."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import httpx2
import pytest
from pytest_django import Settings

from frontdesk.backends.outgoing import OutgoingError, check_url, is_public
from frontdesk.backends.question import Cancellation
from frontdesk.backends.resolver import GuardedResolver
from frontdesk.backends.transport import client
from tests.fakes.quiet_server import QuietServer
from tests.loops import run

PUBLIC = "93.184.215.14"


class Site(BaseHTTPRequestHandler):
    """Answers with the requested host; /away redirects, /zipped compresses, /much never ends."""

    def do_GET(self) -> None:
        if self.path == "/silent":
            assert isinstance(self.server, QuietServer)
            self.server.closing.wait()
            return
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("Location", "http://169.254.169.254/")
        if self.path == "/zipped":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        body = b"." * 5000 if self.path == "/much" else self.headers["Host"].encode()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def site() -> Iterator[int]:
    server = QuietServer(Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


class Names:
    """A name server for the test: each look-up of a name returns the next of its answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[list[str]] = []
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: str, port: int, *args: int, **kwargs: int) -> list[object]:
        if not host.endswith(".example"):
            return list(self._real(host, port, *args, **kwargs))
        addresses = self.answers.pop(0)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def allow(settings: Settings, hosts: str) -> None:
    settings.ENV = settings.ENV.model_copy(update={"internal_hosts": hosts})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "１２７.0.0.1",
        "localhost",
        "localhost.",
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[fe80::1]",
        "[fd00::1]",
        "[fec0::1]",
        "[ff02::1]",
    ],
)
def test_an_internal_address_is_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(OutgoingError, match=r"FRONTDESK_INTERNAL_HOSTS=|cannot be found"):
        check_url(f"http://{host}/v1")


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"]
)
def test_a_public_address_is_not_internal(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://example.com", "starts with https"),
        ("file:///etc/passwd", "starts with https"),
        ("example.com/v1", "starts with https"),
        ("", "starts with https"),
        ("https://", "has no host"),
        ("https://example.com:0", "invalid port"),
        ("https://example.com:99999", "not an address"),
        ("https://[::1", "not an address"),
        ("https://user:pass@example.com", "user name"),
        ("https://example.com\\@127.0.0.1", "backslashes"),
        ("https://exam ple.com", "spaces"),
        ("https://example.com\n", "spaces"),
        ("https://nowhere.invalid", "cannot be found"),
        (f"https://{'a' * 70}.com", "cannot be found"),
    ],
)
def test_an_unusable_address_is_reported(url: str, problem: str) -> None:
    with pytest.raises(OutgoingError, match=problem):
        check_url(url)


@pytest.mark.parametrize(
    ("entries", "url"),
    [
        ("*", "http://10.0.0.1"),
        ("localhost:11434", "http://localhost:11434/v1"),
        ("a.example, LOCALHOST", "http://localhost:8080"),
        ("[::1]:1234", "http://[::1]:1234"),
        ("::1", "http://[::1]"),
        ("localhost:443", "https://localhost"),
    ],
)
def test_an_operator_of_the_machine_may_allow_internal_hosts(
    settings: Settings, entries: str, url: str
) -> None:
    allow(settings, entries)
    check_url(url)


def test_an_entry_with_a_port_allows_no_other_port(settings: Settings) -> None:
    allow(settings, "localhost:11434,[::1]:1234")
    for url in ("http://localhost:22", "http://[::1]:22", "http://127.0.0.1:11434"):
        with pytest.raises(OutgoingError):
            check_url(url)


def test_a_name_with_one_internal_address_is_refused(names: Names) -> None:
    names.answers = [[PUBLIC, "10.0.0.1"]]
    with pytest.raises(OutgoingError, match="internal address"):
        check_url("https://mixed.example")


def test_a_name_that_resolves_differently_at_the_request_is_refused(
    names: Names, site: int
) -> None:
    names.answers = [[PUBLIC], ["127.0.0.1"]]
    url = f"http://rebound.example:{site}/"
    check_url(url)
    with client(5) as http, pytest.raises(OutgoingError, match="internal address"):
        http.get(url)


def test_the_request_goes_to_the_address_that_was_checked(
    names: Names, site: int, settings: Settings
) -> None:
    allow(settings, f"here.example:{site}")
    names.answers = [["127.0.0.1"]]  # a second look-up would fail
    with client(5) as http:
        assert http.get(f"http://here.example:{site}/").text == f"here.example:{site}"


@pytest.mark.usefixtures("allow_internal")
def test_the_second_address_is_used_if_the_first_does_not_answer(names: Names, site: int) -> None:
    names.answers = [["127.0.0.2", "127.0.0.1"]]
    with client(5) as http:
        assert http.get(f"http://here.example:{site}/").status_code == 200


@pytest.mark.usefixtures("allow_internal")
def test_a_redirect_is_not_followed(site: int) -> None:
    with client(5) as http:
        assert http.get(f"http://127.0.0.1:{site}/away").status_code == 302


@pytest.mark.usefixtures("allow_internal")
def test_no_proxy_of_the_environment_is_used(site: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with client(5) as http:
        assert http.get(f"http://127.0.0.1:{site}/").status_code == 200


@pytest.mark.usefixtures("allow_internal")
def test_an_answer_is_bounded(site: int) -> None:
    with client(5, max_bytes=2000) as http, pytest.raises(httpx2.HTTPError, match="too large"):
        http.get(f"http://127.0.0.1:{site}/much")
    with client(5) as http, pytest.raises(httpx2.HTTPError, match="compressed"):
        http.get(f"http://127.0.0.1:{site}/zipped")


@pytest.mark.usefixtures("allow_internal")
def test_a_cancellation_wakes_a_reader_of_the_first_byte(site: int) -> None:
    cancellation = Cancellation()
    timer = threading.Timer(0.1, cancellation.cancel)
    timer.start()
    with client(60, cancellation=cancellation) as http, pytest.raises(httpx2.HTTPError):
        http.get(f"http://127.0.0.1:{site}/silent", timeout=3)
    assert cancellation.is_cancelled
    timer.join()


def test_telegrams_resolver_has_the_same_rules(names: Names) -> None:
    async def look_up() -> list[str]:
        resolver = GuardedResolver()
        found = await resolver.resolve("good.example", 443)
        with pytest.raises(OutgoingError, match="internal address"):
            await resolver.resolve("mixed.example", 443)
        return [each["host"] for each in found]

    names.answers = [[PUBLIC, PUBLIC], [PUBLIC, "169.254.169.254"]]
    assert run(look_up()) == [PUBLIC]
