"""What is said of the network: places, names, the way, and ports that somebody else has."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.sentences import in_language
from bigbrother.operations.diagnostics.catalogue import CATALOGUE
from bigbrother.ports.machine import Listener
from bigbrother.ports.network import Hop
from bigbrother.ports.service_manager import ProcessIdentity
from tests.fakes.machine import process
from tests.unit.operations.checks.installation import changed
from tests.unit.operations.diagnostics.scenery import Scenery

PROBES = {probe.name: probe for probe in CATALOGUE}
REMOTE = "host=db.example.org port=5433 dbname=x"
SOCKET = "/nowhere/.s.PGSQL.5432"
SLOW = (0.06, 0.07, 0.06, 0.07, 0.06)


def remote(scenery: Scenery) -> None:
    """The database lies on another machine."""
    scenery.dsn = REMOTE
    scenery.network.names["db.example.org"] = ("192.0.2.7",)


def test_a_socket_and_a_port_of_this_machine_are_tried_as_often_as_the_document_says(
    scenery: Scenery,
) -> None:
    found = scenery.look(PROBES["network_latency"])
    assert {name: each.status for name, each in found.items()} == {
        "bigbrother-db": Status.PASSED,
        "bigbrother-face": Status.PASSED,
    }
    assert found["bigbrother-db"].value == 0.001
    assert {place: count for place, count, _ in scenery.network.tried} == {
        SOCKET: 5,
        "127.0.0.1:8080": 5,
    }


def test_nobody_who_answers_is_failed_without_a_figure(scenery: Scenery) -> None:
    scenery.network.answers[SOCKET] = ()
    seen = scenery.look(PROBES["network_latency"])["bigbrother-db"]
    assert (seen.status, seen.value) == (Status.FAILED, None)
    assert "Connection refused" in " ".join(seen.evidence)


def test_a_slow_or_lossy_or_unsteady_way_is_told_with_its_figures(scenery: Scenery) -> None:
    for answers, status in (
        (SLOW, Status.WARNING),
        ((1.5,) * 5, Status.FAILED),
        ((0.001,) * 4, Status.WARNING),
        ((0.001,) * 3, Status.FAILED),
        ((0.001, 0.07) * 2, Status.WARNING),
    ):
        scenery.network.answers[SOCKET] = answers
        assert scenery.look(PROBES["network_latency"])["bigbrother-db"].status is status
    seen = scenery.look(PROBES["network_latency"])["bigbrother-db"]
    assert "answered 4 of 5 times" in seen.evidence[0]
    assert "respondeu 4 de 5 vezes" in in_language(seen.evidence[0], "pt_BR")


def test_what_lies_beyond_is_pinged_with_the_gateway_and_by_its_port_where_that_is_forbidden(
    scenery: Scenery,
) -> None:
    remote(scenery)
    scenery.look(PROBES["network_latency"])
    places = {place for place, _, _ in scenery.network.tried}
    assert {"db.example.org", "192.0.2.1"} <= places
    scenery.network.echoes_permitted = False
    scenery.network.tried.clear()
    found = scenery.look(PROBES["network_latency"])
    assert "db.example.org:5433" in {place for place, _, _ in scenery.network.tried}
    assert found["bigbrother-db"].status is Status.PASSED
    assert found["gateway"].status is Status.UNKNOWN


def test_a_host_that_lets_no_echo_pass_and_takes_connections_is_well(scenery: Scenery) -> None:
    remote(scenery)
    scenery.network.answers["db.example.org"] = ()
    assert scenery.look(PROBES["network_latency"])["bigbrother-db"].status is Status.PASSED


def test_channels_are_looked_at_only_while_they_are_on(scenery: Scenery) -> None:
    scenery.network.names["hooks.example.org"] = ("192.0.2.9",)
    for enabled in (False, True):
        scenery.runbook = changed(
            {
                "alert_config.channels.webhook.enabled": enabled,
                "alert_config.channels.webhook.url": "https://hooks.example.org/x",
                "alert_config.channels.webhook.secret": "webhook",
            }
        )
        found = scenery.look(PROBES["network_latency"])
        assert ("channel webhook" in found) is enabled


def test_names_are_skipped_where_there_are_none(scenery: Scenery) -> None:
    seen = scenery.see(PROBES["dns"])
    assert seen.status is Status.SKIPPED
    assert "192.0.2.53" in " ".join(seen.evidence)


def test_a_name_without_address_fails_and_a_slow_one_warns(scenery: Scenery) -> None:
    remote(scenery)
    assert scenery.see(PROBES["dns"]).status is Status.PASSED
    scenery.network.resolving_seconds = 0.5
    seen = scenery.see(PROBES["dns"])
    assert (seen.status, seen.value) == (Status.WARNING, 0.5)
    scenery.network.names.clear()
    seen = scenery.see(PROBES["dns"])
    assert (seen.status, seen.target) == (Status.FAILED, "db.example.org")
    assert "nslookup db.example.org" in seen.remedy


def test_the_way_is_skipped_here_and_told_beyond(scenery: Scenery) -> None:
    assert scenery.see(PROBES["route"]).status is Status.SKIPPED
    remote(scenery)
    scenery.network.stations = (Hop("192.0.2.1", 0.001), Hop("", None), Hop("192.0.2.7", 0.003))
    seen = scenery.see(PROBES["route"])
    assert (seen.status, seen.value) == (Status.PASSED, 3.0)
    assert "192.0.2.1, ?, 192.0.2.7" in seen.evidence[0]
    assert scenery.network.programs == ["traceroute"]
    scenery.network.unreached.add("192.0.2.7")
    assert scenery.see(PROBES["route"]).status is Status.FAILED


def listening(scenery: Scenery, process_id: int | None, address: str = "127.0.0.1") -> None:
    """Somebody has the face analyzer's port."""
    scenery.machine.listening = (Listener(address, 8080, process_id, "python"),)


def ours(scenery: Scenery) -> None:
    """The face analyzer runs as 101, with a child 102."""
    at = scenery.clock.now()
    scenery.manager.alive["bigbrother-face"] = ProcessIdentity("bigbrother-face", 101, at)
    scenery.machine.running = [process(101), process(102, parent=101), process(500)]


def test_a_port_is_taken_only_by_others(scenery: Scenery) -> None:
    face = "bigbrother-face"
    assert scenery.look(PROBES["port_taken"])[face].status is Status.PASSED
    ours(scenery)
    for process_id, status in ((101, Status.PASSED), (102, Status.PASSED), (500, Status.FAILED)):
        listening(scenery, process_id)
        assert scenery.look(PROBES["port_taken"])[face].status is status
    assert "python, process 500" in scenery.look(PROBES["port_taken"])[face].evidence[0]
    listening(scenery, 500, "0.0.0.0")  # noqa: S104 - of a fake
    assert scenery.look(PROBES["port_taken"])[face].status is Status.FAILED
    listening(scenery, 500, "192.0.2.1")
    assert scenery.look(PROBES["port_taken"])[face].status is Status.PASSED


def test_a_listener_that_may_not_be_seen_is_a_stranger_only_while_the_unit_is_down(
    scenery: Scenery,
) -> None:
    listening(scenery, None)
    assert scenery.look(PROBES["port_taken"])["bigbrother-face"].status is Status.FAILED
    ours(scenery)
    assert scenery.look(PROBES["port_taken"])["bigbrother-face"].status is Status.UNKNOWN
