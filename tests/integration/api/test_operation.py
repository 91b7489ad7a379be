"""What the service tells about itself, and how it behaves when the database does not."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from bigbrother.face.engine.types import AnalyzeOptions, ImageAnalysis
from bigbrother.runbook.model import Runbook
from bigbrother.telemetry.face_metrics import histogram_bounds
from tests.conftest import Cluster
from tests.integration.api.conftest import Service, run_service
from tests.waiting import until


@pytest.fixture
def own(cluster: Cluster, runbook: Runbook) -> Iterator[Service]:
    """A service that a test may break."""
    database = cluster.new_database()
    made = run_service(database, runbook)
    yield next(made)
    made.close()  # type: ignore[attr-defined]  # a generator
    cluster.drop(database)


def let_in(cluster: Cluster, service: Service, *, allowed: bool) -> None:
    """Cuts the service off its database, or lets it in again; open connections are cut."""
    name = psycopg.conninfo.conninfo_to_dict(service.database.owner_dsn)["dbname"]
    with psycopg.connect(cluster.server.superuser_dsn(), autocommit=True) as conn:
        conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {allowed}')
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )


def test_without_its_database_it_refuses_clearly_and_returns_by_itself(
    cluster: Cluster, own: Service, photo: bytes
) -> None:
    client = own.client()
    assert client.get("/readyz").status_code == 200
    let_in(cluster, own, allowed=False)
    own.services.token_cache.forget()
    refused = client.post("/v1/analyze", files={"image": photo})
    assert refused.status_code == 503, refused.text
    assert refused.json()["type"] == "urn:bigbrother:problem:database-unavailable"
    assert refused.headers["retry-after"]
    assert client.get("/livez").status_code == 200
    until(lambda: client.get("/readyz").status_code == 503)
    health = client.get("/health")
    assert health.status_code == 503
    checks = health.json()["checks"]
    assert checks["model"]["status"] == "passed"
    assert checks["database"]["status"] == "failed"
    own.services.metrics.gallery(None)
    assert client.get("/metrics").status_code == 200
    let_in(cluster, own, allowed=True)
    until(lambda: client.get("/readyz").status_code == 200)
    assert client.post("/v1/analyze", files={"image": photo}).status_code == 200


def test_connections_cut_between_requests_cost_no_request(cluster: Cluster, own: Service) -> None:
    client = own.client()
    assert client.get("/v1/collections").status_code == 200
    let_in(cluster, own, allowed=True)
    assert client.get("/v1/collections").status_code == 200


def test_a_wrong_model_makes_the_service_unhealthy(own: Service) -> None:
    client = own.client()
    assert client.get("/health").status_code == 200
    self_test: Any = own.server.config.app.state.self_test  # type: ignore[union-attr]
    self_test._known = -self_test._known
    until(lambda: client.get("/health").status_code == 503)
    answer = client.get("/health").json()
    assert answer["status"] == "unhealthy"
    assert answer["checks"]["model"]["status"] == "failed"


def test_many_health_requests_cost_one_inference(own: Service) -> None:
    client = own.client(None)
    self_test: Any = own.server.config.app.state.self_test  # type: ignore[union-attr]
    calls = 0
    real = own.services.analyzer.analyze
    inside = threading.Event()
    proceed = threading.Event()

    def counted(data: bytes, options: AnalyzeOptions) -> ImageAnalysis:
        nonlocal calls
        calls += 1
        inside.set()
        assert proceed.wait(4)
        return real(data, options)

    self_test._services.analyzer.analyze = counted
    with ThreadPoolExecutor(20) as threads:
        sent = [threads.submit(client.get, "/health") for _ in range(20)]
        assert inside.wait(5)
        proceed.set()
        assert {each.result().status_code for each in sent} == {200}
    assert calls == 1


def test_a_draining_unit_is_not_ready_but_still_serves(own: Service) -> None:
    client = own.client()
    own.services.draining = True
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["accepting"]["status"] == "failed"
    assert client.get("/v1/collections").status_code == 200


def test_a_fault_of_ours_says_nothing_of_what_is_inside(own: Service) -> None:
    client = own.client()
    own.services.manifests = None  # type: ignore[assignment]  # a fault on purpose
    answer = client.get("/v1/models", headers={"x-request-id": "find-me"})
    assert answer.status_code == 500
    problem = answer.json()
    assert problem["type"] == "urn:bigbrother:problem:internal"
    assert problem["request_id"] == "find-me"
    assert "NoneType" not in answer.text
    assert client.get("/livez").status_code == 200


def test_request_ids_are_kept_when_well_formed_and_made_when_not(client: httpx.Client) -> None:
    def returned(sent: str) -> str:
        return client.get("/livez", headers={"x-request-id": sent}).headers["x-request-id"]

    assert returned("trace-1.a_b") == "trace-1.a_b"
    for bad in ("", "a b", "x" * 65, "<script>"):
        assert re.fullmatch(r"[0-9a-f]{32}", returned(bad))


def test_metrics_tell_single_faces_apart_and_have_the_documents_bounds(
    client: httpx.Client, runbook: Runbook, photo: bytes
) -> None:
    client.post("/v1/analyze", files={"image": photo})
    client.post("/v1/verify", files={"image_a": photo, "image_b": photo})
    for path in ("/v1/secret-name", "/v1/collections/secret-name", "/x/y/z"):
        client.get(path)
    client.request("BREW", "/v1/collections")
    text = client.get("/metrics").text
    count = "bigbrother_http_request_duration_seconds_count"
    assert f'{count}{{route="/v1/analyze",workload="single-face"}} 1.0' in text
    assert f'{count}{{route="/v1/verify",workload="several-images"}} 1.0' in text
    for bound in histogram_bounds(runbook):
        assert f'le="{bound}"' in text
    for figure in (
        runbook.daily_checks.application.response_time.bound.value,
        runbook.daily_checks.ml.inference_time.bound.value,
        runbook.monitoring_tasks.application.endpoints.alert_threshold.value,
    ):
        assert figure in histogram_bounds(runbook)
    for stage in ("decode", "detect", "embed", "total"):
        assert f'bigbrother_inference_duration_seconds_count{{stage="{stage}"' in text
    assert 'bigbrother_gallery_rows{kind="faces"}' in text
    assert 'bigbrother_model_info{name="sface"' in text
    assert 'route="unmatched"' in text
    assert "secret-name" not in text
    assert "BREW" not in text


def test_metrics_need_a_token_where_others_can_reach_them(
    cluster: Cluster, runbook: Runbook
) -> None:
    database = cluster.new_database()
    made = run_service(database, runbook, public=True)
    service = next(made)
    assert service.client(None).get("/metrics").status_code == 401
    assert service.client("writer").get("/metrics").status_code == 403
    assert service.client("reader").get("/metrics").status_code == 200
    assert service.client(None).get("/health").status_code == 200
    made.close()  # type: ignore[attr-defined]  # a generator
    cluster.drop(database)


def test_answers_carry_protective_headers_and_no_server_name(client: httpx.Client) -> None:
    answer = client.get("/v1/collections")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    assert "default-src 'none'" in client.get("/api/docs").headers["content-security-policy"]
