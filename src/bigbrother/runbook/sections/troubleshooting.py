"""Section 3: common problems, and how they are diagnosed."""

from typing import Annotated

from pydantic import Field

from bigbrother.runbook.figures import Duration, Ratio
from bigbrother.runbook.section import Count, Name, Section
from bigbrother.runbook.sections.diagnosis import DiagnosisLimits, DiagnosisLooks
from bigbrother.runbook.symptoms import SymptomText


class Issue(Section):
    """Section 3.1, one problem: how it shows, where to look, what helps."""

    symptoms: Annotated[tuple[SymptomText, ...], Field(min_length=1)]
    checks: tuple[Name, ...]
    solutions: tuple[Name, ...]
    """None where only a person can help."""


class DiagnosticChecks(Section):
    """Section 3.2, what is looked at, and the check that looks."""

    connectivity: Name
    resources: Name
    services: Name
    data: Name
    ml: Name


class CheckNetwork(Section):
    """Section 3.2, the commands behind the look at the network."""

    latency: Annotated[str, Field(pattern=r"^ping -c [1-9]\d?$")]
    dns: Name
    routes: Name

    @property
    def echoes(self) -> int:
        """How often a place is tried."""
        return int(self.latency.rpartition(" ")[2])


class CauseFigures(Section):
    """When what was seen makes a cause."""

    least_likelihood: Ratio
    increase: Ratio
    false_positives: Ratio


class LogFigures(Section):
    """How far back a log is read for its errors, and how many causes are told."""

    lines: Count
    within: Duration
    causes: Count


class Diagnostics(Section):
    """Section 3.2."""

    checks: DiagnosticChecks
    check_network: CheckNetwork
    looks: DiagnosisLooks
    limits: DiagnosisLimits
    logs: LogFigures
    causes: CauseFigures
