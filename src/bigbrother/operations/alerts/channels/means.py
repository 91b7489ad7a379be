"""What a channel sends with: the document, the secrets, the time."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bigbrother.runbook.model import Runbook


@dataclass(frozen=True, slots=True)
class Means:
    """The same for all kinds of channels."""

    runbook: Runbook
    secrets: Path
    """The folder etc/secrets."""
    now: datetime

    @property
    def within_seconds(self) -> float:
        """The time that one call may take."""
        return self.runbook.alert_config.delivery.within.value


def idempotency_key(key: str) -> str:
    """A message's key as receivers get it: 32 hexadecimal digits, the same on every try."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]
