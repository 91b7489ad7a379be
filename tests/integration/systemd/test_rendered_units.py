"""The unit files as systemd itself reads them; none is started here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bigbrother.runbook.load import load_runbook
from bigbrother.settings import Settings
from bigbrother.wiring.systemd import NotForSystemd, systemd_unit_files

HOMES = (Path("/srv/bigbrother"), Path("/srv/a b%s$HOME;#ção-$$"))
DSN = "postgresql://somebody:secret@db.example.org/faces"


def settings(home: Path = HOMES[0], dsn: str = "", port: int = 8080) -> Settings:
    return Settings(home=home, runtime=Path("/run/bigbrother"), dsn=dsn, port=port)


def rendered(given: Settings, caller: dict[str, str] | None = None) -> dict[str, str]:
    files = systemd_unit_files(given, load_runbook(), caller or {})
    return {file.name: file.text for file in files}


def complaints(folder: Path) -> list[str]:
    """What systemd says against the files, but that the programs are not installed here."""
    if shutil.which("systemd-analyze") is None:
        reason = "no systemd-analyze: install the package systemd"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run(
        ("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *folder.iterdir()),
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Failed to load" not in done.stderr, done.stderr
    return [
        line
        for line in done.stderr.splitlines()
        if str(folder) in line or ("bigbrother" in line and "is not executable" not in line)
    ]


@pytest.mark.parametrize("home", HOMES, ids=["plain", "odd"])
@pytest.mark.parametrize("dsn", ["", DSN], ids=["embedded", "own"])
def test_systemd_has_nothing_against_the_unit_files(tmp_path: Path, home: Path, dsn: str) -> None:
    for name, text in rendered(settings(home, dsn)).items():
        (tmp_path / name).write_text(text)
    assert complaints(tmp_path) == []


def test_what_systemd_does_not_know_would_be_seen(tmp_path: Path) -> None:
    for name, text in rendered(settings()).items():
        (tmp_path / name).write_text(text.replace("WatchdogSec=", "WatchdogSeconds="))
    assert any("WatchdogSeconds" in line for line in complaints(tmp_path))


def test_with_a_database_of_the_operators_own_none_is_started() -> None:
    files = rendered(settings(dsn=DSN))
    assert "bigbrother-db.service" not in files
    assert "bigbrother-db" not in "".join(files.values())
    assert "After=bigbrother-home.service" in files["bigbrother-schema.service"]


def test_no_secret_stands_in_a_file_that_everybody_may_read() -> None:
    assert "secret" not in "".join(rendered(settings(dsn=DSN)).values())
    with pytest.raises(NotForSystemd) as refused:
        rendered(settings(), {"BIGBROTHER_DSN": DSN})
    assert "bigbrother.toml" in refused.value.remedy
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("folder", ["/tmp/home", "/var/tmp/bb/home"])
def test_a_home_that_each_unit_would_see_as_another_is_refused(folder: str) -> None:
    with pytest.raises(NotForSystemd, match="BIGBROTHER_HOME"):
        rendered(settings(Path(folder)))


@pytest.mark.parametrize("letter", ["'", '"', "\\"])
def test_a_home_from_which_systemd_runs_no_program_is_refused(letter: str) -> None:
    with pytest.raises(NotForSystemd, match="BIGBROTHER_HOME"):
        rendered(settings(Path(f"/srv/o{letter}hare")))


def test_what_the_caller_chose_by_environment_counts_for_the_units_too() -> None:
    chosen = {"BIGBROTHER_PORT": "8181", "BIGBROTHER_HOST": "192.0.2.1", "OTHER_TOKEN": "x"}
    text = rendered(settings(port=8181), chosen)["bigbrother-face.service"]
    assert "Environment=BIGBROTHER_PORT=8181" in text
    assert "Environment=BIGBROTHER_HOST=192.0.2.1" in text
    assert "OTHER_TOKEN" not in text


def test_only_who_needs_a_power_of_root_has_it() -> None:
    files = rendered(settings())
    assert "CapabilityBoundingSet=\n" in files["bigbrother-db.service"]
    assert "User=bigbrother\n" in files["bigbrother-db.service"]
    for unit in ("face", "worker"):
        text = files[f"bigbrother-{unit}.service"]
        assert "CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SETGID CAP_SETUID\n" in text
        assert "--user bigbrother-face" in text
    low = rendered(settings(port=80))["bigbrother-face.service"]
    assert "CAP_NET_BIND_SERVICE" in low


def test_every_unit_is_kept_from_the_rest_of_the_machine() -> None:
    files = rendered(settings())
    for unit in ("db", "face", "worker", "ops", "schema"):
        text = files[f"bigbrother-{unit}.service"]
        for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes"):
            assert f"{line}\n" in text, (unit, line)
    assert "ReadWritePaths=/srv/bigbrother\n" not in files["bigbrother-face.service"]
