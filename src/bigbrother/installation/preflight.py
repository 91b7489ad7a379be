"""Everything that is looked at before anything is changed."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

from bigbrother.installation import home, machine, runtime
from bigbrother.installation.accounts import Accounts, can_create, create_command
from bigbrother.installation.errors import PreflightFailed
from bigbrother.installation.findings import Finding, failed, passed
from bigbrother.installation.port import port
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.models.store import PackStore
from bigbrother.runbook.model import Runbook
from bigbrother.settings import Settings

# PostgreSQL holds paths in 1024 bytes (MAXPGPATH in its pg_config_manual.h); its own folders
# below the home need the rest.
_LONGEST_HOME_BYTES = 850
_NO_PROGRAMS = getattr(os, "ST_NOEXEC", 0)  # Linux only


def preflight(
    settings: Settings, runbook: Runbook, accounts: Accounts, *, serving: bool
) -> tuple[Finding, ...]:
    """Every check, in the order in which a person would mend things.

    `serving` says that this installation runs already, so that its port is rightly taken.
    """
    checks: list[Callable[[], Finding]] = [
        lambda: home_path(settings.home),
        lambda: _home(settings),
        lambda: _runtime(settings),
        lambda: machine.free_disk(settings.home, runbook.requirements.free_disk.value),
        lambda: _model_pack(settings),
        lambda: unprivileged_accounts(accounts),
    ]
    if not settings.dsn:
        checks.insert(
            0, lambda: machine.processor(machine.architecture(), machine.processor_flags())
        )
        checks.append(lambda: reachable(settings.home, accounts))
    if not serving:
        checks.append(lambda: port(settings))
    return tuple(check() for check in checks)


def refuse_unmet(findings: tuple[Finding, ...]) -> None:
    """Raises PreflightFailed, one line for each thing that is missing."""
    unmet = [str(finding) for finding in findings if not finding.passed]
    if unmet:
        raise PreflightFailed("\n".join(unmet))


def home_path(path: Path) -> Finding:
    """Whether the home's path can be given to PostgreSQL and shown in a terminal."""
    name = "home path"
    length = len(os.fsencode(path))
    if length > _LONGEST_HOME_BYTES:
        return failed(
            name,
            f"The home's path has {length} bytes; {_LONGEST_HOME_BYTES} at most can be used.",
            "Set BIGBROTHER_HOME to a shorter path.",
        )
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in str(path)):
        return failed(
            name,
            "The home's path has control characters or bytes that are not UTF-8.",
            "Set BIGBROTHER_HOME to another path.",
        )
    return passed(name, str(path))


def _home(settings: Settings) -> Finding:
    name = "home"
    try:
        state = home.state_of(settings)
    except BigBrotherError as error:
        return failed(name, error.detail, error.remedy)
    there = machine.existing_part(settings.home)
    if not there.is_dir():
        return failed(name, f"{there} is not a folder.", "Set BIGBROTHER_HOME to another place.")
    if not os.access(there, os.W_OK | os.X_OK):
        return failed(
            name,
            f"This user may not write to {there}.",
            "Grant write permission there, or set BIGBROTHER_HOME to a folder of yours.",
        )
    if not settings.dsn and os.statvfs(there).f_flag & _NO_PROGRAMS:
        return failed(
            name,
            f"The disk of {there} is mounted so that no program on it may run (noexec), and the "
            "home holds the database's programs.",
            "Set BIGBROTHER_HOME to a folder on another disk.",
        )
    return passed(
        name,
        {
            home.HomeState.ABSENT: "A new home will be made.",
            home.HomeState.UNFINISHED: "An earlier first start was interrupted; it is finished "
            "now.",
            home.HomeState.COMPLETE: "The home is complete.",
        }[state],
    )


def _runtime(settings: Settings) -> Finding:
    name = "runtime folder"
    try:
        runtime.refuse_unsafe(settings.runtime)
    except BigBrotherError as error:
        return failed(name, error.detail, error.remedy)
    there = machine.existing_part(settings.runtime)
    if not os.access(there, os.W_OK | os.X_OK):
        return failed(
            name,
            f"This user may not write to {there}.",
            "Set BIGBROTHER_RUNTIME to a short folder of yours, such as /tmp/bb.",
        )
    return passed(name, str(settings.runtime))


def _model_pack(settings: Settings) -> Finding:
    name = "model pack"
    try:
        manifest = PackStore(settings.models).verify(settings.pack)
    except BigBrotherError as error:
        return failed(name, error.detail, error.remedy)
    return passed(name, f"{manifest.name} {manifest.version} is whole.")


def unprivileged_accounts(accounts: Accounts) -> Finding:
    """PostgreSQL refuses to run as root, so root needs accounts to run the units as."""
    name = "accounts"
    if not accounts.names:
        return passed(name, "The units run as this user.")
    if not accounts.missing:
        return passed(name, f"The units run as {' and '.join(accounts.names)}.")
    if can_create():
        return passed(name, f"Will be made: {' and '.join(accounts.missing)}.")
    commands = "; ".join(" ".join(create_command(each)) for each in accounts.missing)
    return failed(
        name,
        f"Running as root needs the accounts {' and '.join(accounts.missing)}, and this system "
        "has no useradd.",
        f"Run `make up` as a normal user, or make them: {commands}",
    )


def reachable(path: Path, accounts: Accounts) -> Finding:
    """Whether the database's account can come as far as the home."""
    name = "way to the home"
    if accounts.database is None:
        return passed(name, "The database runs as this user.")
    closed = [
        parent for parent in path.parents if parent.exists() and not parent.stat().st_mode & 0o001
    ]
    if closed:
        return failed(
            name,
            f"The home {path} lies under {closed[-1]}, which the account '{accounts.database}' "
            "may not enter.",
            f"Set BIGBROTHER_HOME to an open place such as /var/lib/bigbrother, or run "
            f"chmod o+x '{closed[-1]}'.",
        )
    return passed(name, f"'{accounts.database}' can reach {path}.")
