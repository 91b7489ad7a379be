"""The human runbook says what the document says, in both languages, and nothing steers it."""

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bigbrother.runbook import looks, planned, rendering
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.rendering import layout, phrases
from bigbrother.runbook.rendering.chapters import chapters
from bigbrother.runbook.sections.alerting import Language
from tests.unit.runbook.place import overlay

LOCALE = Path(rendering.__file__).parents[1] / "locale" / "pt_BR" / "LC_MESSAGES"
SOURCE = Path(rendering.__file__).parent
VILE = "<script>alert(1)</script> | `x` [a](b) **c** \"'"


class Reader(HTMLParser):
    """Notes what stands open, what is asked of outside, and each start of a tag."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.outside += [
            value or ""
            for name, value in attrs
            if name in ("src", "href") and not (value or "").startswith("#")
        ]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.mark.parametrize("language", ["en", "pt_BR"])
def test_the_page_is_one_whole_file_that_asks_nothing_of_outside(language: Language) -> None:
    html = rendering.render(load_runbook(), "html", language)
    reader = read(html)
    assert reader.open == []
    assert reader.outside == []
    assert "script" not in reader.seen
    assert "url(" not in html
    assert "@import" not in html
    assert reader.seen.count("section") == 10
    assert f'<html lang="{language.replace("_", "-")}">' in html


def test_a_changed_figure_changes_the_rendered_runbook(tmp_path: Path) -> None:
    text = "daily_checks:\n  system:\n    cpu_usage: < 71%\n"
    changed = load_runbook(overlay(tmp_path, text))
    assert "&lt; 71%" in rendering.render(changed, "html", "en")
    assert "| System | CPU usage | \\< 71% |" in rendering.render(changed, "md", "en")


def test_what_the_document_holds_steers_neither_html_nor_markdown(tmp_path: Path) -> None:
    quoted = "'" + VILE.replace("'", "''") + "'"
    text = f"contacts:\n  ops: {{team: {quoted}}}\ncommands:\n  logs: [{quoted}]\n"
    vile = load_runbook(overlay(tmp_path, text))
    reader = read(rendering.render(vile, "html", "en"))
    assert "script" not in reader.seen
    assert reader.open == []
    markdown = rendering.render(vile, "md", "en")
    row = next(line for line in markdown.splitlines() if line.startswith("| Ops"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    assert "\\<script\\>" in row
    assert not re.search(r"(?<!\\)[`*\[]", row)


def test_a_line_break_in_the_document_does_not_leave_its_cell(tmp_path: Path) -> None:
    text = 'contacts:\n  ops: {team: "a\\n\\n# b"}\ncommands:\n  logs: ["a\\n```\\n# b"]\n'
    markdown = rendering.render(load_runbook(overlay(tmp_path, text)), "md", "en")
    assert "\n# b" not in markdown
    assert len(re.findall(r"^```", markdown, re.MULTILINE)) == 4


def test_units_of_figures_are_words_of_the_language() -> None:
    portuguese = rendering.render(load_runbook(), "md", "pt_BR")
    assert "4 semanas" in portuguese
    assert not re.search(r"\b(weeks|days|hours|minutes|years?|versions)\b", portuguese)


def test_no_text_is_left_untranslated() -> None:
    translated = {str(item.id) for item in catalog() if item.id and item.string}
    assert set(texts()) - translated == set()


def test_no_translation_is_of_a_text_that_nobody_shows() -> None:
    assert {str(item.id) for item in catalog() if item.id} - set(texts()) == set()


def test_a_translation_keeps_the_places_of_its_figures() -> None:
    def places(text: object) -> list[str]:
        return sorted(re.findall(r"\{\w+\}", str(text)))

    assert [str(item.id) for item in catalog() if places(item.id) != places(item.string)] == []


def test_the_compiled_translations_are_those_of_the_text_file() -> None:
    """If not: pybabel compile -d src/bigbrother/runbook/locale -D bigbrother."""
    compiled = io.BytesIO()
    write_mo(compiled, catalog())
    assert (LOCALE / "bigbrother.mo").read_bytes() == compiled.getvalue()


def catalog() -> Catalog:
    with (LOCALE / "bigbrother.po").open("rb") as file:
        return read_po(file, locale="pt_BR", domain="bigbrother")


def texts() -> Iterator[str]:
    """All that is said: in the code and templates, and for the shipped document's own names."""
    said: set[str] = set()

    def say(text: str) -> str:
        said.add(text)
        return text

    for name in ("md", "html"):
        layout.lay_out(chapters(load_runbook(), say), name, "en", say)
    methods = [("**.py", "python"), ("**.j2", "jinja2.ext.babel_extract")]
    said |= {
        str(message)
        for _, _, message, _, _ in extract_from_dir(
            str(SOURCE), method_map=methods, keywords={"_": None}
        )
    }
    names = planned.STEPS | set(looks.GROUP_LOOKS) | planned.SOLUTIONS | planned.PANELS
    said |= {phrases.english(name) for name in names}
    said |= {"hourly", "daily", "weekly", "monthly", "yearly", "pre-update"}
    for unit in ("second", "minute", "hour", "day", "week", "year", "version"):
        said |= {unit, f"{unit}s"}
    yield from said
