"""How long certificates are valid: files of ours, and what endpoints show that we talk to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bigbrother.kernel.status import Status
from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.operations.diagnostics.beside import beside_each_other
from bigbrother.operations.diagnostics.bounds import limits_of
from bigbrother.operations.diagnostics.destinations import Destination, channels
from bigbrother.operations.diagnostics.scene import Scene
from bigbrother.ports.network import Encryption, NoCertificate

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

NAME = "certificates"
_SUFFIXES = (".pem", ".crt", ".cer")
_MARK = b"-----BEGIN CERTIFICATE-----"
_LARGEST_FILE_BYTES = 1_000_000
_DSN_FILES = ("sslrootcert", "sslcert")


def look(scene: Scene) -> tuple[Result, ...]:
    """Each file below etc/ and of the connection string, and each endpoint with TLS."""
    results = [result for file in _files(scene) for result in _file(scene, file)]
    encrypted = [
        (place, place.encryption) for place in channels(scene) if place.encryption is not None
    ]
    results += beside_each_other(lambda each: _endpoint(scene, *each), encrypted)
    if results:
        return tuple(results)
    nothing = sentence("There is no certificate of ours, and no channel with one is on.")
    return (Result(NAME, Status.SKIPPED, evidence=(nothing,)),)


def _files(scene: Scene) -> Iterator[Path]:
    import psycopg  # noqa: PLC0415 - 25 MB that only a diagnosis needs

    etc = scene.settings.etc
    try:
        inside = sorted(file for file in etc.rglob("*") if file.suffix.lower() in _SUFFIXES)
    except OSError:
        inside = []
    try:
        given = psycopg.conninfo.conninfo_to_dict(scene.dsn)
    except psycopg.Error:
        given = {}
    named = [Path(str(given[key])) for key in _DSN_FILES if str(given.get(key, "")).startswith("/")]
    yield from dict.fromkeys((*inside, *named))


def _file(scene: Scene, file: Path) -> tuple[Result, ...]:
    from cryptography import x509  # noqa: PLC0415 - for those who have such a file

    bounds = limits_of(scene.runbook.diagnostics.limits.certificate)
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_FILE_BYTES)
    except OSError as error:
        seen = sentence("It cannot be read: {reason}.", reason=error.strerror or str(error))
        return (replace(unknown(NAME, bounds, seen), target=str(file)),)
    if _MARK not in content:
        return ()  # A key, or something else in the same clothes.
    try:
        found = x509.load_pem_x509_certificates(content)
    except ValueError:
        broken = sentence("It is no certificate that anybody can read.")
        remedy = sentence(
            "Put the right file there: openssl x509 -noout -text -in {file}.", file=str(file)
        )
        return (Result(NAME, Status.FAILED, target=str(file), evidence=(broken,), remedy=remedy),)
    # Of a chain the first that ends breaks it.
    soonest = min(found, key=lambda each: each.not_valid_after_utc)
    return (_judged(scene, str(file), soonest),)


def _endpoint(scene: Scene, place: Destination, encryption: Encryption) -> Result:
    from cryptography import x509  # noqa: PLC0415

    target = f"{place.host}:{place.port}"
    within = scene.runbook.diagnostics.looks.try_within.value
    try:
        shown = scene.network.certificate(place.host, place.port, encryption, within)
    except NoCertificate as error:
        bounds = limits_of(scene.runbook.diagnostics.limits.certificate)
        text = sentence("It could not be looked at: {reason}", reason=error.detail)
        return replace(unknown(NAME, bounds, text, remedy=error.remedy), target=target)
    return _judged(scene, target, x509.load_der_x509_certificate(shown))


def _judged(scene: Scene, target: str, certificate: "Certificate") -> Result:
    now, ends = scene.clock.now(), certificate.not_valid_after_utc
    left = (ends - now).total_seconds()
    begins = certificate.not_valid_before_utc
    seen = sentence(
        "It is valid from {begins} to {ends}.",
        begins=f"{begins:%Y-%m-%d}",
        ends=f"{ends:%Y-%m-%d %H:%M} UTC",
    )
    days = sentence("{days} days are left.", days=Figure(left / 86400, "count"))
    return measured(
        NAME,
        left,
        "seconds",
        limits_of(scene.runbook.diagnostics.limits.certificate),
        target=target,
        evidence=(seen, days),
        remedy=sentence("Renew it, put it in the old one's place, and restart who uses it."),
    )
