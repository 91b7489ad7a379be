"""Severities, figures and times in a person's language."""

from datetime import datetime, timedelta, tzinfo

from bigbrother.runbook.sections.alerting import Language, Severity

_SEVERITIES: dict[Language, dict[Severity, str]] = {
    "en": {
        "emergency": "EMERGENCY",
        "critical": "CRITICAL",
        "high": "HIGH",
        "medium": "MEDIUM",
        "low": "LOW",
    },
    "pt_BR": {
        "emergency": "EMERGÊNCIA",
        "critical": "CRÍTICO",
        "high": "ALTO",
        "medium": "MÉDIO",
        "low": "BAIXO",
    },
}
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB")


def severity_word(severity: Severity, language: Language) -> str:
    """The severity in capitals."""
    return _SEVERITIES[language][severity]


def figure(value: float | None, unit: str, language: Language) -> str:
    """A value in its unit (ratio, seconds, bytes, count or a word), for reading; may be empty."""
    if value is None:
        return ""
    if unit == "ratio":
        return f"{_number(100 * value, language)} %"
    if unit == "seconds":
        short = abs(value) < 1
        return f"{_number(1000 * value if short else value, language)} {'ms' if short else 's'}"
    if unit == "bytes":
        for size in _SIZES[:-1]:
            if abs(value) < 1000:
                return f"{_number(value, language)} {size}"
            value /= 1000
        return f"{_number(value, language)} {_SIZES[-1]}"
    return f"{_number(value, language)} {'' if unit == 'count' else unit}".strip()


def _number(value: float, language: Language) -> str:
    """Three digits that count, and whole numbers whole."""
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace(".", ",") if language == "pt_BR" else text


def moment(at: datetime, zone: tzinfo) -> str:
    """A time as the reader's clock shows it."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def span(lasted: timedelta) -> str:
    """A duration by its two largest parts."""
    seconds = max(0, round(lasted.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    if minutes:
        return f"{minutes} min {seconds % 60} s"
    return f"{seconds} s"
