"""A person and Nagios check a running installation."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from bigbrother.operations.checks.counters import Counters
from bigbrother.operations.checks.metric_page import read_page
from tests.scenarios.place import Place

SAMPLE = Path("src/bigbrother/models/samples/astronaut.jpg").absolute()


def test_the_checks_of_a_running_installation_say_what_is(installation: Place) -> None:
    with installation.client() as client:
        for _ in range(25):
            client.analyze(SAMPLE)
    done = installation.cli("check", "-o", "json")
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)
    found = {(one["check"], one["target"]): one for one in told["results"]}
    units = {target for check, target in found if check == "services_status"}
    assert {"service-manager", "bigbrother-db", "bigbrother-face"} <= units
    assert {found["services_status", unit]["status"] for unit in units} == {"passed"}
    assert found["gpu_usage", ""]["status"] in ("skipped", "passed")
    assert 0 < found["memory_usage", ""]["value"] < 1
    assert 0 < found["inference_time", ""]["value"] < 10
    assert 0 < found["response_time", ""]["value"] < 10
    assert found["error_rate", ""]["value"] is not None
    assert found["queue_size", ""]["value"] == 0
    accuracy = found["model_accuracy", ""]
    assert (accuracy["status"], accuracy["value"]) == ("unknown", None)
    assert accuracy["evidence"][0].startswith("Source: ")
    assert done.returncode in (1, 2, 3)


def test_nagios_gets_its_lines_and_its_code(installation: Place) -> None:
    done = installation.cli("check", "memory_usage", "--format", "nagios")
    words = {0: "OK", 1: "WARNING", 2: "CRITICAL"}
    first = done.stdout.splitlines()[0]
    assert first.startswith(f"BIGBROTHER {words[done.returncode]}: ")
    assert re.search(r"\| 'memory_usage'=[0-9.]+%;80;85;0;100$", first)


def test_the_guide_s_commands_end_as_they_say(installation: Place) -> None:
    done = installation.cli("check", "daily", "--report")
    assert "Traceback" not in done.stderr
    assert done.stderr.count("Written: ") == 2
    (html,) = (installation.home / "data" / "ops" / "reports").glob("*.html")
    assert "model_accuracy" in html.read_text("utf-8")


def test_the_page_of_the_running_service_is_read_as_its_own_reader_reads_it(
    installation: Place,
) -> None:
    import httpx  # noqa: PLC0415
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    text = httpx.get(f"{installation.url}/metrics").content
    page = read_page(text, largest_bytes=4_000_000, most_samples=20_000)
    theirs = {
        (sample.name, tuple(sorted(sample.labels.items())), sample.value)
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }
    ours = {
        (sample.name, tuple(sorted(sample.labels)), sample.value)
        for samples in page.samples.values()
        for sample in samples
    }
    assert ours == theirs
    assert Counters.of(page, datetime.now(UTC)).queue_items
