"""One thing to ask of the face analyzer, before anything is sent."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

Progress = Callable[[int, int | None], None]
"""Told after each piece: bytes sent of this try, and bytes in all (None: not known before)."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries: `content`, or instead what `pieces` reads from the beginning."""

    content: bytes = b""
    pieces: Callable[[], Iterator[bytes]] | None = None
    length_bytes: int | None = None
    """Of the pieces together; None: known only at their end."""
    rereadable: bool = True
    """Whether another try finds the same pieces again."""
    headers: Mapping[str, str] = field(default_factory=dict)
    progress: Progress | None = None

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers that describe the body."""
        if self.length_bytes is None:
            return dict(self.headers)
        return {**self.headers, "Content-Length": str(self.length_bytes)}

    def tell(self, sent_bytes: int) -> None:
        """Tells whoever wants to know how far this try has come."""
        if self.progress is not None:
            self.progress(sent_bytes, self.length_bytes)


@dataclass(frozen=True, slots=True)
class Request:
    """One thing to ask. `repeatable`: asking twice does no more than asking once."""

    method: str
    path: str
    repeatable: bool
    params: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | Callable[[], Body] = field(default_factory=Body)
    """A function where files are read or pictures encoded: that may take a while."""
    answer_within_seconds: float | None = None
    """Longest silence before the answer and within it; None: as long as for any request."""


def json_body(value: Any) -> Body:  # noqa: ANN401 - whatever JSON can say
    """The value as a JSON body."""
    return Body(json_bytes(value), headers={"Content-Type": "application/json"})


def json_bytes(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON can say
    """The value as JSON, in UTF-8."""
    return json.dumps(value).encode()


def path_of(*parts: str) -> str:
    """A path under /v1 from names that may hold any character."""
    return "/v1/" + "/".join(_segment(part) for part in parts)


def creation_headers(idempotency_key: str | None) -> dict[str, str]:
    """The header that makes a repeated creation the same creation."""
    return {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}


def purpose_headers(purpose: str) -> dict[str, str]:
    """The header that says what somebody's face is used for; none for an empty purpose."""
    return {"X-Purpose": quote(purpose, safe="", errors="replace")} if purpose else {}


def _segment(part: str) -> str:
    # '.' and '..' are steps through a path for every URL library; encoded they are plain names,
    # and a subject called '..' must never make a request for the whole collection.
    return part.replace(".", "%2E") if part in (".", "..") else quote(part, safe="")
