"""Bodies about the service itself: models, tokens, health."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from bigbrother.face.api.schemas.parts import AnswerBody, GivenSpan, RequestBody, ShortText
from bigbrother.models.manifest import Manifest
from bigbrother.security.roles import Role
from bigbrother.security.tokens import Token


class PackBody(AnswerBody):
    """A model pack."""

    name: str
    version: str
    task: str
    dimension: int
    licence: str
    source: str
    active: bool = Field(description="Whether this unit analyses with it.")

    @classmethod
    def of(cls, manifest: Manifest, *, active: bool) -> "PackBody":
        """The body of a manifest."""
        return cls(
            name=manifest.name,
            version=manifest.version,
            task=manifest.task,
            dimension=manifest.dimension,
            licence=manifest.licence,
            source=manifest.source,
            active=active,
        )


class Packs(AnswerBody):
    """Every model pack that can be used."""

    items: list[PackBody]


class TokenRequest(RequestBody):
    """A new token."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "front door", "role": "reader", "expires_in": "30 days"}]
        }
    )

    name: ShortText = Field(min_length=1)
    role: Role
    expires_in: GivenSpan | None = Field(default=None, description="Null never expires.")


class TokenBody(AnswerBody):
    """A token, without its secret."""

    id: UUID
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, token: Token) -> "TokenBody":
        """The body of a record."""
        return cls(
            id=token.id,
            name=token.name,
            role=token.role,
            created_at=token.created_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
            last_used_at=token.last_used_at,
        )


class NewTokenBody(TokenBody):
    """A token just made."""

    token: str = Field(description="Shown this once.")


class CheckBody(AnswerBody):
    """What one check found."""

    model_config = ConfigDict(extra="allow", frozen=True)

    status: Literal["passed", "failed"]
    detail: str = ""


class WatcherBody(AnswerBody):
    """Whoever watches this service."""

    seen_at: datetime | None = Field(description="Its last sign of life; null before the first.")
    silent_seconds: float | None = Field(description="Since then.")


class HealthBody(AnswerBody):
    """Whether the service does its work, found by doing it."""

    status: Literal["healthy", "unhealthy"]
    checks: dict[str, CheckBody]
    version: str
    uptime_seconds: float
    watcher: WatcherBody = Field(
        description="Told for people; a silent watcher does not make the service unhealthy."
    )


class ReadyBody(AnswerBody):
    """Whether the service takes requests now."""

    status: Literal["ready", "not-ready"]
    checks: dict[str, CheckBody]


class AliveBody(AnswerBody):
    """The process answers."""

    status: Literal["alive"]


class EngineRenewedBody(AnswerBody):
    """What opening the networks anew took and gave back."""

    seconds: float = Field(description="How long it took; requests were answered meanwhile.")
    memory_bytes_before: int = Field(description="Memory of the process before.")
    memory_bytes_after: int = Field(description="Memory of the process afterwards.")
