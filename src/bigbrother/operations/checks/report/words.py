"""The report's own words, in each language."""

from bigbrother.kernel.status import Status
from bigbrother.runbook.sections.alerting import Language

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Daily checks",
        "made": "Made",
        "check": "Check",
        "status": "Status",
        "value": "Value",
        "threshold": "Passes",
        "trend": "Trend",
        "details": "What was seen",
        "remedy": "What to do",
        "runs": "Runs in the trend, this one included: {runs}.",
        "system": "System",
        "application": "Application",
        "ml": "Model",
        Status.PASSED: "passed",
        Status.WARNING: "warning",
        Status.FAILED: "failed",
        Status.UNKNOWN: "unknown",
        Status.SKIPPED: "skipped",
    },
    "pt_BR": {
        "title": "Verificações diárias",
        "made": "Feito em",
        "check": "Verificação",
        "status": "Situação",
        "value": "Valor",
        "threshold": "Aprova",
        "trend": "Tendência",
        "details": "O que foi visto",
        "remedy": "O que fazer",
        "runs": "Execuções na tendência, incluída esta: {runs}.",
        "system": "Sistema",
        "application": "Aplicação",
        "ml": "Modelo",
        Status.PASSED: "aprovado",
        Status.WARNING: "aviso",
        Status.FAILED: "reprovado",
        Status.UNKNOWN: "desconhecido",
        Status.SKIPPED: "não se aplica",
    },
}

SYMBOLS = {
    Status.PASSED: "✔",
    Status.WARNING: "▲",
    Status.FAILED: "✘",
    Status.UNKNOWN: "?",
    Status.SKIPPED: "–",
}
