"""Section 4: how services and data are brought back."""

from bigbrother.runbook.section import Name, Section


class RecoveryStep(Section):
    """Section 4.1, one step and the command that a person would type for it."""

    command: Name


class DatabaseCommands(Section):
    """Section 4.2, the tools behind the steps."""

    backup: Name
    restore: Name
    verify: Name


class DatabaseRecovery(Section):
    """Section 4.2, the database."""

    steps: tuple[Name, ...]
    commands: DatabaseCommands


class ModelRecovery(Section):
    """Section 4.2, the models."""

    steps: tuple[Name, ...]


class DataRecovery(Section):
    """Section 4.2."""

    database: DatabaseRecovery
    models: ModelRecovery
