"""What each channel sends, letter by letter.

BIGBROTHER_WRITE_GOLDEN=1 writes the files anew; read what changed.
"""

import json
import os
from pathlib import Path

import pytest

from bigbrother.operations.alerts.channels.console import send as console
from bigbrother.operations.alerts.channels.email import send as email
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.channels.reading import read
from bigbrother.operations.alerts.channels.slack import send as slack
from bigbrother.operations.alerts.channels.sms import send as sms
from bigbrother.operations.alerts.channels.titles import TITLES
from bigbrother.operations.alerts.channels.webhook import send as webhook
from bigbrother.operations.alerts.outbox.messages import MessageKind, NewMessage
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.sections.alerting import EmailChannel, Language, SlackChannel, SmsChannel
from tests.fakes import told

RUNBOOK = load_runbook()
GOLDEN = Path(__file__).parent / "golden"
KINDS = ("email", "slack", "sms", "console", "webhook")
LANGUAGES: tuple[Language, ...] = ("en", "pt_BR")


def means(folder: Path, language: Language) -> Means:
    config = RUNBOOK.alert_config.model_copy(update={"language": language})
    return Means(RUNBOOK.model_copy(update={"alert_config": config}), folder, told.NOW)


def written(kind: str, message: NewMessage, with_: Means) -> str:
    channel = with_.runbook.alert_config.channels[kind]
    if isinstance(channel, EmailChannel):
        mail = email.compose(channel, message, with_)
        text, html = mail.iter_parts()
        head = "".join(
            f"{name}: {value}\n" for name, value in mail.items() if name != "Content-Type"
        )
        return "\n".join((head, text.get_content(), "-" * 72, html.get_content()))
    if isinstance(channel, SlackChannel):
        return json.dumps(slack.compose(channel, message, with_), ensure_ascii=False, indent=2)
    if isinstance(channel, SmsChannel):
        return sms.compose(channel, message, with_)
    if kind == "console":
        return console.compose(message, with_)
    return json.dumps(webhook.compose(message, with_), ensure_ascii=False, indent=2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", ["page", "broadcast", "diagnosis", "resolved"])
def test_a_message_reads_as_agreed(
    kind: str, language: Language, what: MessageKind, tmp_path: Path
) -> None:
    # A page is about one thing; what goes to all gathers two.
    alerts = (told.DOWN,) if what != "broadcast" else (told.DOWN, told.SLOW)
    message = told.message(kind, "ops@company.com", kind=what, alerts=alerts)
    text = written(kind, message, means(tmp_path, language)) + "\n"
    file = GOLDEN / f"{kind}.{language}.{what}.txt"
    if os.environ.get("BIGBROTHER_WRITE_GOLDEN"):
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_first_sixty_letters_say_what_is_wrong(
    kind: str, language: Language, tmp_path: Path
) -> None:
    text = written(kind, told.message(kind, "ops@company.com"), means(tmp_path, language))
    if kind == "email":
        text = text.partition("Subject: ")[2]
    elif kind in ("slack", "webhook"):
        text = json.loads(text)["text"]
    first = text[:60]
    assert "bigbrother-face" in first
    assert ("is down" if language == "en" else "está parado") in first or (
        kind == "sms" and "esta parado" in first
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alert_of_the_document_has_a_short_title(language: Language) -> None:
    assert set(TITLES[language]) == set(RUNBOOK.alerts.rules)
    long = [
        title.text
        for title in TITLES[language].values()
        if len(f"CRITICAL {title.of('bigbrother-worker')}") > 60
    ]
    assert long == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_test_message_says_that_nothing_is_wrong(
    kind: str, language: Language, tmp_path: Path
) -> None:
    message = told.message(kind, "ops@company.com", kind="test", alerts=())
    text = written(kind, message, means(tmp_path, language))
    assert ("TEST of Big Brother" if language == "en" else "TESTE do Big Brother") in text


def test_times_are_shown_in_the_zone_of_who_is_paged(tmp_path: Path) -> None:
    overlay = tmp_path / "runbook.yaml"
    overlay.write_text("contacts: {ops: {time_zone: America/Sao_Paulo}}")
    with_ = Means(load_runbook(overlay), tmp_path, told.NOW)
    assert read(told.message("email"), with_).alerts[0].since == "2026-11-22 03:02 -03"
    assert read(told.message("email", kind="broadcast"), with_).alerts[0].since.endswith("UTC")


def test_a_text_message_keeps_what_matters_most_and_drops_whole_lines(tmp_path: Path) -> None:
    runbook = told.document(tmp_path, {"channels": {"sms": {"longest": 130}}})
    with_ = Means(runbook, tmp_path, told.NOW)
    channel = runbook.alert_config.channels["sms"]
    assert isinstance(channel, SmsChannel)
    lines = sms.compose(channel, told.message("sms"), with_).splitlines()
    assert lines[0].startswith("CRITICAL bigbrother-face is down")
    assert lines[1] == f"Ack: {told.LINK}"
    assert len("\n".join(lines)) <= 130
