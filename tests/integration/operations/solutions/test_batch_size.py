"""The chunk with the best measured throughput is kept."""

from bigbrother.operations.procedures.outcome import Outcome
from tests.integration.operations.solutions.place import Place


def measured(**sizes: float) -> Outcome:
    return Outcome(
        "",
        {
            "measured": {"batch_images_per_second": sizes["_4"]},
            "sizes": {size.strip("_"): pace for size, pace in sizes.items()},
        },
    )


def test_every_candidate_is_worked_through_in_real_batches(here: Place) -> None:
    found = here.do("measure_batch_sizes", "run-1", {})
    sizes = found.data["sizes"]
    assert isinstance(sizes, dict)
    assert set(sizes) == {"4", "8"}
    assert all(isinstance(pace, float) and pace > 0 for pace in sizes.values())
    assert found.data["measured"] == {"batch_images_per_second": sizes["4"]}
    assert here.client().get("/v1/batches").json()["items"] == [], "nothing stays"


def test_the_fastest_is_kept_and_its_batches_are_measured_again(here: Place) -> None:
    done = here.run("adjust batch size", measure_batch_sizes=measured(_8=20, _4=10, _16=11))
    assert done["keep_best_batch_size"].data == {"figure": "chunk", "before": 4, "after": 8}
    assert here.face.runbook.batch.chunk == here.worker.runbook.batch.chunk == 8
    here.undo("keep_best_batch_size", "run-1", done)
    assert here.worker.runbook.batch.chunk == 4


def test_a_chunk_that_is_hardly_faster_is_left(here: Place) -> None:
    done = here.run("adjust batch size", measure_batch_sizes=measured(_8=10.5, _4=10, _16=11))
    assert done["keep_best_batch_size"].skipped
    assert done["measure_effect"].skipped
