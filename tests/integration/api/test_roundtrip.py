"""The whole road: a collection, a subject, a face, and the face recognised."""

import base64

import httpx

from tests.integration.api.conftest import CONSENT


def test_an_enrolled_face_is_identified_and_forgotten(client: httpx.Client, photo: bytes) -> None:
    made = client.post("/v1/collections", json={"name": "road", "retention": "30 days"})
    assert made.status_code == 201, made.text
    assert made.json()["retention"] == "30 days"
    assert made.headers["location"] == "/v1/collections/road"
    subject = {"external_id": "eileen 👩‍🚀", "name": "Eileen", "consent": CONSENT}
    made = client.post("/v1/collections/road/subjects", json=subject)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    enrolled = client.post(f"{path}/faces", files={"image": photo})
    assert enrolled.status_code == 201, enrolled.text
    assert client.get(path).json()["faces"] == 1

    found = client.post(
        "/v1/collections/road/identify", json={"image": base64.b64encode(photo).decode()}
    ).json()
    assert found["faces"][0]["matches"][0]["external_id"] == "eileen 👩‍🚀"
    assert found["faces"][0]["matches"][0]["similarity"] > 0.99
    assert found["searched_faces"] == 1

    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    found = client.post("/v1/collections/road/identify", files={"image": photo}).json()
    assert found["faces"][0]["matches"] == []
    assert client.delete("/v1/collections/road").status_code == 204


def test_analyze_gives_what_was_asked_for(client: httpx.Client, photo: bytes) -> None:
    plain = client.post("/v1/analyze", files={"image": photo})
    assert plain.status_code == 200, plain.text
    (face,) = plain.json()["images"][0]["faces"]
    assert set(face) == {"box", "score", "landmarks", "quality"}
    bare = client.post(
        "/v1/analyze",
        files={"image": photo},
        data={"embeddings": "true", "quality": "false", "landmarks": "false", "max_faces": "1"},
    )
    (face,) = bare.json()["images"][0]["faces"]
    assert set(face) == {"box", "score", "embedding"}
    assert abs(sum(x * x for x in face["embedding"]) - 1) < 1e-5


def test_among_several_images_the_bad_one_carries_its_error(
    client: httpx.Client, photo: bytes
) -> None:
    text = base64.b64encode(photo).decode()
    body = {"images": [{"id": "good", "data": text}, {"id": "bad", "data": "AAAA"}]}
    answer = client.post("/v1/analyze", json=body)
    assert answer.status_code == 200, answer.text
    good, bad = answer.json()["images"]
    assert (good["id"], len(good["faces"]), good["error"]) == ("good", 1, None)
    assert (bad["id"], bad["faces"], bad["width"]) == ("bad", [], None)
    assert bad["error"]["type"] == "urn:bigbrother:problem:image-format-unsupported"


def test_the_same_person_is_verified(client: httpx.Client, photo: bytes) -> None:
    answer = client.post("/v1/verify", files={"image_a": photo, "image_b": photo})
    assert answer.status_code == 200, answer.text
    assert answer.json()["match"] is True
    assert answer.json()["similarity"] > 0.99


def test_health_metrics_models_and_documents_answer(client: httpx.Client) -> None:
    health = client.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "healthy"), health.text
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").status_code == 200
    assert "bigbrother_gallery_rows" in client.get("/metrics").text
    assert any(pack["active"] for pack in client.get("/v1/models").json()["items"])
    assert client.get("/api/openapi.json").json()["openapi"].startswith("3.")
    page = client.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert "/v1/analyze" in page.text
