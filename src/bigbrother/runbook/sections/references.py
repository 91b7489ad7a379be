"""Section 10: commands to type, and places to look at."""

from bigbrother.runbook.section import Name, Section


class Commands(Section):
    """Section 10.1."""

    service_status: tuple[Name, ...]
    logs: tuple[Name, ...]
    resources: tuple[Name, ...]
    quick_backup: tuple[Name, ...]
    restart_service: tuple[Name, ...]


class Links(Section):
    """Section 10.2."""

    documentation: Name
    dashboards: Name
    logs: Name
    alerts: Name
    wiki: Name
