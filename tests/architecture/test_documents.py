"""The documents say what the code says, and hang together."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bigbrother import __version__
from bigbrother.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def prose(file: Path) -> str:
    return _FENCED.sub("", file.read_text("utf-8"))


def anchors(file: Path) -> set[str]:
    """The anchors that GitHub gives a document's headings."""
    found: set[str] = set()
    for _, heading in _HEADING.findall(prose(file)):
        plain = re.sub(r"[^\w\- ]", "", re.sub(r"\[(.+?)\]\(.+?\)", r"\1", heading).lower())
        found.add(plain.strip().replace(" ", "-"))
    return found


def rows(file: Path, heading: str) -> list[list[str]]:
    """The cells of every table row below a heading, up to the next one of its level."""
    level = re.match("#+", heading)
    assert level is not None
    text = file.read_text("utf-8").partition(f"{heading}\n")[2]
    section = re.split(rf"^{level[0]} ", text, maxsplit=1, flags=re.MULTILINE)[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("|") and not line.startswith("|---")
    ]
    return [row for row in cells if row[0] not in ("package", "term")]


def test_the_committed_reference_is_what_the_code_says() -> None:
    done = subprocess.run(
        (sys.executable, "-m", "scripts.render_reference", "--check"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_both_readmes_have_the_same_sections_commands_and_places() -> None:
    english, portuguese = ROOT / "README.md", ROOT / "README.pt-BR.md"

    def shape(file: Path) -> tuple[list[str], list[str], list[str]]:
        text = file.read_text("utf-8")
        levels = [level for level, _ in _HEADING.findall(prose(file))]
        places = [place for place in _LINK.findall(text) if not place.startswith("README")]
        return levels, _FENCED.findall(text), places

    assert shape(english) == shape(portuguese)


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = []
    for document in DOCUMENTS:
        for link in _LINK.findall(prose(document)):
            if re.match(r"[a-z]+:", link):
                continue
            place, _, anchor = link.partition("#")
            target = (document.parent / place).resolve() if place else document
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(f"{name(document)}: {link}")
    assert broken == []


def test_the_table_of_dependencies_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    declared = {
        re.split(r"[\[<>=]", requirement)[0]
        for requirement in (*project["project"]["dependencies"], *groups["build"], *groups["dev"])
    }
    table = rows(ROOT / "docs" / "architecture.md", "## Dependencies")
    assert {row[0].strip("`") for row in table} == declared
    assert [row[0] for row in table if not (row[1] and row[2])] == []


def test_every_setting_stands_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    settings = set(Settings.model_fields) - {"home", "runtime"}
    assert [field for field in settings if f"| `{field}` |" not in text] == []
    assert "BIGBROTHER_HOME" in text
    assert "BIGBROTHER_RUNTIME" in text


def test_the_glossary_names_each_term_once_and_in_portuguese() -> None:
    terms = rows(ROOT / "docs" / "glossary.md", "# Glossary")
    named = [row[0] for row in terms]
    assert len(named) > 40
    assert sorted(named) == sorted(set(named))
    assert [row[0] for row in terms if len(row) != 3 or not all(row)] == []


def test_every_folder_of_the_source_stands_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    source = ROOT / "src" / "bigbrother"
    folders = [path for path in source.iterdir() if (path / "__init__.py").exists()]
    parted = ("face", "operations")
    for room in parted:
        folders += [path for path in (source / room).iterdir() if (path / "__init__.py").exists()]
    missing = [
        name(path) for path in folders if f"`{name(path)}/`" not in text and path.name not in parted
    ]
    assert missing == []


def test_the_changelog_begins_with_this_version() -> None:
    versions = re.findall(
        r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert versions[0] == __version__


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_document_promises_nothing_unfinished(document: Path) -> None:
    assert re.findall(r"\b(TODO|FIXME|TBD|XXX|lorem)\b", document.read_text("utf-8")) == []
