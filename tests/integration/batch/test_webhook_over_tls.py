"""A webhook over https: the certificate must be of the name that the client gave."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from bigbrother.face.batch.webhook import delivery
from bigbrother.face.batch.webhook.addresses import check_url
from bigbrother.face.batch.webhook.errors import WebhookFailed

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def certificate(folder: Path, name: str) -> Path:
    """A certificate of this name that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    began = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    file = folder / f"{name}.pem"
    file.write_bytes(key.private_bytes(pem, pkcs8, plain) + made.public_bytes(pem))
    return file


@contextmanager
def receiver(certified: Path) -> Iterator[tuple[int, list[bytes]]]:
    """A server with this certificate: its port, and the bodies that it gets."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certified)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port, received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(port: int) -> None:
    target = check_url(f"https://localhost:{port}/hook", LOOPBACK)
    asyncio.run(delivery.post(target, b"{}", {}, allowed=LOOPBACK, within_seconds=5))


def test_a_webhook_with_a_trusted_certificate_of_its_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certified = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certified))
    with receiver(certified) as (port, received):
        send(port)
    assert received == [b"{}"]


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_an_untrusted_certificate_or_one_of_another_name_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    certified = certificate(tmp_path, name)
    if name != "localhost":
        monkeypatch.setenv("SSL_CERT_FILE", str(certified))
    with (
        receiver(certified) as (port, received),
        pytest.raises(WebhookFailed, match="certificate"),
    ):
        send(port)
    assert received == []
