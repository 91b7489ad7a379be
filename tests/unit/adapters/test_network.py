"""The network of this machine: loopback, a socket, and a server with a certificate."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bigbrother.adapters import network as adapter
from bigbrother.adapters.clock import SystemClock
from bigbrother.adapters.network import SystemNetwork
from bigbrother.ports.network import (
    Echoes,
    EchoNotPermitted,
    Hop,
    NameUnresolved,
    NoCertificate,
)


@pytest.fixture
def network() -> SystemNetwork:
    """This machine's."""
    return SystemNetwork(SystemClock())


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_echoes_come_back_in_their_number_or_are_not_permitted(
    network: SystemNetwork, address: str
) -> None:
    try:
        found = network.echo(address, 5, 2)
    except EchoNotPermitted:
        pytest.skip("this account may not send echoes")
    if not found.seconds and address == "::1":
        pytest.skip("no IPv6 here")
    assert (found.sent, len(found.seconds), found.loss_ratio) == (5, 5, 0)
    assert found.mean_seconds is not None
    assert 0 < found.mean_seconds < 1


def test_a_port_that_is_open_answers_and_one_that_is_closed_says_why(
    network: SystemNetwork,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert len(network.connect("127.0.0.1", port, 3, 2).seconds) == 3
    refused = network.connect("127.0.0.1", port, 3, 2)
    assert (refused.seconds, refused.loss_ratio) == ((), 1)
    assert refused.reason == "Connection refused"


def test_a_socket_answers_or_is_missing(network: SystemNetwork, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        assert len(network.connect_socket(path, 5, 2).seconds) == 5
    assert network.connect_socket(tmp_path / "none", 5, 2).loss_ratio == 1


def test_figures_of_echoes() -> None:
    found = Echoes(5, (0.001, 0.003, 0.002, 0.002))
    assert found.mean_seconds == pytest.approx(0.002)
    assert found.loss_ratio == pytest.approx(0.2)
    assert found.jitter_seconds == pytest.approx(0.001)
    assert Echoes(5, (), "x").mean_seconds is None


def test_names_are_resolved_within_their_time_or_not_at_all(
    network: SystemNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert network.resolve("127.0.0.1", 1) == ("127.0.0.1",)
    assert set(network.resolve("localhost", 1)) <= {"127.0.0.1", "::1"}
    free = threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        free.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(NameUnresolved, match=r"no answer within 0\.1 s"):
        network.resolve("slow.example.org", 0.1)
    free.set()


def test_name_servers_and_own_addresses_are_known(tmp_path: Path) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("# x\nnameserver 192.0.2.53\nsearch a\nnameserver 192.0.2.54\nnameserver\n")
    network = SystemNetwork(SystemClock(), file)
    assert network.name_servers() == ("192.0.2.53", "192.0.2.54")
    assert SystemNetwork(SystemClock(), tmp_path / "none").name_servers() == ()
    assert network.is_here("127.0.0.1")
    assert network.is_here("0.0.0.0")  # noqa: S104 - asked about
    assert not network.is_here("192.0.2.7")
    assert network.reaches("127.0.0.1")


def test_what_programs_say_is_read(
    network: SystemNetwork, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert network.hops("no-such-program", "127.0.0.1", 1) is None
    program = tmp_path / "traceroute"
    program.write_text(
        "#!/bin/sh\ncat <<'EOT'\ntraceroute to 192.0.2.7 (192.0.2.7), 30 hops max\n"
        " 1  192.0.2.1  0.412 ms  0.401 ms\n 2  * * *\n 3  192.0.2.7  3.100 ms  3.2 ms\nEOT\n"
    )
    program.chmod(0o755)
    hops = network.hops(str(program), "192.0.2.7", 5)
    assert hops == (Hop("192.0.2.1", 0.000412), Hop("", None), Hop("192.0.2.7", 0.0031))
    ping = tmp_path / "ping"
    ping.write_text(
        "#!/bin/sh\necho '64 bytes from 192.0.2.7: icmp_seq=1 ttl=64 time=1.50 ms'\n"
        "echo '5 packets transmitted, 1 received, 80% packet loss'\n"
    )
    ping.chmod(0o755)

    def forbidden(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(adapter, "Pinger", forbidden)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = network.echo("127.0.0.1", 5, 3)
    assert found.seconds == (0.0015,)
    assert found.loss_ratio == pytest.approx(0.8)
    assert "80% packet loss" in found.reason
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EchoNotPermitted):
        network.echo("127.0.0.1", 5, 3)


@contextmanager
def tls_server(folder: Path) -> Iterator[tuple[int, x509.Certificate]]:
    """A server that only shakes hands, with a certificate that ended long ago."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    ends = datetime(2020, 1, 1, tzinfo=UTC)
    shown = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ends - timedelta(days=1))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + shown.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def serve(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with closing(line), context.wrap_socket(line, server_side=True) as wrapped:
            wrapped.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve, args=(listener,), daemon=True)
        serving.start()
        yield listener.getsockname()[1], shown
        serving.join(5)


def test_a_certificate_is_shown_also_when_it_has_ended(
    network: SystemNetwork, tmp_path: Path
) -> None:
    with tls_server(tmp_path) as (port, certificate):
        shown = network.certificate("127.0.0.1", port, "tls", 5)
    assert x509.load_der_x509_certificate(shown) == certificate
    with pytest.raises(NoCertificate, match="shows no certificate"):
        network.certificate("127.0.0.1", port, "tls", 1)
    with pytest.raises(NoCertificate):
        network.certificate("127.0.0.1", port, "starttls", 1)
