"""One step of a procedure, or a diagnosis: `python -m bigbrother.entrypoints.step`."""

import sys

from bigbrother.operations.procedures.step_process import serve
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.operations.response.diagnose import diagnose_action
from bigbrother.settings import load_settings
from bigbrother.wiring.actions import action_services
from bigbrother.wiring.diagnostics import scene


def main() -> int:
    """0 once the runner was told how the step ended; 1 when nobody asked for one."""
    settings = load_settings()
    diagnose = diagnose_action(lambda: scene(settings))
    return serve({**ACTIONS, diagnose.name: diagnose}, lambda: action_services(settings))


if __name__ == "__main__":
    sys.exit(main())
