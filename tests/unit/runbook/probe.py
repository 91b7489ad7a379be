"""A computation of the code over a document, and the leaves that should move it."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bigbrother.runbook.model import Runbook

Observe = Callable[[Runbook], object]


@dataclass(frozen=True)
class Probe:
    """A computation, and the leaves that it is asked about."""

    paths: tuple[str, ...]
    observe: Observe

    def asks_about(self, path: str) -> bool:
        return any(fnmatchcase(path, pattern) for pattern in self.paths)
