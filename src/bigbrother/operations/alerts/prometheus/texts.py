"""What Prometheus tells people of an alert, in the document's languages."""

from bigbrother.operations.alerts.prometheus.alerting_rule import Text
from bigbrother.runbook.sections.alerting import Language

VALUE_RATIO = "{{ $value | humanizePercentage }}"
VALUE_COUNT = '{{ $value | printf "%.0f" }}'

_TEXTS: dict[Language, dict[str, tuple[str, str, str]]] = {
    "en": {
        "unit_down": (
            "{unit} is down.",
            "Prometheus gets no figures from it.",
            (
                "Look with 'bigbrother status' and 'bigbrother logs {unit}'; start it with "
                "'bigbrother up --detach'."
            ),
        ),
        "no_worker": (
            "No worker lives.",
            "No worker said within {limit} that it lives; batches stand still.",
            "Look with 'bigbrother status' and 'bigbrother logs bigbrother-worker'.",
        ),
        "database_unreachable": (
            "The face analyzer does not reach its database.",
            "Its figures lack all that only the database knows.",
            "Look with 'bigbrother logs bigbrother-db'; analyze DB performance and free space.",
        ),
        "watcher_loop": (
            "The watcher stands still.",
            "It answers, and decides nothing; nobody is paged by it.",
            "Look with 'bigbrother logs bigbrother-ops'.",
        ),
        "watcher_store": (
            "The watcher cannot write ops.db.",
            "Its disk takes nothing; it goes on in memory and would forget all in a restart.",
            "Make room (df -h), and look with 'bigbrother logs bigbrother-ops'.",
        ),
        "endpoint_slow": (
            "The face analyzer answers slowly: p95 is over {limit}.",
            VALUE_RATIO + " of the requests with a single face ended within {limit}; "
            "{share} should.",
            (
                "Verify system resources, check network latency, analyze DB performance; "
                "then scale resources or increase caching."
            ),
        ),
        "error_rate": (
            "The face analyzer fails: its error rate is not {limit}.",
            VALUE_RATIO + " of the answers within {window} were its own failures.",
            "Look for problems with 'bigbrother logs bigbrother-face'.",
        ),
        "queue_size": (
            "The queue of images is not {limit}.",
            VALUE_COUNT + " images and requests wait.",
            "Run more workers, or look why they are slow: 'bigbrother batch list'.",
        ),
        "inference_time": (
            "Inference is slow: its p95 is not {limit}.",
            VALUE_RATIO + " of the images with a single face were done within that; "
            "{share} should be.",
            "Verify model version, check input data, analyze GPU usage.",
        ),
        "batch_success": (
            "Batches fail: their success is not {limit}.",
            VALUE_RATIO + " of the images that ended within {window} ended well.",
            "Look at the failed images with 'bigbrother batch list', then try them again.",
        ),
    },
    "pt_BR": {
        "unit_down": (
            "{unit} está fora do ar.",
            "O Prometheus não recebe as métricas desta unidade.",
            (
                "Veja com 'bigbrother status' e 'bigbrother logs {unit}'; inicie com "
                "'bigbrother up --detach'."
            ),
        ),
        "no_worker": (
            "Nenhum executor está vivo.",
            "Nenhum executor deu sinal de vida em {limit}; os lotes estão parados.",
            "Veja com 'bigbrother status' e 'bigbrother logs bigbrother-worker'.",
        ),
        "database_unreachable": (
            "O analisador de rostos não alcança o banco de dados.",
            "Faltam nas métricas os números que só o banco de dados conhece.",
            "Veja com 'bigbrother logs bigbrother-db'; analise o desempenho e o espaço do banco.",
        ),
        "watcher_loop": (
            "O vigia está parado.",
            "Ele responde, mas não decide nada; ninguém é chamado por ele.",
            "Veja com 'bigbrother logs bigbrother-ops'.",
        ),
        "watcher_store": (
            "O vigia não consegue gravar ops.db.",
            "O disco não aceita nada; ele continua na memória e esqueceria tudo ao reiniciar.",
            "Libere espaço (df -h) e veja 'bigbrother logs bigbrother-ops'.",
        ),
        "endpoint_slow": (
            "O analisador de rostos responde devagar: p95 acima de {limit}.",
            VALUE_RATIO + " das requisições com um só rosto terminaram em até {limit}; "
            "o esperado é {share}.",
            (
                "Verifique os recursos do sistema, a latência da rede e o desempenho do banco; "
                "depois aumente os recursos ou o cache."
            ),
        ),
        "error_rate": (
            "O analisador de rostos falha: a taxa de erros não está {limit}.",
            VALUE_RATIO + " das respostas em {window} foram falhas do próprio serviço.",
            "Procure os problemas com 'bigbrother logs bigbrother-face'.",
        ),
        "queue_size": (
            "A fila de imagens não está {limit}.",
            VALUE_COUNT + " imagens e requisições esperam.",
            "Rode mais executores, ou veja por que estão lentos: 'bigbrother batch list'.",
        ),
        "inference_time": (
            "A inferência está lenta: o p95 não está {limit}.",
            VALUE_RATIO + " das imagens com um só rosto terminaram nesse tempo; "
            "o esperado é {share}.",
            "Verifique a versão do modelo, os dados de entrada e o uso da GPU.",
        ),
        "batch_success": (
            "Lotes falham: o sucesso não está {limit}.",
            VALUE_RATIO + " das imagens que terminaram em {window} terminaram bem.",
            "Veja as imagens que falharam com 'bigbrother batch list' e tente de novo.",
        ),
    },
}


def text(language: Language, name: str, **figures: str) -> Text:
    """The text of one alert with the document's figures in it."""

    def fill(template: str) -> str:
        for key, figure in figures.items():
            template = template.replace(f"{{{key}}}", figure)
        return template

    summary, description, remedy = _TEXTS[language][name]
    return Text(fill(summary), fill(description), fill(remedy))
