"""The file of tuned figures: solutions write it, an operator takes figures back."""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import yaml

from bigbrother.kernel.errors import InvalidInput, NotFound
from bigbrother.runbook.load import InvalidRunbook, load_runbook, read_tuned
from bigbrother.runbook.tuned import FIGURES, TunedFigure, bounds_of, tuned_name, value_of
from bigbrother.runbook.validation.mistake import nearest

_HEAD = "# Written by solutions. Take a figure back with: bigbrother runbook untune FIGURE.\n"
Change = Callable[[dict[str, TunedFigure]], None]


class FigureUnknown(NotFound):
    """No figure of that name is ever tuned."""

    code = "tuned-figure-unknown"
    title = "No such figure"


class FigureOutOfBounds(InvalidInput):
    """The document does not let it be tuned that far."""

    code = "tuned-figure-out-of-bounds"
    title = "The figure is out of its bounds"


class TunedFile:
    """Changes are whole or not at all, also after a crash, and one at a time, whoever asks."""

    def __init__(self, file: Path, overlay: Path) -> None:
        self._file = file
        self._overlay = overlay

    def figures(self) -> tuple[TunedFigure, ...]:
        """What stands in it; raises InvalidRunbook."""
        return read_tuned(self._file)[0]

    def tune(self, name: str, value: int, *, run_id: str, reason: str, now: datetime) -> None:
        """Puts a figure in; what stood there is remembered for `undo`.

        Raises FigureOutOfBounds, InvalidRunbook. A run that says it twice says it once.
        """
        written = load_runbook(self._overlay)
        bounds = bounds_of(name, written)
        if not bounds.holds(value):
            raise FigureOutOfBounds(
                f"{name} may be tuned between {bounds.least} and {bounds.most}, not to {value}.",
                remedy=f"Widen tuning.{name} in the runbook.",
            )

        def change(figures: dict[str, TunedFigure]) -> None:
            old = figures.get(name)
            before = None if old is None else old.before if old.run_id == run_id else old.value
            figures[name] = TunedFigure(
                name, value, value_of(name, written), before, run_id, now, reason
            )

        self._change(change)

    def undo(self, run_id: str, now: datetime) -> tuple[str, ...]:
        """Puts back what this run found; the names of what it had tuned. Twice is once."""
        mine = tuple(each.name for each in self.figures() if each.run_id == run_id)

        def change(figures: dict[str, TunedFigure]) -> None:
            for name in mine:
                old = figures.get(name)
                if old is None or old.run_id != run_id:
                    # Somebody else took it back, or tuned it, in between.
                    continue
                del figures[name]
                if old.before is not None:
                    figures[name] = replace(
                        old, value=old.before, before=None, run_id=f"undo {run_id}", at=now
                    )

        if mine:
            self._change(change)
        return mine

    def take_back(self, names: Sequence[str]) -> tuple[str, ...]:
        """Takes figures out, all of them when none is named; those that stood there.

        Mends a damaged file when all are taken back. Raises FigureUnknown, InvalidRunbook.
        """
        wanted = [_known(name) for name in names] or [*FIGURES]
        try:
            there = tuple(each.name for each in self.figures() if each.name in wanted)
        except InvalidRunbook:
            if names:
                raise
            self._file.unlink(missing_ok=True)
            return tuple(FIGURES)

        def change(figures: dict[str, TunedFigure]) -> None:
            for name in there:
                figures.pop(name, None)

        if there:
            self._change(change)
        return there

    def _change(self, change: Change) -> None:
        with self._alone():
            figures = {each.name: each for each in self.figures()}
            change(figures)
            text = _HEAD + yaml.safe_dump(
                {name: figure.as_json() for name, figure in figures.items()}, sort_keys=False
            )
            draft = self._file.with_suffix(".new")
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            draft.write_text(text, "utf-8")
            draft.replace(self._file)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _known(name: str) -> str:
    found = tuned_name(name)
    if found is None:
        known = (".".join(path) for path in FIGURES.values()) if "." in name else FIGURES
        raise FigureUnknown(f"No figure '{name}' is tuned.", remedy=nearest(name, [*known]))
    return found
