"""GET /v1/models: the model packs."""

from fastapi import APIRouter

from bigbrother.face.api.access import ModelsAccess
from bigbrother.face.api.documentation import refusals
from bigbrother.face.api.schemas.service import PackBody, Packs
from bigbrother.face.api.services import Services

router = APIRouter(tags=["models"])


@router.get(
    "/v1/models",
    summary="List model packs",
    response_model=Packs,
    responses=refusals(401, 403, 503),
)
async def list_models(services: Services, _caller: ModelsAccess) -> Packs:
    """Every usable model pack, as found at the start; `active` marks the one that analyses."""
    active = services.manifest
    return Packs(items=[PackBody.of(each, active=each is active) for each in services.manifests])
