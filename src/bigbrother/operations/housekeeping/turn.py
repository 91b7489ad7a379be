"""One thing of the database after the other; what others hold or takes too long is left."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bigbrother.operations.housekeeping.said import amount
from bigbrother.operations.procedures.action import StepContext
from bigbrother.operations.procedures.outcome import Outcome, StepFailed


class Named(Protocol):
    """A table or an index."""

    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True)
class Left:
    """What was left for another time."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


def in_turn(
    context: StepContext, wanting: Sequence[N], mend: Callable[[N], None]
) -> tuple[list[N], list[Left]]:
    """Those that were mended, and those that were left with the reason."""
    import psycopg  # noqa: PLC0415

    done: list[N] = []
    left: list[Left] = []
    for each in wanting:
        try:
            mend(each)
        except psycopg.errors.LockNotAvailable:
            left.append(Left(each.name, "others held it"))
        except psycopg.errors.QueryCanceled:
            left.append(Left(each.name, "it took longer than optimization.statement_within"))
        except psycopg.errors.UndefinedTable:
            left.append(Left(each.name, "it is gone"))
        except psycopg.errors.DiskFull:
            left.append(Left(each.name, "the disk has no room for it"))
        else:
            done.append(each)
            continue
        context.journal.say(f"Left {left[-1]}.")
    return done, left


def said_of(done: int, one: str, left: Sequence[Left], *, many: str | None = None) -> Outcome:
    """What the step did; raises StepFailed where everything was left."""
    told = "; ".join(map(str, left))
    if left and not done:
        raise StepFailed(
            f"Nothing was mended: {told}.", remedy="Run it again when the database is less busy."
        )
    if not done:
        return Outcome(f"No {one} has decayed.", {"count": 0, "left": []}, skipped=True)
    summary = f"Mended {amount(done, one, many)}."
    if left:
        summary += f" Left for another time: {told}."
    return Outcome(summary, {"count": done, "left": [each.name for each in left]})
