"""Checks run beside each other, within their time, and listed once."""

import threading
from pathlib import Path

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.checks import catalogue
from bigbrother.operations.checks.errors import CheckUnknown
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.runner import CheckRunner
from bigbrother.runbook.sections.checks import ApplicationChecks, MlChecks, SystemChecks
from tests.unit.operations.checks.installation import Installation, changed


def put(monkeypatch: pytest.MonkeyPatch, name: str, check: catalogue.Check) -> None:
    """Puts another check in the place of one."""
    listed = tuple(check if each.name == name else each for each in catalogue.CATALOGUE)
    monkeypatch.setattr(catalogue, "CATALOGUE", listed)


def test_a_check_that_hangs_is_unknown_holds_up_nobody_and_is_not_begun_twice(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, looks = threading.Event(), []

    def hang(_observed: Observed) -> tuple[Result, ...]:
        looks.append(1)
        free.wait(20)
        return (Result("cpu_usage", Status.PASSED),)

    put(monkeypatch, "cpu_usage", catalogue.Check("cpu_usage", "system", hang))
    installation.runbook = changed({"watching.look_within": "50ms"})
    runner, observed = CheckRunner(), installation.observed()
    hung, memory = runner.run(["cpu_usage", "memory_usage"], observed)
    assert hung.status is Status.UNKNOWN
    assert hung.evidence == ("It did not come back within 50ms.",)
    assert memory.status is Status.PASSED
    (again,) = runner.run(["cpu_usage"], observed)
    assert again.evidence == ("The look before has not come back yet.",)
    assert len(looks) == 1
    free.set()
    next(t for t in threading.enumerate() if t.name == "check-cpu_usage").join(5)
    (well,) = runner.run(["cpu_usage"], observed)
    assert well.status is Status.PASSED


def test_a_check_that_breaks_is_unknown_and_says_so(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_observed: Observed) -> tuple[Result, ...]:
        raise ZeroDivisionError

    put(monkeypatch, "gpu_usage", catalogue.Check("gpu_usage", "system", break_down))
    broken = installation.one("gpu_usage")
    assert (broken.status, broken.value) == (Status.UNKNOWN, None)
    assert broken.evidence == ("The check itself broke: ZeroDivisionError",)


def test_with_everything_down_every_check_still_comes_back(installation: Installation) -> None:
    installation.host.unreadable = installation.face.down = installation.manager.silent = True
    results = installation.check("daily")
    assert [result.check for result in results] == [each.name for each in catalogue.CATALOGUE]
    assert {result.status for result in results} == {Status.UNKNOWN, Status.FAILED}
    assert all(result.evidence and result.remedy for result in results)


def test_a_check_that_works_the_machine_hard_runs_after_the_others(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def looking(name: str) -> catalogue.Check:
        def look(_observed: Observed) -> tuple[Result, ...]:
            order.append(name)
            return (Result(name, Status.PASSED),)

        return catalogue.Check(name, "ml", look, alone=name == "model_accuracy")

    for name in ("model_accuracy", "inference_time", "batch_success"):
        put(monkeypatch, name, looking(name))
    results = installation.check("ml")
    assert order[-1] == "model_accuracy"
    assert results[0].check == "model_accuracy"


def test_groups_and_names_choose_each_check_once_in_the_catalogue_s_order() -> None:
    names = [each.name for each in catalogue.chosen(["queue_size", "system", "cpu_usage"])]
    assert names == ["cpu_usage", "memory_usage", "disk_space", "gpu_usage", "queue_size"]
    assert catalogue.chosen(["daily"]) == catalogue.CATALOGUE
    with pytest.raises(CheckUnknown, match="no check 'weather'"):
        catalogue.chosen(["cpu_usage", "weather"])


def test_every_module_of_a_check_is_listed_and_every_line_is_in_the_document() -> None:
    folder = Path(catalogue.__file__).parent
    modules = {
        (file.parent.name, file.stem)
        for group in ("system", "application", "ml")
        for file in (folder / group).glob("*.py")
        if file.stem != "__init__"
    }
    assert {(each.group, each.name) for each in catalogue.CATALOGUE} == modules
    written = [
        *(("system", field) for field in SystemChecks.model_fields),
        *(("application", field) for field in ApplicationChecks.model_fields),
        *(("ml", field) for field in MlChecks.model_fields),
    ]
    assert [(each.group, each.name) for each in catalogue.CATALOGUE] == written
