"""What makes two findings be about the same thing, and the short names of what is kept."""

import hashlib
import json
import secrets

from bigbrother.operations.alerts.records import Origin
from bigbrother.operations.monitoring.finding import Finding

_ID_BYTES = 8


def origin_of(finding: Finding) -> Origin:
    """Only who sends an alert in says its severity."""
    return "watcher" if finding.severity is None else "sent-in"


def fingerprint(finding: Finding) -> str:
    """Digest of origin, name and labels, 32 hexadecimal digits.

    The origin is part of it: nobody from outside can end an alert of the watcher's own.
    """
    text = json.dumps([origin_of(finding), finding.alert, sorted(finding.labels.items())])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def new_id() -> str:
    """16 random hexadecimal digits: a person tells two of them apart by the first few."""
    return secrets.token_hex(_ID_BYTES)
