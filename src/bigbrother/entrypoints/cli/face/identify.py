"""`bigbrother face identify`: who of a collection is in images."""

from typing import Annotated

import typer

from bigbrother.client.results import Identification
from bigbrother.entrypoints.cli.connection import TokenFileOption, UrlOption, connected
from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.face.arguments import CollectionArgument, PurposeOption
from bigbrother.entrypoints.cli.face.drawing import Drawings, DrawOption
from bigbrother.entrypoints.cli.face.images import (
    ImagesArgument,
    Outcome,
    finish,
    for_each_image,
    require_one_stdin,
)
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table
from bigbrother.entrypoints.cli.suggestions import suggesting


@explains_errors
def identify(
    collection: CollectionArgument,
    images: ImagesArgument,
    *,
    draw: DrawOption = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", metavar="N", min=1, help="Most matches of one face.", show_default=False
        ),
    ] = None,
    purpose: PurposeOption = "",
    output: OutputOption = Format.TABLE,
    url: UrlOption = None,
    token_file: TokenFileOption = None,
) -> None:
    """Says who of a collection is in images, and how sure that is."""
    require_one_stdin(images)
    drawings = Drawings(draw, images)
    with connected(url, token_file) as client, suggesting(client, collection):

        def work(number: int, data: bytes) -> Identification:
            found = client.identify(collection, data, limit=limit, purpose=purpose)
            drawings.write(number, data, found.faces)
            return found

        outcomes = for_each_image(images, "Identifying", work)
    if output is Format.JSON:
        print_json({"images": [_json(outcome) for outcome in outcomes]})
    else:
        rows = [row for outcome in outcomes for row in _rows(outcome)]
        print_table(("IMAGE", "FACE", "WHO", "NAME", "SIMILARITY", "THRESHOLD"), rows)
    finish(outcomes)


def _json(outcome: Outcome[Identification]) -> dict[str, object]:
    if outcome.result is None:
        return {"image": outcome.image, "error": outcome.error_json()}
    return {"image": outcome.image, **outcome.result.model_dump(mode="json"), "error": None}


def _rows(outcome: Outcome[Identification]) -> list[tuple[object, ...]]:
    if outcome.result is None:
        return [(outcome.image, None, "refused", None, None, None)]
    threshold = outcome.result.threshold
    rows: list[tuple[object, ...]] = []
    for number, face in enumerate(outcome.result.faces, 1):
        if not face.matches:
            rows.append((outcome.image, number, "nobody", None, None, threshold))
        rows.extend(
            (outcome.image, number, match.external_id, match.name, match.similarity, threshold)
            for match in face.matches
        )
    return rows or [(outcome.image, None, "no face", None, None, threshold)]
