"""A face analyzer that answers what a test lays down."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bigbrother.ports.face_service import Answer, FaceServiceUnreachable, PictureRefused


def unreachable() -> FaceServiceUnreachable:
    """Nobody listens."""
    return FaceServiceUnreachable("Connection refused.", remedy="Start it.")


@dataclass
class FakeFaceService:
    """Implements `ports.face_service.FaceService`; a path without an answer is not found."""

    answers: dict[str, Answer] = field(default_factory=dict)
    embeddings: Mapping[bytes, tuple[float, ...]] = field(default_factory=dict)
    """By the picture's bytes; any other picture has no face."""
    down: bool = False
    asked: list[str] = field(default_factory=list)

    @classmethod
    def healthy(cls, page: bytes = b"") -> "FakeFaceService":
        """Ready, with this page of metrics."""
        well = Answer(200, 0.01, b"{}")
        paths = ("/livez", "/readyz", "/health")
        return cls({**dict.fromkeys(paths, well), "/metrics": Answer(200, 0.01, page)})

    def get(
        self,
        path: str,
        within_seconds: float,  # noqa: ARG002 - as the port has it
        largest_bytes: int,  # noqa: ARG002
    ) -> Answer:
        self._come(path)
        return self.answers.get(path, Answer(404, 0.01, b""))

    def embed(
        self,
        picture: bytes,
        within_seconds: float,  # noqa: ARG002 - as the port has it
    ) -> tuple[float, ...]:
        self._come("embed")
        if picture not in self.embeddings:
            raise PictureRefused("There is no face in the picture.")
        return self.embeddings[picture]

    def post(
        self,
        path: str,
        within_seconds: float,  # noqa: ARG002 - as the port has it
        largest_bytes: int,  # noqa: ARG002
    ) -> Answer:
        self._come(f"POST {path}")
        return self.answers.get(f"POST {path}", Answer(404, 0.01, b""))

    def _come(self, asked: str) -> None:
        self.asked.append(asked)
        if self.down:
            raise unreachable()
