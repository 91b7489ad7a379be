"""GET /v1/collections/{collection}/subjects/{external_id}/export: all that is held on somebody."""

import tempfile
from collections.abc import Iterator
from typing import IO, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from bigbrother.face.api.access import ExportAccess
from bigbrother.face.api.database import Connection
from bigbrother.face.api.documentation import refusals
from bigbrother.face.api.errors import ExportNotWritten
from bigbrother.face.api.purpose import Purpose
from bigbrother.face.api.recording import Recorder, recorder
from bigbrother.face.api.services import FaceServices, Services
from bigbrother.face.batch.export import about
from bigbrother.face.gallery import collections, export, subjects
from bigbrother.telemetry.audit.results import EXPORTED

router = APIRouter(tags=["subjects"])

_MEDIA_TYPE = "application/zip"
_ZIP: dict[str, Any] = {_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}
_PIECE_BYTES = 1 << 16


@router.get(
    "/v1/collections/{collection}/subjects/{external_id}/export",
    summary="Export what is held on a subject",
    response_class=Response,
    responses={
        200: {"description": "The archive.", "content": _ZIP},
        **refusals(401, 403, 404, 422, 503),
    },
)
async def export_subject(
    request: Request,
    collection: str,
    external_id: str,
    services: Services,
    caller: ExportAccess,
    purpose: Purpose,
) -> Response:
    """One zip with everything: subject, consent, faces, crops, embeddings, results and audit.

    `README.txt` in it says what is what, `MANIFEST.json` has the SHA-256 of every file.
    """
    by = recorder(request, services, caller, purpose)
    archive, name = await services.database.run(
        lambda conn: _written(conn, services, collection, external_id, by)
    )
    size_bytes = archive.seek(0, 2)
    archive.seek(0)
    headers = {
        "Content-Length": str(size_bytes),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return StreamingResponse(_pieces(archive), media_type=_MEDIA_TYPE, headers=headers)


def _written(
    conn: Connection, services: FaceServices, collection: str, external_id: str, by: Recorder
) -> tuple[IO[bytes], str]:
    """The archive in a file that no folder names, so that nothing of it outlives the answer."""
    within = collections.get(conn, collection)
    subject = subjects.get(conn, collection, external_id)
    now = services.clock.now()
    try:
        # Closed when the answer is over, or by the last reference to it when there is none.
        archive = tempfile.TemporaryFile(dir=services.spool)  # noqa: SIM115
        export.write(
            conn,
            collection,
            external_id,
            archive,
            batch_results=about(conn, subject, master_key=services.master_key, now=now),
            master_key=services.master_key,
        )
        archive.flush()
    except OSError as error:
        raise ExportNotWritten(
            f"The archive cannot be written: {error.strerror}.",
            remedy="Make room on the service's disk, then ask again.",
        ) from error
    by.record(
        conn,
        "export",
        collection_id=within.id,
        subject_ids=[subject.id],
        result=EXPORTED,
    )
    return archive, f"subject-{subject.id}.zip"


def _pieces(archive: IO[bytes]) -> Iterator[bytes]:
    with archive:
        while piece := archive.read(_PIECE_BYTES):
            yield piece
