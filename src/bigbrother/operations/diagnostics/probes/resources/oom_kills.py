"""Whether the kernel killed processes lately since memory had run out."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.scene import Scene

NAME = "oom_kills"


def look(scene: Scene) -> tuple[Result, ...]:
    """Those of `looks.lately`; unknown where kills are counted, and nobody tells when they were."""
    diagnostics = scene.runbook.diagnostics
    lately, bounds = diagnostics.looks.lately, limits_of(diagnostics.limits.oom_kills)
    kills = scene.machine.memory_kills()
    counted = sentence(
        "Since the machine's start the kernel killed {count} processes for want of memory.",
        count=Figure(kills.since_start, "count"),
    )
    if kills.dated is None and kills.since_start:
        return (
            Result(
                NAME,
                Status.UNKNOWN,
                threshold=bounds.threshold(Status.UNKNOWN),
                evidence=(counted, sentence("The kernel's log, which dates them, is closed.")),
                remedy=sentence("Look as root: dmesg --time-format iso | grep 'Out of memory'."),
                limits=bounds,
            ),
        )
    since = scene.clock.now() - lately.duration
    recent = [each for each in kills.dated or () if each.at >= since]
    named = [
        sentence(
            "At {time} UTC {name} was killed, process {id}.",
            time=f"{each.at:%H:%M:%S}",
            name=each.name,
            id=str(each.process_id),
        )
        for each in recent[-diagnostics.looks.named :]
    ]
    return (
        measured(
            NAME,
            float(len(recent)),
            "count",
            bounds,
            evidence=(*named, counted),
            remedy=sentence(
                "See who grew: top_users of bigbrother diagnose; run less at once, or add memory."
            ),
        ),
    )
