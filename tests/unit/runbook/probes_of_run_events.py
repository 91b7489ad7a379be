"""How runs are told over HTTP."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bigbrother.entrypoints.ops.runs_api import RunsApi
from bigbrother.runbook.model import Runbook
from tests.unit.runbook.probe import Probe
from tests.unit.runbook.probes_of_procedures import staged


def silence(runbook: Runbook) -> object:
    """For how long nothing is heard of a run in which nothing happens."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def first_comment(api: RunsApi) -> None:
        async for told in api._stream("run", 0):
            if told.startswith(":"):
                return

    with staged(runbook) as stage, pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", sleep)
        stage.start("run", stage.procedure)
        services: Any = SimpleNamespace(
            store=stage.store,
            runbook=lambda: runbook,
            settings=SimpleNamespace(ops_token_file=stage.folder / "ops.token"),
        )
        asyncio.run(first_comment(RunsApi(services)))
    return sum(slept)


RUN_EVENTS = (Probe(("procedures.keep_alive",), silence),)
