"""Whether the clock that we go by is right: against every other clock that can be asked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics import history
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import row
from bigbrother.operations.diagnostics.destinations import DATABASE, FACE
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.face_service import FaceServiceUnreachable

NAME = "clock_skew"
LAST_READING = "last-reading"
NTP = "ntp"
_LARGEST_ANSWER_BYTES = 65536
_SERVER_TIME = "SELECT query_start AS at FROM pg_stat_activity WHERE pid = pg_backend_pid()"
# Its header has whole seconds, and is made anew once a second.
_HTTP_RESOLUTION_SECONDS = 2.0
Ask = Callable[[Scene], Result]


def look(scene: Scene) -> tuple[Result, ...]:
    """The database's clock, the face analyzer's, the watcher's own past, and the kernel's word."""
    asked: tuple[tuple[str, Ask], ...] = (
        (DATABASE, _database),
        (FACE, _face),
        (LAST_READING, _past),
        (NTP, _kernel),
    )
    return tuple(_asked(scene, target, ask) for target, ask in asked)


def _asked(scene: Scene, target: str, ask: Ask) -> Result:
    try:
        return ask(scene)
    except BigBrotherError as error:
        text = sentence("It could not be looked at: {reason}", reason=error.detail)
        bounds = limits_of(scene.runbook.diagnostics.limits.clock_skew)
        return replace(unknown(NAME, bounds, text, remedy=error.remedy), target=target)


def _database(scene: Scene) -> Result:
    before = scene.clock.now()
    at: datetime = row(scene, _SERVER_TIME)["at"]
    return _between(scene, DATABASE, before, at, scene.clock.now(), 0.0)


def _face(scene: Scene) -> Result:
    before = scene.clock.now()
    within = scene.runbook.watching.alive.within.value
    answer = scene.face.get("/livez", within, _LARGEST_ANSWER_BYTES)
    if answer.date is None:
        raise FaceServiceUnreachable("It does not tell its time.")
    return _between(scene, FACE, before, answer.date, scene.clock.now(), _HTTP_RESOLUTION_SECONDS)


def _between(
    scene: Scene, target: str, before: datetime, at: datetime, after: datetime, resolution: float
) -> Result:
    """How far the other's moment lies outside of our own two moments around it."""
    early = (before - at).total_seconds() - resolution
    late = (at - after).total_seconds()
    skew = max(0.0, early, late)
    return _judged(
        scene,
        target,
        skew,
        sentence(
            "Our clock says {ours}, the other {theirs} UTC; they are {skew} apart.",
            ours=f"{after:%Y-%m-%d %H:%M:%S}",
            theirs=f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            skew=Figure(skew, "seconds"),
        ),
    )


def _past(scene: Scene) -> Result:
    """What was written down cannot lie ahead of now."""
    newest = history.read(
        scene,
        lambda conn: conn.execute("SELECT max(at) AS at FROM scrape").fetchone()["at"],
    )
    now = scene.clock.now()
    ahead = 0.0 if newest is None else max(0.0, float(newest) - now.timestamp())
    return _judged(
        scene,
        LAST_READING,
        ahead,
        sentence(
            "What the watcher wrote down last is dated {ahead} ahead of now.",
            ahead=Figure(ahead, "seconds"),
        ),
    )


def _kernel(scene: Scene) -> Result:
    state = scene.machine.clock_state()
    bounds = limits_of(scene.runbook.diagnostics.limits.clock_skew)
    if state is None or not state.in_step:
        seen = sentence("Nobody keeps the machine's clock in step, as far as its kernel knows.")
        remedy = sentence("Let chrony, ntpd or systemd-timesyncd keep it: timedatectl.")
        return replace(unknown(NAME, bounds, seen, remedy=remedy), target=NTP)
    return _judged(
        scene,
        NTP,
        state.offset_seconds,
        sentence(
            "The machine's clock is kept in step; it was {offset} off, and is {worst} at the most.",
            offset=Figure(state.offset_seconds, "seconds"),
            worst=Figure(state.worst_seconds, "seconds"),
        ),
    )


def _judged(scene: Scene, target: str, skew: float, seen: str) -> Result:
    return measured(
        NAME,
        skew,
        "seconds",
        limits_of(scene.runbook.diagnostics.limits.clock_skew),
        target=target,
        evidence=(seen,),
        remedy=sentence(
            "See which of the clocks is wrong: timedatectl on each machine; let NTP set it."
        ),
    )
