"""One diagnosis: what was seen, and the causes that explain it, the likeliest first."""

from collections.abc import Sequence

from bigbrother.operations.diagnostics import history
from bigbrother.operations.diagnostics.causes.analyze import analyze_results
from bigbrother.operations.diagnostics.causes.narrowing import known_symptom
from bigbrother.operations.diagnostics.errors import HistoryAway
from bigbrother.operations.diagnostics.records import Diagnosis, Probe
from bigbrother.operations.diagnostics.runner import Told, diagnose
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.operations.diagnostics.trends import Trends, trends


def diagnosis(
    scene: Scene,
    *,
    within_seconds: float | None = None,
    symptoms: Sequence[str] = (),
    probes: Sequence[Probe] | None = None,
    told: Told = lambda _: None,
) -> Diagnosis:
    """Looks at everything, within the document's budget unless told otherwise.

    `symptoms` are issues or alerts: causes that have to do with any of them are named, if any has.
    Raises SymptomUnknown, before anything is looked at.
    """
    asked = [known_symptom(symptom, scene.runbook) for symptom in symptoms]
    began_at, began = scene.clock.now(), scene.clock.monotonic_seconds()
    budget = scene.runbook.response.diagnose_within.value
    results = diagnose(scene, within_seconds or budget, probes, told)
    grown = _trends(scene)
    about: Sequence[str | None] = asked or (None,)
    ranked = [
        analyze_results(results, scene.runbook, trends=grown, symptom=symptom) for symptom in about
    ]
    named = {(cause.name, cause.target): cause for causes in ranked for cause in causes}
    causes = tuple(sorted(named.values(), key=lambda cause: -cause.likelihood))
    return Diagnosis(began_at, scene.clock.monotonic_seconds() - began, results, causes)


def _trends(scene: Scene) -> Trends:
    try:
        return history.read(scene, lambda conn: trends(conn, scene.runbook, scene.clock.now()))
    except HistoryAway:
        return {}  # What nobody wrote down grew for nobody to see.
