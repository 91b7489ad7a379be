"""How many photos of a source ended how."""

from collections import Counter

from bigbrother.entrypoints.cli.bulk.report import Line


class Tally:
    """Counts each photo of the source once, by the newest word about it."""

    def __init__(self) -> None:
        self.enrolled = 0
        self.already_enrolled = 0
        self.refused: Counter[str] = Counter()
        """By the refusal's code."""
        self.failed: Counter[str] = Counter()
        """By the failure's code."""

    @property
    def complete(self) -> bool:
        """Whether every photo is in the gallery."""
        return not self.refused and not self.failed

    @property
    def photos(self) -> int:
        """How many were counted."""
        return self.enrolled + self.already_enrolled + self.refused.total() + self.failed.total()

    def count(self, line: Line) -> None:
        """Counts one photo."""
        match line.outcome:
            case "enrolled":
                self.enrolled += 1
            case "already-enrolled":
                self.already_enrolled += 1
            case "refused":
                self.refused[line.code] += 1
            case "failed":
                self.failed[line.code] += 1
