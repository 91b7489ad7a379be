"""Every example that a command's help gives is run as it stands."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from PIL import Image, ImageOps

from bigbrother.entrypoints.cli import audit, batch, erasures, face, models, runbook, token
from bigbrother.models.samples import sample_photo
from tests.scenarios.place import BIGBROTHER, Completed, Place

GROUPS: dict[str, typer.Typer] = {
    "models": models.app,
    "face": face.app,
    "batch": batch.app,
    "token": token.app,
    "audit": audit.app,
    "erasures": erasures.app,
    "runbook": runbook.app,
}
ANY_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def commands() -> Iterator[tuple[str, str, str]]:
    """Each group, command and the text below its help, in the order of the help."""
    for group, app in GROUPS.items():
        for command in app.registered_commands:
            yield group, command.name or "", command.epilog or ""


def examples(epilog: str) -> list[str]:
    return [line.removeprefix("$ ") for line in epilog.splitlines() if line.startswith("$ ")]


def run(line: str, installation: Place, folder: Path) -> Completed:
    path = f"{BIGBROTHER.parent}{os.pathsep}{installation.env['PATH']}"
    return subprocess.run(
        ("sh", "-c", line),
        env={**installation.env, "PATH": path},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("group", "command", "epilog"), list(commands()))
def test_every_command_shows_examples_of_itself(group: str, command: str, epilog: str) -> None:
    found = examples(epilog)
    assert found
    for line in found:
        assert f"bigbrother {group} {command}" in line


def test_every_example_works(installation: Place, tmp_path: Path) -> None:
    """In the order of the help: what one example enrols, a later one recognises and forgets."""
    lay_out_photos(tmp_path)
    for group, command, epilog in commands():
        for example in examples(epilog):
            line = ANY_ID.sub(lambda _: meant(installation, group, command), example)  # noqa: B023
            done = run(line, installation, tmp_path)
            assert done.returncode == 0, f"{line}\n{done.stderr}"
            assert done.stdout or "--save" in line, line
            assert installation.token not in done.stdout + done.stderr
    assert Image.open(tmp_path / "found.jpg").size == (1024, 1024)
    assert (tmp_path / "till.token").stat().st_mode & 0o777 == 0o600


def lay_out_photos(folder: Path) -> None:
    """What the examples name: photos, folders of them, an archive, a table and an overlay."""
    (folder / "photo.jpg").write_bytes(sample_photo())
    mirrored = ImageOps.mirror(Image.open(io.BytesIO(sample_photo())))
    mirrored.save(folder / "other.jpg", quality=95)
    for place in ("photos", "people/bia", "people/leo"):
        (folder / place).mkdir(parents=True)
        shutil.copyfile(folder / "photo.jpg", folder / place / "1.jpg")
    (folder / "runbook.yaml").write_text("limits:\n  image_size: 10 MB\n", "utf-8")
    (folder / "people.csv").write_text("path,external_id,name\nother.jpg,eva,Eva\n", "utf-8")
    with zipfile.ZipFile(folder / "people.zip", "w") as archive:
        archive.write(folder / "other.jpg", "iris/1.jpg")


def meant(installation: Place, group: str, command: str) -> str:
    """An id that stands for the one in an example."""
    with installation.client() as client:
        if group == "token":
            return next(found.id for found in client.tokens.list() if found.name == "till")
        if command == "retry":
            cut_off = sample_photo()[:20_000]
            failing = client.batches.submit("analyze", [cut_off])
            client.batches.wait(failing.id)
            return failing.id
        return next(found.id for found in client.batches.list() if not found.failed)
