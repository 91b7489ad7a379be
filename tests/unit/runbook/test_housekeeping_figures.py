"""Figures of housekeeping that contradict each other, or a schedule, are refused."""

from pathlib import Path

import pytest

from bigbrother.runbook.load import InvalidRunbook, load_runbook
from tests.unit.runbook.place import overlay


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("retention:\n  runs: 12h\n", "runs (12h) is shorter than the time between two runs of"),
        (
            "housekeeping:\n  cleaning: {cron: '0 3 1 * *'}\nretention:\n  old_logs: 30 days\n",
            "old_logs (30 days) is shorter than the time between two runs of purge_logs (31 days",
        ),
        ("cleaning:\n  orphan_after: 10min\n", "shorter than batch.upload_within (30min)"),
        ("retention:\n  all_logs: 100 MB\n", "less than the units' logs in use may have: 4 × 50"),
        (
            "optimization:\n  statement_within: 2h\n",
            "longer than procedures.steps.rebuild_indexes.within (1h)",
        ),
        (
            "housekeeping:\n  cleaning: {steps: [purge_log]}\n",
            "there is no step 'purge_log'. Did you mean 'purge_logs'?",
        ),
    ],
)
def test_a_contradiction_is_named_with_its_remedy(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidRunbook) as caught:
        load_runbook(overlay(tmp_path, text))
    assert said in caught.value.detail


def test_a_schedule_of_the_operators_own_is_taken(tmp_path: Path) -> None:
    text = (
        "housekeeping:\n  cleaning: {cron: '*/20 1-4 * * *', time_zone: America/Sao_Paulo}\n"
        "  weekly disk: {steps: [measure_disk, verify_disk], cron: '0 1 * * mon', time_zone: UTC}\n"
    )
    runbook = load_runbook(overlay(tmp_path, text))
    assert runbook.housekeeping["weekly disk"].steps == ("measure_disk", "verify_disk")
