"""The guide to being on call shows documents that hold."""

import re
from datetime import timedelta
from pathlib import Path

from bigbrother.operations.escalation.oncall import on_call
from bigbrother.operations.escalation.reachability import holes
from tests.unit.operations.escalation.documents import SUNDAY_3_AM, document

GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "set-up-on-call.md"


def test_the_guides_own_document_leaves_nobody_alone_and_calls_its_night_shift() -> None:
    overlay = "".join(re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL))
    runbook = document(overlay)
    assert holes(runbook, SUNDAY_3_AM) == ()
    high = next(
        each
        for each in on_call(runbook, SUNDAY_3_AM + timedelta(hours=3))
        if each.severity == "high"
    )
    assert [each.page.contact for each in high.at_once if not each.page.quiet] == [
        "ops",
        "night-shift",
    ]
