"""How procedures run: limits of a run and of each step, and what starts one. Not in the source."""

from typing import Annotated, Literal

from pydantic import Field

from bigbrother.runbook.figures import Cron, Duration, Size, TimeZone
from bigbrother.runbook.section import Count, Name, Section

Policy = Literal["automatic", "ask", "suggest"]
"""automatic: it runs. ask: it runs once somebody approves. suggest: the page names the command."""


class StepFigures(Section):
    """One step: how long it may take, how often it is tried, and whether somebody must approve."""

    within: Duration
    attempts: Count
    first_pause: Duration
    """The pause before the second try; it doubles from try to try."""
    approval: bool


class Freeze(Section):
    """A time in which nothing changes the system, unless a person insists."""

    name: Name
    cron: Cron
    lasts: Duration
    time_zone: TimeZone


class Procedures(Section):
    """How runs go."""

    at_once: Count
    lease: Duration
    look_every: Duration
    keep_alive: Duration
    """Whoever follows a run over HTTP hears at least so often that the line stands."""
    interruptions: Count
    most: Count
    most_within: Duration
    free_disk: Size
    despite_full_disk: tuple[Name, ...]
    """Names of procedures, with `*` for any part."""
    approval_within: Duration
    patience: Duration
    """A unit that does not work has so long to end by itself before its process is killed."""
    output: Size
    freezes: tuple[Freeze, ...]
    default_step: StepFigures
    steps: dict[Name, StepFigures]
    """Steps whose figures differ from the default."""


class Cure(Section):
    """What an alert starts, and how freely."""

    procedure: Name
    """`service_recovery` means that of the alert's unit; otherwise a procedure's name."""
    policy: Policy
    after: Duration
    """It is not begun before the alert has fired for this long: what heals by itself is left."""


class Response(Section):
    """What is done about alerts, by their names."""

    diagnose_within: Duration
    """The budget of a diagnosis; what it has not looked at by then is unknown."""
    cures: dict[Name, Cure]


class Solution(Section):
    """A named list of steps that helps against a common problem (section 3.1)."""

    steps: Annotated[tuple[Name, ...], Field(min_length=1)]


class HousekeepingTask(Section):
    """Section 1.2, cleaning and optimisation: what is done, and when."""

    steps: Annotated[tuple[Name, ...], Field(min_length=1)]
    cron: Cron
    time_zone: TimeZone
