"""The document as a runbook for people: Markdown and HTML, in English and Portuguese."""

from typing import Literal

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rendering.chapters import chapters
from bigbrother.runbook.rendering.layout import lay_out
from bigbrother.runbook.sections.alerting import Language
from bigbrother.runbook.translation import translator

Layout = Literal["md", "html"]


def render(runbook: Runbook, layout: Layout, language: Language) -> str:
    """The whole human runbook as one text; its figures are those of the document."""
    say = translator(language).gettext
    return lay_out(chapters(runbook, say), layout, language, say)
