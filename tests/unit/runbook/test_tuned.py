"""Figures that solutions tune: over default and overlay, within bounds, and back again."""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bigbrother.runbook.following import starting_document
from bigbrother.runbook.live import LiveRunbook
from bigbrother.runbook.load import InvalidRunbook, load_runbook, read_document
from bigbrother.runbook.tuned import FIGURES, bounds_of, value_of
from bigbrother.runbook.tuning_file import FigureOutOfBounds, FigureUnknown, TunedFile
from tests.unit.runbook.place import overlay

NOW = datetime(2030, 5, 1, tzinfo=UTC)
NAMES = st.sampled_from(sorted(FIGURES))
WITHIN = {"images_at_once": 64, "chunks_at_once": 64, "chunk": 256, "cached_images": 4096}


def values(name: str) -> st.SearchStrategy[int]:
    """Those that the shipped document allows."""
    bounds = bounds_of(name, load_runbook())
    return st.integers(bounds.least, bounds.most)


TUNINGS = NAMES.flatmap(lambda name: st.tuples(st.just(name), values(name)))


@pytest.fixture
def file(tmp_path: Path) -> TunedFile:
    return TunedFile(tmp_path / "tuned.yaml", tmp_path / "runbook.yaml")


def tune(file: TunedFile, name: str, value: int, run: str = "run-1") -> None:
    file.tune(name, value, run_id=run, reason="measured", now=NOW)


def in_force(folder: Path, name: str) -> int:
    return value_of(name, load_runbook(folder / "runbook.yaml", folder / "tuned.yaml"))


class Tuning(RuleBasedStateMachine):
    """Runs tune and are taken back, an operator edits; each figure is what was last said of it."""

    @initialize()
    def _begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.file = TunedFile(self.folder / "tuned.yaml", self.folder / "runbook.yaml")
        self.written: dict[str, int] = {}
        self.tuned: dict[str, int] = {}
        self.before: dict[str, dict[str, int | None]] = {}

    @rule(tuning=TUNINGS, run=st.sampled_from(["a", "b"]))
    def _tune(self, tuning: tuple[str, int], run: str) -> None:
        name, value = tuning
        tune(self.file, name, value, run)
        self.before = {
            each: {key: old for key, old in found.items() if key != name or each == run}
            for each, found in self.before.items()
        }
        self.before.setdefault(run, {}).setdefault(name, self.tuned.get(name))
        self.tuned[name] = value

    @rule(run=st.sampled_from(["a", "b"]))
    def _undo(self, run: str) -> None:
        self.file.undo(run, NOW)
        for name, old in self.before.pop(run, {}).items():
            if old is None:
                del self.tuned[name]
            else:
                self.tuned[name] = old

    @rule(name=NAMES)
    def _take_back(self, name: str) -> None:
        self.file.take_back([name])
        self.tuned.pop(name, None)
        for found in self.before.values():
            found.pop(name, None)

    @invariant()
    def _holds(self) -> None:
        document = read_document(self.folder / "runbook.yaml", self.folder / "tuned.yaml")
        shipped = load_runbook()
        for name in FIGURES:
            assert value_of(name, document.runbook) == self.tuned.get(name, value_of(name, shipped))
        assert {each.name: each.value for each in document.tuned} == self.tuned
        assert document.left_out == ()


TestTuning = Tuning.TestCase
TestTuning.settings = settings(max_examples=6, stateful_step_count=6, deadline=None)


@given(tuning=TUNINGS, other=st.integers(0, 4096))
@settings(max_examples=10, deadline=None)
def test_the_operators_word_comes_last(
    tmp_path_factory: pytest.TempPathFactory, tuning: tuple[str, int], other: int
) -> None:
    folder = tmp_path_factory.mktemp("tuned")
    name, value = tuning
    tune(TunedFile(folder / "tuned.yaml", folder / "runbook.yaml"), name, value)
    section, key = FIGURES[name]
    overlay(folder, yaml.safe_dump({section: {key: other}}))
    try:
        written = load_runbook(folder / "runbook.yaml")
    except InvalidRunbook:
        return
    document = read_document(folder / "runbook.yaml", folder / "tuned.yaml")
    if other == value_of(name, load_runbook()):
        assert value_of(name, document.runbook) == value
        return
    assert document.runbook == written
    assert [left.figure.name for left in document.left_out] == [name]


def test_bounds_that_an_operator_narrows_leave_the_figure_out(
    tmp_path: Path, file: TunedFile
) -> None:
    tune(file, "chunk", 64)
    overlay(tmp_path, "tuning:\n  chunk: {most: 32}\n")
    document = read_document(tmp_path / "runbook.yaml", tmp_path / "tuned.yaml")
    assert document.runbook.batch.chunk == 16
    assert "not between 4 and 32" in document.left_out[0].reason


