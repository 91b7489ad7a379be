"""The commands, run against a scripted face API in a home of the test's own."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from bigbrother.entrypoints.cli import batch, face, metrics, models, runbook, token
from tests.fakes.face_api import FaceApi, running_face_api

Cli = Callable[..., Result]


@pytest.fixture
def api() -> Iterator[FaceApi]:
    with running_face_api() as fake:
        yield fake


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("BIGBROTHER_HOME", str(folder))
    monkeypatch.setenv("BIGBROTHER_RUNTIME", "/tmp/bb-unused")
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def bare_cli(home: Path) -> Cli:
    """Runs a command as a person who has set nothing up."""
    app = typer.Typer()
    app.add_typer(batch.app, name="batch")
    app.add_typer(face.app, name="face")
    app.add_typer(metrics.app, name="metrics")
    app.add_typer(models.app, name="models")
    app.add_typer(runbook.app, name="runbook")
    app.add_typer(token.app, name="token")

    def run(*arguments: str, stdin: bytes = b"", **env: str) -> Result:
        return CliRunner().invoke(app, arguments, input=stdin, env=env, prog_name="bigbrother")

    return run


@pytest.fixture
def cli(bare_cli: Cli, api: FaceApi) -> Cli:
    """Runs a command as a person whose environment names the service and a token."""

    def run(*arguments: str, stdin: bytes = b"", **env: str) -> Result:
        given = {"BIGBROTHER_URL": api.url, "BIGBROTHER_TOKEN": "secret-token", **env}
        return bare_cli(*arguments, stdin=stdin, **given)

    return run


@pytest.fixture
def photo(tmp_path: Path, home: Path) -> Path:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "grey").save(buffer, "JPEG")
    file = tmp_path / "photo.jpg"
    file.write_bytes(buffer.getvalue())
    return file
