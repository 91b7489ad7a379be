"""A certificate in the home's etc/ ends soon, or has ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bigbrother.adapters.clock import SystemClock
from tests.faults.fault import View, as_it_is
from tests.faults.place import CERTIFICATE, FaultPlace


@contextmanager
def inject(place: FaultPlace, chance: Random) -> Iterator[View]:
    """A real one, signed by itself, valid for days that the chance chooses; then it is renewed."""
    file = place.settings.etc / CERTIFICATE
    file.write_bytes(_certificate(timedelta(days=chance.uniform(-5, 13))))
    try:
        yield as_it_is
    finally:
        file.write_bytes(_certificate(timedelta(days=365)))


def _certificate(valid_for: timedelta) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "faces.example.org")])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=80))
        .not_valid_after(now + valid_for)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
