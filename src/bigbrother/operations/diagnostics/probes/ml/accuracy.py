"""How often the model tells right: the last daily check's figure, as the watcher kept it."""

from bigbrother.operations.checks.ml import model_accuracy
from bigbrother.operations.checks.report.runs import last_runs
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import sentence
from bigbrother.operations.diagnostics import history
from bigbrother.operations.diagnostics.errors import HistoryAway
from bigbrother.operations.diagnostics.scene import Scene

NAME = model_accuracy.NAME


def look(scene: Scene) -> tuple[Result, ...]:
    """Not a new run: that takes minutes of all processors. Judged by the figures of now."""
    now = scene.clock.now()
    runs = history.read(scene, lambda conn: last_runs(conn, 1, now))
    found = runs[-1].of(NAME, "") if runs else None
    if found is None:
        raise HistoryAway(
            "The model's accuracy has not been checked yet.",
            remedy="Run it: bigbrother check model_accuracy, or bigbrother check daily --report.",
        )
    bounds = model_accuracy.limits_of(scene.runbook)
    status = found.status if found.value is None else bounds.judge(found.value)
    checked = sentence("It was checked at {time} UTC.", time=f"{runs[-1].at:%Y-%m-%d %H:%M}")
    return (
        Result(
            NAME,
            status,
            found.value,
            "ratio",
            bounds.threshold(status),
            evidence=(checked,),
            remedy=sentence("Check it anew: bigbrother check model_accuracy."),
            limits=bounds,
            figures=found.figures,
        ),
    )
