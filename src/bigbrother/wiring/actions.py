"""What steps work with, and the processes that they run in."""

import os

from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.face_service import HttpFaceService
from bigbrother.adapters.host import SystemHost
from bigbrother.adapters.step_runner import ProcessStepRunner
from bigbrother.installation.accounts import accounts
from bigbrother.operations.procedures.action import ActionServices
from bigbrother.ports.step_runner import StepRunner
from bigbrother.runbook.following import starting_document
from bigbrother.settings import Settings
from bigbrother.wiring import database_server, python, service_manager, unit_environment


def step_runner(settings: Settings) -> StepRunner:
    """Begins steps of this home, with the environment that its units get."""
    command = (*python(settings), "-m", "bigbrother.entrypoints.step")
    return ProcessStepRunner(command, unit_environment(settings, os.environ))


def action_services(settings: Settings) -> ActionServices:
    """For one step's process; nothing of the installation needs to run.

    Raises InvalidRunbook.
    """
    clock = SystemClock()
    owners = accounts()
    # Also while a bad edit stands: that must not keep a service from coming back.
    runbook = starting_document(
        settings.runbook_overlay, settings.published_runbook, settings.tuned_runbook
    )
    server = database_server(settings, owners, clock)
    return ActionServices(
        settings=settings,
        runbook=runbook,
        clock=clock,
        manager=service_manager(settings, runbook, owners, server, clock),
        face=HttpFaceService(settings.host, settings.port, clock, settings.admin_token_file),
        host=SystemHost(),
        dsn=settings.dsn if server is None else server.owner_dsn,
    )
