"""What preflight found, each with the way out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    passed: bool
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.detail} {self.remedy}".strip()


def passed(name: str, detail: str) -> Finding:
    """All is well."""
    return Finding(name, passed=True, detail=detail)


def failed(name: str, detail: str, remedy: str) -> Finding:
    """Something is missing, and what a person does about it."""
    return Finding(name, passed=False, detail=detail, remedy=remedy)
