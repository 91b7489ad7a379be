"""Runs checks beside each other; one that hangs holds up nobody."""

import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.checks.catalogue import Check, chosen
from bigbrother.operations.checks.limits import Limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, unknown
from bigbrother.operations.checks.sentences import sentence

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Look:
    check: Check
    limits: Limits | None
    began_seconds: float
    thread: threading.Thread | None = None
    results: tuple[Result, ...] | None = None

    def unknown(self, seen: str, remedy: str) -> tuple[Result, ...]:
        """The results where there are none."""
        return (unknown(self.check.name, self.limits, seen, remedy=remedy),)


@dataclass(slots=True)
class CheckRunner:
    """Runs checks again and again; a check that still hangs from an earlier run is not begun."""

    _hanging: dict[str, threading.Thread] = field(default_factory=dict)

    def run(self, names: Iterable[str], observed: Observed) -> tuple[Result, ...]:
        """What the checks of these names and groups found, in the catalogue's order.

        Whatever a check needs and does not get makes it unknown; so does its time limit. Raises
        CheckUnknown.
        """
        checks = chosen(names)
        results = {}
        for alone in (False, True):
            looks = [self._begin(check, observed) for check in checks if check.alone is alone]
            for look in looks:
                results[look.check.name] = self._end(look, observed)
        return tuple(result for check in checks for result in results[check.name])

    def _begin(self, check: Check, observed: Observed) -> _Look:
        limits = None if check.limits_of is None else check.limits_of(observed.runbook)
        look = _Look(check, limits, observed.clock.monotonic_seconds())
        before = self._hanging.get(check.name)
        if before is None or not before.is_alive():
            # Not joined at the process's end: it may hang for ever.
            look.thread = threading.Thread(
                target=_run, args=(look, observed), name=f"check-{check.name}", daemon=True
            )
            look.thread.start()
        return look

    def _end(self, look: _Look, observed: Observed) -> tuple[Result, ...]:
        name, within = look.check.name, look.check.within(observed.runbook)
        if look.thread is None:
            return look.unknown(sentence("The look before has not come back yet."), _remedy(name))
        spent = observed.clock.monotonic_seconds() - look.began_seconds
        look.thread.join(max(0.0, within.value - spent))
        if look.results is None:
            self._hanging[name] = look.thread
            text = sentence("It did not come back within {within}.", within=str(within))
            return look.unknown(text, _remedy(name))
        self._hanging.pop(name, None)
        return look.results


def run_checks(names: Iterable[str], observed: Observed) -> tuple[Result, ...]:
    """One run; see CheckRunner."""
    return CheckRunner().run(names, observed)


def _run(look: _Look, observed: Observed) -> None:
    try:
        look.results = look.check.look(observed)
    except BigBrotherError as error:
        text = sentence("It could not be looked at: {reason}", reason=error.detail)
        look.results = look.unknown(text, error.remedy)
    except Exception as error:  # noqa: BLE001 - the others go on
        _log.exception("check broke", extra={"check": look.check.name})
        text = sentence("The check itself broke: {reason}", reason=type(error).__name__)
        remedy = sentence("See the log of bigbrother-ops, and report it.")
        look.results = look.unknown(text, remedy)


def _remedy(name: str) -> str:
    return sentence("Look for what hangs: bigbrother check {name}.", name=name)
