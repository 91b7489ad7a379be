"""Messages about alerts as the tests of channels need them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from bigbrother.operations.alerts.outbox.messages import (
    Content,
    MessageKind,
    NewMessage,
    ToldAlert,
)
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
LINK = "https://watch.example.org/ack?m=0123456789abcdef&s=0123456789abcdef0123456789abcdef"
DOWN = ToldAlert(
    id="019aaa00-0000-7000-8000-000000000001",
    name="unit_down",
    severity="critical",
    summary="The unit bigbrother-face died (exit code 137) and was not healed within 5 s.",
    remedy="Look at its log: bigbrother logs bigbrother-face.",
    labels={"unit": "bigbrother-face"},
    fired_at=NOW - timedelta(minutes=3),
    diagnosis="process: killed by signal 9\nmemory: 91 % of 8 GB",
)
SLOW = ToldAlert(
    id="019aaa00-0000-7000-8000-000000000002",
    name="endpoint_slow",
    severity="high",
    summary="The face analyzer's slowest twentieth of requests takes 612 ms.",
    remedy="Look at the load: bigbrother check system.",
    value=0.612,
    unit="seconds",
    threshold="< 500ms",
    fired_at=NOW - timedelta(minutes=1),
)


def message(
    channel: str,
    address: str = "",
    *,
    kind: MessageKind = "page",
    alerts: tuple[ToldAlert, ...] = (DOWN,),
    key: str = "",
    page_key: str = "page-1",
    due_at: datetime = NOW,
) -> NewMessage:
    """A message that is due; a page of level L1 to the contact `ops` unless said otherwise."""
    page = kind == "page"
    if kind == "resolved":
        alerts = tuple(replace(alert, resolved_at=NOW) for alert in alerts)
    link = LINK if kind in ("page", "broadcast") else ""
    return NewMessage(
        key=key or f"{kind} {channel} {address}",
        kind=kind,
        channel=channel,
        address=address,
        contact="ops" if page else "",
        level="L1" if page else "",
        page_key=page_key if page else "",
        alert_ids=tuple(alert.id for alert in alerts),
        content=Content(alerts, link),
        due_at=due_at,
    )


def document(folder: Path, alert_config: Mapping[str, Any]) -> Runbook:
    """The default document with another section alert_config laid over it."""
    overlay = folder / "runbook.yaml"
    # With SMS every contact needs a number that can be called.
    contacts = {name: {"phone": "+5511999990001"} for name in load_runbook().contacts}
    overlay.write_text(yaml.safe_dump({"alert_config": alert_config, "contacts": contacts}))
    return load_runbook(overlay)


def secret(folder: Path, name: str, text: str) -> Path:
    """A secret's file as it should be; the folder of secrets."""
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True)
    file = secrets / name
    file.write_text(text + "\n")
    file.chmod(0o600)
    return secrets
