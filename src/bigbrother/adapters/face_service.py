"""The face analyzer over HTTP, with the standard library: a client of its own costs 20 MB."""

import http.client
import io
import json
import secrets
import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import cast

from bigbrother.kernel.clock import Clock
from bigbrother.ports.face_service import Answer, FaceServiceUnreachable, PictureRefused

_OK = 200
_UNPROCESSABLE = (400, 413, 415, 422)
_DENIED = (401, 403)
_BUSY = 503
_LARGEST_ANSWER_BYTES = 1_000_000
_PIECE_BYTES = 65536
_BUSY_PAUSE_SECONDS = 0.2


class HttpFaceService:
    """Each request has a connection of its own: what is asked is whether one can be made."""

    def __init__(self, host: str, port: int, clock: Clock, token_file: Path) -> None:
        """`token_file` holds the credential for `embed` and `post`; it is read when needed."""
        self._host = host
        self._port = port
        self._clock = clock
        self._token_file = token_file

    def get(self, path: str, within_seconds: float, largest_bytes: int) -> Answer:
        return self._ask("GET", path, {}, b"", within_seconds, largest_bytes)

    def post(self, path: str, within_seconds: float, largest_bytes: int) -> Answer:
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Length": "0"}
        return self._ask("POST", path, headers, b"", within_seconds, largest_bytes)

    def embed(self, picture: bytes, within_seconds: float) -> tuple[float, ...]:
        began = self._clock.monotonic_seconds()
        boundary = secrets.token_hex(16)
        headers = {
            "Authorization": f"Bearer {self._token()}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
        }
        body = _form(boundary, picture)
        while True:
            left = within_seconds - (self._clock.monotonic_seconds() - began)
            answer = self._ask("POST", "/v1/analyze", headers, body, left, _LARGEST_ANSWER_BYTES)
            if answer.status != _BUSY or left < _BUSY_PAUSE_SECONDS:
                return _embedding(answer)
            time.sleep(_BUSY_PAUSE_SECONDS)

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        within_seconds: float,
        largest_bytes: int,
    ) -> Answer:
        began = self._clock.monotonic_seconds()
        connection = _Connection(self._host, self._port, self._clock, began + within_seconds)
        try:
            connection.request(method, path, body or None, {**headers, "Connection": "close"})
            response = connection.getresponse()
            content = bytearray()
            while piece := response.read(_PIECE_BYTES):
                content += piece
                if len(content) > largest_bytes:
                    raise self._unreachable(f"{path} has more than {largest_bytes} bytes")
            if response.length:
                raise self._unreachable(f"{path} ends in mid answer")
            seconds = self._clock.monotonic_seconds() - began
            return Answer(response.status, seconds, bytes(content), _date(response))
        except TimeoutError as error:
            raise self._unreachable(f"no whole answer within {within_seconds:g} s") from error
        except OSError as error:
            raise self._unreachable(error.strerror or type(error).__name__) from error
        except (http.client.HTTPException, ValueError) as error:
            raise self._unreachable("what answers does not speak HTTP") from error
        finally:
            connection.end()

    def _token(self) -> str:
        try:
            return self._token_file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise FaceServiceUnreachable(
                f"There is no credential in {self._token_file}.",
                remedy="Run as its owner, or start the service with 'bigbrother up'.",
            ) from error

    def _unreachable(self, reason: str) -> FaceServiceUnreachable:
        return FaceServiceUnreachable(
            f"{self._host}:{self._port}: {reason}.",
            remedy="See `bigbrother status` and `bigbrother logs bigbrother-face`.",
        )


class _Connection(http.client.HTTPConnection):
    """All that happens on it ends by a deadline, however slowly the other side drips."""

    def __init__(self, host: str, port: int, clock: Clock, deadline_seconds: float) -> None:
        super().__init__(host, port)
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._line: socket.socket | None = None

    def end(self) -> None:
        """Closes the line too, whoever still reads from it."""
        self.close()
        if self._line is not None:
            self._line.close()

    def connect(self) -> None:
        line = socket.create_connection((self.host, self.port), timeout=self._left())
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.settimeout(self._left())
        self._line = line
        # It has what http.client asks of a socket.
        self.sock = cast("socket.socket", _Line(line, self))

    def _left(self) -> float:
        left = self._deadline_seconds - self._clock.monotonic_seconds()
        if left <= 0:
            raise TimeoutError
        return left

    def read_into(self, line: socket.socket, buffer: memoryview) -> int:
        """Some bytes from the line, within the time that is left."""
        line.settimeout(self._left())
        return line.recv_into(buffer)


class _Line:
    """A socket whose readers know the deadline."""

    def __init__(self, line: socket.socket, connection: _Connection) -> None:
        self._line = line
        self._connection = connection

    def sendall(self, data: bytes) -> None:
        self._line.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._line, self._connection))

    def close(self) -> None:
        """Does nothing: http.client closes once it has the header of a last answer, and a real
        socket stays open for whoever reads the rest."""


class _Reader(io.RawIOBase):
    def __init__(self, line: socket.socket, connection: _Connection) -> None:
        self._line = line
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        # io.BufferedReader hands over nothing else.
        return self._connection.read_into(self._line, cast("memoryview", buffer))


def _form(boundary: str, picture: bytes) -> bytes:
    edge = f"--{boundary}\r\n"
    disposition = "Content-Disposition: form-data; name="
    fields = {"embeddings": "true", "quality": "false", "landmarks": "false", "max_faces": "1"}
    texts = "".join(
        f'{edge}{disposition}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    head = (
        f'{edge}{disposition}"image"; filename="image"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return texts.encode() + head.encode() + picture + f"\r\n--{boundary}--\r\n".encode()


def _date(response: http.client.HTTPResponse) -> datetime | None:
    try:
        return parsedate_to_datetime(response.getheader("Date", "")).astimezone(UTC)
    except ValueError:
        return None


def _embedding(answer: Answer) -> tuple[float, ...]:
    if answer.status in _UNPROCESSABLE:
        raise PictureRefused("The face analyzer cannot read the picture.")
    if answer.status in _DENIED:
        raise FaceServiceUnreachable(
            "The face analyzer does not take the credential.",
            remedy="Look at etc/admin.token: `bigbrother token list`.",
        )
    if answer.status != _OK:
        raise FaceServiceUnreachable(
            f"The face analyzer answers with status {answer.status}.",
            remedy="See `bigbrother logs bigbrother-face`.",
        )
    try:
        (image,) = json.loads(answer.body)["images"]
        faces = image["faces"]
        embedding = tuple(float(figure) for figure in faces[0]["embedding"]) if faces else ()
    except (ValueError, TypeError, KeyError) as error:
        raise FaceServiceUnreachable(
            "The face analyzer's answer is not understood.",
            remedy="See whether its version is the watcher's: `bigbrother --version`.",
        ) from error
    if not embedding:
        raise PictureRefused("There is no face in the picture.")
    return embedding
