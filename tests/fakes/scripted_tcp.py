"""A server on loopback that greets and then never says another word."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def scripted_tcp(greeting: bytes) -> Iterator[str]:
    """Accepts one connection; gives the address as host:port."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            held.append(connection)
            connection.sendall(greeting)

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)
    for connection in held:
        connection.close()
