"""A unit that is asked to leave hears it, whoever is interrupted by the signal."""

import signal
import subprocess
import sys

import pytest

# A library's thread, begun before the unit listens, takes what the main thread has blocked.
_UNIT = """
import os, signal, threading
forever = threading.Event()
threading.Thread(target=forever.wait, daemon=True).start()
from bigbrother.entrypoints.ending_signals import EndingSignals
endings = EndingSignals()
if {elsewhere}:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
if {early}:
    os.kill(os.getpid(), signal.{name})
print("ready", flush=True)
endings.wait()
print("left in good order", flush=True)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_unit_asked_to_leave_hears_it_before_it_waits_or_while(
    name: str, early: bool, elsewhere: bool
) -> None:
    code = _UNIT.format(name=name, early=early, elsewhere=elsewhere)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as unit:
        assert unit.stdout is not None
        assert unit.stdout.readline() == "ready\n"
        if not early:
            unit.send_signal(getattr(signal, name))
        assert unit.stdout.readline() == "left in good order\n"
        assert unit.wait(10) == 0
