"""What must hold between the parts of the document, beyond each value's own type."""

from collections.abc import Iterable, Mapping
from typing import Any

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.validation import channels, contacts, housekeeping, names, retentions
from bigbrother.runbook.validation.mistake import Mistake


def mistakes(runbook: Runbook, shipped: Mapping[str, Any]) -> tuple[Mistake, ...]:
    """Everything that is wrong; `shipped` is the default document as plain mappings.

    Its units and alert rules are all that the code knows.
    """
    found: list[Iterable[Mistake]] = [
        names.unknown(runbook),
        names.beyond(runbook, shipped),
        contacts.mistakes(runbook),
        channels.mistakes(runbook),
        retentions.too_short(runbook),
        housekeeping.mistakes(runbook),
    ]
    return tuple(mistake for group in found for mistake in group)
