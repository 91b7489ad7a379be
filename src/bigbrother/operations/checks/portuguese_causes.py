"""What is said of causes and of solutions, in Brazilian Portuguese; the key is the English."""

SENTENCES: dict[str, str] = {
    "{seen} {meaning}": "{seen} {meaning}",
    "{reason} (It may come of {cause}.)": "{reason} (Pode vir de {cause}.)",
    "It grew from {first} to {last}.": "Cresceu de {first} para {last}.",
    # Whether a solution helped
    "{symptom}: {verdict}.": "{symptom}: {verdict}.",
    "{symptom}: {verdict}, {before} before and {after} after.": (
        "{symptom}: {verdict}, {before} antes e {after} depois."
    ),
    "cured": "resolvido",
    "better": "melhor",
    "unchanged": "sem mudança",
    "worse": "pior",
    "absent": "ausente",
    "unknown": "desconhecido",
    # What a cause's symptoms mean
    "Without room nothing can be written.": "Sem espaço nada pode ser gravado.",
    "Two clocks differ, so ages and expiries are wrong.": (
        "Dois relógios diferem; idades e vencimentos ficam errados."
    ),
    "Without memory units are killed, or wait for it.": (
        "Sem memória as unidades são encerradas ou ficam à espera dela."
    ),
    "A model that is not the one that was shipped cannot be trusted.": (
        "Um modelo que não é o que foi entregue não é confiável."
    ),
    "A unit cannot start while another program holds its port.": (
        "Uma unidade não inicia enquanto outro programa ocupa sua porta."
    ),
    "After its last day nobody accepts a certificate.": (
        "Depois do último dia ninguém aceita um certificado."
    ),
    "Nothing is recognised without the database.": ("Nada é reconhecido sem o banco de dados."),
    "Workers died while they looked at one and the same image.": (
        "Executores morreram ao analisar uma mesma imagem."
    ),
    "A unit that hangs or is down does nothing for anybody.": (
        "Uma unidade travada ou parada não atende ninguém."
    ),
    "Batches do not go on.": "Os lotes não avançam.",
    "The model's answers are worse than on a good day.": (
        "As respostas do modelo são piores que num dia bom."
    ),
    "Callers wait longer than on a good day.": ("Quem chama espera mais que num dia bom."),
    # What its other signs mean
    "A disk beyond its limit fills up soon.": "Um disco acima do limite logo enche.",
    "At this growth the room is soon used up.": "Com este crescimento o espaço logo acaba.",
    "There is room.": "Há espaço.",
    "The clocks differ by more than the limit.": "Os relógios diferem mais que o limite.",
    "Memory is used beyond its limit.": "A memória está acima do limite.",
    "Processes stand still because they wait for memory.": (
        "Há processos parados à espera de memória."
    ),
    "A process that is not ours takes much memory.": (
        "Um processo que não é nosso ocupa muita memória."
    ),
    "A unit that is killed for memory starts anew.": (
        "Uma unidade encerrada por falta de memória reinicia."
    ),
    "The unit runs another model than the settings name.": (
        "A unidade usa um modelo diferente do configurado."
    ),
    "Every file is as shipped.": "Todos os arquivos são os entregues.",
    "A unit without its port starts ever anew.": "Uma unidade sem sua porta reinicia sem parar.",
    "Every port is our own.": "Todas as portas são nossas.",
    "A certificate expires, or is unreadable.": "Um certificado vence ou é ilegível.",
    "The database's unit does not run.": "A unidade do banco de dados não está em execução.",
    "The database's process stands still.": "O processo do banco de dados está parado.",
    "The database dies again and again.": "O banco de dados morre repetidamente.",
    "Nothing answers at the database's address.": ("Nada responde no endereço do banco de dados."),
    "The database answers.": "O banco de dados responde.",
    "The worker dies again and again.": "O executor morre repetidamente.",
    "The worker does not run.": "O executor não está em execução.",
    "No image is known to kill.": "Nenhuma imagem nociva é conhecida.",
    "Work has waited long, and nobody took any.": (
        "Há trabalho esperando há muito tempo, e ninguém o pegou."
    ),
    "The worker's process stands still.": "O processo do executor está parado.",
    "The face analyzer answers nobody.": "O analisador de rostos não responde a ninguém.",
    "The face analyzer does not serve.": "O analisador de rostos não atende.",
    "The watcher answers nobody.": "O vigia não responde a ninguém.",
    "More waits than on a good day.": "Há mais à espera que num dia bom.",
    "A worker lives.": "Há um executor vivo.",
    "Accuracy is below its limit.": "A exatidão está abaixo do limite.",
    "The model runs on the processor though there is a GPU.": (
        "O modelo roda no processador embora haja uma GPU."
    ),
    "The sample's face does not come out as it was.": ("O rosto da amostra não sai como antes."),
    "The GPU has no room for more.": "A GPU não tem capacidade para mais.",
    "Accuracy is as on a good day.": "A exatidão é a de um dia bom.",
    "Statements wait for each other in the database.": (
        "Comandos esperam uns pelos outros no banco de dados."
    ),
    "A statement of the database takes very long.": "Um comando do banco de dados demora muito.",
    "Few connections to the database are left.": "Restam poucas conexões ao banco de dados.",
    "Without its index a search reads everything.": "Sem o índice uma busca lê tudo.",
    "The database answers slowly.": "O banco de dados responde devagar.",
    "The network is slow or loses packets.": "A rede está lenta ou perde pacotes.",
    "Each inference takes long.": "Cada inferência demora.",
    "Answers take longer than their limit.": "As respostas demoram mais que o limite.",
    "Processes wait for a processor.": "Há processos à espera de processador.",
    "Another program takes the processor.": "Outro programa ocupa o processador.",
    "The database reads much from the disk.": "O banco de dados lê muito do disco.",
    "Tables hold many dead rows.": "As tabelas têm muitas linhas mortas.",
}
