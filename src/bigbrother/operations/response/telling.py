"""What a message says of an alert's cause and cure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.procedures.history import approvals, known_run
from bigbrother.operations.procedures.records import ENDED, Run, RunState
from bigbrother.operations.response.curing import Remedies, run_id_of
from bigbrother.operations.response.diagnoses import Diagnoses, diagnosis_of
from bigbrother.operations.store.store import Store
from bigbrother.operations.troubleshooting.proposals import proposal
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import Language

RunLink = Callable[[str, int, str, datetime], str]
"""Address of the page of a run: of its id, the step that waits, a contact, until when it is good.
"""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of one alert."""

    text: str
    """May be empty."""
    whole: bool
    """Whether its diagnosis is in it; otherwise that follows."""
    asks: str = ""
    """The run, and its step, that it asks a person to approve; empty: none."""


class Explainer:
    """Puts diagnosis and cure into words."""

    def __init__(
        self,
        store: Store,
        diagnoses: Diagnoses,
        runbook: Callable[[], Runbook],
        link: RunLink,
    ) -> None:
        self._store = store
        self._diagnoses = diagnoses
        self._runbook = runbook
        self._link = link
        self._remedies: Remedies | None = None

    def explain(self, alert: Alert, contact: str, now: datetime) -> Explanation:
        """For one contact, or a channel where that is empty."""
        runbook = self._runbook()
        language = runbook.alert_config.language
        explained = self._diagnoses.of(alert)
        lines = []
        if explained is not None:
            lines.append(proposal(alert, diagnosis_of(explained), runbook).text(language))
        cure, asks = self._cure(alert, contact, now, language)
        lines.append(cure)
        return Explanation("\n".join(filter(None, lines)), explained is not None, asks)

    def _cure(
        self, alert: Alert, contact: str, now: datetime, language: Language
    ) -> tuple[str, str]:
        """A line, and the run with its step that it asks for."""
        runbook = self._runbook()
        if self._remedies is None or self._remedies.runbook is not runbook:
            self._remedies = Remedies(runbook)
        known = self._remedies.of(alert)
        if known is None:
            return "", ""
        cure, procedure = known
        words = _WORDS[language]
        if cure.policy == "suggest":
            due = alert.fired_at is not None and now >= alert.fired_at + cure.after.duration
            return words["suggest"].format(procedure=procedure.name) if due else "", ""
        run_id = run_id_of(alert)
        run, waiting = self._store.read(lambda conn: _run_and_step(conn, run_id))
        if run is None:
            if alert.acknowledged_at is not None:
                # Nothing is begun any more for who works on it.
                return words["suggest"].format(procedure=procedure.name), ""
            # It has joined another alert's run, or its moment has not come.
            return words[cure.policy].format(procedure=procedure.name), ""
        if waiting is not None:
            until = now + runbook.alert_config.acknowledge_link_lives.duration
            link = self._link(run.id, waiting, contact, until)
            return words["approve"].format(procedure=run.procedure, url=link), f"{run.id}:{waiting}"
        return _under_way(run, words), ""


def _run_and_step(conn: Connection, run_id: str) -> tuple[Run | None, int | None]:
    """The run if it has begun, and which of its steps waits for an answer."""
    run = known_run(conn, run_id)
    if run is None or run.state is not RunState.WAITING:
        return run, None
    asked = approvals(conn, run_id)
    undecided = bool(asked) and asked[-1].decided_at is None
    return run, asked[-1].number if undecided else None


def _under_way(run: Run, words: dict[str, str]) -> str:
    ended = run.state in ENDED
    return words["ended" if ended else "running"].format(
        procedure=run.procedure, run=run.id, state=words[run.state] if ended else ""
    )


_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "suggest": "Suggested: bigbrother run {procedure}",
        "automatic": "{procedure} begins by itself unless this heals before.",
        "ask": "{procedure} is prepared; it begins once somebody approves.",
        "approve": "{procedure} waits for your approval: {url}",
        "running": "Under way: {procedure}. Follow it: bigbrother runs watch {run}",
        "ended": "{procedure} {state}. See: bigbrother runs show {run}",
        RunState.SUCCEEDED: "has run, with success",
        RunState.UNDONE: "has failed and was taken back",
        RunState.FAILED: "has failed",
        RunState.CANCELLED: "was cancelled",
        RunState.REJECTED: "was not approved",
        RunState.REFUSED: "was refused",
    },
    "pt_BR": {
        "suggest": "Sugestão: bigbrother run {procedure}",
        "automatic": "{procedure} começa sozinho se isto não se resolver antes.",
        "ask": "{procedure} está preparado; começa quando alguém aprovar.",
        "approve": "{procedure} espera sua aprovação: {url}",
        "running": "Em andamento: {procedure}. Acompanhe: bigbrother runs watch {run}",
        "ended": "{procedure} {state}. Veja: bigbrother runs show {run}",
        RunState.SUCCEEDED: "foi executado com sucesso",
        RunState.UNDONE: "falhou e foi desfeito",
        RunState.FAILED: "falhou",
        RunState.CANCELLED: "foi cancelado",
        RunState.REJECTED: "não foi aprovado",
        RunState.REFUSED: "foi recusado",
    },
}
