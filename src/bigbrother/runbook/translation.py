"""Text for people, in English and in Brazilian Portuguese."""

import gettext
from functools import cache
from importlib import resources

from bigbrother.runbook.sections.alerting import Language

_DOMAIN = "bigbrother"


@cache
def translator(language: Language) -> gettext.NullTranslations:
    """Turns the English texts of the code into the language; a text it lacks stays English."""
    catalogue = resources.files("bigbrother.runbook").joinpath(
        "locale", language, "LC_MESSAGES", f"{_DOMAIN}.mo"
    )
    if language == "en":
        return gettext.NullTranslations()
    with catalogue.open("rb") as file:
        return gettext.GNUTranslations(file)
