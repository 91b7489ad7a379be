"""Every step that this product can make, by its name, in the order of the runbook."""

from collections.abc import Mapping
from typing import Any

from bigbrother.operations.housekeeping.catalogue import HOUSEKEEPING_ACTIONS
from bigbrother.operations.procedures.action import Action
from bigbrother.operations.service_recovery import (
    check_logs,
    restart_service,
    verify_health,
    verify_status,
)
from bigbrother.operations.troubleshooting.solutions.catalogue import SOLUTION_ACTIONS
from bigbrother.operations.troubleshooting.solutions.restore_model import RESTORE_MODEL_FILES

_ACTIONS: tuple[Action[Any], ...] = (
    # 4.1 Services
    verify_status.ACTION,
    check_logs.ACTION,
    restart_service.ACTION,
    verify_health.ACTION,
    # 1.2 Cleaning and optimisation
    *HOUSEKEEPING_ACTIONS,
    # 3.1 Common problems
    *SOLUTION_ACTIONS,
    RESTORE_MODEL_FILES,
)

ACTIONS: Mapping[str, Action[Any]] = {action.name: action for action in _ACTIONS}
