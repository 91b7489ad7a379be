"""How items end: each once, at a position of its own, whatever dies in between.

Every change of an item's state goes through here, under the lock of its batch's row. So counts are
exact, positions have no gaps and appear in the order of their commits, and who is second finds
that there is nothing left to do.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Literal
from uuid import UUID

from bigbrother.face.gallery.statements import GalleryConnection, load, row, rows

_SQL = load("endings", "bigbrother.face.batch")


@dataclass(frozen=True, slots=True)
class Ending:
    """How one item ends."""

    number: int
    state: Literal["succeeded", "failed", "cancelled"]
    sealed_result: bytes | None = None
    service_fault: bool = False
    """A failure that is the service's own, not the image's or its subject's."""
    subjects: tuple[UUID, ...] = field(default=())
    """Whom the result is about."""


def hold_pending(
    conn: GalleryConnection, batch_id: UUID, numbers: Sequence[int]
) -> tuple[int, ...]:
    """Those of the items that are still to be done; nobody else can end them before the caller.

    Locks the batch until the transaction ends. Empty when the batch is gone or was cancelled.
    """
    held = row(conn, _SQL["hold"], {"batch_id": batch_id})
    if held is None or held["state"] == "cancelled":
        return ()
    given = {"batch_id": batch_id, "numbers": list(numbers)}
    return tuple(one["number"] for one in rows(conn, _SQL["pending"], given))


def end_items(
    conn: GalleryConnection, batch_id: UUID, endings: Sequence[Ending], *, now: datetime
) -> bool:
    """Ends items that `hold_pending` gave in this transaction; whether the batch finished by it.

    The image of an item that succeeded or was cancelled is destroyed; that of a failed one stays
    for another try. Positions follow the order given.
    """
    if not endings:
        return False
    held = row(conn, _SQL["hold"], {"batch_id": batch_id})
    if held is None:
        return False
    first = held["last_position"] + 1
    numbers = [one.number for one in endings]
    conn.execute(
        _SQL["end"],
        {
            "batch_id": batch_id,
            "numbers": numbers,
            "states": [one.state for one in endings],
            "positions": list(range(first, first + len(endings))),
            "results": [one.sealed_result for one in endings],
            "faults": [one.service_fault for one in endings],
            "now": now,
        },
    )
    done = [one.number for one in endings if one.state != "failed"]
    conn.execute(_SQL["drop_images"], {"batch_id": batch_id, "numbers": done})
    about = [(subject, one.number) for one in endings for subject in one.subjects]
    if about:
        conn.execute(
            _SQL["remember_subjects"],
            {
                "batch_id": batch_id,
                "subjects": [subject for subject, _ in about],
                "numbers": [number for _, number in about],
            },
        )
    return _count(conn, batch_id, Counter(one.state for one in endings), len(endings), now)


def finish_ended(conn: GalleryConnection, batch_id: UUID, *, now: datetime) -> bool:
    """Finishes a running batch that has nothing pending; whether it finished by it."""
    held = row(conn, _SQL["hold"], {"batch_id": batch_id})
    return held is not None and _count(conn, batch_id, Counter(), 0, now)


def reopen_failed(
    conn: GalleryConnection, batch_id: UUID, *, chunk_items: int
) -> tuple[tuple[int, int], ...]:
    """Makes failed items pending again whose images are kept, in chunks of their own.

    Their positions stay empty. Returns each new chunk's number and how many items it has.
    """
    if row(conn, _SQL["hold"], {"batch_id": batch_id}) is None:
        return ()
    given = {"batch_id": batch_id, "chunk_items": chunk_items}
    reopened = Counter(one["chunk"] for one in rows(conn, _SQL["reopen"], given))
    if reopened:
        conn.execute(_SQL["run_again"], {"batch_id": batch_id, "reopened": reopened.total()})
    return tuple(sorted(reopened.items()))


def erase_items(
    conn: GalleryConnection,
    *,
    subject_mac: bytes | None,
    image_sha256: Sequence[bytes],
    before: datetime | None,
    now: datetime,
) -> tuple[UUID, ...]:
    """Destroys what batches hold of a subject: items of its id, and of the images it had enrolled.

    Pending ones are never done. `before` leaves batches made later alone. Returns the batches
    that finished by it.
    """
    asked = {"subject_mac": subject_mac, "images": list(image_sha256), "before": before}
    finished = []
    touched = rows(conn, _SQL["touched"], asked)
    for batch_id, items in groupby(touched, lambda one: one["batch_id"]):
        numbers = [one["number"] for one in items]
        if _erase(conn, batch_id, numbers, now):
            finished.append(batch_id)
    return tuple(finished)


def _erase(conn: GalleryConnection, batch_id: UUID, numbers: list[int], now: datetime) -> bool:
    held = row(conn, _SQL["hold"], {"batch_id": batch_id})
    if held is None:
        return False
    # Looked at again: a worker may have ended some of them before the lock was ours.
    found = rows(conn, _SQL["states"], {"batch_id": batch_id, "numbers": numbers})
    pending = [one["number"] for one in found if one["state"] == "pending"]
    first = held["last_position"] + 1
    positions = dict(zip(pending, range(first, first + len(pending)), strict=True))
    everyone = [one["number"] for one in found]
    conn.execute(
        _SQL["erase"],
        {
            "batch_id": batch_id,
            "numbers": everyone,
            "positions": [positions.get(number) for number in everyone],
            "now": now,
        },
    )
    conn.execute(_SQL["drop_images"], {"batch_id": batch_id, "numbers": everyone})
    changes = Counter({"erased": len(everyone)})
    changes.subtract(one["state"] for one in found if one["state"] != "pending")
    return _count(conn, batch_id, changes, len(pending), now)


def _count(
    conn: GalleryConnection, batch_id: UUID, changes: Counter[str], ended: int, now: datetime
) -> bool:
    states = ("succeeded", "failed", "cancelled", "erased")
    counted = row(
        conn,
        _SQL["count"],
        {"batch_id": batch_id, "ended": ended, **{state: changes[state] for state in states}},
    )
    if counted is None or counted["pending"]:
        return False
    conn.execute(_SQL["drop_chunks"], {"batch_id": batch_id})
    return conn.execute(_SQL["finish"], {"batch_id": batch_id, "now": now}).rowcount == 1
