"""How many more files the file systems take that hold data of ours."""

from bigbrother.operations.checks.result import Result, measured
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.checks.system.disk_space import folders
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.scene import Scene

NAME = "inodes"


def look(scene: Scene) -> tuple[Result, ...]:
    """Each mount."""
    bounds = limits_of(scene.runbook.diagnostics.limits.inodes)
    return tuple(
        measured(
            NAME,
            mount.inodes_used_ratio,
            "ratio",
            bounds,
            target=str(mount.point),
            evidence=(
                sentence(
                    "{inodes} of its inodes are used.",
                    inodes=Figure(mount.inodes_used_ratio, "ratio"),
                ),
            ),
            remedy=sentence(
                "Find where the many small files are: du --inodes -xd2 {mount} | sort -n.",
                mount=str(mount.point),
            ),
        )
        for mount in scene.host.mounts(folders(scene.settings))
    )
