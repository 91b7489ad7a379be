"""The network as a diagnosis tries it: echoes, connections, names, the way, certificates."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from bigbrother.kernel.errors import Unavailable

Encryption = Literal["tls", "starttls"]


class EchoNotPermitted(Unavailable):
    """This account may not send ICMP echoes, or no program is there to send them."""

    code = "echo-not-permitted"
    title = "ICMP echoes are not permitted"


class NameUnresolved(Unavailable):
    """A name has no address, or nobody answers who could know it."""

    code = "name-unresolved"
    title = "A name is not resolved"


class NoCertificate(Unavailable):
    """An endpoint shows no certificate."""

    code = "no-certificate"
    title = "No certificate was shown"


@dataclass(frozen=True, slots=True)
class Echoes:
    """Some tries to reach a place."""

    sent: int
    seconds: tuple[float, ...]
    """Of those that were answered, in their order."""
    reason: str = ""
    """Of the last that was not."""

    @property
    def loss_ratio(self) -> float:
        """Share of the tries without an answer."""
        return 1 - len(self.seconds) / self.sent

    @property
    def mean_seconds(self) -> float | None:
        """None without an answer."""
        return sum(self.seconds) / len(self.seconds) if self.seconds else None

    @property
    def jitter_seconds(self) -> float:
        """Mean difference of neighbouring answers; 0 with fewer than two."""
        differences = [abs(b - a) for a, b in zip(self.seconds, self.seconds[1:], strict=False)]
        return sum(differences) / len(differences) if differences else 0.0


@dataclass(frozen=True, slots=True)
class Hop:
    """One station on the way."""

    address: str
    """Empty where it does not tell."""
    seconds: float | None


class Network(Protocol):
    """Every call ends within the time given."""

    def echo(self, host: str, count: int, within_seconds: float) -> Echoes:
        """ICMP echoes, one after the other, all within the time. Raises EchoNotPermitted,
        NameUnresolved."""
        ...

    def connect(self, host: str, port: int, count: int, within_seconds: float) -> Echoes:
        """TCP connections that are closed again at once. Raises NameUnresolved."""
        ...

    def connect_socket(self, path: Path, count: int, within_seconds: float) -> Echoes:
        """The same with a Unix socket."""
        ...

    def resolve(self, name: str, within_seconds: float) -> tuple[str, ...]:
        """The addresses of a name; one that is an address stands for itself.

        Raises NameUnresolved.
        """
        ...

    def name_servers(self) -> tuple[str, ...]:
        """The addresses of those who are asked for names."""
        ...

    def is_here(self, address: str) -> bool:
        """Whether an address is one of this machine's own."""
        ...

    def gateway(self) -> str | None:
        """The address behind which everything lies that is not near; None: there is no way."""
        ...

    def reaches(self, address: str) -> bool:
        """Whether the system knows a way to an address; nothing is sent."""
        ...

    def hops(self, program: str, host: str, within_seconds: float) -> tuple[Hop, ...] | None:
        """The stations on the way as a program such as traceroute tells; None without one."""
        ...

    def certificate(
        self, host: str, port: int, encryption: Encryption, within_seconds: float
    ) -> bytes:
        """The certificate, as DER, that an endpoint shows; nobody judges it here.

        Raises NoCertificate.
        """
        ...
