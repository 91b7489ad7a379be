"""What is said of the units and of the model."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bigbrother.kernel.status import Status
from bigbrother.models.samples import reference_embedding, sample_photo
from bigbrother.operations.checks.report.runs import keep_run
from bigbrother.operations.checks.result import Result
from bigbrother.operations.diagnostics.catalogue import CATALOGUE
from bigbrother.operations.monitoring.readings.points import record
from bigbrother.operations.monitoring.readings.series import Reading
from bigbrother.ports.face_service import Answer
from bigbrother.ports.host import Gpu
from bigbrother.ports.service_manager import ProcessIdentity
from bigbrother.telemetry.face_metrics import FaceMetrics
from tests.fakes.face_service import FakeFaceService
from tests.fakes.host import mount
from tests.fakes.machine import process
from tests.unit.operations.checks.installation import RUNBOOK
from tests.unit.operations.diagnostics.scenery import Scenery

PROBES = {probe.name: probe for probe in CATALOGUE}
SHIPPED = Path(__file__).parents[4] / "src" / "bigbrother" / "models" / "packs"


def runs(scenery: Scenery, unit: str, process_id: int, state: str = "sleeping") -> None:
    """A unit has a process in this state."""
    scenery.manager.alive[unit] = ProcessIdentity(unit, process_id, scenery.clock.now())
    scenery.machine.running.append(process(process_id, state=state))


def test_a_stopped_process_and_a_silent_one_hang_and_one_that_answers_does_not(
    scenery: Scenery,
) -> None:
    runs(scenery, "bigbrother-db", 100, "stopped")
    runs(scenery, "bigbrother-face", 101)
    runs(scenery, "bigbrother-worker", 102, "disk-sleep")
    runs(scenery, "bigbrother-ops", 103)
    scenery.watcher.down = True
    found = scenery.look(PROBES["hung_units"])
    assert {unit: each.status for unit, each in found.items()} == {
        "bigbrother-db": Status.FAILED,
        "bigbrother-face": Status.PASSED,
        "bigbrother-worker": Status.PASSED,
        "bigbrother-ops": Status.FAILED,
    }
    assert "service_recovery.bigbrother-db" in found["bigbrother-db"].remedy
    assert found["bigbrother-face"].value == 0.01


def test_where_no_unit_has_a_process_none_hangs(scenery: Scenery) -> None:
    assert scenery.see(PROBES["hung_units"]).status is Status.SKIPPED


def test_deaths_that_the_watcher_wrote_down_are_counted_also_of_an_alert_that_flaps(
    scenery: Scenery,
) -> None:
    store, now = scenery.store(), scenery.clock.now()

    def died(unit: str, minutes_ago: tuple[float, ...]) -> None:
        times = [(now - timedelta(minutes=ago)).timestamp() for ago in minutes_ago]
        store.write(
            lambda conn: conn.execute(
                "INSERT INTO alert (id, fingerprint, name, labels, severity, state, origin,"
                " summary, remedy, unit, threshold, began_at, resolved_at, seen_at)"
                " VALUES (?, ?, 'unit_down', ?, 'critical', 'resolved', 'watcher', '', '', '', '',"
                " ?, ?, ?)",
                (unit, unit, json.dumps({"unit": unit}), times[0], times[-1] + 1, times[-1]),
            )
        )
        changes = [at for time in times for at in (time, time + 1)]
        store.write(
            lambda conn: conn.execute(
                "INSERT INTO alert_change VALUES (?, ?, ?)",
                (unit, json.dumps(changes), changes[-1]),
            )
        )

    died("bigbrother-face", (8, 6, 4, 2))
    died("bigbrother-worker", (3,))
    died("bigbrother-db", (120, 90))
    found = scenery.look(PROBES["unit_restarts"])
    store.close()
    assert {unit: each.value for unit, each in found.items()} == {
        "bigbrother-db": 0,
        "bigbrother-face": 4,
        "bigbrother-worker": 1,
        "bigbrother-ops": 0,
    }
    assert found["bigbrother-face"].status is Status.FAILED
    assert found["bigbrother-worker"].status is Status.PASSED


def test_errors_of_late_are_counted_by_cause_with_what_helps(scenery: Scenery) -> None:
    now = scenery.clock.now()

    def line(minutes_ago: float) -> str:
        at = (now - timedelta(minutes=minutes_ago)).isoformat()
        full = "[Errno 28] No space left on device"
        return json.dumps({"time": at, "level": "error", "event": "failed", "detail": full})

    scenery.manager.logs["bigbrother-worker"] = [line(40)]
    scenery.manager.logs["bigbrother-face"] = [line(n) for n in range(6)]
    found = scenery.look(PROBES["log_errors"])
    assert (found["bigbrother-face"].status, found["bigbrother-face"].value) == (
        Status.WARNING,
        6,
    )
    assert found["bigbrother-face"].evidence[0] == "6 times: The disk is full."
    assert "df -h" in found["bigbrother-face"].remedy
    assert found["bigbrother-worker"].value == 0


def page(name: str = "sface", version: str = "2021dec.1", provider: str = "") -> bytes:
    """The face analyzer's metrics, by its own code."""
    metrics = FaceMetrics(RUNBOOK)
    metrics.model.labels(name, version).set(1)
    if provider:
        metrics.provider.labels(provider).set(1)
    return metrics.text()


