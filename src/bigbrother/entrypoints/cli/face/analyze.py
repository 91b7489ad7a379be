"""`bigbrother face analyze`: the faces of images."""

from typing import Annotated

import typer

from bigbrother.client.results import Analysis, DetectedFace
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.face.drawing import Drawings, DrawOption
from bigbrother.entrypoints.cli.face.images import (
    ImagesArgument,
    Outcome,
    finish,
    for_each_image,
    require_one_stdin,
)
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table


@explains_errors
def analyze(
    images: ImagesArgument,
    *,
    draw: DrawOption = None,
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="Compute embeddings; -o json prints them.")
    ] = False,
    max_faces: Annotated[
        int | None,
        typer.Option(
            "--max-faces", metavar="N", min=1, help="The N most prominent only.", show_default=False
        ),
    ] = None,
    min_size: Annotated[
        float | None,
        typer.Option(
            "--min-size", metavar="PX", min=0, help="Leave smaller ones out.", show_default=False
        ),
    ] = None,
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Finds the faces of images: where they are and how usable they are."""
    require_one_stdin(images)
    drawings = Drawings(draw, images)
    with connected(url, token_file) as client:

        def work(number: int, data: bytes) -> Analysis:
            analysis = client.analyze(
                data, embeddings=embeddings, max_faces=max_faces, min_size_pixels=min_size
            )
            drawings.write(number, data, analysis.images[0].faces)
            return analysis

        outcomes = for_each_image(images, "Analysing", work)
    if output is Format.JSON:
        print_json({"images": [_json(outcome) for outcome in outcomes]})
    else:
        rows = [row for outcome in outcomes for row in _rows(outcome)]
        print_table(("IMAGE", "FACE", "BOX", "SCORE", "QUALITY", "REMARKS"), rows)
    finish(outcomes)


def _json(outcome: Outcome[Analysis]) -> dict[str, object]:
    if outcome.result is None:
        return {"image": outcome.image, "error": outcome.error_json()}
    found = outcome.result.images[0].model_dump(mode="json", exclude={"id", "error"})
    return {"image": outcome.image, "model": outcome.result.model, **found, "error": None}


def _rows(outcome: Outcome[Analysis]) -> list[tuple[object, ...]]:
    if outcome.result is None:
        return [(outcome.image, None, None, None, None, "refused")]
    faces = outcome.result.images[0].faces
    if not faces:
        return [(outcome.image, None, None, None, None, "no face")]
    return [
        (outcome.image, number, shown_box(face), face.score, *_quality(face))
        for number, face in enumerate(faces, 1)
    ]


def _quality(face: DetectedFace) -> tuple[float | None, str]:
    if face.quality is None:
        return None, ""
    return face.quality.overall, ", ".join(face.quality.reasons)


def shown_box(face: DetectedFace) -> str:
    """Size and place of a face: `80×96 at 12,40`, in pixels."""
    box = face.box
    return f"{box.width:.0f}×{box.height:.0f} at {box.x:.0f},{box.y:.0f}"
