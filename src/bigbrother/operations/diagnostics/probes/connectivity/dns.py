"""Whether the names that we use have addresses, and how long that takes to hear."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.destinations import destinations
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.network import NameUnresolved

NAME = "dns"


def look(scene: Scene) -> tuple[Result, ...]:
    """Each name; skipped where everything is named by its address."""
    servers = ", ".join(scene.network.name_servers()) or "–"
    names = dict.fromkeys(place.host for place in destinations(scene) if _is_name(place.host))
    if not names:
        return (
            Result(
                NAME,
                Status.SKIPPED,
                evidence=(
                    sentence("Nothing that we talk to is called by a name."),
                    sentence("Names are asked of {servers}.", servers=servers),
                ),
            ),
        )
    return tuple(_name(scene, name, servers) for name in names)


def _is_name(host: str) -> bool:
    return bool(host) and ":" not in host and not host.replace(".", "").isdigit()


def _name(scene: Scene, name: str, servers: str) -> Result:
    diagnostics = scene.runbook.diagnostics
    bounds = limits_of(diagnostics.limits.dns)
    asked = sentence("Names are asked of {servers}.", servers=servers)
    by_hand = sentence(
        "Ask by hand: {command} {name}; then look at /etc/resolv.conf.",
        command=diagnostics.check_network.dns,
        name=name,
    )
    began = scene.clock.monotonic_seconds()
    try:
        addresses = scene.network.resolve(name, diagnostics.looks.try_within.value)
    except NameUnresolved as error:
        return Result(
            NAME,
            Status.FAILED,
            threshold=bounds.threshold(Status.FAILED),
            target=name,
            evidence=(error.detail, asked),
            remedy=by_hand,
            limits=bounds,
        )
    took = scene.clock.monotonic_seconds() - began
    return measured(
        NAME,
        took,
        "seconds",
        bounds,
        target=name,
        evidence=(
            sentence(
                "{name} is {addresses}, heard within {took}.",
                name=name,
                addresses=", ".join(addresses),
                took=Figure(took, "seconds"),
            ),
            asked,
        ),
        remedy=by_hand,
    )
