"""How far copies and archive of the write-ahead log lie behind."""

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.database import Row, line
from bigbrother.operations.diagnostics.scene import Scene

NAME = "archive_lag"
ARCHIVER = "archiver"
_FOLLOWERS = """
WITH here AS (
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
                ELSE pg_current_wal_lsn() END AS lsn
)
SELECT 'slot ' || slot_name AS target, active,
       pg_wal_lsn_diff(here.lsn, coalesce(confirmed_flush_lsn, restart_lsn))::float8 AS bytes
FROM pg_replication_slots, here
UNION ALL
SELECT 'receiver ' || coalesce(nullif(application_name, ''), usename), true,
       pg_wal_lsn_diff(here.lsn, coalesce(flush_lsn, sent_lsn))::float8
FROM pg_stat_replication, here
"""
_ARCHIVER = """
SELECT current_setting('archive_mode') <> 'off' AS used, failed_count,
       coalesce(last_failed_wal, '') AS failed_wal,
       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS failing
FROM pg_stat_archiver
"""


def look(scene: Scene) -> tuple[Result, ...]:
    """Each slot and receiver, and the archiver; skipped where there is none."""
    with line(scene) as conn:
        followers = conn.execute(_FOLLOWERS).fetchall()
        archiver = conn.execute(_ARCHIVER).fetchone()
    results = [_follower(scene, each) for each in followers]
    if archiver is not None and archiver["used"]:
        results.append(_archiver(archiver))
    nothing = sentence("Nobody follows the write-ahead log, and none is archived.")
    return tuple(results) or (Result(NAME, Status.SKIPPED, evidence=(nothing,)),)


def _follower(scene: Scene, found: Row) -> Result:
    behind = max(0.0, float(found["bytes"] or 0))
    seen = sentence("It lies {bytes} behind.", bytes=Figure(behind, "bytes"))
    away = sentence("Nobody reads it at this moment.")
    return measured(
        NAME,
        behind,
        "bytes",
        limits_of(scene.runbook.diagnostics.limits.archive_lag),
        target=str(found["target"]),
        evidence=(seen,) if found["active"] else (seen, away),
        remedy=sentence(
            "Bring its reader back; a slot that nobody needs keeps the log for ever: "
            "pg_drop_replication_slot."
        ),
    )


def _archiver(found: Row) -> Result:
    if not found["failing"]:
        well = sentence("The last segment was archived.")
        return Result(NAME, Status.PASSED, target=ARCHIVER, evidence=(well,))
    return Result(
        NAME,
        Status.FAILED,
        target=ARCHIVER,
        evidence=(
            sentence(
                "Segment {segment} was not archived; {count} tries have failed.",
                segment=str(found["failed_wal"]),
                count=Figure(float(found["failed_count"]), "count"),
            ),
        ),
        remedy=sentence(
            "Run archive_command by hand as the database's account, and read its words."
        ),
    )
