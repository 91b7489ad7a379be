"""A part of the watcher that fails is found, and keeps nobody else from working."""

from datetime import UTC, datetime

from bigbrother.kernel.status import Status
from bigbrother.operations.monitoring.finding import Finding
from bigbrother.operations.response.apart import Apart

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Parts:
    """Parts whose trouble a test chooses."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.apart = Apart(self.found.extend)
        self.trouble: Exception | None = None

    def work(self) -> str:
        if self.trouble is not None:
            raise self.trouble
        return "done"

    def run(self, part: str = "cures") -> str:
        return self.apart.run(part, self.work, "otherwise", NOON)

    @property
    def said(self) -> list[Status]:
        return [each.status for each in self.found]


def test_trouble_is_found_once_and_so_is_its_end() -> None:
    parts = Parts()
    parts.trouble = ValueError("no such step")
    assert [parts.run() for _ in range(3)] == ["otherwise"] * 3
    assert parts.said == [Status.FAILED]
    assert "no such step" in parts.found[0].summary
    parts.trouble = None
    assert [parts.run() for _ in range(3)] == ["done"] * 3
    assert parts.said == [Status.FAILED, Status.PASSED]


def test_other_trouble_is_found_anew() -> None:
    parts = Parts()
    for trouble in (ValueError("one"), ValueError("two")):
        parts.trouble = trouble
        parts.run()
    assert parts.said == [Status.FAILED, Status.FAILED]


def test_what_a_watcher_before_this_one_found_ends_with_the_first_success() -> None:
    parts = Parts()
    parts.run()
    parts.run()
    assert parts.said == [Status.PASSED]


def test_each_part_stands_for_itself() -> None:
    parts = Parts()
    parts.run("housekeeping")
    parts.trouble = ValueError("no")
    parts.run("cures")
    assert [each.labels["part"] for each in parts.found] == ["housekeeping", "cures"]
