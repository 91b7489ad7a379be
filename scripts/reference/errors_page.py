"""The reference of errors: every error the product raises on purpose."""

import importlib
import pkgutil
from collections.abc import Iterator

from scripts.reference.markdown import page, sentence, table

import bigbrother
from bigbrother.client.errors import ClientError
from bigbrother.face.api.problems import TYPE_PREFIX, status_of
from bigbrother.kernel.errors import BigBrotherError

_INTRODUCTION = (
    "Every error has a `code` that does not change, a title, what happened (`detail`) and what to "
    f"do about it (`remedy`). Over HTTP it is a problem document whose `type` is "
    f"`{TYPE_PREFIX}` followed by the code. The column *again* says whether sending the same thing "
    "again can help. An error of status 500 reaches the caller as `internal`, with nothing of what "
    "is inside; its own code is for the log."
)
_CLIENT = (
    "The client passes on the service's own code and words where the service gave any. These "
    "stand for the rest."
)
_COLUMNS = ("code", "title", "again", "meaning")
_OVER_HTTP = ("bigbrother.face", "bigbrother.kernel", "bigbrother.security.token")
"""Where the errors live that a request can end in."""


def render() -> str:
    """The page."""
    kinds = sorted(set(_subclasses(BigBrotherError)) | {BigBrotherError}, key=_order)
    service = [kind for kind in kinds if kind.__module__.startswith(_OVER_HTTP)]
    client = [kind for kind in kinds if issubclass(kind, ClientError)]
    elsewhere = [kind for kind in kinds if kind not in service and kind not in client]
    parts = [
        _INTRODUCTION,
        "## Answers of the service",
        table(
            ("status", *_COLUMNS),
            sorted({(str(_status(kind)), *_row(kind)) for kind in service}),
        ),
        "## Of the Python client and the command line",
        _CLIENT,
        table(_COLUMNS, map(_row, client)),
        "## Of the installation, the document and the model packs",
        table(_COLUMNS, map(_row, elsewhere)),
    ]
    return page("Errors", parts)


def _order(kind: type[BigBrotherError]) -> tuple[str, str]:
    return (kind.code, kind.__qualname__)


def _row(kind: type[BigBrotherError]) -> tuple[str, str, str, str]:
    meaning = sentence((kind.__doc__ or "").split("\n\n")[0])
    return (f"`{kind.code}`", kind.title, "yes" if kind.retryable else "no", meaning)


def _status(kind: type[BigBrotherError]) -> int:
    # The status depends on class and code alone; some constructors ask for more than a sentence.
    return status_of(kind.__new__(kind))


def _subclasses(kind: type[BigBrotherError]) -> Iterator[type[BigBrotherError]]:
    for module in pkgutil.walk_packages(bigbrother.__path__, "bigbrother."):
        if not module.name.endswith("__main__") and ".migrations.env" not in module.name:
            importlib.import_module(module.name)
    pending = [kind]
    while pending:
        for found in pending.pop().__subclasses__():
            if found.__module__.startswith("bigbrother."):
                pending.append(found)
                yield found
