"""What a page says of a diagnosis: the cause, what speaks for it, and the command that helps."""

from collections.abc import Sequence
from dataclasses import dataclass

from bigbrother.operations.alerts.records import Alert
from bigbrother.operations.checks.sentences import Figure, in_language
from bigbrother.operations.diagnostics.causes.narrowing import concerns
from bigbrother.operations.diagnostics.records import Cause, Diagnosis
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rendering.phrases import phrase
from bigbrother.runbook.sections.alerting import Language
from bigbrother.runbook.translation import translator
from bigbrother.runbook.validation.names import UNIT_ALIASES

_REASONS = 3
_UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What explains an alert, and what to do; without a cause only that nothing was found."""

    cause: Cause | None
    commands: tuple[str, ...]
    """To type, the best first; none where a person must act."""
    looks: tuple[str, ...]
    """Where to look by hand, in the document's words."""
    others: tuple[Cause, ...]
    """Causes that are less likely, the likeliest first."""

    def text(self, language: Language = "en") -> str:
        """A few short lines for a person who was asleep."""
        words = _WORDS[language]
        if self.cause is None:
            return words["nothing"]
        lines = [words["cause"].format(cause=_named(self.cause, language))]
        lines += [f"- {in_language(reason, language)}" for reason in self.cause.reasons[:_REASONS]]
        if self.commands:
            lines.append(words["run"].format(command=self.commands[0]))
        else:
            say = translator(language).gettext
            looks = ", ".join(phrase(look, say) for look in self.looks)
            lines.append(words["look"].format(looks=looks))
        if self.others:
            others = "; ".join(_named(cause, language) for cause in self.others)
            lines.append(words["others"].format(others=others))
        return "\n".join(lines)


_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "nothing": "The diagnosis found no cause.",
        "cause": "Likely cause: {cause}.",
        "run": "To mend it: {command}",
        "look": "A person must act: {looks}.",
        "others": "Also possible: {others}.",
    },
    "pt_BR": {
        "nothing": "O diagnóstico não encontrou causa.",
        "cause": "Causa provável: {cause}.",
        "run": "Para corrigir: {command}",
        "look": "Uma pessoa precisa agir: {looks}.",
        "others": "Também possível: {others}.",
    },
}


def proposal(alert: Alert, diagnosis: Diagnosis, runbook: Runbook) -> Proposal:
    """What to do about this alert; causes that have to do with it come before the others."""
    causes = sorted(
        diagnosis.causes, key=lambda cause: not concerns(cause.name, alert.name, runbook)
    )
    if not causes:
        return Proposal(None, (), (), ())
    first, *others = causes
    issue = runbook.common_issues.get(first.name)
    return Proposal(
        first,
        tuple(f"bigbrother run {name}" for name in _best_first(first.procedures, alert)),
        () if issue is None else issue.checks,
        tuple(others),
    )


def _best_first(procedures: Sequence[str], alert: Alert) -> list[str]:
    """What recovers the alert's own unit comes first."""
    unit = alert.labels.get(_UNIT)

    def is_another_s(name: str) -> bool:
        service = name.partition(".")[2]
        return UNIT_ALIASES.get(service, service) != unit

    return sorted(procedures, key=is_another_s)


def _named(cause: Cause, language: Language) -> str:
    name = phrase(cause.name, translator(language).gettext)
    where = f" ({cause.target})" if cause.target else ""
    return f"{name}{where}, {Figure(cause.likelihood, 'ratio').text(language)}"
