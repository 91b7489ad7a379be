"""A PostgreSQL server that the product runs itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bigbrother.kernel.errors import BigBrotherError, Unavailable


class DatabaseServerRefused(BigBrotherError):
    """The server cannot be installed or initialised as things stand; nothing was lost."""

    code = "database-server-refused"
    title = "The database server cannot be set up"


class DatabaseServerNotReady(Unavailable):
    """The server does not answer within its time."""

    code = "database-server-not-ready"
    title = "The database server does not answer"


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """How the service manager runs the server in the foreground."""

    arguments: Sequence[str]
    user: str | None
    """Name of the account it must run as; None keeps the caller's."""
    folder: Path


class DatabaseServer(Protocol):
    """Install, initialise, run and prepare one server; every step may be repeated."""

    @property
    def owner_dsn(self) -> str:
        """Connection string of the role that owns the schema."""
        ...

    @property
    def face_dsn(self) -> str:
        """Connection string of the role with which the face unit works."""
        ...

    def install(self) -> None:
        """Puts the server's programs where its account can reach them."""
        ...

    def initialise(self) -> tuple[str, ...]:
        """Makes the data directory if there is none, and writes the configuration.

        Returns what a person should know, a sentence each. An interrupted first initialisation
        is begun anew; a data directory of another kind is refused, never touched.
        """
        ...

    def process(self) -> ServerProcess:
        """The process to run."""
        ...

    def wait_until_ready(self, within_seconds: float) -> None:
        """Returns once the server answers; raises DatabaseServerNotReady after the time given."""
        ...

    def prepare(self) -> None:
        """Creates roles, database and the vector extension where they are missing."""
        ...
