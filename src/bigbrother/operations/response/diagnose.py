"""The diagnosis as a step: it runs in a process of its own, whose end is the end of its looks."""

import json
from collections.abc import Callable

from bigbrother.operations.diagnostics.diagnosis import diagnosis
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.operations.procedures.action import Action, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Outcome
from bigbrother.operations.response.diagnoses import STEP


def diagnose_action(scene: Callable[[], Scene]) -> Action[Arguments]:
    """Looks at everything within the document's budget; not a step of the document."""

    def do(context: StepContext, _arguments: Arguments) -> Outcome:
        within_seconds = context.services.runbook.response.diagnose_within.value
        found = diagnosis(scene(), within_seconds=within_seconds)
        causes = ", ".join(cause.name for cause in found.causes)
        # Once through JSON, so that what goes to the watcher is plain.
        return Outcome(
            f"Likely: {causes}." if causes else "No cause was found.",
            json.loads(json.dumps(found.as_json())),
        )

    return Action(
        STEP,
        Arguments,
        do,
        lambda _context, _arguments: "Looks at everything, side by side.",
        idempotent=True,
        changes=False,
    )
