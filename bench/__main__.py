"""Every measurement in turn, then one table: `python -m bench [NAME ...]`.

Exits with 1 when a target is missed. Takes some minutes; run it on a machine that does nothing
else.
"""

import argparse
import sys
from collections.abc import Callable, Iterable

from rich.console import Console

from bench import (
    accuracy,
    api,
    batch,
    bring_up,
    engine,
    escalation,
    faults,
    gallery,
    procedures,
    readings,
    recovery,
    rights,
    watcher,
)
from bench.report import Result, print_report

MEASUREMENTS: dict[str, Callable[[], Iterable[Result]]] = {
    "bring_up": bring_up.measure,
    "engine": engine.measure,
    "api": api.measure,
    "batch": batch.measure,
    "gallery": gallery.measure,
    "rights": rights.measure,
    "escalation": escalation.measure,
    "readings": readings.measure,
    "procedures": procedures.measure,
    "recovery": recovery.measure,
    "watcher": watcher.measure,
    "faults": faults.measure,
    "accuracy": accuracy.measure,
}


def main() -> int:
    """Measures what was asked for, everything by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], metavar="NAME")
    names: list[str] = parser.parse_args().names or list(MEASUREMENTS)
    results = []
    said = Console(stderr=True)
    for name in names:
        said.print(f"Measuring {name} ...")
        results += list(MEASUREMENTS[name]())
    # Rows are kept whole where the output is a file.
    console = Console() if sys.stdout.isatty() else Console(width=160)
    return 0 if print_report(console, results) else 1


if __name__ == "__main__":
    sys.exit(main())
