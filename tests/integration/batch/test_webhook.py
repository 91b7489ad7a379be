"""The end of a batch is told: signed, until it is heard, and nowhere else than allowed."""

import hmac
import json
import socket
from pathlib import Path
from uuid import UUID

import pytest

from bigbrother.runbook.load import load_runbook
from tests.conftest import Database
from tests.integration.batch.images import blank
from tests.integration.batch.receiver import receiver
from tests.integration.batch.workers import (
    Submitter,
    quick_overlay,
    worker_services,
    working,
)
from tests.waiting import until


@pytest.fixture
def submitter(database: Database, tmp_path: Path) -> Submitter:
    overlay = quick_overlay(tmp_path, webhook={"attempts": 3})
    return Submitter.of(database, load_runbook(overlay))


def ended(submitter: Submitter, batch_id: UUID) -> str | None:
    """Runs a worker until the webhook's fate is known."""
    with working(worker_services(submitter.dsn, submitter.runbook)):
        until(lambda: submitter.batch(batch_id).webhook_state != "waiting")
    return submitter.batch(batch_id).webhook_state


def test_the_end_is_told_once_and_signed(submitter: Submitter) -> None:
    with receiver(204) as heard:
        batch_id = submitter.submit([blank(20), b"no image"], webhook=heard.url)
        assert ended(submitter, batch_id) == "delivered"
    ((headers, body),) = heard.told
    told = json.loads(body)
    assert told["id"] == str(batch_id)
    assert (told["kind"], told["state"]) == ("analyze", "finished")
    assert (told["items"], told["succeeded"], told["failed"]) == (2, 1, 1)
    assert told["finished_at"].endswith("Z")
    content = headers["X-BigBrother-Timestamp"].encode() + b"." + body
    signed = hmac.new(b"secret", content, "sha256").hexdigest()
    assert headers["X-BigBrother-Signature"] == f"v1={signed}"
    assert UUID(headers["X-BigBrother-Delivery"])


def test_a_receiver_that_fails_is_told_again_under_the_same_delivery(
    submitter: Submitter,
) -> None:
    with receiver(500, 404, 200) as heard:
        batch_id = submitter.submit([blank(20)], webhook=heard.url)
        assert ended(submitter, batch_id) == "delivered"
    assert len(heard.told) == 3
    assert len({headers["X-BigBrother-Delivery"] for headers, _ in heard.told}) == 1


def test_a_redirect_is_not_followed_and_in_the_end_it_is_given_up(submitter: Submitter) -> None:
    with receiver(200) as secret, receiver(307, location=secret.url) as heard:
        batch_id = submitter.submit([blank(20)], webhook=heard.url)
        assert ended(submitter, batch_id) == "given-up"
        assert len(heard.told) == submitter.runbook.webhook.attempts
        assert secret.told == []


@pytest.mark.parametrize("host", ["[::1]", "localhost.", "169.254.0.1"])
def test_an_address_outside_the_allowed_networks_is_never_called(
    submitter: Submitter, host: str
) -> None:
    # Submitted past the check, as if the name had meant something else then.
    with receiver(200) as heard:
        port = heard.url.rpartition(":")[2]
        batch_id = submitter.submit([blank(20)], webhook=f"http://{host}:{port}")
        services = worker_services(
            submitter.dsn,
            submitter.runbook.model_copy(
                update={
                    "webhook": submitter.runbook.webhook.model_copy(update={"allowed_networks": ()})
                }
            ),
        )
        with working(services):
            until(lambda: submitter.batch(batch_id).webhook_state == "given-up")
    assert heard.told == []


def test_a_receiver_that_does_not_answer_does_not_hold_the_images_up(
    submitter: Submitter,
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        for _ in range(submitter.runbook.webhook.at_once + 1):
            submitter.submit([blank(20)], webhook=url)
        with working(worker_services(submitter.dsn, submitter.runbook)) as worker:
            silent.settimeout(10)
            silent.accept()
            other = submitter.submit([blank(21)])
            submitter.finished(other, within_seconds=1.5)
            del worker
