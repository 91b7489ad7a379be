"""Names of the document as words for people: `verify_status` is `Verify status`."""

import re

from bigbrother.runbook.rendering.blocks import Say

_FIGURE = re.compile(r"(.+?)(\s*[<>]=?\s*\S.*)")
_UNIT_WORD = re.compile(r"\b(?:second|minute|hour|day|week|year|version)s?\b")
_SPELT = {
    "api": "API",
    "cpu": "CPU",
    "db": "DB",
    "dns": "DNS",
    "dr": "DR",
    "gpu": "GPU",
    "ip": "IP",
    "mfa": "MFA",
    "ml": "ML",
    "sms": "SMS",
    "ssh": "SSH",
    "ssl": "SSL",
}


def english(name: str) -> str:
    """The English words of a name; a name with spaces is words already."""
    words = [_SPELT.get(word, word) for word in name.replace("_", " ").split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def phrase(name: str, say: Say) -> str:
    """The words of a name in the reader's language; of a figure behind them the unit, too."""
    found = _FIGURE.fullmatch(name)
    if found is not None:
        return say(english(found[1])) + figure(found[2], say)
    return say(english(name)) if name.strip() else ""


def figure(value: object, say: Say) -> str:
    """A figure as written, with a unit that is a word in the reader's language."""
    return _UNIT_WORD.sub(lambda found: say(found[0]), str(value))
