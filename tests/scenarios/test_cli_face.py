"""A person and a script use the face commands of a running installation."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from bigbrother.client.results import Consent
from bigbrother.models.samples import sample_photo
from tests.scenarios.place import BIGBROTHER, Place, free_port
from tests.waiting import until

CONSENT = Consent(legal_basis="consent", purpose="tests", reference="form 1")


@pytest.fixture
def photo(installation: Place) -> str:
    """Where every account of the installation may read it."""
    file = installation.home.parent / "photo ção.jpg"
    file.write_bytes(sample_photo())
    return str(file)


def on_a_terminal(installation: Place, *args: str, typed: str) -> tuple[int, str]:
    """Runs a command as a person at a terminal who types an answer to its question."""
    control, terminal = pty.openpty()
    command = subprocess.Popen(
        (str(BIGBROTHER), *args),
        env={**installation.env, "TERM": "xterm", "COLUMNS": "200"},
        cwd="/",
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = bytearray()

    def asked() -> bool:
        shown.extend(os.read(control, 4096))
        return b"[y/N]" in shown

    try:
        until(asked, 20)
        os.write(control, typed.encode())
        code = command.wait(20)
        try:
            while more := os.read(control, 4096):
                shown.extend(more)
        except OSError:
            pass  # how Linux tells that the other side of a terminal is closed
    finally:
        command.kill()
        command.wait()
        os.close(control)
    return code, shown.decode()


def subjects(installation: Place, collection: str) -> list[str]:
    with installation.client() as client:
        return [found.external_id for found in client.subjects.list(collection)]


def test_a_person_is_asked_before_anybody_is_erased(installation: Place, photo: str) -> None:
    done = installation.cli(
        "face", "enrol", "asked", "ana", photo, "--purpose", "tests", "--create-collection"
    )
    assert done.returncode == 0, done.stderr
    code, shown = on_a_terminal(installation, "face", "forget", "asked", "ana", typed="n\n")
    assert code == 4
    assert "1 face" in shown
    assert "Nothing was erased" in shown
    assert subjects(installation, "asked") == ["ana"]
    code, shown = on_a_terminal(installation, "face", "forget", "asked", "ana", typed="y\n")
    assert code == 0
    assert "Erased 'ana' and 1 face from 'asked'." in shown
    assert subjects(installation, "asked") == []


def test_answers_are_on_stdout_and_messages_on_stderr(installation: Place, photo: str) -> None:
    done = installation.cli("face", "analyze", photo, "missing.jpg", "-o", "json")
    assert done.returncode == 4
    good, bad = json.loads(done.stdout)["images"]
    assert good["image"] == photo
    assert len(good["faces"]) == 1
    assert bad["error"]["code"] == "picture-unreadable"
    assert len(done.stderr.splitlines()) == 1


def test_a_mistyped_name_gets_the_nearest_right_one(installation: Place, photo: str) -> None:
    with installation.client() as client:
        client.collections.create("reception")
        client.subjects.create("reception", "joão", consent=CONSENT)
    for arguments in (("identify", "recepcion", photo), ("list", "recepcion")):
        done = installation.cli("face", *arguments)
        assert done.returncode == 4
        assert "Did you mean 'reception'?" in done.stderr
    done = installation.cli("face", "list", "reception", "joao")
    assert "Did you mean 'joão'?" in done.stderr


def test_names_are_completed(installation: Place) -> None:
    with installation.client() as client:
        client.collections.create("completed")

    def offered(line: str) -> str:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
        how = {"_BIGBROTHER_COMPLETE": "complete_bash", **words}
        return installation.cli(env=how).stdout

    assert "completed" in offered("bigbrother face identify comp")
    assert "sface" in offered("bigbrother models show sf")
    assert "bigbrother-face" in offered("bigbrother logs bigbrother-f")


def test_without_a_service_completion_is_silent_and_a_command_says_what_to_do(
    installation: Place, photo: str
) -> None:
    nobody = {"BIGBROTHER_PORT": str(free_port())}
    done = installation.cli("face", "analyze", photo, env=nobody)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "bigbrother up" in done.stderr
    line = {"COMP_WORDS": "bigbrother face identify co", "COMP_CWORD": "3"}
    how = {"_BIGBROTHER_COMPLETE": "complete_bash", **line, **nobody}
    done = installation.cli(env=how)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_the_people_of_a_photograph_are_named_on_a_drawing(
    installation: Place, real_data: Path, tmp_path: Path
) -> None:
    people = ("Al_Sharpton", "Andre_Agassi")
    images = real_data / "lfw" / "images"
    for person in people:
        known = sorted((images / person).glob("*.jpg"))
        if len(known) < 2:
            pytest.skip(f"no two photographs of {person}")
        done = installation.cli(
            "face", "enrol", "gallery", person, str(known[0]), "--create-collection",
            "--prominent", "--purpose", "tests",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        drawing = tmp_path / f"{person}.jpg"
        probe = str(known[1])
        done = installation.cli(
            "face", "identify", "gallery", probe, "--draw", str(drawing), "-o", "json"
        )
        assert done.returncode == 0, done.stderr
        (answer,) = json.loads(done.stdout)["images"]
        assert answer["faces"][0]["matches"][0]["external_id"] == person
        assert drawing.stat().st_size > 1000
