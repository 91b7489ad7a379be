"""A person starts, looks, stops; the product does what the README says."""

import signal
import subprocess

import pytest

from tests.scenarios.place import Place, is_free, new_place
from tests.waiting import until


def test_a_first_start_recognises_a_face_and_a_second_one_reuses_everything(place: Place) -> None:
    first = place.cli("up", "--detach")
    assert first.returncode == 0, first.stderr
    for part in ("recognised as", "threshold", place.url, "/api/docs", "admin.token"):
        assert part in first.stdout
    assert place.token not in first.stdout + first.stderr
    before = place.units()
    assert all(unit["state"] == "running" and unit["health"] == "ready" for unit in before.values())
    assert place.healthy()

    second = place.cli("up", "--detach")
    assert second.returncode == 0, second.stderr
    assert "Already running." in second.stderr
    assert "recognised as" in second.stdout
    after = place.units()
    assert {name: unit["process_id"] for name, unit in after.items()} == {
        name: unit["process_id"] for name, unit in before.items()
    }


def test_what_was_stored_is_there_after_down_and_up(place: Place) -> None:
    place.up()
    token = place.token
    with place.client() as client:
        client.collections.create("kept")
    down = place.cli("down")
    assert (down.returncode, place.processes()) == (0, [])
    assert place.cli("status").returncode == 3
    assert "Nothing was running" in place.cli("down").stderr
    place.up()
    assert place.token == token
    with place.client() as client:
        assert {"kept", "sample"} <= {item.name for item in client.collections.list()}


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="ctrl-c"),
        pytest.param(signal.SIGTERM, id="terminate", marks=pytest.mark.slow),
    ],
)
def test_a_signal_stops_everything_in_the_foreground(place: Place, number: signal.Signals) -> None:
    up = place.start_in_foreground()
    assert place.healthy()
    up.send_signal(number)
    assert up.wait(30) == 0, place.output(up)
    assert "All units are stopped" in place.output(up)
    assert place.processes() == []
    assert is_free(place.port)


def test_ctrl_c_during_the_first_start_leaves_nothing_running_and_the_next_start_works(
    place: Place,
) -> None:
    up = place.start("up")
    until(lambda: "Database programs" in place.output(up), 30)
    up.send_signal(signal.SIGINT)
    assert up.wait(30) == 130, place.output(up)
    assert "Traceback" not in place.output(up)
    assert place.processes() == []
    place.up()
    assert place.healthy()


def test_down_from_another_shell_ends_the_one_in_the_foreground(place: Place) -> None:
    up = place.start_in_foreground()
    assert place.cli("down").returncode == 0
    assert up.wait(30) == 0
    assert "Stopped by another command" in place.output(up)
    assert place.processes() == []


def test_two_starts_at_once_end_with_one_installation(place: Place) -> None:
    both = [place.start("up", "--detach") for _ in range(2)]
    assert [each.wait(90) for each in both] == [0, 0], [place.output(each) for each in both]
    assert place.healthy()
    managers = [each for each in place.processes() if "supervisor.supervisord" in each.cmdline()]
    assert len(managers) == 1


def test_commands_in_another_shell_find_the_running_port(place: Place) -> None:
    place.up()
    del place.env["BIGBROTHER_PORT"]
    assert place.units()["bigbrother-face"]["place"] == place.url
    assert place.healthy()
    other = place.cli("up", "--detach", env={"BIGBROTHER_PORT": "18999"})
    assert other.returncode == 7
    assert "bigbrother down" in other.stderr


def test_a_home_with_an_odd_and_long_name_works() -> None:
    with new_place("Casa da Câmara; #1 100% 'olho'/" + "深い/" * 20 + "家") as place:
        place.up()
        assert place.healthy()
        assert place.cli("logs", "bigbrother-db").stdout


def test_the_log_of_a_unit_is_shown_and_followed(installation: Place) -> None:
    shown = installation.cli("logs", "bigbrother-face", "--lines", "3")
    assert (shown.returncode, len(shown.stdout.splitlines())) == (0, 3)
    following = installation.start("logs", "-f", "-n", "0", "bigbrother-face")
    with installation.client() as client:

        def a_request_shows() -> bool:
            client.models()
            return "/v1/models" in installation.output(following)

        until(a_request_shows, 20)
    following.send_signal(signal.SIGINT)
    assert following.wait(10) == 0
    unknown = installation.cli("logs", "nothing")
    assert unknown.returncode == 4
    assert "bigbrother-face" in unknown.stderr


def test_the_root_command_explains_itself(installation: Place) -> None:
    assert installation.cli("--version").stdout.startswith("bigbrother ")
    help_text = installation.cli("--help")
    assert help_text.returncode == 0
    assert "Examples" in help_text.stdout
    assert installation.cli("nonsense").returncode == 2
    assert installation.cli("status", "-o", "yaml").returncode == 2


def test_units_do_not_inherit_secrets_of_the_shell(place: Place) -> None:
    place.env["MY_CLOUD_KEY"] = "hunter2"
    place.up()
    for process in place.processes():
        assert "MY_CLOUD_KEY" not in process.environ()


def test_private_files_are_private_and_the_units_are_not_root(installation: Place) -> None:
    for file in (installation.home / "etc").iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
    assert (installation.home / "etc").stat().st_mode & 0o077 == 0
    assert (installation.home / "log").stat().st_mode & 0o077 == 0
    own = subprocess.run(
        ("ps", "-o", "uid=", "-p", str(installation.units()["bigbrother-face"]["process_id"])),
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(own.stdout) != 0
