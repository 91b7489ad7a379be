"""Every look is listed once, under the name and in the group of its file."""

from pathlib import Path

from bigbrother.operations.diagnostics import probes
from bigbrother.operations.diagnostics.catalogue import CATALOGUE, GROUPS, chosen
from bigbrother.runbook.looks import GROUP_LOOKS, LOOKS
from tests.unit.operations.checks.installation import RUNBOOK, changed

ROOM = Path(probes.__file__).parent


def test_every_file_of_a_look_is_listed_in_its_group() -> None:
    files = {
        (file.parent.name, file.stem) for file in ROOM.rglob("*.py") if file.stem != "__init__"
    }
    listed = {
        (probe.group, probe.look.__module__.rpartition(".")[2])
        for probe in CATALOGUE
        if ".probes." in probe.look.__module__
    }
    assert listed == files


def test_names_are_unique_and_those_that_issues_use_exist() -> None:
    names = [probe.name for probe in CATALOGUE]
    assert len(names) == len(set(names))
    assert {name for among in LOOKS.values() for name in among} <= set(names)


def test_the_document_names_the_looks_that_are_taken() -> None:
    assert set(GROUPS) == set(GROUP_LOOKS)
    assert chosen(RUNBOOK) == CATALOGUE
    without = changed({"diagnostics.checks.data": "check_models"})
    assert {probe.group for probe in chosen(without)} == {
        "connectivity",
        "resources",
        "services",
        "ml",
    }
