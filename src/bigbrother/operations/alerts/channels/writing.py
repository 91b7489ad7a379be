"""Fills the templates of the kinds of channels."""

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from bigbrother.operations.alerts.channels.reading import Reading
from bigbrother.runbook.sections.alerting import ChannelType, Language

if TYPE_CHECKING:
    from jinja2 import Environment

Escape = Callable[[str], str]


def write(
    kind: ChannelType, part: str, language: Language, reading: Reading, escape: Escape | None = None
) -> str:
    """A part of a message, such as `text.txt` or `mail.html`; HTML is escaped, other parts by
    `escape`. Without white space at its ends."""
    name, _, ending = part.partition(".")
    template = _environment(kind, ending == "html", escape).get_template(
        f"{name}.{language}.{ending}.j2"
    )
    return template.render(message=reading).strip()


@cache
def _environment(kind: ChannelType, html: bool, escape: Escape | None) -> "Environment":
    # A watcher that has nothing to say does without it.
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415

    folder = resources.files(f"bigbrother.operations.alerts.channels.{kind}")

    def escaped(value: object) -> object:
        return value if escape is None or not isinstance(value, str) else escape(value)

    return Environment(
        autoescape=html,  # noqa: S701 - a text is no HTML
        finalize=escaped,
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
