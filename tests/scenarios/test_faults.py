"""Real faults in a running installation: seen, explained, cured, and gone."""

from collections.abc import Iterator
from random import Random

import pytest

from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.operations.troubleshooting.effect import Verdict, effects, helped
from bigbrother.operations.troubleshooting.issues import IssueSeen, issue_seen
from tests.faults.catalogue import FAULTS
from tests.faults.fault import CannotInject
from tests.faults.place import FaultPlace, fault_place, in_place
from tests.scenarios.place import Place
from tests.waiting import until

SEED = 6
"""Of the ways to make callers wait it takes the one that the document's symptoms see."""
CURES = {"disk_full": "solutions.free_disk", "corrupt_model": "solutions.restore_model"}
# Taken out, their figure says nothing: accuracy needs photographs of several people, and the
# machine's memory belongs to others too, who take and give back more than the fault did.
SAYS_NOTHING_AFTER = ("model_degradation", "memory_exhausted")
# Those that leave every unit of an installation that others share alone.
GENTLE = ("certificate_expiring", "clock_skew", "corrupt_model")


@pytest.fixture(scope="module")
def faulty() -> Iterator[FaultPlace]:
    with fault_place() as place:
        yield place


@pytest.mark.parametrize("issue", GENTLE)
def test_a_fault_is_explained_and_cured(issue: str, installation: Place) -> None:
    with in_place(installation) as place:
        seen_explained_and_gone(issue, place)


@pytest.mark.slow
@pytest.mark.parametrize("issue", FAULTS)
def test_every_fault_is_explained_and_cured(issue: str, faulty: FaultPlace) -> None:
    try:
        seen_explained_and_gone(issue, faulty)
    except CannotInject as reason:
        pytest.skip(str(reason))


@pytest.mark.slow
def test_without_a_fault_nothing_is_made_up(faulty: FaultPlace) -> None:
    assert faulty.diagnosis().causes == ()


def seen_explained_and_gone(issue: str, place: FaultPlace) -> None:
    """The whole way of one fault."""
    chance = Random(SEED)  # noqa: S311 - a seed, not a secret
    with place.settling(), FAULTS[issue](place, chance) as view:
        scene = view(place.scene())
        found = place.diagnosis(scene)
        before = issue_seen(issue, found.results, {}, scene.runbook)
        assert before.present
        assert found.causes[0].name == issue, found.causes
        if issue in CURES:
            assert CURES[issue] in found.causes[0].procedures
            done = place.place.cli("run", CURES[issue], "--yes")
            assert done.returncode == 0, done.stderr + done.stdout
            results = place.diagnosis(view(place.scene())).results
            cured = issue_seen(issue, results, {}, scene.runbook)
            assert helped(effects(before.symptoms, cured.symptoms))
    if issue in SAYS_NOTHING_AFTER:
        return
    until(lambda: gone(issue, place, scene, before), 60)


def gone(issue: str, place: FaultPlace, scene: Scene, before: IssueSeen) -> bool:
    """Whether a symptom was cured, and none is there but of what the whole machine shares."""
    if issue == "high_latency":
        # How long callers wait is known while there are some.
        place.analyze(scene.runbook.watching.least_events + 5)
    after = issue_seen(issue, place.diagnosis().results, {}, scene.runbook)
    own = [seen for seen in after.symptoms if seen.symptom.check != "cpu_usage"]
    verdicts = [effect.verdict for effect in effects(before.symptoms, own)]
    return Verdict.CURED in verdicts and not any(seen.present for seen in own)
