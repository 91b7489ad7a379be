"""Answers that are files: in memory, or straight to a file."""

import tempfile
from functools import partial
from os import PathLike
from pathlib import Path

from bigbrother.client.errors import FileUnwritable, ServiceUnavailable
from bigbrother.client.problems import timed_out
from bigbrother.client.request import Request
from bigbrother.client.service import Service
from bigbrother.client.steps import Call, Pause, Work


def download(service: Service, request: Request) -> Call[bytes]:
    """The body of the answer."""
    response = yield from service.send(request)
    return response.content


def download_to(service: Service, request: Request, path: str | PathLike[str]) -> Call[Path]:
    """The body of the answer as a file that is there complete or not at all, mode 0600.

    A file that was there is replaced. Raises FileUnwritable.
    """
    tries = 0
    while True:
        tries += 1
        try:
            yield from service.open(request)
            return (yield from _saved(service, Path(path)))
        except ServiceUnavailable as error:
            if timed_out(error):
                raise
            pause_seconds = service.policy.pause_before_next(tries, error)
        except OSError as error:
            raise FileUnwritable(
                f"{path}: {error.strerror or error}.",
                remedy="Give a file in a folder that you may write to.",
            ) from error
        yield Pause(pause_seconds)


def _saved(service: Service, path: Path) -> Call[Path]:
    # Beside its place, so that taking the place is one step; the name tells whose rest it is.
    file = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed below, between two steps
        dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
    )
    part = Path(file.name)
    try:
        with file:
            while (piece := (yield from service.read_on())) is not None:
                yield Work(partial(file.write, piece))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
