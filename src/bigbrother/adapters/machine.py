"""The machine as psutil, /proc and the kernel's log tell of it."""

import ctypes
import os
import re
import time
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import psutil

from bigbrother.kernel.clock import Clock
from bigbrother.ports.host import HostUnreadable
from bigbrother.ports.machine import (
    ClockState,
    Listener,
    MemoryKill,
    MemoryKills,
    OpenFiles,
    Pressure,
    Process,
    Stalled,
)

_STALLED: tuple[Stalled, ...] = ("cpu", "memory", "io")
_AVERAGE = re.compile(r"^(some|full) avg10=(\d+\.\d+)", re.MULTILINE)
_KILLED = re.compile(r"[Oo]ut of memory: Killed process (\d+) \(([^)]*)\)")
_LARGEST_RECORD_BYTES = 8192
_UNSYNCHRONISED = 0x40
_IN_NANOSECONDS = 0x2000
_REMEDY = "See whether /proc can be read by this account."


class SystemMachine:
    """This machine; threads may share it."""

    def __init__(
        self, clock: Clock, proc: Path = Path("/proc"), log: Path = Path("/dev/kmsg")
    ) -> None:
        """`clock` is read for spans, and to date what the kernel's `log` says."""
        self._clock = clock
        self._proc = proc
        self._log = log

    def processes(self, span_seconds: float) -> tuple[Process, ...]:
        try:
            began = self._clock.monotonic_seconds()
            before = _busy_seconds() if span_seconds else {}
            if span_seconds:
                time.sleep(span_seconds)
            passed = self._clock.monotonic_seconds() - began
            every = max(passed, 1e-6) * (psutil.cpu_count() or 1)
            return tuple(_processes(before, every))
        except (OSError, psutil.Error) as error:
            raise HostUnreadable("The processes cannot be read.", remedy=_REMEDY) from error

    def pressure(self) -> tuple[Pressure, ...]:
        found = []
        for what in _STALLED:
            try:
                text = (self._proc / "pressure" / what).read_text("ascii")
            except OSError:
                continue
            ratios = {kind: float(percent) / 100 for kind, percent in _AVERAGE.findall(text)}
            found.append(Pressure(what, ratios.get("some", 0.0), ratios.get("full", 0.0)))
        return tuple(found)

    def open_files(self, process_id: int) -> OpenFiles | None:
        folder = self._proc / str(process_id)
        try:
            used = sum(1 for _ in (folder / "fd").iterdir())
            limits = (folder / "limits").read_text("ascii")
        except OSError:
            return None
        line = next(each for each in limits.splitlines() if each.startswith("Max open files"))
        soft = line.split()[3]
        return OpenFiles(used, self._system_most() if soft == "unlimited" else int(soft))

    def system_files(self) -> OpenFiles:
        try:
            used, free, most = (self._proc / "sys" / "fs" / "file-nr").read_text("ascii").split()
        except (OSError, ValueError) as error:
            raise HostUnreadable("The descriptors cannot be read.", remedy=_REMEDY) from error
        return OpenFiles(int(used) - int(free), int(most))

    def listeners(self, ports: Collection[int]) -> tuple[Listener, ...]:
        try:
            found = psutil.net_connections("tcp")
        except (OSError, psutil.Error) as error:
            raise HostUnreadable("The listeners cannot be read.", remedy=_REMEDY) from error
        return tuple(
            Listener(each.laddr.ip, each.laddr.port, each.pid, _name(each.pid))
            for each in found
            if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port in ports
        )

    def memory_kills(self) -> MemoryKills:
        try:
            counts = (self._proc / "vmstat").read_text("ascii")
        except OSError as error:
            raise HostUnreadable("The kernel's counts cannot be read.", remedy=_REMEDY) from error
        count = re.search(r"^oom_kill (\d+)$", counts, re.MULTILINE)
        return MemoryKills(int(count[1]) if count else 0, self._dated_kills())

    def clock_state(self) -> ClockState | None:
        state = _Timex()
        try:
            answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(state))
        except (OSError, AttributeError):
            return None
        if answer < 0:
            return None
        scale = 1e9 if state.status & _IN_NANOSECONDS else 1e6
        in_step = not state.status & _UNSYNCHRONISED
        return ClockState(in_step, abs(state.offset) / scale, state.maxerror / 1e6)

    def _system_most(self) -> int:
        return int((self._proc / "sys" / "fs" / "nr_open").read_text("ascii"))

    def _dated_kills(self) -> tuple[MemoryKill, ...] | None:
        """The kernel stamps its records with the time since the machine's start."""
        try:
            log = os.open(self._log, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        now, since_start = self._clock.now(), self._clock.monotonic_seconds()
        kills = []
        try:
            while record := os.read(log, _LARGEST_RECORD_BYTES):
                head, _, text = record.decode("utf-8", "replace").partition(";")
                killed = _KILLED.search(text)
                if killed:
                    age_seconds = since_start - int(head.split(",")[2]) / 1e6
                    at = now - timedelta(seconds=age_seconds)
                    kills.append(MemoryKill(at, int(killed[1]), killed[2]))
        except BlockingIOError:
            pass  # The end of what is written until now.
        except (OSError, ValueError, IndexError):
            return None
        finally:
            os.close(log)
        return tuple(kills)


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2), as far as it is read; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def _busy_seconds() -> dict[tuple[int, float], float]:
    """By process, told apart from a later one with the same number by its start."""
    found = {}
    for process in psutil.process_iter():
        try:
            times = process.cpu_times()
            found[process.pid, process.create_time()] = times.user + times.system
        except psutil.Error:
            continue
    return found


def _processes(before: dict[tuple[int, float], float], every_seconds: float) -> list[Process]:
    found = []
    for process in psutil.process_iter():
        try:
            with process.oneshot():
                times = process.cpu_times()
                key = (process.pid, process.create_time())
                spent = times.user + times.system - before.get(key, times.user + times.system)
                found.append(
                    Process(
                        process.pid,
                        process.ppid(),
                        process.name(),
                        process.status(),
                        max(0.0, spent) / every_seconds,
                        process.memory_info().rss,
                    )
                )
        except psutil.Error:
            continue
    return found


def _name(process_id: int | None) -> str:
    if process_id is None:
        return ""
    try:
        return psutil.Process(process_id).name()
    except psutil.Error:
        return ""
