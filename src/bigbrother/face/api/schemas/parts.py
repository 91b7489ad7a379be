"""Parts that several bodies share."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bigbrother.face.engine import types as engine
from bigbrother.kernel.errors import InvalidInput
from bigbrother.kernel.quantity import parse_quantity
from bigbrother.models.manifest import Manifest

_RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")
_SPAN_UNITS = (("days", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 0.001))


class RequestBody(BaseModel):
    """A body that a client sends: nothing unknown, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AnswerBody(BaseModel):
    """A body that the service sends."""

    model_config = ConfigDict(frozen=True)


def _read_time(value: object) -> datetime:
    if not isinstance(value, str) or _RFC_3339.fullmatch(value) is None:
        raise ValueError("A time is written like 2030-01-31T12:00:00Z, with a time zone.")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("There is no such time.") from error


def _read_span(value: object) -> timedelta:
    if not isinstance(value, str):
        raise ValueError("A time span is a text such as '30 days'.")  # noqa: TRY004 - pydantic's
    try:
        span = parse_quantity(value, "duration").duration
    except (InvalidInput, OverflowError) as error:
        raise ValueError(str(error)) from error
    if span <= timedelta(0):
        raise ValueError("A time span is longer than nothing.")
    return span


GivenTime = Annotated[
    datetime,
    BeforeValidator(_read_time, json_schema_input_type=str),
    Field(json_schema_extra={"format": "date-time", "examples": ["2030-01-31T12:00:00Z"]}),
]
GivenSpan = Annotated[
    timedelta,
    BeforeValidator(_read_span, json_schema_input_type=str),
    Field(
        json_schema_extra={
            "type": "string",
            "format": "bigbrother-span",
            "pattern": "^[1-9][0-9]{0,3} ?(s|min|h|d|days|weeks)$",
            "examples": ["30 days"],
        }
    ),
]
ShortText = Annotated[str, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=1000)]
Base64 = Annotated[
    str,
    Field(
        description="The bytes of a JPEG, PNG, WebP or BMP file in base64 (RFC 4648, section 4).",
        json_schema_extra={"contentEncoding": "base64"},
    ),
]

WHITE_PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAGUlEQVR4nGP8//8/AymAiSTVoxpGNQwpDQBVbQMdPVIh"
    "QwAAAABJRU5ErkJggg=="
)
"""A white picture of 16 x 16 pixels, so that examples work as they stand."""


def span_text(span: timedelta) -> str:
    """A time span as a person writes it, in the largest unit that divides it: `30 days`."""
    seconds = span.total_seconds()
    unit, factor = next((u for u in _SPAN_UNITS if (seconds / u[1]).is_integer()), _SPAN_UNITS[-1])
    return f"{seconds / factor:.0f} {unit}"


class BoxBody(AnswerBody):
    """A rectangle in pixels of the upright image; may reach over its edge."""

    x: float
    y: float
    width: float
    height: float

    @classmethod
    def of(cls, box: engine.Box) -> "BoxBody":
        """The body of a record."""
        return cls(x=box.x, y=box.y, width=box.width, height=box.height)


class QualityBody(AnswerBody):
    """How usable a face is for recognition; every score in [0, 1], 1 is best."""

    size: float
    sharpness: float
    pose: float
    brightness: float
    overall: float
    reasons: list[str] = Field(
        description="Why a score is low: too-small, blurred, turned-away, too-dark, too-bright."
    )

    @classmethod
    def of(cls, quality: engine.Quality) -> "QualityBody":
        """The body of a record."""
        return cls(
            size=quality.size,
            sharpness=quality.sharpness,
            pose=quality.pose,
            brightness=quality.brightness,
            overall=quality.overall,
            reasons=list(quality.reasons),
        )


class ModelBody(AnswerBody):
    """The model that computed an answer."""

    name: str
    version: str

    @classmethod
    def of(cls, manifest: Manifest) -> "ModelBody":
        """The body of a manifest."""
        return cls(name=manifest.name, version=manifest.version)


class Problem(AnswerBody):
    """Why a request was refused. Source: RFC 9457."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(
        pattern=r"^urn:bigbrother:problem:[a-z0-9-]+$",
        description="Stable; programs match on it.",
        examples=["urn:bigbrother:problem:no-face"],
    )
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What happened to this request.")
    remedy: str = Field(description="What to do about it.")
    request_id: str = Field(description="Under which the service's log tells more.")
    errors: list[dict[str, str]] | None = Field(
        default=None, description="With invalid-request: each place and what is wrong there."
    )
    reasons: list[str] | None = Field(
        default=None, description="With quality-too-low: too-small, blurred, and so on."
    )
    quality: dict[str, Any] | None = Field(
        default=None, description="With quality-too-low: the face's scores."
    )
    required: dict[str, float] | None = Field(
        default=None, description="With quality-too-low: the scores that it must reach."
    )
