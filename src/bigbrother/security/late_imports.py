"""Lets a process load code after it gave up root, from folders that only root can enter.

A clone under /root, or a Python of root's own, lies behind a closed folder. Libraries load parts
of themselves when they are first needed, which may be long after the process became another
account. A folder that was opened before stays open: `/proc/self/fd/N` leads into it without
passing the closed one. The files themselves must still be readable by everybody.
"""

import os
import sys
from collections.abc import Mapping
from importlib.abc import FileLoader
from importlib.machinery import FileFinder
from pathlib import Path
from types import ModuleType


def hold_code_folders() -> None:
    """Opens every folder of Python's search path and searches there from now on. Linux only."""
    if sys.platform != "linux" or not Path("/proc/self/fd").is_dir():
        return
    held = {entry: _held(entry) for entry in sys.path if entry and Path(entry).is_dir()}
    sys.path[:] = [held.get(entry, entry) for entry in sys.path]
    for module in list(sys.modules.values()):
        _redirect(module, held)
    for name, finder in list(sys.path_importer_cache.items()):
        if isinstance(finder, FileFinder):
            del sys.path_importer_cache[name]


def _held(folder: str) -> str:
    """Another way to a folder, which works as long as this process lives."""
    return f"/proc/self/fd/{os.open(folder, os.O_PATH | os.O_DIRECTORY)}"


def _redirect(module: ModuleType, held: Mapping[str, str]) -> None:
    """A loaded package looks for its later parts, and for its data files, on the held way."""
    search = getattr(module, "__path__", None)
    if not isinstance(search, list):
        return
    search[:] = [_on_held_way(folder, held) for folder in search]
    loader = getattr(module, "__loader__", None)
    if isinstance(loader, FileLoader):
        loader.path = _on_held_way(str(loader.path), held)


def _on_held_way(path: str, held: Mapping[str, str]) -> str:
    # The longest entry first: site-packages lies within the folder of the standard library.
    for entry in sorted(held, key=len, reverse=True):
        if path == entry or path.startswith(entry.rstrip("/") + "/"):
            return held[entry] + path[len(entry.rstrip("/")) :]
    return path
