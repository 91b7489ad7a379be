"""What the document's common problems make of what was seen."""

from bigbrother.operations.checks.result import Result
from bigbrother.operations.diagnostics.causes.analyze import analyze_results, likelihoods
from bigbrother.operations.diagnostics.trends import Trend
from bigbrother.operations.troubleshooting.issues import issue_seen
from bigbrother.runbook.model import Runbook
from tests.unit.operations.diagnostics.recorded import FAULTS, OK, WELL, seen, with_faults
from tests.unit.runbook.probe import Probe

GROWN = {name: Trend(name, 100, 125) for name in ("queue_size", "disk_space")}
PAIRS = (seen("model_accuracy", OK, 0.96, figures={"false_match_ratio": 0.015}),)
SEEN: tuple[tuple[Result, ...], ...] = (
    *(with_faults(fault) for fault in FAULTS),
    (*WELL, seen("inodes", OK, 0.99, "/full")),
    (*WELL, seen("oom_kills", OK, 3, "machine")),
    (*WELL, *PAIRS),
)


def issues(runbook: Runbook) -> object:
    """Which symptoms are there, where to look, and what to run."""
    return [
        (name, [each.present for each in found.symptoms], found.checks, found.procedures)
        for name in runbook.common_issues
        for results in SEEN
        for found in [issue_seen(name, results, GROWN, runbook)]
    ]


def causes(runbook: Runbook) -> object:
    """What is named, and how likely it is."""
    named = [
        [cause.name for cause in analyze_results(with_faults(fault), runbook)] for fault in FAULTS
    ]
    return named, likelihoods(PAIRS, runbook, GROWN)


ISSUES = (
    Probe(("common_issues.*",), issues),
    Probe(("diagnostics.causes.*",), causes),
)
