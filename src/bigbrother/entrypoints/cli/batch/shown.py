"""How batches and their results look to a person."""

from typing import TYPE_CHECKING

from bigbrother.entrypoints.cli.output import Format, plain, print_json, print_record, print_table

if TYPE_CHECKING:
    from bigbrother.client.batch_answers import Batch, ItemResult, Kind

_NAME_WIDTH = 32


def print_batch(batch: "Batch", output: Format) -> None:
    """One batch with its counts."""
    if output is Format.JSON:
        print_json(batch)
        return
    print_record(
        [
            ("id", batch.id),
            ("kind", batch.kind),
            ("state", batch.state),
            ("priority", batch.priority),
            ("collection", batch.collection),
            ("images", batch.items),
            ("pending", batch.pending),
            ("succeeded", batch.succeeded),
            ("failed", batch.failed),
            ("cancelled", batch.cancelled),
            ("erased", batch.erased),
            ("webhook", None if batch.webhook is None else batch.webhook.state),
            ("created", f"{batch.created_at:%F %T %Z}"),
            ("finished", None if batch.finished_at is None else f"{batch.finished_at:%F %T %Z}"),
        ]
    )


def print_batches(batches: "list[Batch]", output: Format) -> None:
    """A line a batch."""
    if output is Format.JSON:
        print_json({"items": batches})
        return
    print_table(
        ("BATCH", "KIND", "STATE", "DONE", "FAILED", "COLLECTION", "CREATED"),
        [
            (
                batch.id,
                batch.kind,
                batch.state,
                f"{batch.done}/{batch.items}",
                batch.failed,
                batch.collection,
                f"{batch.created_at:%F %T %Z}",
            )
            for batch in batches
        ],
    )


def result_heading() -> str:
    """The line above results that are printed as they come."""
    return _columns("POSITION", "IMAGE", "RESULT")


def result_line(result: "ItemResult", kind: "Kind") -> str:
    """One result in one line."""
    return _columns(str(result.position), result.name, _came_of(result, kind))


def _columns(position: str, name: str, came: str) -> str:
    shown = plain(name)
    if len(shown) > _NAME_WIDTH:
        shown = f"…{shown[1 - _NAME_WIDTH :]}"
    return f"{position:<8}  {shown:<{_NAME_WIDTH}}  {plain(came)}"


def _came_of(result: "ItemResult", kind: "Kind") -> str:
    if result.error is not None:
        return f"{result.state}: {result.error.code}"
    if result.answer is None:
        return result.state
    return {"analyze": _faces, "identify": _people, "enrol": _enrolled}[kind](result)


def _faces(result: "ItemResult") -> str:
    count = len(result.analysis.faces) if result.analysis else 0
    return {0: "no face", 1: "1 face"}.get(count, f"{count} faces")


def _people(result: "ItemResult") -> str:
    faces = result.identification.faces if result.identification else ()
    best = [face.matches[0] for face in faces if face.matches]
    return ", ".join(f"{one.external_id} {one.similarity:.3f}" for one in best) or "nobody"


def _enrolled(result: "ItemResult") -> str:
    face = result.enrolment
    already = " already" if face is not None and face.already_enrolled else ""
    return f"enrolled{already} as {result.external_id}"
