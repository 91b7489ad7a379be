"""Section 7.1: the dashboards."""

from typing import Annotated

from pydantic import Field

from bigbrother.runbook.figures import Duration
from bigbrother.runbook.section import Name, Section


class Dashboard(Section):
    """Section 7.1, one page of panels."""

    url: Annotated[str, Field(pattern=r"^/")]
    refresh: Duration
    panels: tuple[Name, ...]


class Dashboards(Section):
    """Section 7.1."""

    overview: Dashboard
    ml_metrics: Dashboard
    alerts: Dashboard
