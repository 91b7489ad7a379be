"""Sends what is queued, each channel in its own lane, until it arrives or is given up.

A message is claimed in ops.db before it is sent, and its end is written there afterwards. A watcher
that dies between the two sends it again under the same key: at least once, over the span of one
call; receivers that know idempotency keys see it once.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import structlog

from bigbrother.kernel.clock import Clock
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.operations.alerts.channels.catalogue import send
from bigbrother.operations.alerts.channels.errors import AddressRefused, ChannelUnavailable
from bigbrother.operations.alerts.channels.means import Means
from bigbrother.operations.alerts.outbox import queue
from bigbrother.operations.alerts.outbox.channel_health import ChannelHealth
from bigbrother.operations.alerts.outbox.messages import Delivered, Message, NewMessage
from bigbrother.operations.alerts.outbox.verdict import (
    NotTaken,
    Outcome,
    Refused,
    Taken,
    again_at,
)
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.store.store import Store
from bigbrother.runbook.model import Runbook

_log = structlog.get_logger("bigbrother.alerts")


class Outbox:
    """The watcher's outgoing messages.

    `told` hears of each message that ended, `report` of channels that fail or work again; both are
    called from the threads that send, after the end is written down.
    """

    def __init__(
        self,
        store: Store,
        runbook: Callable[[], Runbook],
        secrets: Path,
        clock: Clock,
        told: Callable[[Delivered], None],
        report: Callable[[Sequence[Finding]], None],
    ) -> None:
        self._store = store
        self._runbook = runbook
        self._secrets = secrets
        self._clock = clock
        self._told = told
        self._report = report
        self._health = ChannelHealth()
        self._changed = threading.Condition()
        self._woken = False
        self._stopping = False
        self._running: dict[str, int] = {}
        self._resting: dict[str, float] = {}
        """Until when a channel takes nothing, on the clock that never goes backwards."""
        self._wall_ahead = 0.0
        self._dispatcher: threading.Thread | None = None

    def queue(self, messages: Sequence[NewMessage], now: datetime) -> int:
        """Queues messages whose keys are new, durably and all or none; how many those were."""
        added = self._store.write(lambda conn: self.queue_in(conn, messages, now))
        self.wake()
        return added

    def queue_in(
        self, conn: sqlite3.Connection, messages: Sequence[NewMessage], now: datetime
    ) -> int:
        """As `queue`, within the caller's transaction; call `wake` after it."""
        figures = self._runbook().alert_config
        bounded = [message.bounded(figures) for message in messages]
        return queue.add(conn, bounded, now)

    def failed_pages(self) -> Mapping[str, datetime]:
        """Keys of pages all of whose messages were given up, with the moment of the last one."""
        return self._store.read(queue.failed_pages)

    def start(self) -> None:
        """Begins to send; what a crash interrupted is sent again. Only the one watcher may."""
        self._store.write(queue.recover)
        self._wall_ahead = self._clock.now().timestamp() - self._clock.monotonic_seconds()
        self._dispatcher = threading.Thread(target=self._dispatch, name="outbox", daemon=True)
        self._dispatcher.start()

    def stop(self, within_seconds: float) -> None:
        """Takes nothing new, and waits so long for what is being sent."""
        deadline = self._clock.monotonic_seconds() + within_seconds
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            while any(self._running.values()):
                left = deadline - self._clock.monotonic_seconds()
                if left <= 0:
                    break
                self._changed.wait(left)
        if self._dispatcher is not None:
            self._dispatcher.join(max(0.0, deadline - self._clock.monotonic_seconds()))

    def wake(self) -> None:
        """Looks for messages now."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def _dispatch(self) -> None:
        while True:
            with self._changed:
                self._woken = False
                if self._stopping:
                    return
            try:
                self._follow_the_clock()
                pause = self._begin_lanes()
            except Exception:  # noqa: BLE001 - it is tried again
                _log.exception("the outbox could not be read")
                pause = self._runbook().alert_config.delivery.first_pause.value
            with self._changed:
                if not self._woken and not self._stopping:
                    self._changed.wait(pause)

    def _begin_lanes(self) -> float:
        """Starts threads for what is due; the seconds until something else may be."""
        now, figures = self._clock.now(), self._runbook().alert_config.delivery
        waiting, following = self._store.read(
            lambda conn: (queue.due(conn, now), queue.next_due(conn, now))
        )
        pauses = [figures.longest_pause.value]
        if following is not None:
            pauses.append((following - now).total_seconds())
        for channel, count in waiting.items():
            rest = self._rests(channel)
            if rest > 0:
                pauses.append(rest)
            else:
                self._begin_lane(channel, count, figures.at_once)
        return max(0.0, min(pauses))

    def _begin_lane(self, channel: str, due: int, at_once: int) -> None:
        """One more thread for each message that is due, while the channel may have more."""
        for _ in range(min(due, at_once)):
            with self._changed:
                if self._running.get(channel, 0) >= at_once:
                    return
                thread = threading.Thread(
                    target=self._lane, args=(channel,), name=f"channel-{channel}", daemon=True
                )
                # A machine that has no thread to give raises here, and nothing is counted.
                thread.start()
                self._running[channel] = self._running.get(channel, 0) + 1

    def _rests(self, channel: str) -> float:
        """Seconds for which the channel takes nothing."""
        with self._changed:
            return self._resting.get(channel, 0.0) - self._clock.monotonic_seconds()

    def _rest(self, channel: str, seconds: float) -> None:
        with self._changed:
            self._resting[channel] = self._clock.monotonic_seconds() + seconds

    def _follow_the_clock(self) -> None:
        """A clock that was set back must not keep messages waiting for the time to come again."""
        ahead = self._clock.now().timestamp() - self._clock.monotonic_seconds()
        back_seconds = self._wall_ahead - ahead
        if back_seconds > self._runbook().alert_config.delivery.first_pause.value:
            self._store.write(lambda conn: queue.bring_forward(conn, back_seconds))
        self._wall_ahead = ahead

    def _lane(self, channel: str) -> None:
        """Sends one channel's messages until none is due; then its thread ends."""
        try:
            while (message := self._claim(channel)) is not None:
                self._deliver(message)
        except Exception:  # noqa: BLE001 - it is tried again, after a rest
            _log.exception("the outbox could not be written", channel=channel)
            self._rest(channel, self._runbook().alert_config.delivery.first_pause.value)
        finally:
            with self._changed:
                self._running[channel] -= 1
            # Something may have come due between the last look and here.
            self.wake()

    def _claim(self, channel: str) -> Message | None:
        now = self._clock.now()
        if self._stopping or self._rests(channel) > 0:
            return None
        return self._store.write(lambda conn: queue.claim(conn, channel, now))

    def _deliver(self, message: Message) -> None:
        runbook = self._runbook()
        outcome = self._try(message, runbook)
        now = self._clock.now()
        figures = runbook.alert_config.delivery
        # A channel's own failure told through itself is tried once: that must end.
        attempts = figures.attempts if message.about_its_channel else message.attempts
        again = again_at(outcome, attempts, figures, now)
        if again is not None:
            if isinstance(outcome, NotTaken) and outcome.retry_after_seconds is not None:
                # It speaks for the whole channel.
                self._rest(message.channel, outcome.retry_after_seconds)
            self._steadily(lambda conn: queue.put_back(conn, message.id, again, outcome.answer))
            self.wake()
            return
        ok = isinstance(outcome, Taken)
        self._steadily(
            lambda conn: queue.end(conn, message.id, ok=ok, now=now, answer=outcome.answer)
        )
        address = isinstance(outcome, Refused) and outcome.address
        self._tell(Delivered(message, ok, outcome.answer, now, address_refused=address), runbook)

    def _try(self, message: Message, runbook: Runbook) -> Outcome:
        channel = runbook.alert_config.channels.get(message.channel)
        if channel is None or not channel.enabled:
            return Refused(f"The document has no enabled channel '{message.channel}' any more.")
        means = Means(runbook, self._secrets, self._clock.now())
        try:
            return Taken(send(channel, message, means))
        except ChannelUnavailable as error:
            return NotTaken(str(error), error.retry_after_seconds)
        except BigBrotherError as error:
            return Refused(str(error), address=isinstance(error, AddressRefused))
        except Exception as error:  # noqa: BLE001 - the lane's other messages must go out
            _log.exception("a channel broke", channel=message.channel)
            return Refused(f"The channel broke: {type(error).__name__}.")

    def _steadily(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Writes an end down however long ops.db is busy: unwritten, it would be sent again."""
        while True:
            try:
                self._store.write(work)
            except sqlite3.OperationalError:
                _log.exception("an end could not be written down")
                with self._changed:
                    if self._stopping:
                        return
                    self._changed.wait(self._runbook().alert_config.delivery.first_pause.value)
            else:
                return

    def _tell(self, delivered: Delivered, runbook: Runbook) -> None:
        try:
            findings = self._health.after(delivered, runbook)
            if findings:
                self._report(findings)
            self._told(delivered)
        except Exception:  # noqa: BLE001 - the lane's other messages must go out
            _log.exception("the end of a message could not be told")
