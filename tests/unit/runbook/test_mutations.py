"""Change a figure and behaviour changes: every leaf of the document is changed in turn."""

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from bigbrother.runbook import planned
from bigbrother.runbook.leaves import leaves
from bigbrother.runbook.load import default_text
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.validation import mistakes
from tests.unit.runbook.mutants import other_values
from tests.unit.runbook.probe import Probe
from tests.unit.runbook.probes_of_alerts import ALERTS
from tests.unit.runbook.probes_of_batches import BATCHES
from tests.unit.runbook.probes_of_diagnosis import DIAGNOSIS
from tests.unit.runbook.probes_of_face_unit import FACE_UNIT
from tests.unit.runbook.probes_of_housekeeping import HOUSEKEEPING
from tests.unit.runbook.probes_of_issues import ISSUES
from tests.unit.runbook.probes_of_looks import LOOKS
from tests.unit.runbook.probes_of_procedures import PROCEDURES
from tests.unit.runbook.probes_of_recovery import RECOVERY
from tests.unit.runbook.probes_of_requests import REQUESTS
from tests.unit.runbook.probes_of_response import RESPONSE
from tests.unit.runbook.probes_of_run_events import RUN_EVENTS
from tests.unit.runbook.probes_of_service import SERVICE
from tests.unit.runbook.probes_of_solutions import SOLUTIONS
from tests.unit.runbook.probes_of_units import UNITS
from tests.unit.runbook.probes_of_watcher import WATCHER

PROBES = (
    *ALERTS,
    *BATCHES,
    *DIAGNOSIS,
    *FACE_UNIT,
    *HOUSEKEEPING,
    *ISSUES,
    *LOOKS,
    *PROCEDURES,
    *RESPONSE,
    *RUN_EVENTS,
    *RECOVERY,
    *REQUESTS,
    *SERVICE,
    *SOLUTIONS,
    *UNITS,
    *WATCHER,
)
LIST = Path(__file__).parent / "prose_only.txt"
Path_ = tuple[str, ...]


@cache
def document() -> dict[str, Any]:
    """The shipped document with every channel on, so that each figure can show itself."""
    values: dict[str, Any] = yaml.safe_load(default_text())
    values["heartbeat"]["url"] = "https://beat.example.org"
    channels = values["alert_config"]["channels"]
    for channel in channels.values():
        channel["enabled"] = True
    channels["email"] |= {"user": "bigbrother", "secret": "email"}
    channels["sms"] |= {"account": "AC0", "sender": "+5511999990009"}
    channels["webhook"] |= {"url": "https://watch.example.org", "secret": "webhook"}
    for index, contact in enumerate(values["contacts"].values()):
        contact["phone"] = f"+551199999000{index}"
    return values


def all_leaves() -> list[tuple[Path_, Any]]:
    return list(leaves(document()))


def listed() -> dict[str, str]:
    """The leaves that no probe shows, with the reason that stands above them."""
    found, reason = {}, ""
    for line in LIST.read_text("utf-8").splitlines():
        if line.startswith("# "):
            reason = line.removeprefix("# ")
        elif line:
            found[line] = reason
    return found


def valid_mutants(path: Path_, value: object) -> Iterator[Runbook]:
    for other in other_values(".".join(path), value):
        if other == value:
            continue
        changed = copy.deepcopy(document())
        place: Any = changed
        for key in path[:-1]:
            place = place[int(key)] if isinstance(place, list) else place[key]
        place[int(path[-1]) if isinstance(place, list) else path[-1]] = other
        try:
            runbook = Runbook.model_validate(changed)
        except ValidationError:
            continue
        if not mistakes(runbook, document()):
            yield runbook


@cache
def unchanged(probe: Probe) -> str:
    return repr(probe.observe(Runbook.model_validate(document())))


def moves_something(path: Path_, value: object) -> bool:
    probes = [probe for probe in PROBES if probe.asks_about(".".join(path))]
    return bool(probes) and any(
        repr(probe.observe(mutant)) != unchanged(probe)
        for mutant in valid_mutants(path, value)
        for probe in probes
    )


def acting() -> list[tuple[Path_, Any]]:
    return [item for item in all_leaves() if item[0][0] not in planned.SECTIONS]


def test_every_leaf_moves_behaviour_or_is_listed_with_the_reason() -> None:
    prose = listed()
    silent = {".".join(path) for path, value in acting() if not moves_something(path, value)}
    unplanned = {path for path in prose if path.partition(".")[0] not in planned.SECTIONS}
    assert silent - unplanned == set(), "these move nothing that a probe sees"
    assert unplanned - silent == set(), "these move behaviour: take them from the list"


def test_every_leaf_of_a_planned_section_is_listed_by_name() -> None:
    waiting = {".".join(path) for path, _ in all_leaves() if path[0] in planned.SECTIONS}
    assert {path for path in listed() if path.partition(".")[0] in planned.SECTIONS} == waiting


def test_every_listed_leaf_exists_once_and_has_a_reason() -> None:
    lines = [line for line in LIST.read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert len(lines) == len(set(lines))
    assert set(lines) <= {".".join(path) for path, _ in all_leaves()}
    assert [path for path, reason in listed().items() if not reason] == []


def test_a_probe_asks_about_leaves_that_exist() -> None:
    paths = [".".join(path) for path, _ in all_leaves()]
    lost = [
        pattern
        for probe in PROBES
        for pattern in probe.paths
        if not any(Probe((pattern,), probe.observe).asks_about(path) for path in paths)
    ]
    assert lost == []


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.observe.__name__)
def test_a_probe_gives_the_same_twice(probe: Probe) -> None:
    """Otherwise every mutant would seem to move it."""
    assert repr(probe.observe(Runbook.model_validate(document()))) == unchanged(probe)
