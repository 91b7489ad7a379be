"""Documents to escalate by, and alerts that follow them."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bigbrother.operations.escalation.escalate import EscalationFacts, pages
from bigbrother.operations.escalation.page import Page
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Severity

SUNDAY_3_AM = datetime(2026, 11, 22, 3, tzinfo=UTC)
MONDAY_10_AM = datetime(2026, 11, 23, 10, tzinfo=UTC)


def document(overlay: str = "") -> Runbook:
    """The default document with an operator's overlay."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runbook.yaml"
        file.write_text(overlay, "utf-8")
        return load_runbook(file)


def alert(severity: Severity, fired_at: datetime, **facts: object) -> EscalationFacts:
    """An alert without a grace."""
    known = {"page_after": fired_at, **facts}
    return EscalationFacts("db-down", severity, fired_at, **known)  # type: ignore[arg-type]


def minutes(count: float) -> timedelta:
    """A span of time."""
    return timedelta(minutes=count)


def told(facts: EscalationFacts, runbook: Runbook, for_minutes: float) -> list[str]:
    """Who is paged after how many minutes, a line each: `+15 engineering not-acknowledged`."""
    found = pages(facts, runbook, facts.fired_at + minutes(for_minutes))
    return [line(page, facts.fired_at) for page in found]


def line(page: Page, fired_at: datetime) -> str:
    """A page as one line."""
    after = (page.due_at - fired_at) / timedelta(minutes=1)
    return f"+{after:g} {page.contact} {page.reason}" + (" quietly" if page.quiet else "")
