"""Asks the face analyzer whether it is ready, the cheapest way."""

import http.client

from bigbrother.settings import Settings

_ANSWER_SECONDS = 5.0


def is_ready(settings: Settings) -> bool:
    """Whether /readyz says so now; anything else, or no answer, is a no."""
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
