"""The worker: threads that take jobs, one that says that they live, and those that look after."""

import math
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial

import structlog

from bigbrother.face.batch import erasure, queue
from bigbrother.face.batch.connections import connection_parameters
from bigbrother.face.batch.fairness import RESCUE_PRIORITY
from bigbrother.face.batch.jobs import JobHands, TakenJob
from bigbrother.face.batch.patience import DATABASE_AWAY
from bigbrother.face.batch.rescue import rescue
from bigbrother.face.batch.services import WorkerServices
from bigbrother.face.batch.upkeep import upkeep
from bigbrother.face.batch.wake import Wake
from bigbrother.face.batch.webhook.telling import tell
from bigbrother.face.batch.work import work_on_chunk
from bigbrother.kernel.quantity import Quantity
from bigbrother.runbook.following import Follower
from bigbrother.runbook.model import Runbook

_UNIT = "bigbrother-worker"
Interval = Callable[[Runbook], Quantity]
"""An interval of the document as it stands."""
_log = structlog.get_logger("bigbrother.worker")


class Worker:
    """One process's share of the work on batches, and of looking after them."""

    def __init__(self, services: WorkerServices) -> None:
        self._services = services
        self._hands = JobHands(services.queue_pool)
        self._wake = Wake(services.dsn, connection_parameters(services.runbook), services.leaving)
        self._pools = ExitStack()
        self._threads: list[threading.Thread] = []
        self._heart_seconds = services.clock.monotonic_seconds()
        self._hands_lock = threading.Lock()
        self._chunk_hands: set[int] = set()
        """Numbers of the threads that take chunks."""

    def start(self) -> None:
        """Begins to work; the database need not be there yet."""
        services = self._services
        self._pools.enter_context(services.pool)
        self._pools.enter_context(services.queue_pool)
        self._fit_hands()
        for _ in range(services.runbook.webhook.at_once):
            self._begin("webhook", lambda: self._take(self._next_webhook, self._tell, _always))
        # Nobody waits for its end: it has nothing in hand.
        listen = partial(self._wake.listen, lambda: services.runbook.batch.look_every.value)
        threading.Thread(target=listen, name="listen", daemon=True).start()
        regular: list[tuple[str, Callable[[], None], Interval]] = [
            ("heartbeat", self._beat, lambda runbook: runbook.batch.heartbeat),
            ("janitor", self._rescue, lambda runbook: runbook.batch.rescue_every),
            ("upkeep", self._keep, lambda runbook: runbook.retention.purge_every),
        ]
        if services.published_runbook is not None:
            follower = Follower(services.published_runbook, services.runbook)
            look = partial(self._follow, follower)
            regular.append(("document", look, lambda runbook: runbook.serving.document_every))
        for name, work, interval in regular:
            self._begin(name, partial(self._again, work, interval))

    def stop(self) -> None:
        """Finishes or gives back what is in hand, and signs off."""
        services = self._services
        services.leaving.set()
        self._wake.everybody()
        stop_within_seconds = services.runbook.units[_UNIT].stop_within.value
        # A heartbeat's time is left to sign off: what is in hand then goes to others at once.
        leave_at = (
            services.clock.monotonic_seconds()
            + stop_within_seconds
            - services.runbook.batch.heartbeat.value
        )
        for thread in self._threads:
            thread.join(max(0.0, leave_at - services.clock.monotonic_seconds()))
        self._hands.leave()
        self._pools.close()

    def lives(self) -> bool:
        """Whether it has signed on, says that it lives, and hangs at no image.

        While the database is away it goes on saying so, to nobody.
        """
        batch = self._services.runbook.batch
        silent_seconds = self._services.clock.monotonic_seconds() - self._heart_seconds
        return (
            self._hands.has_signed_on
            and silent_seconds < batch.worker_dead_after.value
            and self._services.in_engine.longest_seconds() < batch.image_within.value
        )

    def _beat(self) -> None:
        try:
            self._hands.beat()
        finally:
            self._heart_seconds = self._services.clock.monotonic_seconds()

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        # Daemons: one that hangs in the engine must not keep the process from ending.
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _fit_hands(self) -> None:
        """As many threads take chunks as the document says; too many end after their chunk."""
        with self._hands_lock:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            for number in range(self._services.chunks_at_once):
                if number not in self._chunk_hands:
                    self._chunk_hands.add(number)
                    self._begin("chunk", partial(self._take_chunks, number))

    def _take_chunks(self, number: int) -> None:
        def needed() -> bool:
            with self._hands_lock:
                if number < self._services.chunks_at_once:
                    return True
                # Under the lock: who makes it more again afterwards begins another thread.
                self._chunk_hands.discard(number)
                return False

        self._take(self._next_chunk, self._work, needed)

    def _next_chunk(self) -> TakenJob | None:
        """The most urgent chunk; none while erasures wait that this copy of the database missed.

        An item of somebody who was erased must not be done first. Raises LedgerDamaged.
        """
        services = self._services
        # Workers on other hosts have no ledger: see the guide on several hosts.
        if services.ledger.path.exists():
            with services.queue_pool.connection() as conn:
                if erasure.pending(conn, services.ledger):
                    return None
        return self._hands.take(queue.CHUNKS)

    def _next_webhook(self) -> TakenJob | None:
        return self._hands.take(queue.WEBHOOKS)

    def _take(
        self,
        take: Callable[[], TakenJob | None],
        work: Callable[[TakenJob], None],
        needed: Callable[[], bool],
    ) -> None:
        services = self._services
        failures = 0
        while not services.leaving.is_set() and needed():
            seen = self._wake.seen()
            try:
                job = take()
            except Exception as error:  # noqa: BLE001 - a worker goes on
                _complain("no job could be taken", error)
                services.leaving.wait(services.patience.pause_seconds(failures))
                failures += 1
                continue
            failures = 0
            if job is None:
                self._wake.wait(seen, services.runbook.batch.look_every.value)
            else:
                work(job)

    def _work(self, job: TakenJob) -> None:
        services = self._services
        try:
            finished = work_on_chunk(services, job)
        except Exception as error:  # noqa: BLE001 - a worker goes on
            _complain("a chunk is tried again later", error, job)
            self._hands.give_back(job, at=self._later(job))
            return
        if finished:
            self._hands.done(job)
        else:
            self._hands.give_back(job, at=services.clock.now(), priority=RESCUE_PRIORITY)

    def _tell(self, job: TakenJob) -> None:
        try:
            again_at = tell(self._services, job.batch_id, attempt=job.number + job.attempts)
        except Exception as error:  # noqa: BLE001 - a worker goes on
            _complain("a webhook is tried again later", error, job)
            again_at = self._later(job)
        if again_at is None:
            self._hands.done(job)
        else:
            self._hands.give_back(job, at=again_at)

    def _later(self, job: TakenJob) -> datetime:
        pause_seconds = self._services.patience.pause_seconds(job.attempts)
        return self._services.clock.now() + timedelta(seconds=pause_seconds)

    def _again(self, work: Callable[[], None], interval: Interval) -> None:
        while True:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - a worker goes on
                _complain("looking after failed", error)
            if self._pause(interval):
                return

    def _pause(self, interval: Interval) -> bool:
        """Until the interval is over; at once and True when it is time to go.

        In equal pieces, so that an interval that is made shorter meanwhile counts: otherwise a
        worker would be called dead by a figure that it has not heard of yet.
        """
        passed_seconds = 0.0
        while True:
            runbook = self._services.runbook
            seconds = interval(runbook).value
            pieces = max(1, math.ceil(seconds / runbook.serving.document_every.value))
            piece_seconds = min(seconds / pieces, seconds - passed_seconds)
            if piece_seconds <= 0:
                return self._services.leaving.is_set()
            if self._services.leaving.wait(piece_seconds):
                return True
            passed_seconds += piece_seconds

    def _follow(self, follower: Follower) -> None:
        runbook = follower.look()
        if runbook is not None:
            self._services.follow(runbook)
            self._fit_hands()

    def _rescue(self) -> None:
        services = self._services
        dead_after_seconds = services.runbook.batch.worker_dead_after.value
        with services.pool.connection() as conn:
            rescued = rescue(conn, dead_after_seconds=dead_after_seconds, now=services.clock.now())
        if rescued:
            self._wake.everybody()

    def _keep(self) -> None:
        upkeep(self._services)


def _always() -> bool:
    return True


def _complain(what: str, error: Exception, job: TakenJob | None = None) -> None:
    about = {} if job is None else {"batch": str(job.batch_id), "number": job.number}
    if isinstance(error, DATABASE_AWAY):
        _log.warning(what, reason=str(error).strip(), **about)
    else:
        _log.error(what, exc_info=error, **about)
