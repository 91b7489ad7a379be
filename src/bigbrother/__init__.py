"""A self-hosted face-analysis service that runs its own runbook."""

__version__ = "0.1.0"
