"""Who is let in, and to what."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest

from bigbrother.adapters.clock import SystemClock
from bigbrother.security import tokens
from bigbrother.security.roles import PERMISSIONS, Role
from bigbrother.security.token_errors import InvalidToken, LastAdminToken, Unauthenticated
from tests.conftest import Database
from tests.integration.api.conftest import Service
from tests.waiting import until

RESOLUTION = timedelta(minutes=1)
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def test_each_role_reaches_what_its_permissions_say(service: Service, photo: bytes) -> None:
    wanted = {
        ("GET", "/v1/collections"): "gallery:read",
        ("POST", "/v1/collections"): "gallery:write",
        ("DELETE", "/v1/collections/none"): "gallery:write",
        ("POST", "/v1/collections/none/subjects"): "gallery:write",
        ("POST", "/v1/collections/none/identify"): "gallery:identify",
        ("POST", "/v1/analyze"): "images:analyze",
        ("POST", "/v1/verify"): "images:analyze",
        ("GET", "/v1/models"): "models:read",
        ("GET", "/v1/tokens"): "tokens:manage",
        ("POST", "/v1/tokens"): "tokens:manage",
        ("POST", "/v1/admin/engine/renew"): "engine:manage",
        (
            "GET",
            f"/v1/collections/none/subjects/none/faces/{uuid4()}/crop",
        ): "crops:read",
    }
    roles: tuple[Role, ...] = ("admin", "writer", "reader")
    for role in roles:
        client = service.client(role)
        for (method, path), permission in wanted.items():
            answer = client.request(method, path)
            allowed = permission in PERMISSIONS[role]
            assert (answer.status_code != 403) == allowed, (role, method, path, answer.text)
            if not allowed:
                assert answer.json()["type"] == "urn:bigbrother:problem:forbidden"
                assert permission in answer.json()["detail"]


def test_nothing_under_v1_answers_without_a_token(service: Service) -> None:
    client = service.client(None)
    document = client.get("/api/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/v1/"):
                filled = path.replace("{face_id}", str(uuid4())).replace("{token_id}", str(uuid4()))
                answer = client.request(method.upper(), filled)
                assert answer.status_code == 401, (method, path)
                assert operation["security"]


def test_a_token_works_until_it_is_revoked_and_its_secret_is_shown_once(service: Service) -> None:
    admin = service.client()
    body = {"name": "door", "role": "reader", "expires_in": "1 days"}
    made = admin.post("/v1/tokens", json=body)
    assert made.status_code == 201, made.text
    token = made.json()
    door = httpx.Client(
        base_url=service.url,
        headers={"Authorization": f"Bearer {token['token']}"},
        trust_env=False,
    )
    with door:
        assert door.get("/v1/collections").status_code == 200
        listed = admin.get("/v1/tokens").json()["items"]
        (one,) = [each for each in listed if each["id"] == token["id"]]
        assert "token" not in one
        assert one["last_used_at"] is not None
        assert token["token"] not in admin.get("/v1/tokens").text
        assert admin.delete(f"/v1/tokens/{token['id']}").status_code == 204
        assert door.get("/v1/collections").status_code == 401
    with psycopg.connect(service.database.owner_dsn) as conn:
        dump = conn.execute("SELECT t::text FROM api_token t").fetchall()
    assert token["token"].rpartition("_")[2] not in str(dump)


def test_a_revocation_by_another_process_counts_within_the_documents_time(
    service: Service,
) -> None:
    now = SystemClock().now()
    with psycopg.connect(service.database.owner_dsn) as conn:
        token, text = tokens.create(conn, "elsewhere", "reader", None, now)
    client = httpx.Client(
        base_url=service.url, headers={"Authorization": f"Bearer {text}"}, trust_env=False
    )
    with client:
        assert client.get("/v1/collections").status_code == 200
        with psycopg.connect(service.database.owner_dsn) as conn:
            tokens.revoke(conn, token.id, now)
        within = service.services.runbook.tokens.cached_for.value + 1
        until(lambda: client.get("/v1/collections").status_code == 401, within)


def test_tokens_are_listed_page_by_page(service: Service) -> None:
    admin = service.client()
    for number in range(3):
        admin.post("/v1/tokens", json={"name": f"page {number}", "role": "reader"})
    every = [each["id"] for each in admin.get("/v1/tokens").json()["items"]]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, str] = {"limit": "2"} | ({} if cursor is None else {"cursor": cursor})
        page = admin.get("/v1/tokens", params=params).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == every


def test_the_last_admin_token_stays(database: Database) -> None:
    with psycopg.connect(database.face_dsn) as conn:
        first, _ = tokens.create(conn, "a", "admin", None, NOW)
        second, _ = tokens.create(conn, "b", "admin", NOW + timedelta(days=1), NOW)
        tokens.revoke(conn, first.id, NOW)
        with pytest.raises(LastAdminToken):
            tokens.revoke(conn, second.id, NOW)
        # A token that has expired is nobody's last hope.
        later = NOW + timedelta(days=2)
        third, _ = tokens.create(conn, "c", "admin", None, later)
        with pytest.raises(LastAdminToken):
            tokens.revoke(conn, third.id, later)
        tokens.revoke(conn, second.id, later)


def test_two_admins_who_revoke_each_other_cannot_both_succeed(database: Database) -> None:
    with psycopg.connect(database.face_dsn) as conn:
        first, _ = tokens.create(conn, "a", "admin", None, NOW)
        second, _ = tokens.create(conn, "b", "admin", None, NOW)
    with psycopg.connect(database.face_dsn) as one, psycopg.connect(database.face_dsn) as other:
        tokens.revoke(one, first.id, NOW)
        other.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            tokens.revoke(other, second.id, NOW)
        other.rollback()
        one.commit()
        with pytest.raises(LastAdminToken):
            tokens.revoke(other, second.id, NOW)


def test_an_expired_or_revoked_or_altered_token_is_refused(database: Database) -> None:
    with psycopg.connect(database.face_dsn) as conn:
        token, text = tokens.create(conn, "a", "reader", NOW + timedelta(hours=1), NOW)

        def verify(candidate: str, at: datetime) -> tokens.Token:
            return tokens.verify(conn, candidate, last_used_resolution=RESOLUTION, now=at)

        assert verify(text, NOW).id == token.id
        with pytest.raises(Unauthenticated):
            verify(text, NOW + timedelta(hours=1))
        with pytest.raises(Unauthenticated):
            verify(text[:-1] + ("0" if text[-1] != "0" else "1"), NOW)
        tokens.revoke(conn, token.id, NOW)
        with pytest.raises(Unauthenticated):
            verify(text, NOW)
        with pytest.raises(InvalidToken):
            tokens.create(conn, "late", "reader", NOW, NOW)


def test_last_use_is_noted_coarsely(database: Database) -> None:
    with psycopg.connect(database.face_dsn) as conn:
        token, text = tokens.create(conn, "a", "reader", None, NOW)

        def used(at: datetime) -> datetime | None:
            tokens.verify(conn, text, last_used_resolution=RESOLUTION, now=at)
            (found,) = tokens.page(conn, after=None, limit=10)
            assert found.id == token.id
            return found.last_used_at

        assert used(NOW) == NOW
        assert used(NOW + timedelta(seconds=59)) == NOW
        assert used(NOW + timedelta(seconds=60)) == NOW + timedelta(seconds=60)
