"""Slack, SMS and webhook over real sockets."""

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from bigbrother.operations.alerts.channels.catalogue import KINDS, send
from bigbrother.operations.alerts.channels.errors import (
    AddressRefused,
    ChannelUnavailable,
    MessageRefused,
)
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.channels.webhook.send import signature
from bigbrother.operations.alerts.outbox.messages import NewMessage
from bigbrother.runbook.load import load_runbook
from tests.fakes import told
from tests.fakes.scripted_http import Answer, ScriptedHttp
from tests.fakes.slack_server import SlackServer
from tests.fakes.twilio_server import ACCOUNT, TOKEN, TwilioServer

NUMBER = "+5511999990000"


def sent(folder: Path, message: NewMessage, **settings: object) -> str:
    """Sends the message over its channel, whose settings are these."""
    channels = {message.channel: {"enabled": True, **settings}}
    config = {"channels": channels, "delivery": {"within": "1s"}}
    runbook = told.document(folder, config)
    secrets = told.secret(folder, "signing", "a-signing-secret")
    channel = runbook.alert_config.channels[message.channel]
    return send(channel, message, Means(runbook, secrets, told.NOW))


def test_slack_gets_blocks_and_the_line_for_phones(tmp_path: Path) -> None:
    with SlackServer().running() as slack:
        told.secret(tmp_path, "slack", slack.webhook)
        many = tuple([told.DOWN] * 20)
        assert sent(tmp_path, told.message("slack", alerts=many)) == "200 ok"
        payload = json.loads(slack.received[0].body)
        assert payload["channel"] == "#ops-alerts"
        assert payload["text"] == "CRITICAL bigbrother-face is down, and 19 more"
        assert len(payload["blocks"]) == 22


def test_slack_is_found_under_its_secret_address_alone(tmp_path: Path) -> None:
    with SlackServer().running() as slack:
        told.secret(tmp_path, "slack", f"{slack.url}/services/wrong-secret")
        with pytest.raises(MessageRefused, match="404 no_service") as refused:
            sent(tmp_path, told.message("slack"))
        assert "wrong-secret" not in str(refused.value)


def test_a_text_message_is_a_form_under_the_accounts_login(tmp_path: Path) -> None:
    with TwilioServer().running() as twilio:
        told.secret(tmp_path, "sms", TOKEN)
        answer = sent(
            tmp_path,
            told.message("sms", NUMBER),
            url=f"{twilio.url}/",
            account=ACCOUNT,
            sender="+15550001111",
        )
        assert answer.startswith("201")
        form = parse_qs(twilio.received[0].body.decode())
        assert form["To"] == [NUMBER]
        assert form["From"] == ["+15550001111"]


@pytest.mark.parametrize("number", ["1234", "", "+0123456789", "+55 11 99999", "+5511999990000\n"])
def test_a_number_that_cannot_be_called_is_refused(number: str, tmp_path: Path) -> None:
    with pytest.raises(AddressRefused, match="no telephone number"):
        sent(tmp_path, told.message("sms", number), account=ACCOUNT, sender="+15550001111")


def test_a_webhook_is_signed_over_its_time_and_body(tmp_path: Path) -> None:
    with ScriptedHttp().running() as receiver:
        address = f"{receiver.url}/in?team=a"
        sent(tmp_path, told.message("webhook", address), url=address, secret="signing")
        (request,) = receiver.received
        stamp = request.headers["X-BigBrother-Timestamp"]
        assert request.path == "/in?team=a"
        assert stamp == str(int(told.NOW.timestamp()))
        assert request.headers["X-BigBrother-Signature"] == signature(
            b"a-signing-secret", stamp, request.body
        )
        body = json.loads(request.body)
        assert body["id"] == request.headers["Idempotency-Key"]
        assert body["alerts"][0]["name"] == "unit_down"


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    with ScriptedHttp().running() as receiver:
        receiver.always = Answer(302, "", (("Location", f"{receiver.url}/elsewhere"),))
        with pytest.raises(MessageRefused, match="answered 302"):
            sent(tmp_path, told.message("webhook"), url=receiver.url)
        assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 22 Nov 2026 06:06:00 GMT", 60.0),
        ("Sun, 22 Nov 2020 06:06:00 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("9" * 5000, 999999999999.0),
    ],
)
def test_retry_after_is_understood_as_seconds_or_a_date(
    asked: str, seconds: float | None, tmp_path: Path
) -> None:
    with ScriptedHttp().running() as receiver:
        receiver.always = Answer(429, "", (("Retry-After", asked),))
        with pytest.raises(ChannelUnavailable) as later:
            sent(tmp_path, told.message("webhook"), url=receiver.url)
        assert later.value.retry_after_seconds == seconds


def test_who_does_not_speak_http_or_tls_is_not_reached_now(tmp_path: Path) -> None:
    with ScriptedHttp().running() as receiver:
        url = receiver.url.replace("http:", "https:")
        with pytest.raises(ChannelUnavailable, match="was not reached"):
            sent(tmp_path, told.message("webhook"), url=url)
    with pytest.raises(ChannelUnavailable, match="Connection refused"):
        sent(tmp_path, told.message("webhook"), url=receiver.url)


@pytest.mark.parametrize(
    "address", ["ftp://x/y", "hooks.example.org", "http://", "https://x:99999/", "http://x/a b"]
)
def test_a_secret_that_is_no_address_is_refused_without_being_told(
    address: str, tmp_path: Path
) -> None:
    told.secret(tmp_path, "slack", address)
    with pytest.raises(MessageRefused, match="no http or https URL") as refused:
        sent(tmp_path, told.message("slack"))
    assert address not in str(refused.value)


def test_every_kind_of_channel_of_the_document_is_in_the_catalogue() -> None:
    channels = load_runbook().alert_config.channels.values()
    assert {type(channel) for channel in channels} == {kind.settings for kind in KINDS}
