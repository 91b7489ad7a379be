"""GET /v1/models: the model packs."""

from fastapi import APIRouter

from bigbrother.face.api.access import ModelsAccess
from bigbrother.face.api.documentation import refusals
from bigbrother.face.api.schemas.service import PackBody, Packs
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.kernel.errors import BigBrotherError

router = APIRouter(tags=["models"])


@router.get(
    "/v1/models",
    summary="List model packs",
    response_model=Packs,
    responses=refusals(401, 403, 503),
)
async def list_models(services: Services, _caller: ModelsAccess) -> Packs:
    """Every usable model pack; `active` marks the one that analyses."""
    return await services.gate.in_thread(lambda: _packs(services))


def _packs(services: FaceServices) -> Packs:
    active = services.manifest
    found = {(active.name, active.version): PackBody.of(active, active=True)}
    for name in services.packs.names():
        try:
            manifest = services.packs.manifest(name)
        except BigBrotherError:
            # `bigbrother models verify` says what is wrong with it; here it cannot be used.
            continue
        found.setdefault((manifest.name, manifest.version), PackBody.of(manifest, active=False))
    return Packs(items=[found[key] for key in sorted(found)])
