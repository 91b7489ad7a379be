"""What a page says of a diagnosis."""

from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.checks.result import Result
from bigbrother.operations.diagnostics.causes import analyze_results
from bigbrother.operations.diagnostics.records import Diagnosis
from bigbrother.operations.troubleshooting.proposals import Proposal, proposal
from bigbrother.runbook.load import load_runbook
from tests.firing import NOON, firing
from tests.unit.operations.diagnostics.recorded import WELL, with_faults

RUNBOOK = load_runbook()


def alert(name: str, **labels: str) -> Alert:
    return firing(name, id="a1", labels=labels)


def proposed(results: tuple[Result, ...], about: Alert) -> Proposal:
    diagnosis = Diagnosis(NOON, 1.5, results, analyze_results(results, RUNBOOK))
    return proposal(about, diagnosis, RUNBOOK)


def test_a_page_names_the_cause_its_evidence_and_the_command() -> None:
    text = proposed(with_faults("database_down"), alert("database_unreachable")).text()
    assert text.startswith("Likely cause: Database down (bigbrother-db), 9")
    assert "- database_answers said so. Nothing is recognised without the database." in text
    assert text.endswith("To mend it: bigbrother run service_recovery.bigbrother-db")


def test_the_same_in_portuguese() -> None:
    text = proposed(with_faults("database_down"), alert("database_unreachable")).text("pt_BR")
    assert text.startswith("Causa provável: Banco de dados fora do ar (bigbrother-db), 9")
    assert "Nada é reconhecido sem o banco de dados." in text
    assert "Para corrigir: bigbrother run service_recovery.bigbrother-db" in text


def test_where_only_a_person_can_help_it_says_where_to_look() -> None:
    found = proposed(with_faults("certificate_expiring"), alert("channel_failing"))
    assert found.commands == ()
    assert "A person must act: Check certificates, Check service logs." in found.text()


def test_what_has_to_do_with_the_alert_comes_first_and_the_others_after_it() -> None:
    both = with_faults("certificate_expiring", "queue_stuck")
    found = proposed(both, alert("queue_size"))
    assert found.cause is not None
    assert found.cause.name == "queue_stuck"
    assert "Also possible: Certificate expiring" in found.text()


def test_what_recovers_the_alert_s_own_unit_is_the_first_command() -> None:
    results = with_faults("memory_exhausted")
    worker = proposed(results, alert("unit_down", unit="bigbrother-worker"))
    face = proposed(results, alert("unit_down", unit="bigbrother-face"))
    assert worker.commands[0] == "bigbrother run service_recovery.bigbrother-worker"
    assert face.commands[0] == "bigbrother run service_recovery.face_analyzer"


def test_without_a_cause_nothing_is_made_up() -> None:
    found = proposed(WELL, alert("error_rate"))
    assert (found.cause, found.commands) == (None, ())
    assert found.text() == "The diagnosis found no cause."
    assert found.text("pt_BR") == "O diagnóstico não encontrou causa."
