"""The daily run and its report."""

import ast
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from pathlib import Path

import pytest

from bigbrother.kernel.status import Status
from bigbrother.operations.checks import (
    portuguese,
    portuguese_causes,
    portuguese_data,
    portuguese_probes,
    sentences,
)
from bigbrother.operations.checks.report.daily import daily, purge_reports
from bigbrother.operations.checks.report.runs import last_runs
from bigbrother.operations.checks.report.sparkline import characters, points
from bigbrother.operations.checks.report.words import WORDS
from bigbrother.operations.checks.sentences import Figure, in_language, sentence
from bigbrother.ports.service_manager import UnitState
from tests.fakes.host import mount
from tests.unit.operations.checks.installation import Installation, changed


def test_a_report_that_cannot_be_written_loses_neither_results_nor_record(
    installation: Installation,
) -> None:
    store = installation.store()
    installation.settings.reports.write_text("a file stands where the folder should be")
    made = daily(installation.observed(), store, installation.clock.now())
    assert made.trouble is not None
    assert "bigbrother check daily --report" in made.trouble.remedy
    assert made.files == ()
    assert {result.check for result in made.results} >= {"cpu_usage", "model_accuracy"}
    assert len(store.read(lambda conn: last_runs(conn, 9, installation.clock.now()))) == 1
    store.close()


def test_with_everything_down_there_is_a_report_that_says_so(installation: Installation) -> None:
    store = installation.store()
    installation.host.unreadable = installation.face.down = installation.manager.silent = True
    made = daily(installation.observed(), store, installation.clock.now())
    store.close()
    markdown, html = (file.read_text("utf-8") for file in made.files)
    assert [file.name for file in made.files] == ["2030-05-01.md", "2030-05-01.html"]
    for text in (markdown, html):
        assert "unknown" in text
        assert "Connection refused" in text
        assert "What to do" in text


def test_the_trend_is_of_the_last_runs_that_the_document_names(installation: Installation) -> None:
    installation.runbook = changed({"daily_checks.trend_runs": 4})
    store = installation.store()
    for busy in (0.7, 0.1, 0.2, 0.3, 0.4):
        installation.host.cpu = busy
        installation.clock.forward(86_400)
        made = daily(installation.observed(), store, installation.clock.now())
    store.close()
    markdown, html = (file.read_text("utf-8") for file in made.files)
    assert "Runs in the trend, this one included: 4." in markdown
    assert "| ▁▃▆█ |" in markdown
    assert "<polyline" in html
    assert len(list(installation.settings.reports.iterdir())) == 10


def test_a_second_run_of_a_day_replaces_its_report_and_leaves_no_draft(
    installation: Installation,
) -> None:
    store = installation.store()
    for busy in (0.1, 0.99):
        installation.host.cpu = busy
        made = daily(installation.observed(), store, installation.clock.now())
    store.close()
    assert sorted(installation.settings.reports.iterdir()) == sorted(made.files)
    assert "99%" in made.files[0].read_text("utf-8")


def test_the_day_is_that_of_the_document_s_zone(installation: Installation) -> None:
    installation.runbook = changed({"daily_checks.time_zone": "Pacific/Kiritimati"})
    installation.clock.forward(5 * 3600)
    store = installation.store()
    made = daily(installation.observed(), store, installation.clock.now())
    store.close()
    assert made.files[0].name == "2030-05-02.md"


def test_nothing_that_was_seen_becomes_markup(installation: Installation) -> None:
    installation.host.disks = (mount("/<script>|x|`y`"),)
    store = installation.store()
    made = daily(installation.observed(), store, installation.clock.now())
    store.close()
    markdown, html = (file.read_text("utf-8") for file in made.files)
    assert "<script" not in html
    assert "\\<script\\>\\|x\\|" in markdown
    # Well-formed, whole, and with nothing from elsewhere.
    ET.fromstring(html.removeprefix("<!doctype html>"))  # noqa: S314 - our own text
    assert "http" not in html.replace("http-equiv", "")


def test_in_portuguese_nothing_of_the_page_s_own_words_is_english(
    installation: Installation,
) -> None:
    installation.runbook = changed({"alert_config.language": "pt_BR"})
    installation.host.memory_used_ratio = 0.825
    installation.manager.set("bigbrother-db", UnitState.FAILED)
    store = installation.store()
    made = daily(installation.observed(), store, installation.clock.now())
    store.close()
    markdown, html = (file.read_text("utf-8") for file in made.files)
    for text in (markdown, html):
        assert "Verificações diárias 2030-05-01" in text
        assert "82,5%" in text
        assert "bigbrother-db está em falha." in text
        assert "aviso" in text
        for english in ("are used", "What to do", "does not", "✔ passed", "Counted"):
            assert english not in text
    assert '<html lang="pt-BR">' in html


