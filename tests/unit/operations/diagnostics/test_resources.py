"""What is said of the machine: its users, pressure, descriptors, kills, clocks, certificates."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bigbrother.kernel.status import Status
from bigbrother.operations.diagnostics.catalogue import CATALOGUE
from bigbrother.ports.face_service import Answer
from bigbrother.ports.machine import ClockState, MemoryKill, MemoryKills, OpenFiles, Pressure
from bigbrother.ports.service_manager import ProcessIdentity
from tests.fakes.clock import FakeClock
from tests.fakes.host import mount
from tests.fakes.machine import process
from tests.unit.operations.checks.installation import changed
from tests.unit.operations.diagnostics.scenery import Scenery

PROBES = {probe.name: probe for probe in CATALOGUE}
GIGABYTE = 1_000_000_000


def face_runs(scenery: Scenery, process_id: int = 101) -> None:
    """The face analyzer has a process."""
    scenery.manager.alive["bigbrother-face"] = ProcessIdentity(
        "bigbrother-face", process_id, scenery.clock.now()
    )


def test_a_stranger_that_takes_much_is_named_and_our_own_units_are_not_strangers(
    scenery: Scenery,
) -> None:
    face_runs(scenery)
    scenery.machine.running = [
        process(101, cpu=0.5, memory_bytes=6 * GIGABYTE),
        process(102, parent=101, cpu=0.4),
        process(500, "stress", cpu=0.1, memory_bytes=3 * GIGABYTE),
    ]
    found = scenery.look(PROBES["top_users"])
    assert (found["cpu"].status, found["cpu"].value) == (Status.PASSED, 0.1)
    assert (found["memory"].status, found["memory"].value) == (Status.WARNING, 0.375)
    assert "python (process 101, bigbrother-face)" in found["cpu"].evidence[0]
    assert "stress (process 500, not ours)" in " ".join(found["memory"].evidence)
    scenery.machine.running.append(process(501, "burner", cpu=0.95))
    assert scenery.look(PROBES["top_users"])["cpu"].status is Status.FAILED
    assert scenery.machine.spans[-1] == 0.5


def test_pressure_is_judged_by_who_waits_and_skipped_where_nobody_measures(
    scenery: Scenery,
) -> None:
    scenery.machine.pressures = (
        Pressure("cpu", 0.5, 0.0),
        Pressure("memory", 0.9, 0.1),
        Pressure("io", 0.9, 0.85),
    )
    found = scenery.look(PROBES["pressure"])
    assert {what: each.status for what, each in found.items()} == {
        "cpu": Status.WARNING,
        "memory": Status.PASSED,
        "io": Status.FAILED,
    }
    scenery.machine.pressures = ()
    assert scenery.see(PROBES["pressure"]).status is Status.SKIPPED


def test_of_a_unit_s_descriptors_the_fullest_process_counts(scenery: Scenery) -> None:
    face_runs(scenery)
    scenery.machine.running = [process(101), process(102, parent=101)]
    scenery.machine.files = {101: OpenFiles(10, 1000), 102: OpenFiles(950, 1000)}
    found = scenery.look(PROBES["open_files"])
    assert found["bigbrother-face"].status is Status.FAILED
    assert found["bigbrother-face"].value == 0.95
    assert found["system"].status is Status.PASSED


def test_inodes_run_out_while_bytes_are_left(scenery: Scenery) -> None:
    scenery.host.disks = (mount("/data", inodes_used_ratio=0.96),)
    seen = scenery.see(PROBES["inodes"])
    assert (seen.status, seen.target) == (Status.FAILED, "/data")


def test_kills_of_late_count_and_old_ones_do_not(scenery: Scenery) -> None:
    now = scenery.clock.now()
    old = MemoryKill(now - timedelta(days=1), 8, "old")
    scenery.machine.kills = MemoryKills(1, (old,))
    assert scenery.see(PROBES["oom_kills"]).value == 0
    fresh = MemoryKill(now - timedelta(minutes=2), 9, "python")
    scenery.machine.kills = MemoryKills(2, (old, fresh))
    seen = scenery.see(PROBES["oom_kills"])
    assert (seen.status, seen.value) == (Status.WARNING, 1)
    assert "python was killed, process 9" in seen.evidence[0]


def test_kills_without_a_date_are_unknown_unless_there_were_none(scenery: Scenery) -> None:
    scenery.machine.kills = MemoryKills(0, None)
    assert scenery.see(PROBES["oom_kills"]).status is Status.PASSED
    scenery.machine.kills = MemoryKills(3, None)
    assert scenery.see(PROBES["oom_kills"]).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("ahead", "status", "skew"),
    # Its header has whole seconds, made anew once a second: two of its lateness are its age.
    [
        (0, Status.PASSED, 0),
        (-1.9, Status.PASSED, 0),
        (-3.5, Status.WARNING, 1.5),
        (-60, Status.FAILED, 58),
        (1.5, Status.WARNING, 1.5),
        (60, Status.FAILED, 60),
    ],
)
def test_our_clock_is_held_against_that_of_the_face_analyzer(
    scenery: Scenery, ahead: float, status: Status, skew: float
) -> None:
    date = scenery.clock.now() + timedelta(seconds=ahead)
    scenery.face.answers["/livez"] = Answer(200, 0.01, b"", date)
    seen = scenery.look(PROBES["clock_skew"])["bigbrother-face"]
    assert seen.status is status
    assert seen.value == pytest.approx(skew)


def test_what_was_written_down_ahead_of_now_shows_that_the_clock_was_set_back(
    scenery: Scenery,
) -> None:
    store = scenery.store()
    ahead = scenery.clock.now().timestamp() + 30
    store.write(lambda conn: conn.execute("INSERT INTO scrape VALUES (?, x'00')", (ahead,)))
    seen = scenery.look(PROBES["clock_skew"])["last-reading"]
    store.close()
    assert (seen.status, seen.value) == (Status.FAILED, 30)


def test_a_clock_that_nobody_keeps_is_unknown_and_one_in_step_has_its_offset(
    scenery: Scenery,
) -> None:
    assert scenery.look(PROBES["clock_skew"])["ntp"].status is Status.PASSED
    scenery.machine.clock = ClockState(in_step=True, offset_seconds=1.5, worst_seconds=2)
    assert scenery.look(PROBES["clock_skew"])["ntp"].status is Status.WARNING
    scenery.machine.clock = ClockState(in_step=False, offset_seconds=0, worst_seconds=16)
    assert scenery.look(PROBES["clock_skew"])["ntp"].status is Status.UNKNOWN


def certificate(clock: FakeClock, days: float) -> x509.Certificate:
    """A real one, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test.example.org")])
    ends = clock.now() + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ends - timedelta(days=90))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )


