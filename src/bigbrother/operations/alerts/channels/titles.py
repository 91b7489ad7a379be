"""What each alert of the document is called in a message: the first words that a person reads."""

from dataclasses import dataclass

from bigbrother.runbook.sections.alerting import Language


@dataclass(frozen=True, slots=True)
class Title:
    """`{}` stands for what it is about: a unit, a mount; `about` for when that is not said."""

    text: str
    about: str = ""

    def of(self, target: str) -> str:
        """The title about this target."""
        return self.text.replace("{}", target or self.about)


_EN: dict[str, Title] = {
    "unit_down": Title("{} is down", "a unit"),
    "unit_silent": Title("{} runs but does not answer", "a unit"),
    "unit_restarts": Title("{} keeps dying and being restarted", "a unit"),
    "database_unreachable": Title("the database cannot be reached"),
    "endpoint_slow": Title("{} answers too slowly", "the face analyzer"),
    "endpoint_failing": Title("{} answers with errors", "the face analyzer"),
    "error_rate": Title("too many requests fail"),
    "cpu_usage": Title("the processors are overloaded"),
    "memory_usage": Title("memory runs out"),
    "disk_space": Title("the disk runs full: {}", "home"),
    "gpu_usage": Title("the GPU is overloaded"),
    "queue_size": Title("the batch queue grows too long"),
    "model_accuracy": Title("faces are recognised less accurately"),
    "inference_time": Title("inference is too slow"),
    "batch_success": Title("too many batch images fail"),
    "metrics_unreadable": Title("the metrics of {} cannot be read", "the face analyzer"),
    "channel_failing": Title("messages over '{}' do not arrive", "a channel"),
    "watcher_failing": Title("the watcher itself fails: {}", "see its log"),
    "runbook_refused": Title("the edited runbook was refused"),
    "procedure_failed": Title("the procedure {} failed", "of a cure"),
}
_PT_BR: dict[str, Title] = {
    "unit_down": Title("{} está parado", "um serviço"),
    "unit_silent": Title("{} executa mas não responde", "um serviço"),
    "unit_restarts": Title("{} morre e reinicia sem parar", "um serviço"),
    "database_unreachable": Title("o banco de dados está inacessível"),
    "endpoint_slow": Title("{} responde devagar demais", "o analisador de rostos"),
    "endpoint_failing": Title("{} responde com erros", "o analisador de rostos"),
    "error_rate": Title("requisições demais falham"),
    "cpu_usage": Title("os processadores estão sobrecarregados"),
    "memory_usage": Title("a memória está acabando"),
    "disk_space": Title("o disco está enchendo: {}", "home"),
    "gpu_usage": Title("a GPU está sobrecarregada"),
    "queue_size": Title("a fila de lotes cresce demais"),
    "model_accuracy": Title("o reconhecimento perdeu exatidão"),
    "inference_time": Title("a inferência está lenta demais"),
    "batch_success": Title("imagens de lotes falham demais"),
    "metrics_unreadable": Title("as métricas de {} estão ilegíveis", "o analisador de rostos"),
    "channel_failing": Title("mensagens por '{}' não chegam", "um canal"),
    "watcher_failing": Title("o próprio vigia falha: {}", "veja o log dele"),
    "runbook_refused": Title("o runbook editado foi recusado"),
    "procedure_failed": Title("o procedimento {} falhou", "de uma cura"),
}
TITLES: dict[Language, dict[str, Title]] = {"en": _EN, "pt_BR": _PT_BR}
"""By language and name; alerts that others sent in are not among them."""
