"""What checks say: English at once, and another language where somebody reads it in that one."""

from dataclasses import dataclass

from pydantic import JsonValue

from bigbrother.operations.checks import portuguese
from bigbrother.runbook.sections.alerting import Language

_BYTES = ("B", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure within a sentence; `unit` as in a Result."""

    value: float
    unit: str

    def text(self, language: Language = "en") -> str:
        """As people write it: `12.3%`, `250 ms`, `1.2 GB`, `20,000`."""
        text = self._english()
        return text if language == "en" else text.translate(str.maketrans(".,", ",."))

    def _english(self) -> str:
        if self.unit == "ratio":
            return f"{_short(100 * self.value)}%"
        if self.unit == "seconds":
            whole = abs(self.value) >= 1
            return f"{_short(self.value)} s" if whole else f"{_short(1000 * self.value)} ms"
        if self.unit == "bytes":
            return _bytes(self.value)
        return _short(self.value)


Value = str | int | Figure


class Sentence(str):
    """One sentence in English that knows how it was made, so that it can be said otherwise."""

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Value]


def sentence(template: str, **values: Value) -> Sentence:
    """The template with its values; the template's translation stands in `portuguese`."""
    said = Sentence(_filled(template, values, "en"))
    said.template, said.values = template, values
    return said


def in_language(text: str, language: Language) -> str:
    """The sentence in that language; words of others, such as an error's, stay as they are."""
    if language == "en" or not isinstance(text, Sentence):
        return str(text)
    template = portuguese.SENTENCES.get(text.template, text.template)
    return _filled(template, text.values, language)


def as_json(text: str) -> JsonValue:
    """The sentence for a program that keeps it and says it later, in any language; see `read`."""
    if not isinstance(text, Sentence):
        return str(text)
    values: dict[str, JsonValue] = {
        name: {"value": value.value, "unit": value.unit}
        if isinstance(value, Figure)
        else as_json(value)
        if isinstance(value, str)
        else value
        for name, value in text.values.items()
    }
    return {"text": str(text), "template": text.template, "values": values}


def read(kept: JsonValue) -> str:
    """The sentence that `as_json` wrote; of anything else its words."""
    if not isinstance(kept, dict):
        return str(kept)
    values = kept.get("values")
    return sentence(
        str(kept.get("template", "")),
        **{
            name: _value(value)
            for name, value in (values if isinstance(values, dict) else {}).items()
        },
    )


def _value(kept: JsonValue) -> Value:
    if isinstance(kept, dict) and "unit" in kept:
        return Figure(float(str(kept["value"])), str(kept["unit"]))
    return kept if isinstance(kept, int) else read(kept)


def _filled(template: str, values: dict[str, Value], language: Language) -> str:
    return template.format(
        **{
            name: value.text(language)
            if isinstance(value, Figure)
            else in_language(value, language)
            if isinstance(value, str)
            else str(value)
            for name, value in values.items()
        }
    )


def _short(value: float) -> str:
    text = f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _bytes(value: float) -> str:
    for unit in _BYTES[:-1]:
        if abs(value) < 1000:
            return f"{_short(value)} {unit}"
        value /= 1000
    return f"{_short(value)} {_BYTES[-1]}"
