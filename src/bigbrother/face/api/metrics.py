"""GET /metrics: figures for Prometheus."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from bigbrother.face.api.access import authenticate
from bigbrother.face.api.documentation import refusals
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.face.api.single_flight import SingleFlight
from bigbrother.face.gallery import statistics
from bigbrother.face.gallery.records import GalleryCounts
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.security.roles import may
from bigbrother.security.token_errors import Forbidden

router = APIRouter(tags=["operation"])

GalleryFlight = SingleFlight[GalleryCounts | None]


def gallery_flight(services: FaceServices) -> GalleryFlight:
    """The gallery's counts, asked for no more often than the runbook says."""

    async def counts() -> GalleryCounts | None:
        try:
            return await services.database.run(statistics.counts)
        except BigBrotherError:
            return None

    return SingleFlight(
        services.clock, services.runbook.health.gallery_counts_every.duration, counts
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
    flight: GalleryFlight = request.app.state.gallery_flight
    services.metrics.gallery(await flight.result())
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)
