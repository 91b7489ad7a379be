"""The daily checks as looks of a diagnosis: called, never restated."""

from bigbrother.operations.checks.catalogue import Check
from bigbrother.operations.diagnostics.records import Group, Probe


def as_probe(check: Check, group: Group, *, first: bool = False) -> Probe:
    """A check that asks the machine or the service manager."""
    return Probe(check.name, group, check.look, first)


def with_counters(check: Check, group: Group) -> Probe:
    """A check that is about the counters of the face analyzer, which are read for it."""

    return Probe(check.name, group, lambda scene: check.look(scene.with_counters()))
