"""Who listens on a port of this machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that listens; without a number where the system does not tell whose it is."""

    process_id: int | None = None
    name: str = ""

    def __str__(self) -> str:
        if self.process_id is None:
            return "another process"
        return f"process {self.process_id} ({self.name})"


def port_holder(port: int) -> Holder | None:
    """None when nobody listens there on TCP."""
    # Imported here: the watcher asks this only when something is wrong.
    import psutil  # noqa: PLC0415

    try:
        for line in psutil.net_connections(kind="tcp"):
            if line.status == psutil.CONN_LISTEN and line.laddr[1:2] == (port,):
                if line.pid is None:
                    return Holder()
                return Holder(line.pid, psutil.Process(line.pid).name())
    except (psutil.Error, OSError):
        return None
    return None
