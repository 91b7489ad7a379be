"""Writes docs/reference from the code, so that it cannot say anything else.

python -m scripts.render_reference           writes the pages
python -m scripts.render_reference --check   only says which pages differ; exit code 1 if any
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from scripts.reference import api_page, cli_page, errors_page, runbook_page

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "api.md": api_page.render,
    "cli.md": cli_page.render,
    "errors.md": errors_page.render,
    "runbook.md": runbook_page.render,
}


def main() -> int:
    """Writes or checks every page."""
    parser = argparse.ArgumentParser(description="Writes docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")
    check = parser.parse_args().check
    differing = [name for name, render in PAGES.items() if not _is_written(name, render(), check)]
    for name in differing:
        sys.stderr.write(
            f"docs/reference/{name} differs from the code: run "
            "`python -m scripts.render_reference`.\n"
        )
    return 1 if differing else 0


def _is_written(name: str, text: str, check: bool) -> bool:
    """Whether the file holds the text, after writing it unless `check`."""
    file = FOLDER / name
    if not check:
        FOLDER.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return file.exists() and file.read_text("utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
