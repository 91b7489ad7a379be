"""What the summary of a log says, in Brazilian Portuguese; the key is the English sentence."""

SENTENCES: dict[str, str] = {
    "The database was still starting.": "O banco de dados ainda estava iniciando.",
    "The database was being stopped.": "O banco de dados estava sendo parado.",
    "The address is taken by another process.": "O endereço está ocupado por outro processo.",
    "See who holds it: ss -ltnp; end that process, or choose another port with BIGBROTHER_PORT.": (
        "Veja quem o ocupa: ss -ltnp; encerre esse processo ou escolha outra porta com "
        "BIGBROTHER_PORT."
    ),
    "The disk is full.": "O disco está cheio.",
    "Make room: df -h shows which disk, du -xh --max-depth=2 / what fills it.": (
        "Libere espaço: df -h mostra qual disco, du -xh --max-depth=2 / o que o enche."
    ),
    "A model file is missing or damaged.": "Um arquivo de modelo falta ou está danificado.",
    "See which: bigbrother models verify; then put the pack's file back, or choose another pack.": (
        "Veja qual: bigbrother models verify; depois reponha o arquivo do pacote ou escolha outro."
    ),
    "Data of the database are damaged.": "Há dados danificados no banco de dados.",
    "Stop writing to it: bigbrother down; keep a copy of the data folder, then restore "
    "the newest backup.": (
        "Pare de escrever nele: bigbrother down; guarde uma cópia da pasta de dados e restaure "
        "o backup mais novo."
    ),
    "The lock file of another server is in the way.": (
        "O arquivo de trava de outro servidor está no caminho."
    ),
    "Look whether the process that it names is another PostgreSQL server on the same "
    "folder, and end that one; PostgreSQL clears a stale lock file away itself.": (
        "Veja se o processo que ele nomeia é outro servidor PostgreSQL na mesma pasta e encerre-o; "
        "o PostgreSQL remove sozinho uma trava antiga."
    ),
    "Memory ran out.": "A memória acabou.",
    "See who takes it: bigbrother check memory_usage; end it, or add memory.": (
        "Veja quem a usa: bigbrother check memory_usage; encerre-o ou acrescente memória."
    ),
    "No file or connection more can be opened.": (
        "Nenhum arquivo ou conexão a mais pode ser aberto."
    ),
    "Raise the limit of open files of the service's account (ulimit -n).": (
        "Aumente o limite de arquivos abertos da conta do serviço (ulimit -n)."
    ),
    "The database takes no more connections.": "O banco de dados não aceita mais conexões.",
    "See who holds them: SELECT * FROM pg_stat_activity; end what is idle.": (
        "Veja quem as ocupa: SELECT * FROM pg_stat_activity; encerre as ociosas."
    ),
    "A certificate is not taken: it has expired, or is not trusted.": (
        "Um certificado não é aceito: expirou ou não é confiável."
    ),
    "Renew it, or set the right authority: openssl x509 -noout -dates shows its time.": (
        "Renove-o ou indique a autoridade certa: openssl x509 -noout -dates mostra o prazo."
    ),
    "A file or socket may not be used by the unit's account.": (
        "A conta da unidade não pode usar um arquivo ou socket."
    ),
    "Look at owner and mode of the file it names, then run: bigbrother up --detach.": (
        "Veja dono e permissões do arquivo nomeado e execute: bigbrother up --detach."
    ),
    "A program or library of the installation is missing or damaged.": (
        "Um programa ou biblioteca da instalação falta ou está danificado."
    ),
    "Install the product again; the home with its data stays as it is.": (
        "Instale o produto de novo; o diretório da instalação e seus dados ficam como estão."
    ),
    "A process was killed by a signal.": "Um processo foi morto por um sinal.",
    "See who sent it: journalctl -k shows whether memory ran out; a person's kill leaves "
    "no trace.": (
        "Veja quem o enviou: journalctl -k mostra se a memória acabou; um kill de uma pessoa não "
        "deixa rastro."
    ),
    "The database does not answer.": "O banco de dados não responde.",
    "Bring it back: bigbrother run service_recovery.bigbrother-db.": (
        "Recupere-o: bigbrother run service_recovery.bigbrother-db."
    ),
}
