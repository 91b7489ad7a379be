"""Causes that are known by what a log says of them, with what helps.

The first one that fits is taken, so the more telling ones stand first.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bigbrother.operations.checks.sentences import Sentence, sentence


@dataclass(frozen=True, slots=True)
class Known:
    """One cause, and the words by which it is known."""

    name: str
    title: Sentence
    remedy: Sentence | None
    words: re.Pattern[str]
    passing: bool = False
    """It goes by itself."""


def known(text: str, exception: str = "") -> Known | None:
    """The cause of which this speaks, if it is one that is known."""
    whole = f"{exception}: {text}"
    return next((cause for cause in CAUSES if cause.words.search(whole)), None)


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


def _causes() -> Iterable[Known]:
    yield Known(
        "starting",
        sentence("The database was still starting."),
        None,
        _words(
            "the database system is (starting up|not yet accepting connections)",
            "the database system is in recovery mode",
        ),
        passing=True,
    )
    yield Known(
        "stopping",
        sentence("The database was being stopped."),
        None,
        _words(
            "the database system is shutting down",
            "due to administrator command",
        ),
        passing=True,
    )
    yield Known(
        "port_taken",
        sentence("The address is taken by another process."),
        sentence(
            "See who holds it: ss -ltnp; end that process, or choose another port with "
            "BIGBROTHER_PORT."
        ),
        _words("address already in use", r"\[Errno 98\]", "EADDRINUSE"),
    )
    yield Known(
        "disk_full",
        sentence("The disk is full."),
        sentence("Make room: df -h shows which disk, du -xh --max-depth=2 / what fills it."),
        _words(
            "no space left on device",
            "disk quota exceeded",
            "database or disk is full",
            r"\[Errno (28|122)\]",
            "DiskFull",
            '"storage-full"',
        ),
    )
    yield Known(
        "corrupt_model",
        sentence("A model file is missing or damaged."),
        sentence(
            "See which: bigbrother models verify; then put the pack's file back, or choose "
            "another pack."
        ),
        _words(
            '"pack-(damaged|invalid|not-found)"',
            "PackDamaged",
            "PackInvalid",
            "InvalidProtobuf",
            r"ONNXRuntimeError.*(protobuf|load model|parse)",
        ),
    )
    yield Known(
        "data_damaged",
        sentence("Data of the database are damaged."),
        sentence(
            "Stop writing to it: bigbrother down; keep a copy of the data folder, then restore "
            "the newest backup."
        ),
        _words(
            "could not read block",
            "invalid page in block",
            "could not locate a valid checkpoint record",
            "page verification failed",
            "unexpected data beyond EOF",
            "could not open file .(base|global|pg_wal)/.*No such file",
            "(DataCorrupted|IndexCorrupted)",
        ),
    )
    yield Known(
        "lock_in_the_way",
        sentence("The lock file of another server is in the way."),
        sentence(
            "Look whether the process that it names is another PostgreSQL server on the same "
            "folder, and end that one; PostgreSQL clears a stale lock file away itself."
        ),
        _words("lock file .* already exists", "is another postmaster"),
    )
    yield Known(
        "out_of_memory",
        sentence("Memory ran out."),
        sentence("See who takes it: bigbrother check memory_usage; end it, or add memory."),
        _words(
            r"\bMemoryError\b",
            "out of memory",
            "cannot allocate memory",
            "bad_alloc",
            r"\[Errno 12\]",
            r"\boom-kill",
            "oom_reaper",
        ),
    )
    yield Known(
        "descriptors_exhausted",
        sentence("No file or connection more can be opened."),
        sentence("Raise the limit of open files of the service's account (ulimit -n)."),
        _words("too many open files", r"\[Errno (23|24)\]"),
    )
    yield Known(
        "connections_exhausted",
        sentence("The database takes no more connections."),
        sentence("See who holds them: SELECT * FROM pg_stat_activity; end what is idle."),
        _words(
            "remaining connection slots are reserved",
            "too many clients already",
            "too many connections",
        ),
    )
    yield Known(
        "certificate",
        sentence("A certificate is not taken: it has expired, or is not trusted."),
        sentence(
            "Renew it, or set the right authority: openssl x509 -noout -dates shows its time."
        ),
        _words(
            "certificate has expired",
            "certificate verify failed",
            "CERTIFICATE_VERIFY_FAILED",
            "certificate is not yet valid",
        ),
    )
    yield Known(
        "permission",
        sentence("A file or socket may not be used by the unit's account."),
        sentence("Look at owner and mode of the file it names, then run: bigbrother up --detach."),
        _words(
            "permission denied",
            "operation not permitted",
            r"\[Errno (1|13)\]",
            "PermissionError",
            "InsufficientPrivilege",
            "Peer authentication failed",
            "password authentication failed",
        ),
    )
    yield Known(
        "installation_damaged",
        sentence("A program or library of the installation is missing or damaged."),
        sentence("Install the product again; the home with its data stays as it is."),
        _words(
            r"\b(ModuleNotFoundError|ImportError)\b",
            "error while loading shared libraries",
            "can't find command",
            "spawn error",
        ),
    )
    yield Known(
        "killed_by_signal",
        sentence("A process was killed by a signal."),
        sentence(
            "See who sent it: journalctl -k shows whether memory ran out; a person's kill leaves "
            "no trace."
        ),
        _words(
            r"terminated by SIG[A-Z0-9]+",
            r"terminated by signal \d+",
            r"code=(killed|dumped)",
            "unexpected postmaster exit",
            "segmentation fault",
            r"\bcore dumped\b",
        ),
    )
    yield Known(
        "database_away",
        sentence("The database does not answer."),
        sentence("Bring it back: bigbrother run service_recovery.bigbrother-db."),
        _words(
            "connection to server .* failed",
            "server closed the connection",
            "terminating connection because of crash of another server process",
            "consuming input failed",
            "the connection is (lost|closed)",
            "error connecting in",
            "connection timeout expired",
            "couldn't get a connection after",
            '"database-(unavailable|unreachable|server-not-ready)"',
            "PoolTimeout",
        ),
    )


CAUSES: tuple[Known, ...] = tuple(_causes())
