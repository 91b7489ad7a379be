"""`bigbrother metrics`: figures over time, as the watcher read them."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import typer

from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import (
    Format,
    OutputOption,
    examples,
    plain,
    print_json,
    print_table,
)
from bigbrother.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from bigbrother.operations.monitoring.plans import TaskRecord
    from bigbrother.operations.monitoring.readings.query import Bucket, Line
    from bigbrother.operations.store.store import Store

app = typer.Typer(help="Figures over time, as the watcher read them.", no_args_is_help=True)
_JSON_POINTS = 1000
_CHART_ROWS = 8
_LABEL_COLUMNS = 10
_QUERY_EXAMPLES = examples(
    "bigbrother metrics query cpu_usage --since 1h",
    "bigbrother metrics query disk_space --label mount=/ --since '30 days'",
    "bigbrother metrics query endpoint_time --since 2026-11-22T06:00 --until 2026-11-22T09:00",
    "bigbrother metrics query unit_up --since 1d -o json",
)


@app.command("list", epilog=examples("bigbrother metrics list", "bigbrother metrics list -o json"))
@explains_errors
def list_series(output: OutputOption = Format.TABLE) -> None:
    """Shows every figure that is kept, with the newest one."""
    from bigbrother.operations.monitoring.readings.query import label_text, latest  # noqa: PLC0415
    from bigbrother.operations.monitoring.readings.series import all_series  # noqa: PLC0415

    store = _store()
    try:
        series = store.read(all_series)
        newest = [store.read(lambda conn, each=each: latest(conn, each)) for each in series]  # type: ignore[misc]
    finally:
        store.close()
    if output is Format.JSON:
        items = [
            {
                "name": each.name,
                "labels": each.labels,
                "unit": each.unit,
                "at": None if last is None else last.at.isoformat(),
                "value": None if last is None else last.mean,
            }
            for each, last in zip(series, newest, strict=True)
        ]
        print_json({"items": items})
        return
    print_table(
        ("NAME", "LABELS", "NEWEST", "AT"),
        [
            (
                each.name,
                label_text(each.labels),
                None if last is None else _figure(last.mean, each.unit),
                None if last is None else _local(last.at),
            )
            for each, last in zip(series, newest, strict=True)
        ],
    )


@app.command(
    "tasks", epilog=examples("bigbrother metrics tasks", "bigbrother metrics tasks -o json")
)
@explains_errors
def list_tasks(output: OutputOption = Format.TABLE) -> None:
    """Shows when each of the watcher's tasks is due, and how its last run went."""
    from bigbrother.operations.monitoring.plans import records  # noqa: PLC0415

    store = _store()
    try:
        found = store.read(records)
    finally:
        store.close()
    if output is Format.JSON:
        print_json({"items": [_task_as_json(task) for task in found]})
        return
    print_table(
        ("TASK", "SCHEDULE", "LAST RUN", "OUTCOME", "DUE", "MISSED", "OVERRUN"),
        [
            (
                task.name,
                task.schedule,
                None if task.began_at is None else _local(task.began_at),
                f"{task.outcome}: {task.detail}" if task.detail else task.outcome,
                _local(task.due_at),
                task.missed,
                task.overrun,
            )
            for task in found
        ],
    )


