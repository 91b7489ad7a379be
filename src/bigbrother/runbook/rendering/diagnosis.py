"""Chapter 3.2: what a diagnosis looks at, and what it passes with."""

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rendering.blocks import Block, Code, Paragraph, Say, Table
from bigbrother.runbook.rendering.phrases import figure, phrase


def diagnosis(runbook: Runbook, _: Say) -> tuple[Block, ...]:
    """The areas with their checks, the commands behind them, and the bounds."""
    diagnostics = runbook.diagnostics
    looks = Table(
        (_("Area"), _("Check")),
        tuple((phrase(area, _), Code(check)) for area, check in diagnostics.checks),
    )
    network = Table(
        (_("Network"), _("Command")),
        tuple((phrase(what, _), Code(command)) for what, command in diagnostics.check_network),
    )
    within = Paragraph(
        _(
            "Everything is looked at side by side within {within}; what has not come back by then "
            "is unknown. Beyond the first figure a look warns, beyond the second it fails; what "
            "the daily checks look at has their figures."
        ).format(within=figure(runbook.response.diagnose_within, _))
    )
    limits = Table(
        (_("What is looked at"), _("Well"), _("No failure")),
        tuple(
            (phrase(what, _), figure(bounds.warning, _), figure(bounds.failure, _))
            for what, bounds in diagnostics.limits
        ),
    )
    return looks, network, within, limits
