"""Asks the units that serve HTTP whether they are ready, the cheapest way."""

import http.client

from bigbrother.settings import Settings

_ANSWER_SECONDS = 5.0


def is_ready(settings: Settings) -> bool:
    """Whether /readyz says so now; anything else, or no answer, is a no."""
    return _says_yes(settings.host, settings.port)


def watcher_is_ready(settings: Settings) -> bool:
    """Whether the watcher's /readyz says so now: it has looked at everything once."""
    return _says_yes(settings.host, settings.watcher_port)


def _says_yes(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
