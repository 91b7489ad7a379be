"""The guide's way to check a webhook takes what the worker signs, and nothing else."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bigbrother.face.batch.webhook.signature import signature
from bigbrother.runbook.load import load_runbook

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "receive-webhooks.md"


def block(language: str) -> str:
    found = re.search(
        rf"^```{language}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("body", "now", "ours"),
    [(b"{}", 1_700_000_010.0, True), (b"{ }", 1_700_000_010.0, False), (b"{}", 1.8e9, False)],
    ids=["ours", "changed", "old"],
)
def test_the_guides_check_holds(body: bytes, now: float, ours: bool) -> None:
    names: dict[str, Any] = {}
    exec(block("python"), names)  # noqa: S102 - the guide's own snippet
    signed = signature(b"secret", "1700000000", b"{}")
    assert names["is_ours"](b"secret", "1700000000", body, signed, now) is ours


def test_the_guides_overlay_is_a_valid_one(tmp_path: Path) -> None:
    overlay = tmp_path / "runbook.yaml"
    overlay.write_text(block("yaml"), "utf-8")
    (allowed,) = yaml.safe_load(block("yaml"))["webhook"]["allowed_networks"]
    assert [str(one) for one in load_runbook(overlay).webhook.allowed_networks] == [allowed]
