"""Alert texts come from anywhere; what is sent of them is one line that steers nothing."""

import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from bigbrother.telemetry.redaction import REDACTED, redact_text

# Control characters and line breaks end a word; surrogates cannot be sent at all.
_BLANKS = frozenset({"Cc", "Zl", "Zp", "Cs"})
# What is not seen and turns the order of letters round, or hides some.
_UNSEEN = "Cf"
_PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "..."})


def one_line(text: str) -> str:
    """The text on one line, without control, direction and invisible characters."""
    kept = (
        " " if unicodedata.category(letter) in _BLANKS else letter
        for letter in text
        if unicodedata.category(letter) != _UNSEEN
    )
    return " ".join("".join(kept).split())


def lines(text: str) -> str:
    """Several lines, each as `one_line` leaves it; empty ones are left out."""
    return "\n".join(filter(None, (one_line(line) for line in text.splitlines())))


def cut(text: str, longest: int) -> str:
    """The text's beginning, with a mark where it was cut."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def plain_letters(text: str) -> str:
    """Latin text without accents: a text message that has some is split in parts of 70 letters.

    Text in other scripts stays as it is.
    """
    apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    folded = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return folded if folded.isascii() else text


def answer_line(text: str, secrets: Iterable[str], longest: int) -> str:
    """What a server answered, for people and logs: one line, bounded, without the secrets."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return cut(redact_text(one_line(text[: 4 * longest])), longest)


def place(url: str) -> str:
    """A URL's scheme and host: the rest of it may be a secret."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
