"""What the documents show of diagnosis, procedures, housekeeping and tuning is run as shown."""

import re
import shutil
import tarfile
from pathlib import Path

import pytest

from bigbrother.operations.procedures.catalogue import procedures
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.tuned import FIGURES
from tests.scenarios.place import Place
from tests.scenarios.reading import DOCUMENTED_HOME, ROOT, blocks, read_along


@pytest.mark.slow
def test_the_guide_to_procedures_holds(installation: Place, desk: Path) -> None:
    said = read_along("docs/how-to/run-a-procedure.md", installation, desk)
    assert "service_recovery.face_analyzer would, on unit:bigbrother-face:" in said
    assert re.search(r"^Run \S+ succeeded\.$", said, re.MULTILINE)
    assert re.search(r"^state +succeeded$", said, re.MULTILINE)


def test_the_guide_to_diagnoses_holds(installation: Place, desk: Path) -> None:
    said = read_along("docs/how-to/diagnose.md", installation, desk)
    assert '"causes": ' in said
    assert tarfile.is_tarfile(desk / "bigbrother-bundle.tar.gz")


@pytest.mark.slow
def test_the_guide_to_housekeeping_holds(installation: Place, desk: Path) -> None:
    said = read_along("docs/how-to/keep-house.md", installation, desk)
    for procedure in ("housekeeping.cleaning", "housekeeping.optimization", "solutions.free_disk"):
        assert f"{procedure} would, on " in said


def test_every_procedure_of_housekeeping_stands_in_its_guide() -> None:
    guide = (ROOT / "docs/how-to/keep-house.md").read_text("utf-8")
    scheduled = {
        name for name in procedures(load_runbook(ROOT / "none")) if name.startswith("housekeeping.")
    }
    assert set(re.findall(r"^\| `(\S+)` \|", guide, re.MULTILINE)) == scheduled


@pytest.mark.slow
def test_the_guide_to_tuning_holds(installation: Place, desk: Path) -> None:
    said = read_along("docs/how-to/tune.md", installation, desk)
    assert "Would keep the analyses of 256 images." in said
    assert "Nothing was tuned." in said


def test_every_figure_that_may_be_tuned_stands_in_its_guide() -> None:
    guide = (ROOT / "docs/how-to/tune.md").read_text("utf-8")
    rows = [
        f"| `{name}` | `{'.'.join(path)}` | `tuning.{name}` |" for name, path in FIGURES.items()
    ]
    assert [row for row in rows if row not in guide] == []


def test_the_readme_shows_what_a_diagnosis_and_its_cure_say(
    installation: Place, tmp_path: Path
) -> None:
    pack = installation.home / "models" / "sface"
    shutil.copytree(ROOT / "src/bigbrother/models/packs/sface", pack)
    try:
        with (pack / "sface.onnx").open("r+b") as damaged:
            damaged.write(b"?")
        said = installation.cli("diagnose").stdout
        said += installation.cli("run", "solutions.restore_model", "--yes").stdout
    finally:
        shutil.rmtree(pack)
    (shown,) = blocks("README.md", "console")
    shown = shown.replace(f"~/{DOCUMENTED_HOME}", str(installation.home))
    answers = [line for line in shown.splitlines() if line and not line.startswith("$ ")]
    found = {_without_figures(line) for line in said.splitlines()}
    assert [line for line in answers if _without_figures(line) not in found] == []


def _without_figures(line: str) -> str:
    """One line of a terminal without what differs from time to time: ids, places, figures."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+(\.\d+)?", "N", line)
