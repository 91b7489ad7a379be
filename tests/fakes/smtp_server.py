"""A real SMTP server on loopback: plain, with STARTTLS, or with TLS; with a login if asked for."""

import datetime
import ipaddress
import ssl
from asyncio import Server
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "bigbrother", "password-of-the-mailer"


@dataclass
class Mailbox:
    """What arrived, and which addresses are refused with which reply."""

    address: str = ""
    """As the document names the server."""
    mails: list[EmailMessage] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    replies: list[str] = field(default_factory=list)
    """Replies to the next mails in place of success."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: object, _session: Session, envelope: Envelope
    ) -> str:
        if self.replies:
            return self.replies.pop(0)
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 Message accepted for delivery"


class _AnyPort(Controller):
    """Tries itself out on the port that it got."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def smtp_server(
    encryption: str = "none", certificate: Path | None = None, *, login: bool = False
) -> Iterator[Mailbox]:
    """Serves on a free port of 127.0.0.1; `certificate` holds key and certificate."""
    mailbox = Mailbox()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    options: dict[str, Any] = {}
    if encryption == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if login:
        options |= {
            "authenticator": lambda *given: AuthResult(
                success=given[4].login == USER.encode() and given[4].password == PASSWORD.encode(),
                # Otherwise nobody would answer.
                handled=False,
            ),
            "auth_required": True,
            "auth_require_tls": encryption == "starttls",
        }
    controller = _AnyPort(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        ssl_context=context if encryption == "tls" else None,
        **options,
    )
    controller.start()
    mailbox.address = f"127.0.0.1:{controller.port}"
    try:
        yield mailbox
    finally:
        controller.stop()


def make_certificate(folder: Path) -> Path:
    """A file with a new key and its self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begins = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=36500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file
