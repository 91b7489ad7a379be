"""The network through the system's own sockets, and its programs where only they may."""

import ipaddress
import re
import shlex
import shutil
import smtplib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import psutil

from bigbrother.adapters.icmp import Pinger
from bigbrother.kernel.clock import Clock
from bigbrother.ports.network import (
    Echoes,
    EchoNotPermitted,
    Encryption,
    Hop,
    NameUnresolved,
    NoCertificate,
)

_ANSWERED = re.compile(r"time[=<]([\d.]+) ms")
_HOP = re.compile(r"^\s*\d+[:?]?\s+(\S+)(?:.*?\s([\d.]+)\s*ms)?", re.MULTILINE)
_LOOK_AT_NAMES = "Look at /etc/resolv.conf and at the name servers that it names."
_DISCARD_PORT = 9


class SystemNetwork:
    """This machine's network."""

    def __init__(self, clock: Clock, resolver: Path = Path("/etc/resolv.conf")) -> None:
        """`resolver` names the name servers."""
        self._clock = clock
        self._resolver = resolver

    def echo(self, host: str, count: int, within_seconds: float) -> Echoes:
        each = within_seconds / (count + 1)
        address = self.resolve(host, each)[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            pinger = Pinger(family, address, self._clock)
        except OSError:
            return self._echo_by_program(address, count, within_seconds - each)
        try:
            return self._tries(count, lambda number: pinger.ping(number, each))
        finally:
            pinger.close()

    def connect(self, host: str, port: int, count: int, within_seconds: float) -> Echoes:
        each = within_seconds / (count + 1)
        address = self.resolve(host, each)[0]

        def once(_number: int) -> float:
            began = self._clock.monotonic_seconds()
            socket.create_connection((address, port), timeout=each).close()
            return self._clock.monotonic_seconds() - began

        return self._tries(count, once)

    def connect_socket(self, path: Path, count: int, within_seconds: float) -> Echoes:
        def once(_number: int) -> float:
            began = self._clock.monotonic_seconds()
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(within_seconds / count)
                line.connect(str(path))
            return self._clock.monotonic_seconds() - began

        return self._tries(count, once)

    def resolve(self, name: str, within_seconds: float) -> tuple[str, ...]:
        found: list[tuple[str, ...]] = []
        reasons: list[str] = []

        def ask() -> None:
            try:
                answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError) as error:
                reasons.append(getattr(error, "strerror", None) or str(error))
            else:
                found.append(tuple(dict.fromkeys(str(answer[4][0]) for answer in answers)))

        # The system's resolver knows no time limit.
        asking = threading.Thread(target=ask, name=f"resolve-{name}", daemon=True)
        asking.start()
        asking.join(within_seconds)
        if found:
            return found[0]
        reason = reasons[0] if reasons else f"no answer within {within_seconds:g} s"
        raise NameUnresolved(f"'{name}' has no address: {reason}.", remedy=_LOOK_AT_NAMES)

    def name_servers(self) -> tuple[str, ...]:
        try:
            lines = self._resolver.read_text("utf-8", "replace").splitlines()
        except OSError:
            return ()
        words = [line.split() for line in lines]
        return tuple(each[1] for each in words if len(each) > 1 and each[0] == "nameserver")

    def is_here(self, address: str) -> bool:
        found = ipaddress.ip_address(address.partition("%")[0])
        if found.is_loopback or found.is_unspecified:
            return True
        own = {
            each.address.partition("%")[0]
            for addresses in psutil.net_if_addrs().values()
            for each in addresses
        }
        return str(found) in own

    def gateway(self) -> str | None:
        try:
            lines = Path("/proc/net/route").read_text("ascii").splitlines()[1:]
        except OSError:
            return None
        for line in lines:
            fields = line.split()
            if fields[1] == fields[7] == "00000000" and fields[2] != "00000000":
                return str(ipaddress.ip_address(bytes.fromhex(fields[2])[::-1]))
        return None

    def reaches(self, address: str) -> bool:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as trial:
            try:
                # Connecting a datagram socket asks for the way, and sends nothing.
                trial.connect((address, _DISCARD_PORT))
            except OSError:
                return False
        return True

    def hops(self, program: str, host: str, within_seconds: float) -> tuple[Hop, ...] | None:
        words = shlex.split(program)
        if not words or shutil.which(words[0]) is None:
            return None
        # Both traceroute and tracepath take it: names of stations would be asked for one by one.
        said = _said((*words, "-n", host), within_seconds)
        return tuple(
            Hop("" if address == "*" else address, float(ms) / 1000 if ms else None)
            for address, ms in _HOP.findall(said)
        )

    def certificate(
        self, host: str, port: int, encryption: Encryption, within_seconds: float
    ) -> bytes:
        # What it shows is looked at, whoever signed it: an untrusted one expires too.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            if encryption == "starttls":
                with smtplib.SMTP(host, port, timeout=within_seconds) as mail:
                    mail.starttls(context=context)
                    shown = _shown(mail.sock)
            else:
                with (
                    socket.create_connection((host, port), timeout=within_seconds) as line,
                    context.wrap_socket(line, server_hostname=host) as wrapped,
                ):
                    shown = wrapped.getpeercert(binary_form=True)
        except (OSError, smtplib.SMTPException) as error:
            raise NoCertificate(
                f"{host}:{port} shows no certificate: {error}.",
                remedy="Look whether it is reached at all, and whether it speaks TLS.",
            ) from error
        if shown is None:
            raise NoCertificate(f"{host}:{port} shows no certificate.")
        return shown

    def _tries(self, count: int, once: Callable[[int], float | None]) -> Echoes:
        seconds, reason = [], ""
        for number in range(1, count + 1):
            try:
                took = once(number)
            except OSError as error:
                reason = error.strerror or str(error) or type(error).__name__
                continue
            if took is None:
                reason = "no answer in time"
            else:
                seconds.append(took)
        return Echoes(count, tuple(seconds), reason)

    def _echo_by_program(self, address: str, count: int, within_seconds: float) -> Echoes:
        if shutil.which("ping") is None:
            raise EchoNotPermitted(
                "This account may not send ICMP echoes, and there is no program `ping`.",
                remedy="Install it (iputils-ping), or allow it: net.ipv4.ping_group_range.",
            )
        # A whole second is what every `ping` takes for the time to wait.
        command = ("ping", "-n", "-c", str(count), "-i", "0.2", "-W", "1", address)
        said = _said(command, within_seconds)
        seconds = tuple(float(ms) / 1000 for ms in _ANSWERED.findall(said))
        reason = "" if len(seconds) == count else said.strip().splitlines()[-1:] or ["no answer"]
        return Echoes(count, seconds[:count], reason if isinstance(reason, str) else reason[0])


def _said(command: tuple[str, ...], within_seconds: float) -> str:
    """What a program wrote until its end, or until the time was up."""
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=max(0.1, within_seconds),
        )
        said = done.stdout
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
    except OSError:
        return ""
    return said.decode("utf-8", "replace")


def _shown(line: object) -> bytes | None:
    return line.getpeercert(binary_form=True) if isinstance(line, ssl.SSLSocket) else None
