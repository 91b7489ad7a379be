"""Section 3: common problems, and how they are diagnosed."""

from bigbrother.runbook.section import Name, Section


class Issue(Section):
    """Section 3.1, one problem: how it shows, where to look, what helps."""

    symptoms: tuple[Name, ...]
    checks: tuple[Name, ...]
    solutions: tuple[Name, ...]


class DiagnosticChecks(Section):
    """Section 3.2, what is looked at, and the check that looks."""

    connectivity: Name
    resources: Name
    services: Name
    data: Name
    ml: Name


class CheckNetwork(Section):
    """Section 3.2, the commands behind the look at the network."""

    latency: Name
    dns: Name
    routes: Name


class Diagnostics(Section):
    """Section 3.2."""

    checks: DiagnosticChecks
    check_network: CheckNetwork
