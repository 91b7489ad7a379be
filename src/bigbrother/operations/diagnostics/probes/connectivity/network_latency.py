"""How long the way to all that we talk to is, and whether it loses anything (`ping -c 5`)."""

from collections.abc import Callable
from dataclasses import replace

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.beside import beside_each_other
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.destinations import Destination, destinations, is_remote
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.network import Echoes, EchoNotPermitted, NameUnresolved

NAME = "network_latency"
GATEWAY = "gateway"
_GRAVITY = (Status.FAILED, Status.WARNING, Status.PASSED)


def look(scene: Scene) -> tuple[Result, ...]:
    """Each place; the gateway too where something lies behind it."""
    places = destinations(scene)
    looked = beside_each_other(lambda place: _place(scene, place), places)
    results = [result for result, _ in looked]
    gateway = scene.network.gateway()
    if gateway is not None and any(remote for _, remote in looked):
        results.append(
            _tried(scene, GATEWAY, gateway, lambda: scene.network.echo(gateway, *_tries(scene)))
        )
    return tuple(results)


def _place(scene: Scene, place: Destination) -> tuple[Result, bool]:
    network, (count, within) = scene.network, _tries(scene)
    socket = place.socket
    if socket is not None:
        text = str(socket)
        return _tried(
            scene, place.name, text, lambda: network.connect_socket(socket, count, within)
        ), False
    try:
        remote = is_remote(scene, place, within / count)
    except NameUnresolved as error:
        return _nobody(scene, place.name, error.detail, error.remedy), True
    reached = f"{place.host}:{place.port}"

    def try_it() -> Echoes:
        if remote:
            try:
                echoes = network.echo(place.host, count, within)
            except EchoNotPermitted:
                echoes = Echoes(count, ())
            # Many networks let no echo pass; what we need of it is its port.
            if echoes.seconds:
                return echoes
        return network.connect(place.host, place.port, count, within)

    return _tried(scene, place.name, reached, try_it), remote


def _tries(scene: Scene) -> tuple[int, float]:
    """How often, and within which seconds in all."""
    diagnostics = scene.runbook.diagnostics
    return diagnostics.check_network.echoes, diagnostics.looks.try_within.value


def _tried(scene: Scene, target: str, reached: str, try_it: Callable[[], Echoes]) -> Result:
    try:
        echoes = try_it()
    except BigBrotherError as error:
        bounds = limits_of(scene.runbook.diagnostics.limits.latency)
        text = sentence("It could not be looked at: {reason}", reason=error.detail)
        return replace(unknown(NAME, bounds, text, remedy=error.remedy), target=target)
    mean = echoes.mean_seconds
    if mean is None:
        return _nobody(scene, target, f"{reached}: {echoes.reason}.", "")
    return _judged(scene, target, reached, echoes, mean)


def _nobody(scene: Scene, target: str, reason: str, remedy: str) -> Result:
    bounds = limits_of(scene.runbook.diagnostics.limits.latency)
    return Result(
        NAME,
        Status.FAILED,
        threshold=bounds.threshold(Status.FAILED),
        target=target,
        evidence=(sentence("Nobody answers."), reason),
        remedy=remedy
        or sentence("See whether it runs, and what lies between: bigbrother diagnose."),
        limits=bounds,
    )


def _judged(scene: Scene, target: str, reached: str, echoes: Echoes, mean: float) -> Result:
    limits = scene.runbook.diagnostics.limits
    bounds = limits_of(limits.latency)
    statuses = {
        bounds.judge(mean),
        limits_of(limits.loss).judge(echoes.loss_ratio),
        limits_of(limits.jitter).judge(echoes.jitter_seconds),
    }
    status = next(grave for grave in _GRAVITY if grave in statuses)
    return Result(
        NAME,
        status,
        mean,
        "seconds",
        bounds.threshold(status),
        target,
        (
            sentence(
                "{place} answered {answers} of {sent} times, in {mean} on average; "
                "{loss} were lost, the jitter is {jitter}.",
                place=reached,
                answers=len(echoes.seconds),
                sent=echoes.sent,
                mean=Figure(mean, "seconds"),
                loss=Figure(echoes.loss_ratio, "ratio"),
                jitter=Figure(echoes.jitter_seconds, "seconds"),
            ),
        ),
        ""
        if status is Status.PASSED
        else sentence(
            "See who fills the way or the machine at its end: {command} {place}.",
            command=scene.runbook.diagnostics.check_network.routes,
            place=reached.rpartition(":")[0] or reached,
        ),
        bounds,
    )
