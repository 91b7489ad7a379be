"""Every step that the solutions of section 3.1 are made of."""

from typing import Any

from bigbrother.operations.procedures.action import Action
from bigbrother.operations.troubleshooting.solutions.batch_size import KEEP_BEST_BATCH_SIZE
from bigbrother.operations.troubleshooting.solutions.caching import GROW_RESULT_CACHE
from bigbrother.operations.troubleshooting.solutions.database_memory import GROW_DATABASE_CACHE
from bigbrother.operations.troubleshooting.solutions.effect import MEASURE_EFFECT, MEASURING
from bigbrother.operations.troubleshooting.solutions.inference import RENEW_ENGINE
from bigbrother.operations.troubleshooting.solutions.queries import (
    ANALYZE_TABLES,
    CREATE_MISSING_INDEXES,
)
from bigbrother.operations.troubleshooting.solutions.scaling import SCALE_THREADS, SCALE_WORKERS
from bigbrother.operations.troubleshooting.solutions.searches import TUNE_INDEX_SEARCH

SOLUTION_ACTIONS: tuple[Action[Any], ...] = (
    *MEASURING,
    SCALE_WORKERS,
    SCALE_THREADS,
    ANALYZE_TABLES,
    CREATE_MISSING_INDEXES,
    TUNE_INDEX_SEARCH,
    GROW_RESULT_CACHE,
    GROW_DATABASE_CACHE,
    RENEW_ENGINE,
    KEEP_BEST_BATCH_SIZE,
    MEASURE_EFFECT,
)
