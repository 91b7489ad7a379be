"""The few forms of Markdown that the reference pages are made of."""

from collections.abc import Iterable, Sequence

_NOTE = "<!-- Written by `python -m scripts.render_reference`; changes made here are lost. -->"


def page(title: str, parts: Iterable[str]) -> str:
    """A whole page from its paragraphs, headings and tables."""
    return "\n\n".join((f"# {title}", _NOTE, *(part for part in parts if part))) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a cell's line breaks and bars cannot break it."""
    lines = [_line(columns), _line(["---"] * len(columns))]
    return "\n".join((*lines, *(_line([_cell(value) for value in row]) for row in rows)))


def code(text: str, language: str = "") -> str:
    """A fenced block."""
    return f"```{language}\n{text.rstrip()}\n```"


def sentence(text: str) -> str:
    """One line, ended by a full stop."""
    line = " ".join(text.split())
    return line if not line or line[-1] in ".!?:" else f"{line}."


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
