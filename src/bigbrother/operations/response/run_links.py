"""The link in a message to the page of a run, where somebody may approve or reject one step."""

from datetime import datetime

from bigbrother.operations.alerts.links import LinkKey, make
from bigbrother.operations.response.services import WatcherServices

_ACTION = "run:"


def run_url(
    services: WatcherServices,
    link_key: LinkKey,
    run_id: str,
    number: int,
    contact: str,
    until: datetime,
) -> str:
    """The address of the page that shows the run, and asks about its step of that number.

    It is good for that step alone: who was told of one has not agreed to those after it.
    """
    base = services.runbook().alert_config.public_url or services.settings.ops_url
    action = f"{_ACTION}{number}"
    return f"{base.rstrip('/')}/runs/{make(run_id, contact, action, until, link_key)}"


def step_of(action: str) -> int | None:
    """The step that a link is about, from 0; None for a link to something else."""
    number = action.removeprefix(_ACTION)
    return int(number) if number != action else None
