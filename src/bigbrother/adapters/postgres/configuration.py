"""The embedded server's configuration files.

No TCP at all: a private Unix socket with peer authentication, so that there is no password to
leak. Statements and parameters stay out of the log since they carry names and embeddings.
"""

from collections.abc import Sequence
from pathlib import Path

SUPERUSER = "postgres"
OWNER = "bigbrother"
FACE = "bigbrother_face"
DATABASE = "bigbrother"
_MAP = "units"


def postgresql_conf(socket_folder: Path) -> str:
    """The whole of postgresql.conf, written anew at each start."""
    return "\n".join(
        (
            "# Written by bigbrother at each start; changes made here are lost.",
            "listen_addresses = ''",
            f"unix_socket_directories = '{_quoted(socket_folder)}'",
            # Who may pass is decided by the folder's mode and by peer authentication.
            "unix_socket_permissions = 0777",
            "max_connections = 60",
            "shared_buffers = 256MB",
            "maintenance_work_mem = 256MB",
            "effective_cache_size = 1GB",
            "wal_level = replica",
            "summarize_wal = on",
            "max_wal_size = 2GB",
            "wal_compression = pglz",
            # The index of embeddings is read at random and kept in memory.
            "random_page_cost = 1.1",
            "timezone = 'UTC'",
            "log_timezone = 'UTC'",
            "log_destination = 'stderr'",
            "logging_collector = off",
            "log_min_error_statement = panic",
            "log_parameter_max_length = 0",
            "log_parameter_max_length_on_error = 0",
            "log_line_prefix = '%m [%p] %q%u@%d '",
            "idle_in_transaction_session_timeout = '60s'",
            "",
        )
    )


def pg_hba_conf() -> str:
    """Who may connect: local accounts that pg_ident.conf names, nobody else."""
    return f"local all all peer map={_MAP}\n"


def pg_ident_conf(administrators: Sequence[str], workers: Sequence[str]) -> str:
    """Which account of the machine may act as which role of the database.

    `administrators` may act as every role, `workers` as the face unit's role alone.
    """
    rows = [(account, role) for account in administrators for role in (SUPERUSER, OWNER, FACE)] + [
        (account, FACE) for account in workers if account not in administrators
    ]
    return "".join(f'{_MAP} "{account}" {role}\n' for account, role in rows)


def dsn(socket_folder: Path, role: str, database: str = DATABASE) -> str:
    """A connection string over the private socket."""
    return f"host='{_quoted(socket_folder)}' dbname={database} user={role} connect_timeout=5"


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("'", "\\'")
