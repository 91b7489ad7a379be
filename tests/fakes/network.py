"""A network whose places, names and certificates a test sets; nothing of the real one is used."""

from dataclasses import dataclass, field
from pathlib import Path

from bigbrother.ports.network import (
    Echoes,
    EchoNotPermitted,
    Encryption,
    Hop,
    NameUnresolved,
    NoCertificate,
)
from tests.fakes.clock import FakeClock

HERE = ("127.0.0.1", "::1")
WELL = (0.001, 0.001, 0.001, 0.001, 0.001)


@dataclass
class FakeNetwork:
    """Implements `ports.network.Network`; every place answers until a test says otherwise."""

    clock: FakeClock
    answers: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """By host, `host:port` or path: the seconds of each answer; fewer than tries are losses."""
    echoes_permitted: bool = True
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    resolving_seconds: float = 0.0
    servers: tuple[str, ...] = ("192.0.2.53",)
    way_out: str | None = "192.0.2.1"
    unreached: set[str] = field(default_factory=set)
    stations: tuple[Hop, ...] | None = None
    certificates: dict[str, bytes] = field(default_factory=dict)
    tried: list[tuple[str, int, float]] = field(default_factory=list)
    """Each place with the number of tries and their seconds."""
    programs: list[str] = field(default_factory=list)

    def echo(self, host: str, count: int, within_seconds: float) -> Echoes:
        if not self.echoes_permitted:
            raise EchoNotPermitted("No echoes.", remedy="Install ping.")
        return self._try(host, count, within_seconds)

    def connect(self, host: str, port: int, count: int, within_seconds: float) -> Echoes:
        return self._try(f"{host}:{port}", count, within_seconds)

    def connect_socket(self, path: Path, count: int, within_seconds: float) -> Echoes:
        return self._try(str(path), count, within_seconds)

    def resolve(self, name: str, within_seconds: float) -> tuple[str, ...]:
        if name in HERE or name.replace(".", "").isdigit():
            return (name,)
        self.clock.forward(min(self.resolving_seconds, within_seconds))
        if name not in self.names or self.resolving_seconds > within_seconds:
            raise NameUnresolved(f"'{name}' has no address.", remedy="Look at resolv.conf.")
        return self.names[name]

    def name_servers(self) -> tuple[str, ...]:
        return self.servers

    def is_here(self, address: str) -> bool:
        return address in HERE

    def gateway(self) -> str | None:
        return self.way_out

    def reaches(self, address: str) -> bool:
        return address not in self.unreached

    def hops(
        self,
        program: str,
        host: str,  # noqa: ARG002 - as the port has it
        within_seconds: float,  # noqa: ARG002
    ) -> tuple[Hop, ...] | None:
        self.programs.append(program)
        return self.stations

    def certificate(
        self,
        host: str,
        port: int,
        encryption: Encryption,  # noqa: ARG002 - as the port has it
        within_seconds: float,  # noqa: ARG002
    ) -> bytes:
        shown = self.certificates.get(f"{host}:{port}")
        if shown is None:
            raise NoCertificate(f"{host}:{port} shows no certificate.")
        return shown

    def _try(self, place: str, count: int, within_seconds: float) -> Echoes:
        self.tried.append((place, count, within_seconds))
        seconds = self.answers.get(place, WELL * count)[:count]
        return Echoes(count, seconds, "" if len(seconds) == count else "Connection refused")
