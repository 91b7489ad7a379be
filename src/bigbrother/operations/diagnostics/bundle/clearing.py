"""Takes out of a bundle what others must not see: credentials, and who the people are."""

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.telemetry.redaction import REDACTED, redact, redact_text

_LEAST_SECRET = 6
"""Shorter ones would take half of every text with them."""
_LARGEST_SECRET_BYTES = 8192
# PostgreSQL names the values that a row or a statement had.
_TELLING = re.compile(r"\b(DETAIL|STATEMENT|CONTEXT|QUERY|HINT):\s+.*")
_IN_QUOTES = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"")
# What follows these words of a path is what an operator or client called somebody.
_IN_PATH = re.compile(r"(?<=/)(subjects|collections|tokens)/[^/\s\"'?]+")
_MAIL = re.compile(r"[^\s@<>\"',;:()]+@[^\s@<>\"',;:()]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"\+\d[\d ()-]{6,}\d")
_URL_SECRET = re.compile(r"(?<=://)[^\s/@]+@")
_PERSONAL_KEYS = frozenset(
    {
        "account",
        "collection",
        "email",
        "external_id",
        "metadata",
        "name",
        "numbers",
        "phone",
        "purpose",
        "recipients",
        "sender",
        "subject",
        "token_name",
        "url",
        "user",
        "who",
    }
)


class Clearing:
    """Clears texts and values; knows this installation's own secrets by heart."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """`secrets` go wherever they stand, whatever stands around them."""
        known = sorted({each for each in secrets if len(each) >= _LEAST_SECRET}, key=len)
        self._secrets = tuple(reversed(known))

    @classmethod
    def of(cls, scene: Scene) -> "Clearing":
        """With every credential of the installation that this account can read."""
        return cls(_secrets(scene))

    def text(self, text: str) -> str:
        """One line or several, without credentials, addresses of people and their names."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        text = redact_text(text)
        for pattern in (_MAIL, _PHONE):
            text = pattern.sub(REDACTED, text)
        text = _URL_SECRET.sub(f"{REDACTED}@", text)
        return _IN_PATH.sub(rf"\1/{REDACTED}", text)

    def log_line(self, line: str) -> str:
        """A line of a log: JSON by its keys; PostgreSQL's without what its rows held."""
        if line.startswith("{"):
            try:
                event = json.loads(line)
            except ValueError:
                event = None
            if isinstance(event, dict):
                return json.dumps(self.value(event), ensure_ascii=False)
        line = _TELLING.sub(rf"\1: {REDACTED}", line)
        return self.text(_IN_QUOTES.sub(f"'{REDACTED}'", line))

    def value(self, value: object, key: str = "") -> Any:  # noqa: ANN401 - any JSON
        """A JSON value, by the names of its keys and by its texts."""
        if key.lower() in _PERSONAL_KEYS and value not in ("", None, [], {}):
            return REDACTED
        if isinstance(value, Mapping):
            return {str(name): self.value(each, str(name)) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        cleared = redact(value, key)
        return self.text(cleared) if isinstance(cleared, str) else cleared


def _secrets(scene: Scene) -> Iterable[str]:
    settings = scene.settings
    files = [settings.admin_token_file, settings.ops_token_file, settings.master_key_file]
    # There may be none, or this account may not see them: then it cannot have put them anywhere.
    with suppress(OSError):
        files += [file for file in settings.secrets.iterdir() if file.is_file()]
    for file in files:
        yield from _lines(file)
    yield from re.findall(r"password=('(?:[^'\\]|\\.)*'|\S+)", scene.dsn)
    yield from re.findall(r"://[^:/@\s]*:([^@\s]+)@", scene.dsn)


def _lines(file: Path) -> Iterable[str]:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_SECRET_BYTES)
    except OSError:
        return
    # A key of raw bytes stands nowhere as they are, but as text somebody may have written it down.
    yield content.hex()
    text = content.decode("utf-8", "replace")
    yield from (line.strip() for line in text.splitlines())
