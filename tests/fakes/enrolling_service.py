"""A service on loopback that takes batches of kind enrol, as far as a bulk enrolment needs it.

It knows each photo of each person, so nobody's is enrolled twice, and each batch by its key.
"""

import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.unit.cli import answers

Event = Callable[[str], None]


class EnrollingService:
    """What the service holds, and what is to happen at each of its steps."""

    def __init__(self) -> None:
        self.url = ""
        self.faces: dict[tuple[str, str], str] = {}
        """Face ids by person and SHA-256."""
        self.enrolments = 0
        self.batches: dict[str, dict[str, Any]] = {}
        self.refusals: dict[bytes, str] = {}
        """Photos that are refused, with the refusal's code."""
        self.collections = {"staff"}
        self.event: Event = lambda _: None
        self.lock = threading.Lock()
        self._keys: dict[str, str] = {}

    def submit(self, key: str, body: bytes, content_type: str) -> dict[str, Any]:
        """The batch of this key, made where it is new."""
        head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
        request, *images = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
        asked = json.loads(bytes(request.get_payload(decode=True)))
        with self.lock:
            if key not in self._keys:
                batch_id = str(uuid.uuid4())
                self._keys[key] = batch_id
                self.batches[batch_id] = {
                    "asked": asked,
                    "images": [bytes(image.get_payload(decode=True)) for image in images],
                    "results": [],
                    "state": "running",
                }
            return self.batch(self._keys[key])

    def batch(self, batch_id: str) -> dict[str, Any]:
        held = self.batches[batch_id]
        results = held["results"]
        states = [one["state"] for one in results]
        return {
            "id": batch_id,
            "kind": "enrol",
            "state": held["state"],
            "priority": "normal",
            "collection": held["asked"]["collection"],
            "options": {},
            "items": len(held["images"]),
            "pending": len(held["images"]) - len(results),
            **{state: states.count(state) for state in STATES},
            "last_position": len(results),
            "webhook": None,
            "created_at": answers.WHEN,
            "started_at": answers.WHEN if results else None,
            "finished_at": answers.WHEN if held["state"] != "running" else None,
        }

    def results(self, batch_id: str, after: int) -> Iterator[dict[str, Any]]:
        """Each result behind a position; an image is looked at when its result is due."""
        held = self.batches[batch_id]
        for number, image in enumerate(held["images"], 1):
            if number > len(held["results"]):
                with self.lock:
                    held["results"].append(self._result(held, number, image))
                    if number == len(held["images"]):
                        held["state"] = "finished"
            if number > after:
                yield held["results"][number - 1]

    def _result(self, held: dict[str, Any], number: int, image: bytes) -> dict[str, Any]:
        item = held["asked"]["items"][number - 1]
        code = self.refusals.get(image)
        result = {
            "position": number,
            "number": number,
            "name": item["name"],
            "external_id": item["external_id"],
            "state": "failed" if code else "succeeded",
            "answer": None,
            "error": None,
            "done_at": answers.WHEN,
        }
        if code:
            result["error"] = {
                "code": code,
                "title": "T",
                "detail": "It is so.",
                "remedy": "Do.",
                "service_fault": code == "image-analysis-failed",
            }
            return result
        digest = hashlib.sha256(image).hexdigest()
        key = (item["external_id"], digest)
        already = key in self.faces
        self.enrolments += not already
        face_id = self.faces.setdefault(key, str(uuid.uuid4()))
        result["answer"] = {
            **answers.ENROLLED,
            "id": face_id,
            "external_id": item["external_id"],
            "image_sha256": digest,
            "already_enrolled": already,
            "subject_created": not already,
        }
        return result


STATES = ("succeeded", "failed", "cancelled", "erased")


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the service that its server carries."""

    server: "_Server"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Keeps the test's output clean."""

    def do_GET(self) -> None:
        service = self.server.service
        path, _, query = self.path.partition("?")
        parts = path.removeprefix("/v1/").split("/")
        if parts[0] == "collections":
            self._answer(*_collection(service, parts[1]))
        elif parts[1] not in service.batches:
            self._answer(404, _missing("batch-not-found"))
        elif parts[-1] == "results":
            self._stream(parts[1], int(parse_qs(query)["after"][0]))
        else:
            self._answer(200, service.batch(parts[1]))

    def do_POST(self) -> None:
        service = self.server.service
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/collections":
            asked = json.loads(body)
            service.collections.add(asked["name"])
            self._answer(201, {**answers.COLLECTION, **asked})
            return
        service.event("sent")
        key, content_type = self.headers["Idempotency-Key"], self.headers["Content-Type"]
        made = service.submit(key, body, content_type)
        service.event("taken")
        self._answer(202, made)

    def _stream(self, batch_id: str, after: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()
        for result in self.server.service.results(batch_id, after):
            self.server.service.event("result")
            self.wfile.write(json.dumps(result).encode() + b"\n")
            self.wfile.flush()

    def _answer(self, status: int, answer: object) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle(self) -> None:
        with suppress(ConnectionError):  # the command was killed in mid-request
            super().handle()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service: EnrollingService) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service


@contextmanager
def running_enrolling_service() -> Iterator[EnrollingService]:
    """The service on a free port of loopback."""
    service = EnrollingService()
    server = _Server(service)
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _collection(service: EnrollingService, name: str) -> tuple[int, dict[str, Any]]:
    if name in service.collections:
        return 200, {**answers.COLLECTION, "name": name}
    return 404, _missing("collection-not-found")


def _missing(code: str) -> dict[str, Any]:
    return {"type": f"urn:bigbrother:problem:{code}", "detail": "There is none.", "remedy": "No."}
