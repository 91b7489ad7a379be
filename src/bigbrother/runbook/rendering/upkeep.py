"""Part 5.3: cleaning and optimisation, with what starts them and from when on."""

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rendering.blocks import (
    Block,
    Code,
    Listing,
    Listings,
    Paragraph,
    Say,
    Table,
)
from bigbrother.runbook.rendering.phrases import figure, phrase


def housekeeping(runbook: Runbook, _: Say) -> tuple[Block, ...]:
    """The procedures by schedule, and the figures by which they decide."""
    plans = Table(
        (_("What"), _("Schedule (cron)"), _("Time zone"), _("Command")),
        tuple(
            (
                phrase(name, _),
                Code(str(task.cron)),
                task.time_zone.key,
                Code(f"bigbrother run housekeeping.{name.replace(' ', '_')}"),
            )
            for name, task in runbook.housekeeping.items()
        ),
    )
    steps = Listings(
        tuple(
            Listing(
                phrase(name, _),
                tuple((phrase(step, _), Code(step)) for step in task.steps),
                "numbered",
            )
            for name, task in runbook.housekeeping.items()
        )
    )
    cleaning, mending = runbook.cleaning, runbook.optimization
    cleaned = _(
        "Of anything the last good copy stays. A file that no process holds open is nobody's after "
        "{orphan}; what the workers should have destroyed {rounds} rounds ago is told."
    ).format(orphan=figure(cleaning.orphan_after, _), rounds=cleaning.late_purges)
    mended = _(
        "A table is vacuumed from {dead} dead rows on, an index rebuilt from {bloat} waste and "
        "{least} on; each waits no longer than {lock} for others."
    ).format(
        dead=figure(mending.dead_rows, _),
        bloat=figure(mending.bloat, _),
        least=figure(mending.least_bloat, _),
        lock=figure(mending.lock_within, _),
    )
    return plans, steps, Paragraph(cleaned), Paragraph(mended)