@app.command("query", epilog=_QUERY_EXAMPLES)
@explains_errors
def query_series(
    name: Annotated[str, typer.Argument(help="As `bigbrother metrics list` names it.")],
    *,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", "-l", metavar="KEY=VALUE", help="Only series with this label."),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="So long ago (30min, 1h, '7 days'), or a time.")
    ] = "1h",
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="The same; now without it.", show_default=False),
    ] = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Draws a figure over time, a chart for each series; or prints its points as JSON."""
    from rich.console import Console  # noqa: PLC0415

    from bigbrother.operations.monitoring.readings.query import query  # noqa: PLC0415
    from bigbrother.wiring import system_clock  # noqa: PLC0415

    now = system_clock().now()
    begin, end = _moment(since, now), now if until is None else _moment(until, now)
    labels = dict(_label(each) for each in label or ())
    columns = Console().width
    points = _JSON_POINTS if output is Format.JSON else 2 * max(1, columns - _LABEL_COLUMNS)
    store = _store()
    try:
        lines = store.read(lambda conn: query(conn, name, labels, begin, end, points))
    finally:
        store.close()
    if output is Format.JSON:
        print_json(
            {
                "name": name,
                "since": begin.isoformat(),
                "until": end.isoformat(),
                "items": [_as_json(line) for line in lines],
            }
        )
        return
    for line in lines:
        _draw(line, begin, end, columns)


def _draw(line: "Line", since: datetime, until: datetime, columns: int) -> None:
    from bigbrother.entrypoints.cli.chart import Drawing, draw  # noqa: PLC0415
    from bigbrother.operations.monitoring.readings.query import label_text  # noqa: PLC0415

    title = plain(f"{line.series.name} {label_text(line.series.labels)}".strip())
    if not line.buckets:
        typer.echo(f"{title}: nothing was read in this time.")
        return
    unit = line.series.unit
    count = sum(bucket.count for bucket in line.buckets)
    mean = sum(bucket.mean * bucket.count for bucket in line.buckets) / count
    figures = {
        "last": line.buckets[-1].mean,
        "mean": mean,
        "least": min(bucket.least for bucket in line.buckets),
        "greatest": max(bucket.greatest for bucket in line.buckets),
    }
    said = ", ".join(f"{what} {_figure(value, unit)}" for what, value in figures.items())
    typer.echo(f"{title}: {said} ({_resolution(line)}; times of {until.astimezone().tzname()})")
    drawing = Drawing(
        points=[(bucket.at, bucket.mean) for bucket in line.buckets],
        since=since.astimezone(),
        until=until.astimezone(),
        step_seconds=max(line.step_seconds, _usual_step(line.buckets)),
        columns=columns,
        rows=_CHART_ROWS,
    )
    typer.echo("\n".join(draw(drawing, lambda value: _figure(value, unit))))


def _usual_step(buckets: "tuple[Bucket, ...]") -> float:
    """The median distance: a figure that is read each five minutes has no gaps of four."""
    steps = sorted((after.at - before.at).total_seconds() for before, after in pairwise(buckets))
    return steps[len(steps) // 2] if steps else 0.0


def _resolution(line: "Line") -> str:
    seconds = line.resolution_seconds
    names = {0: "as read", 300: "5-minute means", 3600: "hourly means", 86400: "daily means"}
    return names[seconds]


def _figure(value: float, unit: str) -> str:
    from bigbrother.operations.checks.sentences import Figure  # noqa: PLC0415

    text = Figure(value, unit).text()
    return f"{text}/s" if unit == "per second" else text


def _local(moment: datetime) -> str:
    return moment.astimezone().isoformat(" ", "seconds")


def _task_as_json(task: "TaskRecord") -> dict[str, object]:
    moments = {"due_at": task.due_at, "began_at": task.began_at, "ended_at": task.ended_at}
    return {
        "name": task.name,
        "schedule": task.schedule,
        **{name: None if at is None else at.isoformat() for name, at in moments.items()},
        "outcome": task.outcome,
        "detail": task.detail,
        "missed": task.missed,
        "overrun": task.overrun,
    }


def _as_json(line: "Line") -> dict[str, object]:
    return {
        "labels": line.series.labels,
        "unit": line.series.unit,
        "resolution_seconds": line.resolution_seconds,
        "step_seconds": line.step_seconds,
        "points": [
            {
                "at": bucket.at.isoformat(),
                "mean": bucket.mean,
                "least": bucket.least,
                "greatest": bucket.greatest,
                "count": bucket.count,
            }
            for bucket in line.buckets
        ],
    }


def _store() -> "Store":
    """The watcher's file, whether it runs or not; raises ReadingUnknown where there is none."""
    from bigbrother.operations.monitoring.errors import ReadingUnknown  # noqa: PLC0415
    from bigbrother.operations.store.store import Store  # noqa: PLC0415
    from bigbrother.settings import load_settings  # noqa: PLC0415

    file = load_settings().ops_store
    if not file.exists():
        raise ReadingUnknown(
            f"There is no {file}: no watcher ran here yet.", remedy="Start it: bigbrother up."
        )
    return Store(file)


def _label(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise InvalidInput(f"'{text}' is not a label.", remedy="Write it like mount=/data.")
    return key, value


def _moment(text: str, now: datetime) -> datetime:
    from bigbrother.kernel.quantity import parse_quantity  # noqa: PLC0415

    try:
        return now - timedelta(seconds=parse_quantity(text, "duration").value)
    except (InvalidInput, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"'{text}' is neither a time nor so long ago.",
            remedy="Write 30min, 1h, '7 days' or 2026-11-22T06:00.",
        ) from error
    return moment.astimezone(now.tzinfo)