def test_the_model_that_runs_is_held_against_the_one_on_the_disk(scenery: Scenery) -> None:
    scenery.serve(page())
    assert scenery.see(PROBES["model_version"]).status is Status.PASSED
    scenery.serve(page(version="2020jan.1"))
    seen = scenery.see(PROBES["model_version"])
    assert seen.status is Status.FAILED
    assert seen.evidence == ("It runs sface@2020jan.1; on the disk lies sface@2021dec.1.",)
    scenery.face.down = True
    assert scenery.see(PROBES["model_version"]).status is Status.UNKNOWN


def test_networks_beside_an_idle_gpu_warn(scenery: Scenery) -> None:
    assert scenery.see(PROBES["execution_provider"]).status is Status.SKIPPED
    scenery.host.cards = (Gpu("L4", 0.0, 0.0),)
    for provider, status in (
        ("CPUExecutionProvider", Status.WARNING),
        ("CUDAExecutionProvider", Status.PASSED),
        ("", Status.UNKNOWN),
    ):
        scenery.serve(page(provider=provider))
        assert scenery.see(PROBES["execution_provider"]).status is status


def test_a_flipped_byte_a_missing_file_and_a_broken_manifest_are_found(scenery: Scenery) -> None:
    assert {each.status for each in scenery.look(PROBES["model_files"]).values()} == {Status.PASSED}
    pack = scenery.settings.models / "sface"
    shutil.copytree(SHIPPED / "sface", pack)
    network = pack / "yunet.onnx"
    content = bytearray(network.read_bytes())
    content[1000] ^= 1
    network.write_bytes(content)
    found = scenery.look(PROBES["model_files"])
    assert (found["yunet.onnx"].status, found["sface.onnx"].status) == (
        Status.FAILED,
        Status.PASSED,
    )
    (pack / "sface.onnx").unlink()
    assert scenery.look(PROBES["model_files"])["sface.onnx"].status is Status.FAILED
    (pack / "manifest.json").write_text("{")
    assert scenery.see(PROBES["model_files"]).status is Status.FAILED


def test_the_sample_photo_is_seen_as_it_is_known_or_the_model_fails(scenery: Scenery) -> None:
    known = tuple(reference_embedding("sface", "2021dec.1") or ())
    photo, other = sample_photo(), tuple(-each for each in known)
    scenery.face = FakeFaceService(embeddings={photo: known})
    seen = scenery.see(PROBES["golden_inference"])
    assert seen.status is Status.PASSED
    assert seen.value == pytest.approx(1, abs=1e-4)
    scenery.face = FakeFaceService(embeddings={photo: other})
    assert scenery.see(PROBES["golden_inference"]).status is Status.FAILED
    scenery.face = FakeFaceService()
    seen = scenery.see(PROBES["golden_inference"])
    assert (seen.status, seen.value) == (Status.FAILED, None)
    scenery.face = FakeFaceService(down=True)
    assert scenery.see(PROBES["golden_inference"]).status is Status.UNKNOWN


def test_accuracy_is_the_last_daily_check_s_judged_by_the_figures_of_now(
    scenery: Scenery,
) -> None:
    assert scenery.see(PROBES["model_accuracy"]).status is Status.UNKNOWN
    kept = Result(
        "model_accuracy", Status.PASSED, 0.93, "ratio", figures={"false_match_ratio": 0.04}
    )
    store, at = scenery.store(), scenery.clock.now() - timedelta(hours=3)
    store.write(lambda conn: keep_run(conn, (kept,), at))
    seen = scenery.see(PROBES["model_accuracy"])
    store.close()
    assert (seen.status, seen.value) == (Status.FAILED, 0.93)
    assert seen.figures == {"false_match_ratio": 0.04}
    assert seen.evidence == (f"It was checked at {at:%Y-%m-%d %H:%M} UTC.",)


@pytest.mark.parametrize(
    ("grown_bytes", "status"),
    [(0, Status.PASSED), (1e9, Status.PASSED), (1e10, Status.WARNING), (1e11, Status.FAILED)],
)
def test_a_database_that_grows_is_told_before_it_has_filled_its_disk(
    scenery: Scenery, grown_bytes: float, status: Status
) -> None:
    assert scenery.see(PROBES["database_growth"]).status is Status.UNKNOWN
    store, now = scenery.store(), scenery.clock.now()
    keep = scenery.runbook.retention.readings.duration

    def note(hours_ago: float, size: float) -> None:
        at = now - timedelta(hours=hours_ago)
        reading = Reading("database_size", at, size, "bytes")
        store.write(lambda conn: record(conn, [reading], now, keep))

    note(1, 1e9)
    assert scenery.see(PROBES["database_growth"]).status is Status.UNKNOWN
    note(23.5, 1e9 - grown_bytes)
    scenery.host.disks = (mount(used_ratio=0.5),)
    seen = scenery.see(PROBES["database_growth"])
    store.close()
    assert seen.status is status
    assert "grew by" in seen.evidence[0]


def test_a_face_analyzer_that_does_not_tell_its_time_is_unknown(scenery: Scenery) -> None:
    scenery.face.answers["/livez"] = Answer(200, 0.01, b"")
    assert scenery.look(PROBES["clock_skew"])["bigbrother-face"].status is Status.UNKNOWN
