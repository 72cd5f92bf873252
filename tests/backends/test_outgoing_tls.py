"""HTTPS to the checked address, under the requested name."""

import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from frontdesk.backends import transport
from frontdesk.backends.question import Cancellation
from tests.backends.test_outgoing import Names, Site, names
from tests.fakes.quiet_server import QuietServer

__all__ = ["names"]  # the fixture
NAME = "here.example"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for NAME and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def secure_site(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, allow_internal: None
) -> Iterator[int]:
    monkeypatch.setattr(transport, "_tls", lambda: ssl.create_default_context(cafile=certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = QuietServer(Site)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_certificate_has_to_match_the_name(names: Names, secure_site: int) -> None:
    names.answers = [["127.0.0.1"]]
    with transport.client(5) as http:
        url = f"https://{NAME}:{secure_site}/"
        assert http.get(url).text == f"{NAME}:{secure_site}"
    names.answers = [["127.0.0.1"]]
    with transport.client(5) as http, pytest.raises(httpx2.ConnectError):
        http.get(f"https://other.example:{secure_site}/")


def test_a_cancellation_wakes_a_reader_within_tls(names: Names, secure_site: int) -> None:
    names.answers = [["127.0.0.1"]]
    cancellation = Cancellation()
    timer = threading.Timer(0.2, cancellation.cancel)
    timer.start()
    started = dt.datetime.now(dt.UTC)
    with transport.client(60, cancellation=cancellation) as http, pytest.raises(httpx2.HTTPError):
        http.get(f"https://{NAME}:{secure_site}/silent")
    assert dt.datetime.now(dt.UTC) - started < dt.timedelta(seconds=2)
