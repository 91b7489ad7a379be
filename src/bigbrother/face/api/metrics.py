"""GET /metrics: figures for Prometheus."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from bigbrother.face.api.access import authenticate
from bigbrother.face.api.database import Connection
from bigbrother.face.api.documentation import refusals
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.face.api.single_flight import SingleFlight
from bigbrother.face.batch import statistics as batch_statistics
from bigbrother.face.batch.statistics import BatchNumbers
from bigbrother.face.gallery import statistics
from bigbrother.face.gallery.records import GalleryCounts
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.security.roles import may
from bigbrother.security.token_errors import Forbidden

router = APIRouter(tags=["operation"])


@dataclass(frozen=True, slots=True)
class StoredNumbers:
    """What only the database knows."""

    gallery: GalleryCounts
    batches: BatchNumbers


NumbersFlight = SingleFlight[StoredNumbers | None]


def numbers_flight(services: FaceServices) -> NumbersFlight:
    """The database's numbers, asked for no more often than the runbook says."""

    def read(conn: Connection) -> StoredNumbers:
        figures = services.runbook.batch
        return StoredNumbers(
            gallery=statistics.counts(conn),
            batches=batch_statistics.numbers(conn, figures=figures, now=services.clock.now()),
        )

    async def counts() -> StoredNumbers | None:
        try:
            return await services.database.run(read)
        except BigBrotherError:
            return None

    return SingleFlight(
        services.clock, lambda: services.runbook.health.gallery_counts_every.duration, counts
    )


async def _access(request: Request, services: Services) -> None:
    if not services.public:
        return
    token = await authenticate(request, services)
    if not may(token.role, "metrics:read"):
        raise Forbidden(
            f"The role '{token.role}' does not hold the permission 'metrics:read'.",
            remedy="Use a token whose role holds it.",
        )


_TEXT: dict[str, Any] = {"text/plain": {"schema": {"type": "string"}}}


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"description": "The Prometheus text format.", "content": _TEXT},
        **refusals(401, 403, 503),
    },
)
async def metrics(
    request: Request, services: Services, _access: Annotated[None, Depends(_access)]
) -> Response:
    """Needs a token only where other machines can reach the service."""
    flight: NumbersFlight = request.app.state.numbers_flight
    stored = await flight.result()
    services.metrics.gallery(None if stored is None else stored.gallery)
    services.metrics.batches(None if stored is None else stored.batches)
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)
