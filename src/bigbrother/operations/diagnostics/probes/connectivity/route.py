"""Whether there is a way to what lies beyond this machine, and over which stations it goes."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.destinations import Destination, destinations, is_remote
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.network import NameUnresolved

NAME = "route"


def look(scene: Scene) -> tuple[Result, ...]:
    """Each host beyond this machine; skipped where there is none."""
    remote: dict[str, Destination] = {}
    for place in destinations(scene):
        try:
            if is_remote(scene, place, scene.runbook.diagnostics.looks.try_within.value):
                remote.setdefault(place.host, place)
        except NameUnresolved:
            continue  # The look at names says so.
    if not remote:
        nothing = sentence("All that we talk to is on this machine.")
        return (Result(NAME, Status.SKIPPED, evidence=(nothing,)),)
    return tuple(_way(scene, host) for host in remote)


def _way(scene: Scene, host: str) -> Result:
    diagnostics = scene.runbook.diagnostics
    within = diagnostics.looks.try_within.value
    gateway = scene.network.gateway() or "–"
    address = scene.network.resolve(host, within)[0]
    if not scene.network.reaches(address):
        return Result(
            NAME,
            Status.FAILED,
            target=host,
            evidence=(
                sentence("The system knows no way to {address}.", address=address),
                sentence("The gateway is {gateway}.", gateway=gateway),
            ),
            remedy=sentence("Look at the machine's routes: ip route get {host}.", host=address),
        )
    program = diagnostics.check_network.routes
    hops = scene.network.hops(program, address, within)
    if hops is None:
        seen = sentence("There is no program `{program}` to see the way with.", program=program)
        gone = sentence("The gateway is {gateway}.", gateway=gateway)
        return Result(NAME, Status.PASSED, target=host, evidence=(gone, seen))
    stations = ", ".join(hop.address or "?" for hop in hops)
    return Result(
        NAME,
        Status.PASSED,
        float(len(hops)),
        "count",
        target=host,
        evidence=(
            sentence(
                "The way goes over {count} stations: {stations}.",
                count=Figure(len(hops), "count"),
                stations=stations,
            ),
        ),
    )
