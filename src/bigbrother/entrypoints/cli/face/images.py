"""Images as the command line names them: paths, and `-` for stdin."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import typer

from bigbrother.client.errors import ClientError, PictureUnreadable
from bigbrother.entrypoints.cli.exits import ExitCode, exit_code, explain
from bigbrother.entrypoints.cli.output import progress, shown_path
from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput

T = TypeVar("T")
STDIN = Path("-")

ImagesArgument = Annotated[
    list[Path],
    typer.Argument(metavar="IMAGE", help="Image files; - reads one from stdin."),
]


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of one image: a result, or the reason why there is none."""

    path: Path
    result: T | None
    error: BigBrotherError | None = None

    @property
    def image(self) -> str:
        """The image as it was named."""
        return shown_path(self.path)

    def error_json(self) -> dict[str, object] | None:
        """The error as a program reads it, with the names of the service's problem documents."""
        if self.error is None:
            return None
        problem: dict[str, object] = {
            "code": self.error.code,
            "detail": self.error.detail,
            "remedy": self.error.remedy,
        }
        if isinstance(self.error, ClientError) and self.error.reasons:
            problem["reasons"] = list(self.error.reasons)
        return problem


def for_each_image(
    paths: Sequence[Path], what: str, work: Callable[[int, bytes], T]
) -> list[Outcome[T]]:
    """Does the work for every image's number (from 1) and bytes, with a progress bar.

    An image that is refused is told about and does not stop the others; whatever would meet the
    others too (no service, no such collection) is raised.
    """
    outcomes: list[Outcome[T]] = []
    with progress(what, len(paths)) as advance:
        for number, path in enumerate(paths, 1):
            try:
                outcomes.append(Outcome(path, work(number, read_image(path))))
            except (InvalidInput, Conflict) as error:
                explain(error, about=shown_path(path))
                outcomes.append(Outcome(path, None, error))
            advance()
    return outcomes


def finish(outcomes: Sequence[Outcome[T]]) -> None:
    """Ends the command with the gravest exit code: a refusal is graver than a conflict."""
    codes = {exit_code(outcome.error) for outcome in outcomes if outcome.error is not None}
    for code in (ExitCode.FAILED, ExitCode.REFUSED, ExitCode.CONFLICT):
        if code in codes:
            raise typer.Exit(code)


def read_image(path: Path) -> bytes:
    """The bytes of an image file or of stdin. Raises PictureUnreadable."""
    if path == STDIN:
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise PictureUnreadable(
            f"It cannot be read: {reason}.", remedy="Give the path of an image file."
        ) from error


def require_one_stdin(paths: Sequence[Path]) -> None:
    """Ends the command as wrongly used when stdin would be read twice."""
    if list(paths).count(STDIN) > 1:
        raise typer.BadParameter("'-' (stdin) can be given once only.")
