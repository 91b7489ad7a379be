"""What checks say, in Brazilian Portuguese; the key is the English template."""

from bigbrother.operations.checks import (
    portuguese_causes,
    portuguese_data,
    portuguese_probes,
)
from bigbrother.operations.checks.log_summary import portuguese as log_summary

_OF_CHECKS: dict[str, str] = {
    # Of the run
    "It could not be looked at: {reason}": "Não foi possível verificar: {reason}",
    "The check itself broke: {reason}": "A própria verificação falhou: {reason}",
    "See the log of bigbrother-ops, and report it.": (
        "Veja o log de bigbrother-ops e comunique o problema."
    ),
    "It did not come back within {within}.": "Não terminou em {within}.",
    "The look before has not come back yet.": "A verificação anterior ainda não terminou.",
    "Look for what hangs: bigbrother check {name}.": (
        "Procure o que está travado: bigbrother check {name}."
    ),
    # Of the machine
    "The processors are {busy} busy.": "Os processadores estão {busy} ocupados.",
    "See with `top` who uses them; lower the load, or move batches to another host.": (
        "Veja com `top` quem os usa; reduza a carga ou leve os lotes para outra máquina."
    ),
    "{used} of {total} are used.": "{used} de {total} estão em uso.",
    "See with `top` (key M) who takes it; restart what grew, or add memory.": (
        "Veja com `top` (tecla M) quem a ocupa; reinicie o que cresceu ou acrescente memória."
    ),
    "{mount} is {used} full; {free} are left.": "{mount} está {used} cheio; restam {free}.",
    "{inodes} of its inodes are used.": "{inodes} dos seus inodes estão em uso.",
    "Find what grew: du -xh --max-depth=2 {mount} | sort -h; move or remove it, or "
    "enlarge the disk.": (
        "Descubra o que cresceu: du -xh --max-depth=2 {mount} | sort -h; mova ou remova, ou "
        "aumente o disco."
    ),
    "This machine has no GPU, or no driver for it.": (
        "Esta máquina não tem GPU, ou não tem o driver dela."
    ),
    "{gpu} is {busy} busy, its memory {memory} full.": (
        "{gpu} está {busy} ocupada, com a memória {memory} cheia."
    ),
    "See with `nvidia-smi` who uses it; lower the load or add a GPU.": (
        "Veja com `nvidia-smi` quem a usa; reduza a carga ou acrescente uma GPU."
    ),
    # Of the application
    "It answers.": "Responde.",
    "It does not run.": "Não está em execução.",
    "It does not answer: {reason}": "Não responde: {reason}",
    "It is ready to take requests.": "Está pronto para receber requisições.",
    "It is not ready: status {status}.": "Não está pronto: status {status}.",
    "Start everything: bigbrother up --detach.": "Inicie tudo: bigbrother up --detach.",
    "{unit} is {state}.": "{unit} está {state}.",
    "stopped": "parado",
    "starting": "iniciando",
    "running": "em execução",
    "restarting": "reiniciando",
    "stopping": "parando",
    "failed": "em falha",
    "unmanaged": "sem gerenciador",
    "Its manager says: {reason}": "Seu gerenciador diz: {reason}",
    "See `bigbrother logs {unit}`.": "Veja `bigbrother logs {unit}`.",
    "See `bigbrother logs bigbrother-db`.": "Veja `bigbrother logs bigbrother-db`.",
    "See `bigbrother logs bigbrother-face` for their reasons.": (
        "Veja os motivos em `bigbrother logs bigbrother-face`."
    ),
    "Counted since the face analyzer's start.": ("Contado desde o início do analisador de rostos."),
    "Counted since the face analyzer started anew.": (
        "Contado desde que o analisador de rostos reiniciou."
    ),
    "Counted over the last {span}.": "Contado nos últimos {span}.",
    "{failed} of {requests} requests failed.": "{failed} de {requests} requisições falharam.",
    "A rate needs {least} requests at least.": "Uma taxa exige pelo menos {least} requisições.",
    "There were {events} requests with a single face.": (
        "Houve {events} requisições com um só rosto."
    ),
    "A percentile needs {least} of them at least.": "Um percentil exige pelo menos {least} delas.",
    "95% of {events} requests with a single face took {value} at most.": (
        "95% de {events} requisições com um só rosto levaram no máximo {value}."
    ),
    "Of {events} requests with a single face more than 5% took longer than {value}.": (
        "De {events} requisições com um só rosto, mais de 5% levaram mais de {value}."
    ),
    "Look at cpu_usage and queue_size; send smaller images or fewer at a time.": (
        "Veja cpu_usage e queue_size; envie imagens menores ou menos de cada vez."
    ),
    "The face analyzer does not tell what waits: it lacks its database.": (
        "O analisador de rostos não diz o que espera: falta-lhe o banco de dados."
    ),
    "{images} images of batches and {requests} requests wait.": (
        "{images} imagens de lotes e {requests} requisições esperam."
    ),
    "See who sent them: bigbrother batch status; run workers on several hosts, or "
    "cancel a batch.": (
        "Veja quem as enviou: bigbrother batch status; use executores em várias máquinas ou "
        "cancele um lote."
    ),
    # Of the model
    "Look at cpu_usage; choose a lighter model pack, or add cores or a GPU.": (
        "Veja cpu_usage; escolha um pacote de modelos mais leve, ou acrescente núcleos ou uma GPU."
    ),
    "{ended} images of batches ended within {window}.": (
        "{ended} imagens de lotes terminaram em {window}."
    ),
    "A share needs {least} images at least.": "Uma proporção exige pelo menos {least} imagens.",
    "See the reasons: bigbrother batch results --help; and `bigbrother logs bigbrother-worker`.": (
        "Veja os motivos: bigbrother batch results --help; e `bigbrother logs bigbrother-worker`."
    ),
    "Source: {source}, {count} photographs of {people} people.": (
        "Fonte: {source}, {count} fotografias de {people} pessoas."
    ),
    "the folder {folder}": "a pasta {folder}",
    "the shipped samples": "as amostras que acompanham o produto",
    "Source: the gallery itself, {count} examples of {people} subjects with several.": (
        "Fonte: a própria galeria, {count} exemplos de {people} titulares com vários."
    ),
    "{refused} photographs hold no face that is found.": (
        "Em {refused} fotografias nenhum rosto foi encontrado."
    ),
    "The time was up with {left} photographs left.": (
        "O tempo acabou com {left} fotografias por analisar."
    ),
    "{genuine} genuine and {impostor} impostor pairs were compared at the threshold "
    "{threshold} of {model}.": (
        "{genuine} pares genuínos e {impostor} pares impostores foram comparados no limiar "
        "{threshold} de {model}."
    ),
    "A figure needs {genuine} genuine and {impostor} impostor pairs at least.": (
        "Um valor exige pelo menos {genuine} pares genuínos e {impostor} impostores."
    ),
    "{accepted} of the genuine pairs reach it (TAR) and {matched} of the impostor pairs (FMR).": (
        "{accepted} dos pares genuínos o alcançam (TAR) e {matched} dos impostores (FMR)."
    ),
    "Put photographs of known people into {folder}, a folder a person, several each.": (
        "Ponha fotografias de pessoas conhecidas em {folder}, uma pasta por pessoa, várias de "
        "cada uma."
    ),
    "See whether the photographs are right (people under a wrong name, bad quality); "
    "then whether the model is: bigbrother models verify {pack}.": (
        "Veja se as fotografias estão certas (nomes trocados, má qualidade); depois, se o modelo "
        "está: bigbrother models verify {pack}."
    ),
}

SENTENCES: dict[str, str] = (
    _OF_CHECKS
    | log_summary.SENTENCES
    | portuguese_causes.SENTENCES
    | portuguese_data.SENTENCES
    | portuguese_probes.SENTENCES
)
