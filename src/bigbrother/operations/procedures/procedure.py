"""A procedure as the document stands now: its steps with their figures."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step to be made. Times in seconds."""

    action: str
    arguments: Mapping[str, JsonValue]
    """Those that the document binds; a run's own arguments fill the others."""
    within_seconds: float
    attempts: int
    first_pause_seconds: float
    approval: bool

    def as_json(self) -> dict[str, JsonValue]:
        """For the journal."""
        return {
            "action": self.action,
            "arguments": dict(self.arguments),
            "within_seconds": self.within_seconds,
            "attempts": self.attempts,
            "first_pause_seconds": self.first_pause_seconds,
            "approval": self.approval,
        }


@dataclass(frozen=True, slots=True)
class Procedure:
    """A list of steps under a name such as `service_recovery.face_analyzer`."""

    name: str
    steps: tuple[PlannedStep, ...]
    resource: str
    """What it works on, such as `unit:bigbrother-face`: one run at a time."""
    about: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """The same for the same steps in the same order with the same arguments.

        Times, tries and approvals are not in it: they do not change what happens.
        """
        told = [[step.action, dict(step.arguments)] for step in self.steps]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
