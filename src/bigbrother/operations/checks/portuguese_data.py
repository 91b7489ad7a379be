"""What looks at the database, the batches and the model say, in Brazilian Portuguese."""

SENTENCES: dict[str, str] = {
    # Of the database
    "Nobody follows the write-ahead log, and none is archived.": (
        "Ninguém segue o log de transações, e nenhum é arquivado."
    ),
    "It lies {bytes} behind.": "Está {bytes} atrasado.",
    "Nobody reads it at this moment.": "Neste momento ninguém o lê.",
    "The last segment was archived.": "O último segmento foi arquivado.",
    "Bring its reader back; a slot that nobody needs keeps the log for ever: "
    "pg_drop_replication_slot.": (
        "Traga o leitor de volta; um slot de que ninguém precisa guarda o log para sempre: "
        "pg_drop_replication_slot."
    ),
    "Run archive_command by hand as the database's account, and read its words.": (
        "Execute archive_command à mão com a conta do banco de dados e leia o que diz."
    ),
    "Segment {segment} was not archived; {count} tries have failed.": (
        "O segmento {segment} não foi arquivado; {count} tentativas falharam."
    ),
    "No table has {least} rows.": "Nenhuma tabela tem {least} linhas.",
    "Clear it away: VACUUM (ANALYZE) {table}; see whether an old transaction keeps it.": (
        "Limpe: VACUUM (ANALYZE) {table}; veja se uma transação antiga as segura."
    ),
    "{dead} rows are dead, {live} live; it takes {bytes}.": (
        "{dead} linhas estão mortas, {live} vivas; ocupa {bytes}."
    ),
    "{hits} of {total} blocks were in memory; the cache has {buffers}.": (
        "{hits} de {total} blocos estavam na memória; o cache tem {buffers}."
    ),
    "A share needs {least} reads at least.": "Uma proporção exige pelo menos {least} leituras.",
    "Give it more memory: bigbrother run solutions.increase_caching.": (
        "Dê-lhe mais memória: bigbrother run solutions.increase_caching."
    ),
    "End what does nothing, or lower serving.database_connections; see who holds them: "
    "SELECT * FROM pg_stat_activity.": (
        "Encerre as ociosas ou reduza serving.database_connections; veja quem as ocupa: "
        "SELECT * FROM pg_stat_activity."
    ),
    "{used} of {most} connections are taken: {who}.": (
        "{used} de {most} conexões estão ocupadas: {who}."
    ),
    "{idle} of them do nothing.": "{idle} delas não fazem nada.",
    "See what it does: slow_queries and locks of bigbrother diagnose.": (
        "Veja o que faz: slow_queries e locks em bigbrother diagnose."
    ),
    "It took a connection and answered within {took}.": (
        "Aceitou uma conexão e respondeu em {took}."
    ),
    "Its size has not been known for long enough.": (
        "Seu tamanho não é conhecido há tempo bastante."
    ),
    "See what grows: \\dt+ in psql; shorten retentions, or enlarge the disk.": (
        "Veja o que cresce: \\dt+ no psql; encurte os prazos de retenção ou aumente o disco."
    ),
    "It has {size}, and grew by {grown} within {hours} hours; {free} are free.": (
        "Tem {size} e cresceu {grown} em {hours} horas; {free} estão livres."
    ),
    "Make it anew: bigbrother run solutions.optimize_queries.": (
        "Refaça-o: bigbrother run solutions.optimize_queries."
    ),
    "All {count} indexes are there and valid.": "Todos os {count} índices existem e são válidos.",
    "It is not valid: its making was broken off.": "Não é válido: sua criação foi interrompida.",
    "Make it anew: REINDEX INDEX CONCURRENTLY {index}.": (
        "Refaça-o: REINDEX INDEX CONCURRENTLY {index}."
    ),
    "It is missing.": "Falta.",
    "It has no index to search embeddings by.": "Não tem índice para buscar vetores.",
    "No invariant of the gallery is broken.": "Nenhum invariante da galeria está violado.",
    "Do not write to it; keep a copy, and restore the last backup that is sound.": (
        "Não escreva nele; guarde uma cópia e restaure o último backup íntegro."
    ),
    "{count} times {code} in {table}, such as {example}.": (
        "{count} vezes {code} em {table}, como {example}."
    ),
    "{who} (process {id}) has waited for {seconds} for {holder} (process {by}, {state}): {query}": (
        "{who} (processo {id}) espera há {seconds} por {holder} (processo {by}, {state}): {query}"
    ),
    "End who holds it, if it does not end by itself: SELECT pg_terminate_backend({id}).": (
        "Encerre quem a segura, se não terminar sozinho: SELECT pg_terminate_backend({id})."
    ),
    "Nobody waits for a lock.": "Ninguém espera por uma trava.",
    "{who} (process {id}) has run for {seconds}: {query}": (
        "{who} (processo {id}) executa há {seconds}: {query}"
    ),
    "On average {seconds} over {calls} calls: {query}": (
        "Em média {seconds} em {calls} chamadas: {query}"
    ),
    "See whether it must run now; renew the planner's figures: bigbrother run "
    "solutions.optimize_queries.": (
        "Veja se precisa executar agora; renove as estatísticas do planejador: bigbrother run "
        "solutions.optimize_queries."
    ),
    "No statement runs.": "Nenhum comando está em execução.",
    "End old transactions and prepared ones, then: VACUUM (FREEZE) as the superuser.": (
        "Encerre transações antigas e as preparadas; depois: VACUUM (FREEZE) como superusuário."
    ),
    "The oldest transaction of {name} lies {age} back.": (
        "A transação mais antiga de {name} está {age} atrás."
    ),
    # Of the model
    "It was checked at {time} UTC.": "Foi verificada em {time} UTC.",
    "Check it anew: bigbrother check model_accuracy.": (
        "Verifique de novo: bigbrother check model_accuracy."
    ),
    "Its networks run on {provider}.": "Suas redes executam em {provider}.",
    "There is {gpu}, and nothing of it is used.": "Há {gpu}, e nada dela é usado.",
    "Install the product with GPU support: pip install 'bigbrother-cnn[gpu]'.": (
        "Instale o produto com suporte a GPU: pip install 'bigbrother-cnn[gpu]'."
    ),
    "Check the model's files: bigbrother models verify {pack}; then let it load them anew: "
    "bigbrother run service_recovery.face_analyzer.": (
        "Verifique os arquivos do modelo: bigbrother models verify {pack}; depois faça-o "
        "carregá-los de novo: bigbrother run service_recovery.face_analyzer."
    ),
    "What {model} sees in the sample photo is not known.": (
        "Não se sabe o que {model} vê na foto de amostra."
    ),
    "The sample photo's face is alike to what {model} is known to see by {alike}.": (
        "O rosto da foto de amostra se parece em {alike} com o que se sabe que {model} vê."
    ),
    "It finds nobody in the sample photo.": "Não encontra ninguém na foto de amostra.",
    "It is the {role} of {model}: {bytes} bytes, sha256 {sha256}.": (
        "É o {role} de {model}: {bytes} bytes, sha256 {sha256}."
    ),
    "It runs {model}, as the settings say.": "Executa {model}, como dizem as configurações.",
    "Let it load what lies there: bigbrother run service_recovery.face_analyzer.": (
        "Faça-o carregar o que está lá: bigbrother run service_recovery.face_analyzer."
    ),
    "It runs {model}; on the disk lies {wanted}.": "Executa {model}; no disco está {wanted}.",
    # Of the batches
    "Image {number} of batch {batch}: {deaths} deaths, {state}.": (
        "Imagem {number} do lote {batch}: {deaths} mortes, {state}."
    ),
    "pending": "pendente",
    "No worker died at an image lately.": "Nenhum executor morreu numa imagem nos últimos tempos.",
    "Each is given up after {deaths} deaths, alone; or end it now: bigbrother batch cancel "
    "{batch}.": (
        "Cada uma é abandonada após {deaths} mortes, sozinha; ou encerre já: bigbrother batch "
        "cancel {batch}."
    ),
    "No image waits.": "Nenhuma imagem espera.",
    "{images} images wait, the oldest for {oldest}; the last one ended {progress} ago.": (
        "{images} imagens esperam, a mais antiga há {oldest}; a última terminou há {progress}."
    ),
    "See whether a worker lives, and bring it back: bigbrother run service_recovery.{unit}.": (
        "Veja se um executor vive e recupere-o: bigbrother run service_recovery.{unit}."
    ),
    "{count} workers live.": "{count} executores vivem.",
    "None has ever given a sign of life that is still kept.": (
        "Nenhum deu sinal de vida que ainda esteja guardado."
    ),
    "The last sign of life came {silent} ago.": "O último sinal de vida veio há {silent}.",
}
