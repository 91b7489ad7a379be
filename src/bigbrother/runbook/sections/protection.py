"""Section 6: who may do what, and what is written down of it."""

from typing import Literal

from bigbrother.runbook.rhythm import KeptFigure, RateFigure, RhythmFigure
from bigbrother.runbook.section import Count, Name, Section


class SshAccess(Section):
    """Section 6.1, people on the machine."""

    allowed_users: tuple[Name, ...]
    key_only: bool
    mfa: bool


class ApiAccess(Section):
    """Section 6.1, callers of the face analyzer."""

    auth: Literal["oauth2"]
    rate_limit: RateFigure
    ip_whitelist: bool


class DatabaseAccess(Section):
    """Section 6.1, connections to the database."""

    ssl: bool
    client_cert: bool
    connection_limit: Count


class ProductionAccess(Section):
    """Section 6.1, production."""

    ssh: SshAccess
    api: ApiAccess
    database: DatabaseAccess


class AccessManagement(Section):
    """Section 6.1."""

    production: ProductionAccess


class LogStream(Section):
    """Section 6.2, one stream of lines."""

    path: Name
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    rotation: RhythmFigure
    retention: KeptFigure


class Logging(Section):
    """Section 6.2."""

    system: LogStream
    security: LogStream
    audit: LogStream
