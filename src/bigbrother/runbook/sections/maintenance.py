"""Section 5: updates and backups."""

from bigbrother.runbook.rhythm import KeptFigure, RhythmFigure
from bigbrother.runbook.section import Name, Section


class UpdateProcedure(Section):
    """Section 5.1, one kind of update: steps before, of, and after it."""

    pre_checks: tuple[Name, ...]
    update_steps: tuple[Name, ...]
    post_checks: tuple[Name, ...]


class UpdateProcedures(Section):
    """Section 5.1."""

    model_update: UpdateProcedure
    system_update: UpdateProcedure


class BackupPlan(Section):
    """Section 5.2, when a copy is made and how long it is kept."""

    schedule: RhythmFigure
    retention: KeptFigure


class CommandBackup(BackupPlan):
    """A copy that a command makes."""

    command: Name


class FolderBackup(BackupPlan):
    """A copy of a folder, or into one: for models the destination, for configs the source."""

    location: Name


class DatabaseBackups(Section):
    """Section 5.2, the database."""

    full: CommandBackup
    incremental: CommandBackup


class ModelBackups(Section):
    """Section 5.2, the models."""

    snapshot: FolderBackup


class ConfigBackups(Section):
    """Section 5.2, the settings."""

    full: FolderBackup


class BackupProcedures(Section):
    """Section 5.2."""

    database: DatabaseBackups
    models: ModelBackups
    configs: ConfigBackups
