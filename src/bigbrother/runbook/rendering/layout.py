"""Lays the chapters out as Markdown or HTML."""

import re
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from bigbrother.runbook.rendering.blocks import Cell, Chapter, Code, Say

_STEERS_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_BACKTICKS = re.compile(r"`+")


def lay_out(chapters: Sequence[Chapter], layout: str, language: str, say: Say) -> str:
    """One text; whatever the document holds can steer neither HTML nor Markdown."""
    environment = Environment(
        loader=PackageLoader("bigbrother.runbook.rendering"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.tests["code"] = lambda cell: isinstance(cell, Code)
    environment.filters |= {
        "md": _markdown,
        "md_cell": _markdown_cell,
        "md_mermaid": _mermaid,
        "one_line": _one_line,
    }
    text = environment.get_template(f"runbook.{layout}.j2").render(
        chapters=chapters, language=language.replace("_", "-"), _=say
    )
    return text.rstrip("\n") + "\n"


def _markdown(text: str) -> str:
    return _STEERS_MARKDOWN.sub(r"\\\1", _one_line(text))


def _markdown_cell(cell: Cell) -> str:
    if not isinstance(cell, Code):
        return _markdown(cell)
    text = _one_line(cell.text)
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(text)), default=0) + 1)
    padded = f" {text} " if "`" in text else text
    return f"{fence}{padded}{fence}".replace("|", r"\|")


def _mermaid(text: str) -> str:
    return re.sub(r'["\[\]<>#;`]', " ", _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())
