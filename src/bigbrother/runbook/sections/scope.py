"""Section 1.2: what operations are made of."""

from typing import Literal

from bigbrother.runbook.section import Section


class Scope(Section):
    """Section 1.2, the three kinds of work and their parts."""

    routine: tuple[Literal["monitoring", "backup", "checks"], ...]
    incidents: tuple[Literal["troubleshooting", "recovery", "escalation"], ...]
    maintenance: tuple[Literal["updates", "cleanup", "optimization"], ...]
