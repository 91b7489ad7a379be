"""Every step of housekeeping, in the order in which the document names them."""

from bigbrother.operations.housekeeping.disk import MEASURE_DISK, VERIFY_DISK
from bigbrother.operations.housekeeping.indexes import REBUILD_INDEXES
from bigbrother.operations.housekeeping.logs import FREE_LOGS, PURGE_LOGS
from bigbrother.operations.housekeeping.ops_store import COMPACT_OPS_STORE
from bigbrother.operations.housekeeping.orphans import REMOVE_ORPHANED_FILES
from bigbrother.operations.housekeeping.purges import VERIFY_PURGES
from bigbrother.operations.housekeeping.reports import PURGE_REPORTS
from bigbrother.operations.housekeeping.runs import PURGE_RUNS
from bigbrother.operations.housekeeping.tables import VACUUM_TABLES
from bigbrother.operations.procedures.action import Action, Arguments

HOUSEKEEPING_ACTIONS: tuple[Action[Arguments], ...] = (
    REMOVE_ORPHANED_FILES,
    PURGE_LOGS,
    PURGE_REPORTS,
    PURGE_RUNS,
    COMPACT_OPS_STORE,
    VERIFY_PURGES,
    VACUUM_TABLES,
    REBUILD_INDEXES,
    MEASURE_DISK,
    FREE_LOGS,
    VERIFY_DISK,
)