def pem(clock: FakeClock, days: float) -> bytes:
    return certificate(clock, days).public_bytes(serialization.Encoding.PEM)


def put(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(content)
    return file


def test_certificates_on_the_disk_warn_and_fail_before_they_end(scenery: Scenery) -> None:
    assert scenery.see(PROBES["certificates"]).status is Status.SKIPPED
    etc, clock = scenery.settings.etc, scenery.clock
    well = put(etc, "well.pem", pem(clock, 60))
    soon = put(etc / "tls", "soon.crt", pem(clock, 60) + pem(clock, 10))
    over = put(etc, "over.pem", pem(clock, -1))
    broken = put(etc, "broken.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n")
    put(etc, "key.pem", b"-----BEGIN PRIVATE KEY-----\n")
    named = put(scenery.home, "root.pem", pem(clock, 2))
    scenery.dsn += f" sslrootcert={named}"
    found = scenery.look(PROBES["certificates"])
    assert {file: each.status for file, each in found.items()} == {
        str(well): Status.PASSED,
        str(soon): Status.WARNING,
        str(over): Status.FAILED,
        str(broken): Status.FAILED,
        str(named): Status.FAILED,
    }
    assert found[str(soon)].value == pytest.approx(10 * 86400, abs=2)


def test_endpoints_of_channels_that_are_on_show_theirs(scenery: Scenery) -> None:
    scenery.runbook = changed(
        {
            "alert_config.channels.webhook.enabled": True,
            "alert_config.channels.webhook.url": "https://hooks.example.org/x",
            "alert_config.channels.webhook.secret": "webhook",
        }
    )
    assert scenery.see(PROBES["certificates"]).status is Status.UNKNOWN
    shown = certificate(scenery.clock, 1).public_bytes(serialization.Encoding.DER)
    scenery.network.certificates["hooks.example.org:443"] = shown
    seen = scenery.see(PROBES["certificates"])
    assert (seen.status, seen.target) == (Status.FAILED, "hooks.example.org:443")
