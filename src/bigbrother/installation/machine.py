"""What the machine offers: processor and disk."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from bigbrother.installation.findings import Finding, failed, passed

_X86 = ("x86_64", "amd64")
# What the vector extension of the embedded PostgreSQL was compiled to use.
_NEEDED_FLAGS = ("avx2", "fma", "bmi2")
_MOVE_HOME = "Or set BIGBROTHER_HOME to a folder on another disk."


def processor(architecture: str, flags: frozenset[str]) -> Finding:
    """Whether the vector extension can run here. `flags` as Linux names them."""
    name = "processor"
    if architecture.lower() not in _X86:
        return passed(name, f"{architecture}: the vector extension needs nothing special.")
    missing = [flag.upper() for flag in _NEEDED_FLAGS if flag not in flags]
    if missing:
        return failed(
            name,
            f"The processor does not offer {', '.join(missing)}, which the vector extension needs.",
            "Use a machine with an Intel Haswell, AMD Excavator or newer processor; in a virtual "
            "machine pass the host's processor through (for QEMU: -cpu host). Or set "
            "BIGBROTHER_DSN to a PostgreSQL elsewhere.",
        )
    return passed(name, f"{architecture} with {', '.join(_NEEDED_FLAGS).upper()}.")


def architecture() -> str:
    """The processor's architecture as the system names it."""
    return platform.machine()


def processor_flags() -> frozenset[str]:
    """Instruction sets of this processor in lower case; empty when the system does not tell."""
    try:
        if platform.system() == "Darwin":
            names = ("machdep.cpu.features", "machdep.cpu.leaf7_features")
            said = subprocess.run(
                ("sysctl", "-n", *names), capture_output=True, text=True, check=False, timeout=10
            ).stdout
            return frozenset(said.lower().split())
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "flags":
                return frozenset(value.split())
    except (OSError, subprocess.SubprocessError):
        pass
    return frozenset()


def free_disk(folder: Path, needed_bytes: float) -> Finding:
    """Whether the disk that holds the folder, or will, has room."""
    name = "free disk"
    there = existing_part(folder)
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        return failed(name, f"{there} cannot be looked at: {error.strerror}.", _MOVE_HOME)
    text = f"{free / 1e9:.2f} GB free at {there}, {needed_bytes / 1e9:.2f} GB needed."
    if free < needed_bytes:
        return failed(name, text, f"Make room there. {_MOVE_HOME}")
    return passed(name, text)


def existing_part(folder: Path) -> Path:
    """The deepest part of a path that exists."""
    return next(part for part in (folder, *folder.parents) if os.path.lexists(part))
