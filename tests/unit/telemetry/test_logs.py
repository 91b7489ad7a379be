"""Log lines are JSON, and no secret gets into them."""

import base64
import io
import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from bigbrother.telemetry.logs import configure_logs
from bigbrother.telemetry.redaction import redact, redact_text

TOKEN = f"bb_{'1' * 32}_{'2' * 64}"
IMAGE = base64.b64encode(os.urandom(500)).decode()


class Fixed:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)

    def monotonic_seconds(self) -> float:
        return 0.0


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    made = io.StringIO()
    configure_logs("bigbrother-test", Fixed(), made)
    yield made
    root.handlers, root.level = before
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "text",
    [
        f"token {TOKEN}.",
        f"Authorization: Bearer {TOKEN}",
        "Authorization: Basic c2VjcmV0OnNlY3JldA==",
        f'{{"image": "{IMAGE}"}}',
        "host=/run password=hunter2 user=x",
    ],
)
def test_secrets_and_images_are_taken_out_of_texts(text: str) -> None:
    cleaned = redact_text(text)
    for secret in (TOKEN[-64:], "c2VjcmV0", IMAGE[:100], "hunter2"):
        assert secret not in cleaned
    assert "[redacted]" in cleaned


def test_the_password_of_a_connection_string_that_is_a_url_goes() -> None:
    text = "postgresql://owner:hunter2@db:5432/bigbrother is away, see https://host:8080/a@b"
    assert redact_text(text) == (
        "postgresql://[redacted]@db:5432/bigbrother is away, see https://host:8080/a@b"
    )


def test_secrets_are_found_in_whatever_holds_them() -> None:
    value = {"headers": [{"Authorization": "x"}], "body": b"abc", "deep": ({"a": TOKEN},), "n": 5}
    assert redact(value) == {
        "headers": [{"Authorization": "[redacted]"}],
        "body": "[3 bytes]",
        "deep": [{"a": "[redacted]"}],
        "n": 5,
    }


def test_every_line_is_json_with_time_unit_and_level(stream: io.StringIO) -> None:
    structlog.get_logger("a").info("started", port=1, note=TOKEN)
    logging.getLogger("library").warning("careful with %s", TOKEN)
    try:
        int(TOKEN)
    except ValueError:
        structlog.get_logger("a").exception("failed")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines[0]["event"] == "started"
    assert {line["unit"] for line in lines} == {"bigbrother-test"}
    assert [line["level"] for line in lines] == ["info", "warning", "error"]
    assert lines[0]["time"] == "2030-01-01T00:00:00.000+00:00"
    assert "Traceback" in lines[2]["exception"]
    assert TOKEN[-64:] not in stream.getvalue()
