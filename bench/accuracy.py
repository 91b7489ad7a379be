"""LFW pairs through the HTTP API at the manifest's threshold.

Asks /v1/verify for every pair of a labelled `pairs.txt` (folds of matched and mismatched pairs) and
counts right answers. Needs `lfw/` under BIGBROTHER_TEST_DATA or ../shared/data; says so when it
is absent. Source of the protocol: Labeled Faces in the Wild, View 2.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.installation import labelled_photographs, running_installation
from bigbrother.client.face_client import FaceClient

_CLIENTS = 2
_TARGET_RATIO = 0.995


@dataclass(frozen=True)
class Pair:
    """Two photographs and whether they show the same person."""

    first: Path
    second: Path
    same: bool


def pairs(folder: Path) -> Iterator[Pair]:
    """The pairs of `pairs.txt`: three columns for the same person, four for two people."""

    def image(name: str, number: str) -> Path:
        return folder / "images" / name / f"{name}_{int(number):04}.jpg"

    for line in (folder / "pairs.txt").read_text("utf-8").splitlines()[1:]:
        match line.split("\t"):
            case [name, first, second]:
                yield Pair(image(name, first), image(name, second), same=True)
            case [name, first, other, second]:
                yield Pair(image(name, first), image(other, second), same=False)


def main() -> int:
    """Measures and prints; 0 when the target is reached or the photographs are absent."""
    console = Console()
    photographs = labelled_photographs()
    if photographs is None:
        console.print("accuracy: left out, no labelled photographs (set BIGBROTHER_TEST_DATA).")
        return 0
    asked = list(pairs(photographs / "lfw"))
    with (
        running_installation() as installation,
        FaceClient(installation.url, installation.token) as client,
        ThreadPoolExecutor(_CLIENTS) as clients,
    ):
        answers = list(clients.map(lambda pair: client.verify(pair.first, pair.second), asked))
    right = [answer.match == pair.same for answer, pair in zip(answers, asked, strict=True)]
    same = [ok for ok, pair in zip(right, asked, strict=True) if pair.same]
    other = [ok for ok, pair in zip(right, asked, strict=True) if not pair.same]
    table = Table(title=f"Verification over HTTP, threshold {answers[0].threshold:.4f}")
    for column in ("pairs", "asked", "right", "ratio", "target"):
        table.add_column(column, justify="right")
    for name, kind, target in (
        ("same person", same, ""),
        ("two people", other, ""),
        ("all", right, f">= {_TARGET_RATIO:.1%}"),
    ):
        row = (str(len(kind)), str(sum(kind)), f"{sum(kind) / len(kind):.2%}")
        table.add_row(name, *row, target)
    console.print(table)
    return 0 if sum(right) >= _TARGET_RATIO * len(right) else 1


if __name__ == "__main__":
    sys.exit(main())
