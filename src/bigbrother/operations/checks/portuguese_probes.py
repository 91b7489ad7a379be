"""What looks at network, machine and services say, in Brazilian Portuguese."""

SENTENCES: dict[str, str] = {
    # Of the diagnosis itself
    "It did not come back within {within}, and was cut.": "Não terminou em {within} e foi cortada.",
    "Report it: it is an error of the product.": "Comunique: é um erro do produto.",
    # Of the network
    "Names are asked of {servers}.": "Os nomes são perguntados a {servers}.",
    "Ask by hand: {command} {name}; then look at /etc/resolv.conf.": (
        "Pergunte à mão: {command} {name}; depois veja /etc/resolv.conf."
    ),
    "{name} is {addresses}, heard within {took}.": "{name} é {addresses}, respondido em {took}.",
    "Nothing that we talk to is called by a name.": ("Nada com que falamos é chamado por um nome."),
    "{place} answered {answers} of {sent} times, in {mean} on average; {loss} were lost, the "
    "jitter is {jitter}.": (
        "{place} respondeu {answers} de {sent} vezes, em {mean} em média; {loss} se perderam, a "
        "variação é de {jitter}."
    ),
    "See who fills the way or the machine at its end: {command} {place}.": (
        "Veja quem ocupa o caminho ou a máquina no fim dele: {command} {place}."
    ),
    "Nobody answers.": "Ninguém responde.",
    "See whether it runs, and what lies between: bigbrother diagnose.": (
        "Veja se está em execução e o que há no caminho: bigbrother diagnose."
    ),
    "This account may not see who listens at port {port}.": (
        "Esta conta não pode ver quem escuta na porta {port}."
    ),
    "Look as the service's own account, or as root.": (
        "Olhe com a conta do próprio serviço, ou como root."
    ),
    "another account's process": "um processo de outra conta",
    "{name}, process {id}": "{name}, processo {id}",
    "End that process, or choose another port: BIGBROTHER_PORT, BIGBROTHER_OPS_PORT.": (
        "Encerre esse processo ou escolha outra porta: BIGBROTHER_PORT, BIGBROTHER_OPS_PORT."
    ),
    "Port {port} is taken by {who}: {unit} cannot have it.": (
        "A porta {port} está ocupada por {who}: {unit} não pode usá-la."
    ),
    "Nobody listens at port {port}.": "Ninguém escuta na porta {port}.",
    "The unit itself listens at port {port}.": "A própria unidade escuta na porta {port}.",
    "All that we talk to is on this machine.": "Tudo com que falamos está nesta máquina.",
    "There is no program `{program}` to see the way with.": (
        "Não há o programa `{program}` para ver o caminho."
    ),
    "The gateway is {gateway}.": "O gateway é {gateway}.",
    "Look at the machine's routes: ip route get {host}.": (
        "Veja as rotas da máquina: ip route get {host}."
    ),
    "The way goes over {count} stations: {stations}.": (
        "O caminho passa por {count} estações: {stations}."
    ),
    "The system knows no way to {address}.": "O sistema não conhece caminho até {address}.",
    # Of the machine
    "There is no certificate of ours, and no channel with one is on.": (
        "Não há certificado nosso, e nenhum canal com certificado está ligado."
    ),
    "It is valid from {begins} to {ends}.": "Vale de {begins} até {ends}.",
    "{days} days are left.": "Restam {days} dias.",
    "It cannot be read: {reason}.": "Não pode ser lido: {reason}.",
    "It is no certificate that anybody can read.": "Não é um certificado legível.",
    "Put the right file there: openssl x509 -noout -text -in {file}.": (
        "Ponha o arquivo certo no lugar: openssl x509 -noout -text -in {file}."
    ),
    "Renew it, put it in the old one's place, and restart who uses it.": (
        "Renove-o, ponha-o no lugar do antigo e reinicie quem o usa."
    ),
    "Our clock says {ours}, the other {theirs} UTC; they are {skew} apart.": (
        "Nosso relógio diz {ours}, o outro {theirs} UTC; a diferença é de {skew}."
    ),
    "What the watcher wrote down last is dated {ahead} ahead of now.": (
        "O último registro do vigia tem data {ahead} à frente de agora."
    ),
    "Nobody keeps the machine's clock in step, as far as its kernel knows.": (
        "Ninguém mantém o relógio da máquina certo, até onde o kernel sabe."
    ),
    "Let chrony, ntpd or systemd-timesyncd keep it: timedatectl.": (
        "Deixe chrony, ntpd ou systemd-timesyncd mantê-lo: timedatectl."
    ),
    "The machine's clock is kept in step; it was {offset} off, and is {worst} at the most.": (
        "O relógio da máquina é mantido certo; esteve {offset} errado e está no máximo {worst}."
    ),
    "See which of the clocks is wrong: timedatectl on each machine; let NTP set it.": (
        "Veja qual dos relógios está errado: timedatectl em cada máquina; deixe o NTP acertá-lo."
    ),
    "Find where the many small files are: du --inodes -xd2 {mount} | sort -n.": (
        "Descubra onde estão os muitos arquivos pequenos: du --inodes -xd2 {mount} | sort -n."
    ),
    "Since the machine's start the kernel killed {count} processes for want of memory.": (
        "Desde o início da máquina o kernel matou {count} processos por falta de memória."
    ),
    "At {time} UTC {name} was killed, process {id}.": (
        "Às {time} UTC {name} foi morto, processo {id}."
    ),
    "See who grew: top_users of bigbrother diagnose; run less at once, or add memory.": (
        "Veja quem cresceu: top_users em bigbrother diagnose; execute menos de cada vez ou "
        "acrescente memória."
    ),
    "Look as root: dmesg --time-format iso | grep 'Out of memory'.": (
        "Olhe como root: dmesg --time-format iso | grep 'Out of memory'."
    ),
    "The kernel's log, which dates them, is closed.": (
        "O log do kernel, que diz quando foi, não pode ser lido."
    ),
    "See what holds them open: ls -l /proc/<process>/fd; raise the limit (ulimit -n), or restart "
    "the unit.": (
        "Veja o que os mantém abertos: ls -l /proc/<processo>/fd; aumente o limite (ulimit -n) ou "
        "reinicie a unidade."
    ),
    "{used} of {most} files and connections are open.": (
        "{used} de {most} arquivos e conexões estão abertos."
    ),
    "This kernel does not measure pressure.": "Este kernel não mede a pressão.",
    "See who takes it: bigbrother diagnose, top_users.": (
        "Veja quem ocupa: bigbrother diagnose, top_users."
    ),
    "Of the last 10 s some work waited for {what} in {some}, and all of it in {full}.": (
        "Dos últimos 10 s algum trabalho esperou por {what} em {some}, e todo ele em {full}."
    ),
    "cpu": "processador",
    "memory": "memória",
    "io": "disco",
    "{name} (process {id}, {whose}): {share}.": "{name} (processo {id}, {whose}): {share}.",
    "See whether what takes so much must run here, and now: end it, or give it less.": (
        "Veja se o que ocupa tanto precisa executar aqui e agora: encerre-o ou dê-lhe menos."
    ),
    "not ours": "não é nosso",
    "this diagnosis": "este diagnóstico",
    # Of the services
    "No unit has a process.": "Nenhuma unidade tem um processo.",
    "Its process {id} does not go on: the system calls it {state}.": (
        "Seu processo {id} não avança: o sistema o chama de {state}."
    ),
    "Its process {id} goes on.": "Seu processo {id} avança.",
    "It waits for a disk at this moment.": "Neste momento espera por um disco.",
    "It answered within {took}.": "Respondeu em {took}.",
    "It wrote of no error lately.": "Não registrou erro nos últimos tempos.",
    "{count} times: {title}": "{count} vezes: {title}",
    "See why it dies: bigbrother logs {unit}.": "Veja por que morre: bigbrother logs {unit}.",
    "It went down {count} times within {within}.": "Caiu {count} vezes em {within}.",
    "Bring it back: bigbrother run service_recovery.{unit}.": (
        "Recupere-a: bigbrother run service_recovery.{unit}."
    ),
}
