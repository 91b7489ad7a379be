"""What is kept of a step's output: its beginning and its end."""

import json
import sqlite3
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from bigbrother.operations.procedures.records import RunEvent
from bigbrother.operations.procedures.table import add_event
from bigbrother.ports.step_runner import StepLine

CUT = "output.cut"
"""Kind of the event that stands where something was left out, with `bytes`."""
_LEFT_OUT = " [...] "


@dataclass(frozen=True, slots=True)
class Spot:
    """Where output is written."""

    conn: sqlite3.Connection
    run_id: str
    now: datetime
    place: Mapping[str, JsonValue]
    """What each event says of its attempt."""

    def add(self, kind: str, data: Mapping[str, JsonValue]) -> RunEvent:
        """One more event."""
        return add_event(self.conn, self.run_id, self.now, kind, {**self.place, **data})


@dataclass(frozen=True, slots=True)
class Kept:
    """The output of one attempt so far.

    Half of what may be kept is the beginning. The rest is the newest: what falls out of it is taken
    away again, with an event in its place that says how much.
    """

    half_bytes: int
    """Of what may be kept."""
    head_bytes: int = 0
    tail: tuple[tuple[int, int], ...] = ()
    """Ids and sizes of the newest events."""
    cut_id: int | None = None
    left_out_bytes: int = 0

    def write(self, spot: Spot, lines: Sequence[StepLine]) -> tuple["Kept", Sequence[RunEvent]]:
        """What is kept with these lines too, and the events that are new."""
        fitting = [_shortened(line, self.half_bytes) for line in lines]
        head_bytes, first = self.head_bytes, 0
        while first < len(fitting) and not self.tail and self.cut_id is None:
            size = _size(fitting[first])
            if head_bytes + size > self.half_bytes:
                break
            head_bytes, first = head_bytes + size, first + 1
        events = [_add(spot, line) for line in fitting[:first]]
        after, added = self._append(spot, fitting[first:])
        return replace(after, head_bytes=head_bytes), [*events, *added]

    def _append(self, spot: Spot, lines: Sequence[StepLine]) -> tuple["Kept", list[RunEvent]]:
        old, new = deque(self.tail), deque(lines)
        total = sum(size for _, size in old) + sum(map(_size, new))
        dropped, left_out = list[int](), self.left_out_bytes
        while total > self.half_bytes:
            if old:
                event_id, size = old.popleft()
                dropped.append(event_id)
            else:
                size = _size(new.popleft())
            total, left_out = total - size, left_out + size
        cut_id, events = self._cut(spot, dropped, left_out)
        added = [_add(spot, line) for line in new]
        old.extend((event.id, _size(line)) for event, line in zip(added, new, strict=True))
        after = replace(self, tail=tuple(old), cut_id=cut_id, left_out_bytes=left_out)
        return after, [*events, *added]

    def _cut(
        self, spot: Spot, dropped: Sequence[int], left_out_bytes: int
    ) -> tuple[int | None, list[RunEvent]]:
        if left_out_bytes == self.left_out_bytes:
            return self.cut_id, []
        data: dict[str, JsonValue] = {"bytes": left_out_bytes}
        gone = list(dropped)
        cut_id = self.cut_id
        if cut_id is None:
            if not gone:
                event = spot.add(CUT, data)
                return event.id, [event]
            cut_id = gone.pop(0)
        spot.conn.execute(
            "UPDATE run_event SET kind = ?, data = ? WHERE id = ?",
            (CUT, json.dumps({**spot.place, **data}), cut_id),
        )
        spot.conn.executemany("DELETE FROM run_event WHERE id = ?", [(each,) for each in gone])
        return cut_id, []


def _add(spot: Spot, line: StepLine) -> RunEvent:
    return spot.add(line.kind, {"text": line.text, **line.data})


def _shortened(line: StepLine, largest_bytes: int) -> StepLine:
    """One line alone takes no more than half: its own beginning and end."""
    if _size(line) <= largest_bytes:
        return line
    # A character takes four bytes at the most.
    part = max(1, (largest_bytes - len(_LEFT_OUT)) // 8)
    return replace(line, text=line.text[:part] + _LEFT_OUT + line.text[-part:])


def _size(line: StepLine) -> int:
    return len(line.text.encode("utf-8", "replace"))
