"""Whether channels deliver, seen from the ends of their messages."""

import threading
from collections.abc import Sequence
from datetime import datetime

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.outbox.messages import CHANNEL_FAILING, Delivered
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.runbook.model import Runbook

_ALL = ""


class ChannelHealth:
    """Remembers what of a channel fails: all of it, or some addresses; threads share it.

    A channel works again when it took any message, and each address that it had refused was
    reached since; or when the document was changed. The end of a message about the channel's own
    failure may show that it works, and never that it fails: otherwise the alert would bring itself
    about.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failing: dict[str, set[str]] = {}
        self._working: set[str] = set()
        self._runbook: Runbook | None = None

    def after(self, delivered: Delivered, runbook: Runbook) -> Sequence[Finding]:
        """What a message's end says about channels; often nothing."""
        with self._lock:
            findings = self._unused(runbook, delivered.at)
            channel = runbook.alert_config.channels.get(delivered.message.channel)
            if channel is not None and channel.enabled:
                findings += self._seen(delivered)
        return findings

    def _unused(self, runbook: Runbook, now: datetime) -> list[Finding]:
        """Channels that the document does not use any more cannot fail; told once a document."""
        if self._runbook is runbook:
            return []
        known = set() if self._runbook is None else set(self._runbook.alert_config.channels)
        channels = runbook.alert_config.channels
        enabled = {name for name, channel in channels.items() if channel.enabled}
        self._runbook = runbook
        self._failing.clear()
        self._working.clear()
        return [
            _finding(name, Status.PASSED, now, f"The channel '{name}' is not in use.")
            for name in sorted((known | set(channels)) - enabled)
        ]

    def _seen(self, delivered: Delivered) -> list[Finding]:
        name, address = delivered.message.channel, delivered.message.address
        failing = self._failing.setdefault(name, set())
        if delivered.ok:
            failing -= {address, _ALL}
            if failing or name in self._working:
                return []
            self._working.add(name)
            return [_finding(name, Status.PASSED, delivered.at, f"The channel '{name}' delivers.")]
        if delivered.message.about_its_channel:
            return []
        failing.add(address if delivered.address_refused else _ALL)
        self._working.discard(name)
        to = f" to {address}" if delivered.address_refused else ""
        said = f"The channel '{name}' does not deliver{to}: {delivered.answer}"
        return [_finding(name, Status.FAILED, delivered.at, said)]


def _finding(channel: str, status: Status, at: datetime, summary: str) -> Finding:
    remedy = f"Try it: bigbrother alerts test-channel {channel}."
    return Finding(
        CHANNEL_FAILING,
        status,
        at,
        labels={"channel": channel},
        summary=summary,
        remedy=remedy if status is Status.FAILED else "",
    )
