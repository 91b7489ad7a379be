"""Sends a mail: one to each address, as text and HTML, over SMTP."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from socket import socket

from bigbrother.operations.alerts.channels.cleaning import answer_line, cut
from bigbrother.operations.alerts.channels.cut_off import cut_off
from bigbrother.operations.alerts.channels.errors import (
    AddressRefused,
    ChannelUnavailable,
    MessageRefused,
)
from bigbrother.operations.alerts.channels.means import Means, idempotency_key
from bigbrother.operations.alerts.channels.reading import read
from bigbrother.operations.alerts.channels.secret import read_secret
from bigbrother.operations.alerts.channels.writing import write
from bigbrother.operations.alerts.outbox.messages import NewMessage
from bigbrother.runbook.sections.alerting import EmailChannel

_ADDRESS = re.compile(r"[^@\s<>()\[\],;:\\\"]+@[^@\s<>()\[\],;:\\\"]+")
_SERVER = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\s\[\]]+))(?::(\d{1,5}))?")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SUBJECT_LETTERS = 150
_MEND = "Look at the channel's server, encryption, user and secret in the document."


def send(channel: EmailChannel, message: NewMessage, means: Means) -> str:
    """What the mail server answered; raises ChannelUnavailable, MessageRefused, SecretUnusable."""
    password = read_secret(means.secrets, channel.secret) if channel.user else ""
    mail = compose(channel, message, means)
    try:
        return _deliver(channel, mail, password, means)
    except (smtplib.SMTPException, OSError) as error:
        raise _explained(error, channel, password, means) from error


def compose(channel: EmailChannel, message: NewMessage, means: Means) -> EmailMessage:
    """The mail; raises MessageRefused for an address that is none."""
    _check(message.address, AddressRefused)
    _check(channel.sender, MessageRefused)
    language, reading = means.runbook.alert_config.language, read(message, means)
    domain = channel.sender.partition("@")[2]
    mail = EmailMessage()
    mail["From"] = f"Big Brother CNN <{channel.sender}>"
    mail["To"] = message.address
    mail["Subject"] = cut(reading.headline, _SUBJECT_LETTERS)
    mail["Date"] = format_datetime(means.now)
    mail["Message-ID"] = f"<{idempotency_key(message.key)}@{domain}>"
    if message.alert_ids:
        # All that is said of an alert comes as one conversation.
        mail["References"] = f"<{idempotency_key(message.alert_ids[0])}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.kind == "page":
        mail["Importance"] = "high"
    mail.set_content(write("email", "text.txt", language, reading))
    mail.add_alternative(write("email", "mail.html", language, reading), subtype="html")
    return mail


def _check(address: str, refusal: type[MessageRefused]) -> None:
    if not _ADDRESS.fullmatch(address) or not address.isprintable():
        raise refusal(
            f"'{cut(ascii(address)[1:-1], 80)}' is no mail address.",
            remedy="Mend it in the document.",
        )


def _deliver(channel: EmailChannel, mail: EmailMessage, password: str, means: Means) -> str:
    host, port = _server(channel)
    connection = _Connection(channel, host, means.within_seconds)
    try:
        with cut_off(means.within_seconds, lambda: connection.smtp.sock):
            code, greeting = connection.smtp.connect(host, port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, greeting)
            if channel.encryption == "starttls":
                connection.smtp.starttls(context=ssl.create_default_context())
            if channel.user:
                connection.smtp.login(channel.user, password)
            connection.smtp.send_message(mail)
    finally:
        # A farewell that fails takes back nothing: the server has it, or has refused it.
        connection.smtp.close()
    return f"{host} took the mail for {mail['To']}."


class _Connection:
    """An SMTP connection that is not open yet, so that a time limit can hold it from the start."""

    def __init__(self, channel: EmailChannel, host: str, within_seconds: float) -> None:
        if channel.encryption == "tls":
            context = ssl.create_default_context()
            self.smtp: smtplib.SMTP = _Tls(host, within_seconds, context)
        else:
            self.smtp = _Plain(host, within_seconds)


class _Plain(smtplib.SMTP):
    sock: socket | None = None

    def __init__(self, host: str, within_seconds: float) -> None:
        super().__init__(local_hostname=None, timeout=within_seconds)
        # Otherwise only a constructor that connects sets the name for the certificate.
        self._host = host


class _Tls(smtplib.SMTP_SSL):
    sock: socket | None = None

    def __init__(self, host: str, within_seconds: float, context: ssl.SSLContext) -> None:
        super().__init__(timeout=within_seconds, context=context)
        self._host = host


def _server(channel: EmailChannel) -> tuple[str, int]:
    found = _SERVER.fullmatch(channel.server)
    port = int(found[3] or _PORTS[channel.encryption]) if found else 0
    if found is None or not 0 < port < 65536:
        raise MessageRefused(
            f"'{cut(ascii(channel.server)[1:-1], 80)}' is no mail server.",
            remedy="Write it like smtp.example.com:587 in the document.",
        )
    return found[1] or found[2], port


def _explained(
    error: smtplib.SMTPException | OSError, channel: EmailChannel, password: str, means: Means
) -> ChannelUnavailable | MessageRefused:
    longest = means.runbook.alert_config.longest_text
    code, said = _said(error)
    line = answer_line(said, filter(None, (password,)), longest)
    text = f"{channel.server}: {line}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return MessageRefused(
            f"{channel.server}: its certificate is not valid: {error.verify_message}.",
            remedy="Have it signed by an authority that this machine trusts.",
        )
    if isinstance(error, smtplib.SMTPRecipientsRefused) and code >= 500:
        return AddressRefused(text, remedy="Mend or remove the address in the document.")
    if isinstance(error, smtplib.SMTPNotSupportedError) or code >= 500:
        return MessageRefused(text, remedy=_MEND)
    return ChannelUnavailable(text)


def _said(error: smtplib.SMTPException | OSError) -> tuple[int, str]:
    """The reply's code (0 for none) and its text."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return code, f"{code} {_text(reply)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, smtplib.SMTPException):
        return 0, str(error)
    return 0, f"not reached: {error.strerror or type(error).__name__}"


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