def test_a_figure_that_goes_with_nothing_else_leaves_the_rest_in_force(
    tmp_path: Path, file: TunedFile
) -> None:
    tune(file, "chunk", 64)
    tune(file, "images_at_once", 3)
    overlay(tmp_path, "batch: {largest_chunk: 20}\n")
    document = read_document(tmp_path / "runbook.yaml", tmp_path / "tuned.yaml")
    assert document.runbook.batch.chunk == 16
    assert document.runbook.serving.images_at_once == 3
    assert "chunk is larger than largest_chunk" in document.left_out[0].reason


def test_a_figure_beyond_its_bounds_is_refused_and_nothing_is_written(
    tmp_path: Path, file: TunedFile
) -> None:
    with pytest.raises(FigureOutOfBounds, match="between 4 and 256, not to 257"):
        tune(file, "chunk", 257)
    assert not (tmp_path / "tuned.yaml").exists()


def test_an_unknown_figure_is_refused_with_the_nearest(file: TunedFile) -> None:
    with pytest.raises(FigureUnknown) as refused:
        file.take_back(["batch.chunks"])
    assert refused.value.remedy.startswith("Did you mean 'batch.chunk")


@pytest.mark.parametrize("name", ["chunk", "batch.chunk"])
def test_a_figure_is_taken_back_by_either_of_its_names(file: TunedFile, name: str) -> None:
    tune(file, "chunk", 64)
    tune(file, "cached_images", 10)
    assert file.take_back([name]) == ("chunk",)
    assert [each.name for each in file.figures()] == ["cached_images"]
    assert file.take_back(()) == ("cached_images",)
    assert file.take_back(()) == ()


DAMAGED = {
    "chunk: {value: 64": "tuned.yaml:1",
    "chonk: {}": "Did you mean 'chunk'?",
    "chunk: {value: many, instead_of: 16, run: r, at: 2030-01-01T00:00:00Z}": "chunk.value",
    "chunk: {value: 64}": "chunk.instead_of",
    "[]": "a mapping of sections",
}


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_file_is_refused_with_its_place_and_the_way_back(
    tmp_path: Path, file: TunedFile, text: str
) -> None:
    tuned = tmp_path / "tuned.yaml"
    tuned.write_text(text, "utf-8")
    with pytest.raises(InvalidRunbook) as refused:
        load_runbook(tmp_path / "runbook.yaml", tuned)
    assert DAMAGED[text] in str(refused.value.detail)
    assert starting_document(tmp_path / "runbook.yaml", tmp_path / "none", tuned) == load_runbook()
    file.take_back(())
    assert load_runbook(tmp_path / "runbook.yaml", tuned) == load_runbook()


def test_the_watcher_takes_a_tuned_figure_up_at_once_and_publishes_it(
    tmp_path: Path, file: TunedFile
) -> None:
    live = LiveRunbook(
        tmp_path / "runbook.yaml", lambda _: (), tmp_path / "kept", tmp_path / "tuned.yaml"
    )
    live.look()
    tune(file, "chunk", 64)
    change = live.look()
    assert change is not None
    assert [str(each) for each in change.differences] == ["batch.chunk: 16 -> 64"]
    assert live.own == {"batch": {"chunk": 64}}
    file.undo("run-1", NOW)
    live.look()
    assert live.own == {}
    (tmp_path / "tuned.yaml").write_text("chonk: {}\n", "utf-8")
    refused = live.look()
    assert refused is not None
    assert "chonk" in str(refused.refusal)


def test_a_watcher_that_starts_with_a_damaged_file_goes_by_the_last_good_overlay(
    tmp_path: Path,
) -> None:
    overlay(tmp_path, "limits: {image_size: 5 MB}\n")
    tuned = tmp_path / "tuned.yaml"
    LiveRunbook(tmp_path / "runbook.yaml", lambda _: (), tmp_path / "kept", tuned)
    tuned.write_text("{", "utf-8")
    live = LiveRunbook(tmp_path / "runbook.yaml", lambda _: (), tmp_path / "kept", tuned)
    assert str(live.current.limits.image_size) == "5 MB"
    assert live.refusal is not None


def test_what_is_written_says_why_and_by_whom(tmp_path: Path, file: TunedFile) -> None:
    tune(file, "chunk", 64)
    text = (tmp_path / "tuned.yaml").read_text("utf-8")
    assert text.startswith("# Written by solutions.")
    entry = yaml.safe_load(text)["chunk"]
    assert json.dumps(entry)
    assert (entry["value"], entry["instead_of"], entry["run"]) == (64, 16, "run-1")
    assert (tmp_path / "tuned.yaml").stat().st_mode & 0o777 == 0o600
