"""Words of a unit file that systemd reads as they are. Source: systemd.syntax(7)."""

from collections.abc import Sequence


def value(text: str) -> str:
    """One word of a setting: no specifier, no escape and no end of a word in it counts."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"' if _needs_quotes(plain) else plain


def whole(text: str) -> str:
    """All of a setting that holds one path, quotes and spaces included."""
    return text.replace("%", "%%")


def argument(text: str) -> str:
    """One word of a command line, where a dollar sign would name a variable."""
    return value(text.replace("$", "$$"))


def command(words: Sequence[str]) -> str:
    """A command line; its first word is a path, in which no variable is looked for."""
    return " ".join((value(words[0]), *(argument(word) for word in words[1:])))


def _needs_quotes(text: str) -> bool:
    return not text or any(not (letter.isalnum() or letter in "/._-=:,@+%$") for letter in text)
