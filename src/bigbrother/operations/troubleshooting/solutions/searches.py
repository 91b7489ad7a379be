"""How well and how fast the search through the index finds, and the width that is enough."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from bigbrother.operations.housekeeping.database import connected
from bigbrother.operations.procedures.action import Action, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Outcome
from bigbrother.operations.troubleshooting.solutions import levers
from bigbrother.operations.troubleshooting.solutions.measurement import GIVEN_UP
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.tuned import bounds_of, value_of

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[dict[str, Any]]

_FIGURE = "index_search_width"
# Widths worth trying, beside the bounds and the one in force: recall grows ever more slowly.
_WIDTHS = (100, 150, 200, 300, 400, 600, 800, 1000)
# Rounding alone puts two equal neighbours in either order.
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Gallery:
    """The table of the model with the most faces, and those of it that searches are made for."""

    table: str
    samples: tuple[object, ...]
    """Face ids."""


@dataclass(frozen=True, slots=True)
class Found:
    """A search with one width."""

    width: int
    recall: float
    seconds: float
    """Of one search."""


def search_figures(conn: "Connection", context: StepContext) -> dict[str, float]:
    """Time and recall with the width in force; nothing where no collection needs the index."""
    runbook = levers.document(context.services)
    gallery = _gallery(conn, runbook, context.run_id)
    if gallery is None:
        return {}
    (found,) = _tried(conn, context, gallery, [value_of(_FIGURE, runbook)])
    return {"search_seconds": found.seconds, "search_recall": found.recall}


def _tune(context: StepContext, _: Arguments) -> Outcome:
    services = context.services
    runbook = levers.document(services)
    with connected(services) as conn:
        gallery = _gallery(conn, runbook, context.run_id)
        if gallery is None:
            return Outcome("No collection is large enough for the index.", skipped=True)
        tried = _tried(conn, context, gallery, _candidates(runbook))
    least = runbook.tuning.least_recall.value
    for each in tried:
        context.journal.say(
            f"{each.width} candidates find {each.recall:.2%} in {each.seconds * 1000:.2g} ms."
        )
    chosen = narrowest(tried, least)
    now = value_of(_FIGURE, runbook)
    if chosen.width == now:
        return Outcome(f"{now} candidates are right: {chosen.recall:.2%} found.", skipped=True)
    why = f"The narrowest search that finds {least:.0%}: {chosen.recall:.2%} of the true nearest."
    data = levers.put_in_force(context, _FIGURE, chosen.width, why)
    # To find more people takes more time.
    slower: list[JsonValue] = ["search_seconds"] if chosen.width > now else []
    return Outcome(f"{chosen.width} candidates, {now} before. {why}", {**data, GIVEN_UP: slower})


def _plan(context: StepContext, _: Arguments) -> str:
    runbook = levers.document(context.services)
    with connected(context.services) as conn:
        gallery = _gallery(conn, runbook, context.run_id)
        if gallery is None:
            return "Nothing: no collection is large enough for the index."
        tried = _tried(conn, context, gallery, _candidates(runbook))
    chosen = narrowest(tried, runbook.tuning.least_recall.value)
    now = value_of(_FIGURE, runbook)
    if chosen.width == now:
        return f"Nothing: {now} candidates are right, {chosen.recall:.2%} found."
    return f"Would search with {chosen.width} candidates instead of {now}: {chosen.recall:.2%}."


def narrowest(tried: Sequence[Found], least_recall: float) -> Found:
    """The narrowest that finds enough; where none does, the one that finds most."""
    enough = [each for each in tried if each.recall >= least_recall]
    if enough:
        return min(enough, key=lambda each: each.width)
    return max(tried, key=lambda each: (each.recall, -each.width))


def _candidates(runbook: Runbook) -> list[int]:
    bounds = bounds_of(_FIGURE, runbook)
    widths = {bounds.least, value_of(_FIGURE, runbook), bounds.most, *_WIDTHS}
    return sorted(width for width in widths if bounds.holds(width))


def _gallery(conn: "Connection", runbook: Runbook, run_id: str) -> Gallery | None:
    largest: tuple[int, int, str] | None = None
    tables = conn.execute(
        "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind = 'r' AND relname ~ '^embedding_[0-9]+$'"
    ).fetchall()
    for table in tables:
        query = (
            "SELECT coalesce(sum(faces), 0)::bigint AS faces,"  # noqa: S608 - a table's own name
            " coalesce(max(faces), 0)::bigint AS most FROM"
            f' (SELECT count(*) AS faces FROM "{table["name"]}" GROUP BY collection_id) AS each'
        )
        found = conn.execute(query.encode()).fetchone() or {"faces": 0, "most": 0}
        largest = max(largest or (0, 0, ""), (found["most"], found["faces"], table["name"]))
    if largest is None or largest[0] < runbook.matching.exact_search_below:
        return None
    _, faces, name = largest
    wanted = runbook.tuning.measured_searches
    # The same faces before and after: the share is that of this run.
    seed = int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:2], "big")
    percent = min(100.0, 300 * wanted / faces)
    query = (
        f'SELECT face_id FROM "{name}" TABLESAMPLE BERNOULLI (%s) REPEATABLE (%s)'  # noqa: S608 - a table's own name
        " ORDER BY face_id LIMIT %s"
    )
    rows = conn.execute(query.encode(), (percent, seed, wanted)).fetchall()
    return Gallery(name, tuple(row["face_id"] for row in rows)) if rows else None


def _tried(
    conn: "Connection", context: StepContext, gallery: Gallery, widths: Sequence[int]
) -> list[Found]:
    # One more than is asked for: the face itself is always the nearest.
    wanted = context.services.runbook.limits.matches + 1
    true = [_exact(conn, gallery.table, face, wanted) for face in gallery.samples]
    return [_with_width(conn, context, gallery, width, wanted, true) for width in widths]


def _with_width(  # one argument a part of the measurement
    conn: "Connection",
    context: StepContext,
    gallery: Gallery,
    width: int,
    wanted: int,
    true: Sequence[Sequence[float]],
) -> Found:
    clock = context.services.clock
    recalls, seconds = [], []
    with conn.transaction(force_rollback=True):
        _set(conn, {"hnsw.ef_search": str(width), "hnsw.iterative_scan": "relaxed_order"})
        # Without these the planner may prefer reading the whole table.
        _set(conn, {"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off"})
        for face, known in zip(gallery.samples, true, strict=True):
            began = clock.monotonic_seconds()
            found = _nearest(conn, gallery.table, face, wanted)
            seconds.append(clock.monotonic_seconds() - began)
            recalls.append(sum(each <= known[-1] + _SAME for each in found) / len(known))
    return Found(width, mean(recalls), median(seconds))


def _exact(conn: "Connection", table: str, face: object, wanted: int) -> list[float]:
    with conn.transaction(force_rollback=True):
        _set(conn, {"enable_indexscan": "off", "enable_indexonlyscan": "off"})
        return _nearest(conn, table, face, wanted)


def _nearest(conn: "Connection", table: str, face: object, wanted: int) -> list[float]:
    """Distances to the nearest faces; the embeddings themselves stay in the database."""
    query = (
        f'SELECT embedding <#> (SELECT embedding FROM "{table}" WHERE face_id = %s) AS away'  # noqa: S608 - a table's own name
        f' FROM "{table}" ORDER BY 1 LIMIT %s'
    )
    return [row["away"] for row in conn.execute(query.encode(), (face, wanted)).fetchall()]


def _set(conn: "Connection", settings: dict[str, str]) -> None:
    for name, value in settings.items():
        conn.execute("SELECT set_config(%s, %s, true)", (name, value))


TUNE_INDEX_SEARCH = Action(
    "tune_index_search",
    Arguments,
    _tune,
    _plan,
    idempotent=True,
    verify=lambda context, _: levers.was_put(context, _FIGURE),
    undo=levers.take_out,
)
