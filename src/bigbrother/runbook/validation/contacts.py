"""Every contact that is named exists, and no circle of backups goes round."""

import re
from collections.abc import Iterator

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.validation.mistake import Mistake, Path, nearest

E164 = re.compile(r"\+[1-9]\d{7,14}")
_PHONE_REMEDY = "Write it with country and area: +5511999990000."


def mistakes(runbook: Runbook) -> Iterator[Mistake]:
    """What is wrong with sections 8.1 and 8.2."""
    contacts = runbook.contacts
    for level, row in runbook.escalation.matrix.items():
        if row.contact not in contacts:
            yield _no_contact(runbook, row.contact, ("escalation", "matrix", level, "contact"))
    for name, contact in contacts.items():
        path: Path = ("contacts", name, "backup")
        if contact.backup is not None and contact.backup not in contacts:
            yield _no_contact(runbook, contact.backup, path)
        elif _comes_round(runbook, name):
            yield Mistake(
                path,
                f"'{name}' is, over its backups, its own backup.",
                "Let the last backup have none.",
            )
    for name in _paged(runbook):
        contact = contacts[name]
        if not contact.email and not contact.phone:
            yield Mistake(
                ("contacts", name),
                f"'{name}' has no address.",
                "Give it an email or a phone.",
            )
    yield from _phones(runbook)


def _phones(runbook: Runbook) -> Iterator[Mistake]:
    channels = runbook.alert_config.channels
    if not any(channel.enabled for channel in channels.values() if channel.type == "sms"):
        return
    for name in _paged(runbook):
        phone = runbook.contacts[name].phone
        if phone and not E164.fullmatch(phone):
            yield Mistake(
                ("contacts", name, "phone"),
                f"'{phone}' cannot be called from elsewhere, and a channel sms is enabled.",
                _PHONE_REMEDY,
            )
    for name, channel in channels.items():
        if channel.type != "sms" or not channel.enabled:
            continue
        for index, number in enumerate(channel.numbers):
            if not E164.fullmatch(number):
                yield Mistake(
                    ("alert_config", "channels", name, "numbers", index),
                    f"'{number}' cannot be called from elsewhere.",
                    _PHONE_REMEDY,
                )


def _paged(runbook: Runbook) -> list[str]:
    """The contacts that could be paged: those of the matrix and, over backups, theirs."""
    waiting = [row.contact for row in runbook.escalation.matrix.values()]
    found: list[str] = []
    while waiting:
        name = waiting.pop(0)
        if name in found or name not in runbook.contacts:
            continue
        found.append(name)
        backup = runbook.contacts[name].backup
        waiting += [] if backup is None else [backup]
    return found


def _comes_round(runbook: Runbook, start: str) -> bool:
    name: str | None = start
    for _ in runbook.contacts:
        contact = runbook.contacts.get(name or "")
        name = None if contact is None else contact.backup
        if name == start:
            return True
    return False


def _no_contact(runbook: Runbook, name: str, path: Path) -> Mistake:
    return Mistake(path, f"there is no contact '{name}'.", nearest(name, runbook.contacts))
