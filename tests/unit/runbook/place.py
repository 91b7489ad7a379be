"""Overlays for the tests of the document."""

from pathlib import Path


def overlay(folder: Path, text: str) -> Path:
    """The operator's file with this text."""
    file = folder / "runbook.yaml"
    file.write_text(text, "utf-8")
    return file