def test_reports_and_runs_are_kept_as_long_as_the_document_says(
    installation: Installation,
) -> None:
    installation.runbook = changed({"retention.reports": "10 days"})
    store = installation.store()
    for _ in range(14):
        made = daily(installation.observed(), store, installation.clock.now())
        installation.clock.forward(86_400)
    (installation.settings.reports / "notes.md").write_text("the operator's own")
    (installation.settings.reports / "2030-99-99.md").write_text("no day")
    now = made.at
    removed = purge_reports(installation.settings, store, installation.runbook, now)
    left = {file.stem for file in installation.settings.reports.glob("*.html")}
    assert left == {(date(2030, 5, 14) - timedelta(days=n)).isoformat() for n in range(11)}
    assert removed == 6
    assert (installation.settings.reports / "notes.md").exists()
    assert len(store.read(lambda conn: last_runs(conn, 99, now))) == 11
    store.close()


def test_purging_where_there_never_was_a_report_does_nothing(installation: Installation) -> None:
    store = installation.store()
    now = installation.clock.now()
    assert purge_reports(installation.settings, store, installation.runbook, now) == 0
    store.close()


def test_a_run_that_is_damaged_is_left_out_of_the_trend(installation: Installation) -> None:
    store = installation.store()
    now = installation.clock.now()
    for kept in ("{", '[{"check": 1}]', "null"):
        store.write(
            lambda conn, kept=kept: conn.execute(  # type: ignore[misc]
                "INSERT INTO check_run (at, kind, results) VALUES (?, 'daily', ?)",
                (now.timestamp() - 60, kept),
            )
        )
    made = daily(installation.observed(), store, now)
    store.close()
    assert "this one included: 1." in made.files[0].read_text("utf-8")


def test_a_sparkline_shows_gaps_where_nothing_was_known() -> None:
    assert characters([1, None, 3, 2]) == "▁·█▅"
    assert characters([None, None]) == ""
    assert characters([2, 2]) == "▅▅"
    assert [len(line) for line in points([1, 2, None, 3])] == [2, 1]
    assert points([]) == ()


def test_every_sentence_that_checks_say_is_there_in_portuguese() -> None:
    folder = Path(sentences.__file__).parent
    said = {str(state) for state in UnitState}
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "sentence":
                template = node.args[0]
                if isinstance(template, ast.Constant):
                    said.add(str(template.value))
    # Those of the diagnosis are held against its own files.
    of_diagnosis = portuguese_causes, portuguese_data, portuguese_probes
    others = {template for room in of_diagnosis for template in room.SENTENCES}
    assert said - others == set(portuguese.SENTENCES) - others


def test_a_translation_has_the_values_of_its_sentence() -> None:
    def values(template: str) -> set[str]:
        return {part.partition("}")[0] for part in template.split("{")[1:]}

    assert [e for e, p in portuguese.SENTENCES.items() if values(e) != values(p)] == []
    assert WORDS["en"].keys() == WORDS["pt_BR"].keys()


@pytest.mark.parametrize(
    ("value", "unit", "english", "portuguese_text"),
    [
        (0.9995, "ratio", "99.95%", "99,95%"),
        (0.05, "seconds", "50 ms", "50 ms"),
        (1.25, "seconds", "1.25 s", "1,25 s"),
        (1_234_567_890, "bytes", "1.23 GB", "1,23 GB"),
        (20_000, "count", "20,000", "20.000"),
        (0, "count", "0", "0"),
        (100, "count", "100", "100"),
    ],
)
def test_figures_are_written_as_people_of_a_language_write_them(
    value: float, unit: str, english: str, portuguese_text: str
) -> None:
    figure = Figure(value, unit)
    assert (figure.text(), figure.text("pt_BR")) == (english, portuguese_text)


def test_a_sentence_is_english_text_until_it_is_asked_for_otherwise() -> None:
    said = sentence("The processors are {busy} busy.", busy=Figure(0.5, "ratio"))
    assert said == "The processors are 50% busy."
    assert in_language(said, "pt_BR") == "Os processadores estão 50% ocupados."
    assert in_language("somebody else's {words}", "pt_BR") == "somebody else's {words}"
    assert Status.PASSED in WORDS["en"]
