"""Whether somebody else listens where a unit of ours should."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import sentence
from bigbrother.operations.diagnostics.destinations import FACE, WATCHER
from bigbrother.operations.diagnostics.families import families
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.machine import Listener

NAME = "port_taken"
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared


def look(scene: Scene) -> tuple[Result, ...]:
    """The ports of the face analyzer and of the watcher."""
    settings = scene.settings
    ports = {FACE: settings.port, WATCHER: settings.watcher_port}
    listeners = scene.machine.listeners(tuple(ports.values()))
    ours = families(scene)
    address = scene.network.resolve(
        settings.host, scene.runbook.diagnostics.looks.try_within.value
    )[0]
    return tuple(
        _port(unit, port, ours.get(unit, frozenset()), _at(listeners, address, port))
        for unit, port in ports.items()
    )


def _at(listeners: tuple[Listener, ...], address: str, port: int) -> list[Listener]:
    return [
        each
        for each in listeners
        if each.port == port
        and (each.address == address or {each.address, address} & set(_EVERYWHERE))
    ]


def _port(unit: str, port: int, ours: frozenset[int], there: list[Listener]) -> Result:
    strangers = [each for each in there if each.process_id not in ours]
    if not there:
        return Result(
            NAME,
            Status.PASSED,
            target=unit,
            evidence=(sentence("Nobody listens at port {port}.", port=str(port)),),
        )
    if not strangers:
        return Result(
            NAME,
            Status.PASSED,
            target=unit,
            evidence=(sentence("The unit itself listens at port {port}.", port=str(port)),),
        )
    first = strangers[0]
    if first.process_id is None and ours:
        hidden = sentence("This account may not see who listens at port {port}.", port=str(port))
        as_root = sentence("Look as the service's own account, or as root.")
        return Result(NAME, Status.UNKNOWN, target=unit, evidence=(hidden,), remedy=as_root)
    if first.process_id is None:
        who = sentence("another account's process")
    else:
        who = sentence("{name}, process {id}", name=first.name or "?", id=str(first.process_id))
    return Result(
        NAME,
        Status.FAILED,
        target=unit,
        evidence=(
            sentence(
                "Port {port} is taken by {who}: {unit} cannot have it.",
                port=str(port),
                who=who,
                unit=unit,
            ),
        ),
        remedy=sentence(
            "End that process, or choose another port: BIGBROTHER_PORT, BIGBROTHER_OPS_PORT."
        ),
    )
