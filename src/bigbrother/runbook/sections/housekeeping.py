"""What may go, and what decays so far that it is mended. Not in the source."""

from bigbrother.runbook.figures import Duration, Ratio, Size
from bigbrother.runbook.section import Count, Section


class Cleaning(Section):
    """What has outlived its time; how long things are kept stands in `retention`."""

    orphan_after: Duration
    at_once: Count
    worth_compacting: Size
    late_purges: Count


class Optimization(Section):
    """From which measured decay on the database is mended, and how patiently."""

    dead_rows: Ratio
    least_dead_rows: Count
    changed_rows: Ratio
    bloat: Ratio
    least_bloat: Size
    lock_within: Duration
    statement_within: Duration
