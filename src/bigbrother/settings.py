"""Where things are: the home, the runtime folder, addresses. What must be done is the runbook's."""

import hashlib
import ipaddress
import json
import os
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bigbrother.kernel.errors import BigBrotherError

_LONGEST_SOCKET_PATH_BYTES = 107
_RUNNING = "running.json"
_REMEMBERED = {"host", "port", "ops_port", "service_manager"}


class InvalidSettings(BigBrotherError):
    """A setting cannot be used as it is."""

    code = "invalid-settings"
    title = "A setting is not valid"


class Settings(BaseModel):
    """Places and addresses of one installation.

    Order of precedence: environment variable `BIGBROTHER_<FIELD>`, then what the installation that
    runs now was started with, then `etc/bigbrother.toml` of the home, then the default here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path
    runtime: Path
    """A short private folder for sockets and process ids."""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    ops_port: int = Field(default=0, ge=0, le=65535)
    """The watcher's, on the same address; 0 means ten above `port`: 8090."""
    dsn: str = ""
    """PostgreSQL connection string of a production server; empty means the embedded one."""
    pack: str = "sface"
    """Name of the model pack in use."""
    engine_threads: int = Field(default=0, ge=0, le=256)
    """Inference threads; 0 means one a core."""

    service_manager: Literal["supervisor", "systemd"] = "supervisor"
    """Who keeps the units running: supervisord of this home's own, or the machine's systemd."""
    batch_folders: tuple[Path, ...] = ()
    """Folders of this machine whose images a batch may name; none unless the operator says so."""

    @property
    def etc(self) -> Path:
        return self.home / "etc"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def spool(self) -> Path:
        """Where the uploads of batches lie while they arrive; belongs to the face unit."""
        return self.data / "spool"

    @property
    def ledger(self) -> Path:
        """The ledger of erasures and the audit's anchors: outside the database, since they outlive
        its restores. Belongs to the face unit."""
        return self.data / "ledger"

    @property
    def ops(self) -> Path:
        """The watcher's own folder: its file, its reports."""
        return self.data / "ops"

    @property
    def ops_store(self) -> Path:
        return self.ops / "ops.db"

    @property
    def tuned_runbook(self) -> Path:
        """The figures that solutions tuned, laid over the operator's overlay."""
        return self.ops / "tuned.yaml"

    @property
    def run_locks(self) -> Path:
        """A lock for each run that somebody drives."""
        return self.ops / "runs"

    @property
    def reports(self) -> Path:
        """The daily reports."""
        return self.ops / "reports"

    @property
    def watcher_sign(self) -> Path:
        """The watcher's sign of life; everybody may read it."""
        return self.runtime / "watcher"

    @property
    def ops_token_file(self) -> Path:
        """The credential of whoever sends alerts in; mode 0600."""
        return self.etc / "ops.token"

    @property
    def secrets(self) -> Path:
        """The channels' passwords and tokens, a file each; mode 0600."""
        return self.etc / "secrets"

    @property
    def watcher_port(self) -> int:
        """Where the watcher listens."""
        return self.ops_port or (self.port + 10 if self.port + 10 < 65536 else self.port - 10)

    @property
    def ops_url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.watcher_port}"

    @property
    def runbook_overlay(self) -> Path:
        return self.etc / "runbook.yaml"

    @property
    def published_runbook(self) -> Path:
        """The overlay that the watcher accepted, for units that may not read `etc`."""
        return self.runtime / "runbook.yaml"

    @property
    def admin_token_file(self) -> Path:
        """The credential that the command line reads; mode 0600."""
        return self.etc / "admin.token"

    @property
    def master_key_file(self) -> Path:
        """The key that wraps the subjects' keys; mode 0600."""
        return self.etc / "master.key"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the face analyzer."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def face_url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of the home that the environment points to.

    Raises InvalidSettings, naming the file or variable, for a value of the wrong kind.
    """
    home = default_home(environment)
    values: dict[str, object] = {}
    file = home / "etc" / "bigbrother.toml"
    try:
        if file.exists():
            values = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSettings(
            f"{file} cannot be read: {error}.", remedy="Mend or remove it."
        ) from error
    runtime = runtime_folder(home, environment)
    values |= running_address(runtime)
    for field in Settings.model_fields:
        variable = f"BIGBROTHER_{field.upper()}"
        if environment.get(variable) and field not in ("home", "runtime"):
            given = environment[variable]
            values[field] = given.split(os.pathsep) if field == "batch_folders" else given
    values["home"] = home
    values["runtime"] = runtime
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise InvalidSettings(
            f"Setting '{name}' is not valid: {first['msg']}.",
            remedy=f"Look at BIGBROTHER_{name.upper()} in the environment and '{name}' in {file}.",
        ) from error


def remember_running(settings: Settings) -> None:
    """Notes where the installation listens, so that a command in another shell finds it."""
    file = settings.runtime / _RUNNING
    draft = file.with_suffix(".new")
    draft.write_text(settings.model_dump_json(include=_REMEMBERED), "utf-8")
    draft.replace(file)


def forget_running(settings: Settings) -> None:
    """The installation was stopped: the next start begins from the settings alone."""
    (settings.runtime / _RUNNING).unlink(missing_ok=True)


def running_address(runtime: Path) -> dict[str, object]:
    """Host and port with which the installation of this runtime folder was started, if it was."""
    file = runtime / _RUNNING
    try:
        # The folder may lie where everybody writes: another user's note is not to be followed.
        if file.lstat().st_uid != os.geteuid():
            return {}
        noted = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: noted[key] for key in _REMEMBERED if isinstance(noted, dict) and key in noted}


def default_home(environment: Mapping[str, str]) -> Path:
    """BIGBROTHER_HOME, or /var/lib/bigbrother for root, or the user's XDG data folder."""
    if environment.get("BIGBROTHER_HOME"):
        return Path(environment["BIGBROTHER_HOME"]).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/lib/bigbrother")
    data = environment.get("XDG_DATA_HOME")
    base = Path(data) if data else Path(environment.get("HOME", "~")).expanduser() / ".local/share"
    return base / "bigbrother"


def runtime_folder(home: Path, environment: Mapping[str, str]) -> Path:
    """A short folder of this home's own: a socket's path may not be longer than 107 bytes."""
    if environment.get("BIGBROTHER_RUNTIME"):
        chosen = Path(environment["BIGBROTHER_RUNTIME"]).resolve()
    else:
        mark = hashlib.sha256(str(home).encode()).hexdigest()[:8]
        if os.geteuid() == 0:
            chosen = Path("/run") / f"bigbrother-{mark}"
        else:
            base = Path(environment.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
            chosen = base / f"bigbrother-{os.geteuid()}-{mark}"
    if len(os.fsencode(chosen / "db" / ".s.PGSQL.5432.lock")) > _LONGEST_SOCKET_PATH_BYTES:
        raise InvalidSettings(
            f"The runtime folder {chosen} is too deep for a socket.",
            remedy="Set BIGBROTHER_RUNTIME to a short path such as /tmp/bb.",
        )
    return chosen
