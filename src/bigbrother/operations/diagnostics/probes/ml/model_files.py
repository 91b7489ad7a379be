"""Whether the files of the model pack are those that its manifest names, by their SHA-256."""

from bigbrother.kernel.errors import BigBrotherError
from bigbrother.kernel.status import Status
from bigbrother.models.errors import PackDamaged
from bigbrother.operations.checks.result import Result
from bigbrother.operations.checks.sentences import sentence
from bigbrother.operations.diagnostics.scene import Scene

NAME = "model_files"


def look(scene: Scene) -> tuple[Result, ...]:
    """Each network of the pack in use; its manifest where that is broken."""
    # The manifest's types take memory, and only a diagnosis needs them here.
    from bigbrother.models.manifest import ROLES  # noqa: PLC0415
    from bigbrother.models.store import Pack, PackStore  # noqa: PLC0415

    store, name = PackStore(scene.settings.models), scene.settings.pack
    try:
        pack = Pack(store.manifest(name), store.folders(name)[0])
    except BigBrotherError as error:
        return (_broken(name, error),)
    results = []
    for role in ROLES:
        entry = pack.manifest.files[role]
        try:
            pack.file(role)
        except BigBrotherError as error:
            results.append(_broken(entry.path, error))
        else:
            whole = sentence(
                "It is the {role} of {model}: {bytes} bytes, sha256 {sha256}.",
                role=role,
                model=f"{pack.manifest.name}@{pack.manifest.version}",
                bytes=str(entry.size_bytes),
                sha256=f"{entry.sha256[:12]}…",
            )
            results.append(Result(NAME, Status.PASSED, target=entry.path, evidence=(whole,)))
    return tuple(results)


def _broken(target: str, error: BigBrotherError) -> Result:
    # What this account may not read may still be whole.
    hidden = isinstance(error, PackDamaged) and isinstance(error.__cause__, PermissionError)
    status = Status.UNKNOWN if hidden else Status.FAILED
    return Result(
        NAME,
        status,
        target=target,
        evidence=(error.detail,),
        remedy=error.remedy,
    )
