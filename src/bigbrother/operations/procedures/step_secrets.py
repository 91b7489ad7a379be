"""What must not be seen of a step: secrets of the installation and of its commands."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import JsonValue

from bigbrother.settings import Settings
from bigbrother.telemetry.redaction import REDACTED, redact_text

_SHORTEST = 4
"""Shorter words stand in harmless text, too."""
_LARGEST_FILE_BYTES = 65536
_NAME = re.compile(r"(?i)passw|secret|token|credential|api.?key|private.?key|^-{0,2}key$")
_ASSIGNED = re.compile(r"(?s)^(-{0,2}[\w.-]+)=(.+)$")
_IN_ADDRESS = re.compile(r"(?<=://)[^\s/:@]*:([^\s/@]+)(?=@)")
_IN_DSN = re.compile(r"\bpassword\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))")


class Secrets:
    """Takes them out of text: those that are known, and whatever looks like one."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        # The longest first, since one may hold another.
        long = {word for word in known if len(word) >= _SHORTEST}
        self._known = tuple(sorted(long, key=len, reverse=True))

    def plus(self, known: Iterable[str]) -> "Secrets":
        """Knows these, too."""
        return Secrets((*self._known, *known))

    def taken_out(self, text: str) -> str:
        """The text without them."""
        for word in self._known:
            text = text.replace(word, REDACTED)
        return redact_text(text)

    def without(self, value: JsonValue) -> JsonValue:
        """The value without those that are known, also deep within it."""
        if isinstance(value, str):
            for word in self._known:
                value = value.replace(word, REDACTED)
            return value
        if isinstance(value, list):
            return [self.without(each) for each in value]
        if isinstance(value, dict):
            return {name: self.without(each) for name, each in value.items()}
        return value


def of_installation(settings: Settings, dsn: str) -> Iterator[str]:
    """The words in the installation's credential files, and the database's password."""
    files = [settings.admin_token_file, settings.ops_token_file, settings.master_key_file]
    with suppress(OSError):
        files += sorted(settings.secrets.iterdir())
    for file in files:
        yield from _words(file)
    yield from of_text(dsn)
    yield from of_text(settings.dsn)


def of_text(text: str) -> Iterator[str]:
    """The passwords in addresses and connection strings."""
    for found in _IN_ADDRESS.finditer(text):
        yield found[1]
    for found in _IN_DSN.finditer(text):
        yield found[1] or found[2]


def of_environment(environment: Mapping[str, str]) -> Iterator[str]:
    """The values whose names say that they are secret."""
    for name, value in environment.items():
        if _NAME.search(name):
            yield value
        yield from of_text(value)


def of_arguments(arguments: Sequence[str]) -> Iterator[str]:
    """The values of options such as `--password X`, `--token=X`, `PGPASSWORD=X`."""
    for argument, before in zip(arguments, ["", *arguments], strict=False):
        yield from _secret_of(argument, before)
        yield from of_text(argument)


def told_arguments(arguments: Sequence[str], secrets: Secrets) -> str:
    """A command as it may be shown; also a secret that is too short to be known is left out."""
    shown = []
    for argument, before in zip(arguments, ["", *arguments], strict=False):
        told = argument
        for secret in _secret_of(argument, before):
            told = told.removesuffix(secret) + REDACTED
        shown.append(secrets.taken_out(told))
    return shlex.join(shown).replace(f"'{REDACTED}'", REDACTED)


def _secret_of(argument: str, before: str) -> Iterator[str]:
    assigned = _ASSIGNED.match(argument)
    if assigned and _NAME.search(assigned[1]):
        yield assigned[2]
    elif before.startswith("-") and "=" not in before and _NAME.search(before):
        yield argument


def _words(file: Path) -> Iterator[str]:
    with suppress(OSError, UnicodeDecodeError), file.open("rb") as stream:
        yield from stream.read(_LARGEST_FILE_BYTES).decode("utf-8").split()
