"""Step compact_ops_store: readings rolled up and thrown away in time, and free pages given back."""

from dataclasses import dataclass
from pathlib import Path

from bigbrother.operations.housekeeping.moment import deleting_as_of, watchers_file
from bigbrother.operations.housekeeping.said import amount, size
from bigbrother.operations.monitoring.readings.points import pack_hour
from bigbrother.operations.monitoring.readings.retention import purge
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome
from bigbrother.operations.store.store import Store


@dataclass(frozen=True, slots=True)
class _Waste:
    """What the watcher's file occupies without need."""

    page_bytes: int
    free_pages: int
    log_bytes: int
    """Of the write-ahead log; it never shrinks by itself."""

    @property
    def free_bytes(self) -> int:
        return self.page_bytes * self.free_pages


def _waste(services: ActionServices, store: Store) -> _Waste:
    return _Waste(
        store.read(lambda conn: int(conn.execute("PRAGMA page_size").fetchone()[0])),
        store.read(lambda conn: int(conn.execute("PRAGMA freelist_count").fetchone()[0])),
        _size_bytes(_log(services)),
    )


def _do(context: StepContext, _: Arguments) -> Outcome:
    services = context.services
    worth = services.runbook.cleaning.worth_compacting.value
    with watchers_file(services) as store:
        if store is None:
            return Outcome("There is no watcher's file yet.", {"bytes": 0}, skipped=True)
        hours, chunks = _throw_away(services, store)
        context.journal.say(
            f"Packed {amount(hours, 'hour')} of readings, removed "
            f"{amount(chunks, 'chunk')} past their time."
        )
        before = _waste(services, store)
        if before.free_bytes >= worth:
            while store.give_back(services.runbook.cleaning.at_once):
                continue
        if max(before.free_bytes, before.log_bytes) >= worth:
            # Whoever reads meanwhile keeps what it reads: then the log is emptied another time.
            store.read(lambda conn: conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        after = _waste(services, store)
    given_bytes = max(0, before.free_bytes - after.free_bytes)
    given_bytes += max(0, before.log_bytes - after.log_bytes)
    return Outcome(
        f"Gave {size(given_bytes)} back to the disk.",
        {"hours": hours, "chunks": chunks, "bytes": given_bytes},
        skipped=not (hours or chunks or given_bytes),
    )


def _throw_away(services: ActionServices, store: Store) -> tuple[int, int]:
    """Hours that were packed, and chunks that were removed."""
    now, hours = services.clock.now(), 0
    # Each a transaction of its own: the watcher must not wait until a week is packed.
    while store.write(lambda conn: pack_hour(conn, now)):
        hours += 1
    until = deleting_as_of(services, store)
    return hours, store.write(lambda conn: purge(conn, services.runbook.retention, until))


def _plan(context: StepContext, _: Arguments) -> str:
    services = context.services
    with watchers_file(services) as store:
        if store is None:
            return "Nothing: there is no watcher's file yet."
        waste = _waste(services, store)
    worth = services.runbook.cleaning.worth_compacting
    found = f"{size(waste.free_bytes)} of free pages and {size(waste.log_bytes)} of log"
    if max(waste.free_bytes, waste.log_bytes) < worth.value:
        return f"Would pack and purge readings; {found} are not worth giving back (from {worth})."
    return f"Would pack and purge readings, and give back {found}."


def _verify(context: StepContext, _: Arguments) -> Happened:
    with watchers_file(context.services) as store:
        if store is None:
            return Happened.YES
        waste = _waste(context.services, store)
    worth = context.services.runbook.cleaning.worth_compacting.value
    return Happened.NO if waste.free_bytes >= worth else Happened.YES


def _log(services: ActionServices) -> Path:
    return services.settings.ops_store.with_name(f"{services.settings.ops_store.name}-wal")


def _size_bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


COMPACT_OPS_STORE = Action(
    "compact_ops_store", Arguments, _do, _plan, idempotent=True, verify=_verify
)
