"""A bound on a whole call: a socket's own time limit begins anew with every byte."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bigbrother.operations.alerts.channels.errors import ChannelUnavailable


@contextmanager
def cut_off(
    seconds: float, opened: Callable[[], socket.socket | None]
) -> Iterator[threading.Event]:
    """Cuts the connection after so many seconds; raises ChannelUnavailable then.

    To some readers a cut looks like an end: they ask the event that is given.

    `opened` gives the socket as soon as there is one. Looking a name up cannot be cut: that ends
    by the resolver's own limits.
    """
    over = threading.Event()

    def cut() -> None:
        over.set()
        if (found := opened()) is not None:
            with contextlib.suppress(OSError):
                # Of the plain socket: TLS would wait for the other side's farewell.
                socket.socket.shutdown(found, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield over
    except (OSError, EOFError, ValueError) as error:
        if over.is_set() or isinstance(error, TimeoutError):
            raise ChannelUnavailable(f"No answer within {seconds:g} s.") from error
        raise
    finally:
        timer.cancel()
