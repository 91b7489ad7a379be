"""The link in a message to the page of a run, where somebody may approve or reject it."""

from datetime import datetime

from bigbrother.operations.alerts.links import LinkKey, make
from bigbrother.operations.response.services import WatcherServices

ACTION = "run"
"""What such a link is good for; another link opens no run."""


def run_url(
    services: WatcherServices, link_key: LinkKey, run_id: str, contact: str, until: datetime
) -> str:
    """The address of the page that shows the run, and asks where it waits for approval."""
    base = services.runbook().alert_config.public_url or services.settings.ops_url
    return f"{base.rstrip('/')}/runs/{make(run_id, contact, ACTION, until, link_key)}"
