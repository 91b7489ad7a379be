"""Mail over a real SMTP server."""

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from bigbrother.operations.alerts.channels.catalogue import send
from bigbrother.operations.alerts.channels.email.send import compose
from bigbrother.operations.alerts.channels.errors import (
    AddressRefused,
    ChannelUnavailable,
    MessageRefused,
)
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.outbox.messages import Content
from bigbrother.runbook.sections.alerting import EmailChannel
from tests.fakes import told
from tests.fakes.scripted_tcp import scripted_tcp
from tests.fakes.smtp_server import PASSWORD, USER, make_certificate, smtp_server

OPS = "ops@company.com"


def means(
    folder: Path, server: str, within: str = "5s", **channel: object
) -> tuple[EmailChannel, Means]:
    """The channel as the document has it, and what it sends with."""
    mail = {"enabled": True, "server": server, "encryption": "none", **channel}
    config = {"channels": {"email": mail}, "delivery": {"within": within}}
    runbook = told.document(folder, config)
    found = runbook.alert_config.channels["email"]
    assert isinstance(found, EmailChannel)
    return found, Means(runbook, told.secret(folder, "mail", PASSWORD), told.NOW)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def test_a_page_arrives_as_text_and_html_under_a_message_id_of_its_key(tmp_path: Path) -> None:
    with smtp_server() as mailbox:
        channel, with_ = means(tmp_path, mailbox.address)
        assert send(channel, told.message("email", OPS), with_).endswith(f"the mail for {OPS}.")
        send(channel, told.message("email", OPS), with_)
        first, again = mailbox.mails
        assert first["Subject"] == "CRITICAL bigbrother-face is down"
        assert first["To"] == OPS
        assert first["Message-ID"] == again["Message-ID"]
        text, html = first.iter_parts()
        assert isinstance(text, EmailMessage)
        assert isinstance(html, EmailMessage)
        assert told.LINK in text.get_content()
        assert "<h2" in html.get_content()


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_mail_goes_encrypted_with_a_login(
    encryption: str, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    login = encryption == "starttls"
    with smtp_server(encryption, certificate, login=login) as mailbox:
        user = {"user": USER if login else "", "secret": "mail"}
        channel, with_ = means(tmp_path, mailbox.address, encryption=encryption, **user)
        send(channel, told.message("email", OPS), with_)
        assert len(mailbox.mails) == 1


def test_a_wrong_password_is_refused_and_not_told(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with smtp_server("starttls", certificate, login=True) as mailbox:
        channel, with_ = means(
            tmp_path, mailbox.address, encryption="starttls", user=USER, secret="wrong"
        )
        told.secret(tmp_path, "wrong", "not-the-password")
        with pytest.raises(MessageRefused, match="535") as refused:
            send(channel, told.message("email", OPS), with_)
        assert "not-the-password" not in str(refused.value)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    certificate: Path, tmp_path: Path
) -> None:
    with smtp_server("starttls", certificate) as mailbox:
        channel, with_ = means(tmp_path, mailbox.address, encryption="starttls")
        with pytest.raises(MessageRefused, match="certificate is not valid"):
            send(channel, told.message("email", OPS), with_)


def test_a_server_without_the_encryption_asked_for_gets_no_mail(tmp_path: Path) -> None:
    with smtp_server() as mailbox:
        channel, with_ = means(tmp_path, mailbox.address, encryption="starttls")
        with pytest.raises(MessageRefused, match="STARTTLS"):
            send(channel, told.message("email", OPS), with_)
        assert mailbox.mails == []


def test_an_unknown_recipient_is_refused_for_good_and_a_busy_server_is_not(tmp_path: Path) -> None:
    with smtp_server() as mailbox:
        mailbox.refused = {"gone@company.com": "550 no such user", OPS: "451 greylisted"}
        channel, with_ = means(tmp_path, mailbox.address)
        with pytest.raises(AddressRefused, match="550 no such user"):
            send(channel, told.message("email", "gone@company.com"), with_)
        with pytest.raises(ChannelUnavailable, match="451 greylisted"):
            send(channel, told.message("email", OPS), with_)
        mailbox.refused = {}
        mailbox.replies = ["452 disk full", "554 spam"]
        with pytest.raises(ChannelUnavailable, match="452"):
            send(channel, told.message("email", OPS), with_)
        with pytest.raises(MessageRefused, match="554"):
            send(channel, told.message("email", OPS), with_)


@pytest.mark.parametrize("greeting", [b"", b"220 hello\r\n", b"220-"])
def test_a_server_that_says_nothing_more_is_left_after_the_time_of_one_call(
    greeting: bytes, tmp_path: Path
) -> None:
    with scripted_tcp(greeting) as address:
        channel, with_ = means(tmp_path, address, "200ms")
        with pytest.raises(ChannelUnavailable, match=r"No answer within 0\.2 s"):
            send(channel, told.message("email", OPS), with_)


def test_a_server_that_is_not_there_may_be_later(tmp_path: Path) -> None:
    channel, with_ = means(tmp_path, "127.0.0.1:1")
    with pytest.raises(ChannelUnavailable, match="not reached: Connection refused"):
        send(channel, told.message("email", OPS), with_)


@pytest.mark.parametrize(
    "address", ["", "ops", "a@b\nBcc: c@d", "a@b, c@d", "a b@c", "<a@b>", "a@b\u2028"]
)
def test_an_address_that_is_none_is_refused(address: str, tmp_path: Path) -> None:
    channel, with_ = means(tmp_path, "127.0.0.1:1")
    with pytest.raises(AddressRefused, match="is no mail address"):
        compose(channel, told.message("email", address), with_)


def test_no_text_of_an_alert_becomes_a_header_or_html(tmp_path: Path) -> None:
    channel, with_ = means(tmp_path, "127.0.0.1:1")
    hostile = replace(
        told.DOWN,
        name="other",
        summary="x\r\nBcc: all@company.com\r\n\r\n<script>alert(1)</script>",
        labels={"unit": "<b>\r\nTo: y@x"},
    )
    message = told.message("email", OPS, alerts=(hostile,))
    message = replace(message, content=Content((hostile,), 'javascript:"><script>'))
    mail = compose(channel, message, with_)
    assert mail["Bcc"] is None
    assert mail.get_all("To") == [OPS]
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
