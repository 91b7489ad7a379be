"""What must be there before the units run: accounts, home, database folder, schema, credential.

Each step may be repeated. `bigbrother up` takes them one by one; systemd has them taken by the
units `bigbrother-home` and `bigbrother-schema`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from bigbrother.installation import accounts as account_names
from bigbrother.installation import home
from bigbrother.installation.accounts import Accounts
from bigbrother.installation.credential import ensure_admin_credential
from bigbrother.installation.errors import BringUpFailed
from bigbrother.kernel.clock import Clock
from bigbrother.ports.database_server import DatabaseServer
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings

Note = Callable[[str], None]
"""Takes a line that a person should know."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """One home with what prepares it, put together by `wiring`."""

    settings: Settings
    runbook: Runbook
    accounts: Accounts
    clock: Clock
    server: DatabaseServer | None
    """None where a PostgreSQL of the operator's own is used."""
    owner_dsn: str
    migrate: Callable[[str], None]
    register_model: Callable[[str], None]
    """Makes the gallery ready for the embeddings of the model pack in use."""

    @property
    def passable(self) -> bool:
        """Whether other accounts must get through home and runtime folder to what is theirs."""
        return self.accounts.database is not None

    def home(self, note: Note) -> None:
        """Accounts and folders. Raises AccountRefused, HomeRefused."""
        for account in self.accounts.missing:
            account_names.create(account)
            note(f"Made the system account '{account}'.")
        home.make(self.settings, passable=self.passable, face=self.accounts.face)

    def database_folder(self, note: Note) -> None:
        """The embedded server's programs and folder. Raises DatabaseServerRefused."""
        if self.server is None:
            return
        self.server.install()
        for said in self.server.initialise():
            note(said)

    def schema(self, note: Note) -> None:
        """Schema, model version and credential in a database that answers. Raises BringUpFailed."""
        with clear_database_errors(self.settings):
            self.migrate(self.owner_dsn)
            self.register_model(self.owner_dsn)
            made = ensure_admin_credential(
                self.owner_dsn,
                self.settings.admin_token_file,
                last_used_resolution=self.runbook.tokens.last_used_resolution.duration,
                clock=self.clock,
            )
        if made:
            note(f"Made the administrator's credential {self.settings.admin_token_file}.")


@contextmanager
def clear_database_errors(settings: Settings) -> Iterator[None]:
    """What the database said in one line, in place of the library's own exception."""
    try:
        yield
    except psycopg.Error as error:
        said = (str(error).strip().splitlines() or ["no reason given"])[-1].strip()
        full = isinstance(error, psycopg.errors.DiskFull) or "No space left" in said
        raise BringUpFailed(
            f"The database did not do its part: {said}",
            remedy=f"Make room on the disk of {settings.home}, then run `bigbrother up` again; "
            "nothing is lost."
            if full
            else "See `bigbrother logs bigbrother-db`.",
        ) from error
