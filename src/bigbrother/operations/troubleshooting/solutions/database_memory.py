"""Memory of the embedded database: for one sorting, and what it counts on as a cache."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from bigbrother.operations.housekeeping.database import connected, mending
from bigbrother.operations.procedures.action import Action, ActionServices, Arguments, StepContext
from bigbrother.operations.procedures.outcome import Happened, Outcome

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[dict[str, Any]]

_NAMES = ("work_mem", "effective_cache_size")
_MEASURED_BY = "measure_caching"
_MEMORY, _SPILLS = "database_memory", "spilled_files"
_OWN_FILE = "postgresql.auto.conf"
_SETTINGS = """
SELECT name, pg_size_bytes(current_setting(name)) AS bytes, coalesce(sourcefile, '') AS source
FROM pg_settings WHERE name = ANY(%s)
"""
_SPILLED = "SELECT temp_files AS files FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the server."""

    bytes: int
    altered: bool
    """Whether it was set while the server ran, not in its configuration."""


def memory_now(services: ActionServices) -> dict[str, JsonValue]:
    """What the embedded server has, for the data of a measuring step; empty of another's server."""
    if services.settings.dsn:
        return {}
    with connected(services) as conn:
        rows = conn.execute(_SETTINGS, (list(_NAMES),)).fetchall()
        spilled = conn.execute(_SPILLED).fetchone()
    found: dict[str, JsonValue] = {
        row["name"]: {"bytes": row["bytes"], "altered": row["source"].endswith(_OWN_FILE)}
        for row in rows
    }
    return {_MEMORY: found, _SPILLS: 0 if spilled is None else spilled["files"]}


def _before(context: StepContext) -> tuple[dict[str, Setting], bool]:
    """As it was measured, and whether sorting has spilled to the disk.

    What is wanted follows from it alone: so to do this twice is to do it once.
    """
    measured = context.earlier.get(_MEASURED_BY)
    data = memory_now(context.services) if measured is None else measured.data
    known = data.get(_MEMORY)
    if not isinstance(known, Mapping):
        return {}, False
    settings = {
        name: Setting(int(str(each["bytes"])), altered=each["altered"] is True)
        for name, each in known.items()
        if isinstance(each, Mapping)
    }
    return settings, bool(data.get(_SPILLS))


def _wanted(context: StepContext) -> dict[str, int]:
    """The settings that are to grow, in bytes; none of a server that is not ours."""
    tuning = context.services.runbook.tuning
    before, spills = _before(context)
    if not before:
        return {}
    bounds, wanted = tuning.work_memory, dict[str, int]()
    if spills:
        # Something did not fit into memory, and was sorted on the disk.
        doubled = max(2 * before["work_mem"].bytes, round(bounds.least.value))
        wanted["work_mem"] = min(doubled, round(bounds.most.value))
    memory = context.services.host.memory()
    wanted["effective_cache_size"] = round(memory.total_bytes * tuning.database_cache.value)
    return {
        name: size for name, size in wanted.items() if _pages(size) > _pages(before[name].bytes)
    }


def _grow(context: StepContext, _: Arguments) -> Outcome:
    wanted = _wanted(context)
    if not wanted:
        return Outcome(_nothing(context.services), skipped=True)
    with mending(context.services) as conn:
        for name, size_bytes in wanted.items():
            _alter(conn, name, size_bytes)
        conn.execute("SELECT pg_reload_conf()")
    return Outcome(f"Set {_said(context, wanted)}.", {"settings": dict(wanted)})


def _plan(context: StepContext, _: Arguments) -> str:
    wanted = _wanted(context)
    if not wanted:
        return f"Nothing: {_nothing(context.services)}"
    return f"Would set {_said(context, wanted)} (ALTER SYSTEM, then a reload)."


def _undo(context: StepContext, _: Arguments) -> Outcome:
    wanted, (before, _spills) = _wanted(context), _before(context)
    if _MEASURED_BY not in context.earlier or not wanted:
        return Outcome("Nothing was set.", skipped=True)
    with mending(context.services) as conn:
        for name in wanted:
            # What was not altered before follows the server's configuration again.
            _alter(conn, name, before[name].bytes if before[name].altered else None)
        conn.execute("SELECT pg_reload_conf()")
    return Outcome(f"Put back {', '.join(wanted)}.")


def _verify(context: StepContext, _: Arguments) -> Happened:
    now = memory_now(context.services).get(_MEMORY)
    for name, size_bytes in _wanted(context).items():
        known = now.get(name) if isinstance(now, Mapping) else None
        if not isinstance(known, Mapping) or _pages(int(str(known["bytes"]))) != _pages(size_bytes):
            return Happened.NO
    return Happened.YES


def _nothing(services: ActionServices) -> str:
    if services.settings.dsn:
        return "The database is not ours to configure."
    return "The database has the memory that it can use."


def _said(context: StepContext, wanted: Mapping[str, int]) -> str:
    before, _ = _before(context)
    return ", ".join(
        f"{name} {before[name].bytes / 1e6:.0f} MB -> {size / 1e6:.0f} MB"
        for name, size in wanted.items()
    )


def _pages(size_bytes: int) -> int:
    """As precisely as the settings are kept: effective_cache_size in pages of 8 KiB."""
    return size_bytes // 8192


def _alter(conn: "Connection", name: str, size_bytes: int | None) -> None:
    text = f"ALTER SYSTEM RESET {name}"
    if size_bytes is not None:
        text = f"ALTER SYSTEM SET {name} = '{8 * _pages(size_bytes)}kB'"
    conn.execute(text.encode())


GROW_DATABASE_CACHE = Action(
    "grow_database_cache",
    Arguments,
    _grow,
    _plan,
    idempotent=True,
    verify=_verify,
    undo=_undo,
)
