"""How often the model tells right whether two photographs show one person."""

from pathlib import Path

from bigbrother.kernel.quantity import Quantity
from bigbrother.operations.checks.accuracy.folder import Analysis, labelled_folder, shipped_samples
from bigbrother.operations.checks.accuracy.gallery import enrolled_gallery
from bigbrother.operations.checks.accuracy.pairs import accuracy
from bigbrother.operations.checks.accuracy.source import Labelled
from bigbrother.operations.checks.limits import Limits, limits
from bigbrother.operations.checks.observed import Observed
from bigbrother.operations.checks.result import Result, measured, unknown
from bigbrother.operations.checks.sentences import Figure, sentence
from bigbrother.runbook.model import Runbook

NAME = "model_accuracy"


def within(runbook: Runbook) -> Quantity:
    """The time for one look: many photographs are analysed."""
    return runbook.daily_checks.accuracy_within


def limits_of(runbook: Runbook) -> Limits:
    """What warns and what fails."""
    return limits(runbook.daily_checks.ml.model_accuracy)


def look(observed: Observed) -> tuple[Result, ...]:
    """Balanced accuracy of verification, at the threshold that the service itself uses."""
    # The manifest's types take memory, and this runs once a day.
    from bigbrother.models.store import PackStore  # noqa: PLC0415

    runbook, settings = observed.runbook, observed.settings
    daily = runbook.daily_checks
    bounds = limits_of(observed.runbook)
    manifest = PackStore(settings.models).manifest(settings.pack)
    rate = runbook.matching.verification_false_match_rate
    threshold = manifest.verification_threshold(rate.value)
    labelled = _labelled(observed, manifest.name, manifest.version)
    found = accuracy(labelled.people, threshold, daily.most_pairs)
    counted = sentence(
        "{genuine} genuine and {impostor} impostor pairs were compared at the threshold "
        "{threshold} of {model}.",
        genuine=Figure(found.genuine_pairs, "count"),
        impostor=Figure(found.impostor_pairs, "count"),
        threshold=f"{threshold:.4f}",
        model=f"{manifest.name}@{manifest.version}",
    )
    if (
        found.genuine_pairs < daily.least_genuine_pairs
        or found.impostor_pairs < daily.least_impostor_pairs
    ):
        few = sentence(
            "A figure needs {genuine} genuine and {impostor} impostor pairs at least.",
            genuine=Figure(daily.least_genuine_pairs, "count"),
            impostor=Figure(daily.least_impostor_pairs, "count"),
        )
        remedy = sentence(
            "Put photographs of known people into {folder}, a folder a person, several each.",
            folder=str(_folder(observed)),
        )
        return (unknown(NAME, bounds, *labelled.notes, counted, few, remedy=remedy),)
    rates = sentence(
        "{accepted} of the genuine pairs reach it (TAR) and {matched} of the impostor pairs (FMR).",
        accepted=Figure(found.true_accept_rate, "ratio"),
        matched=Figure(found.false_match_rate, "ratio"),
    )
    return (
        measured(
            NAME,
            found.balanced,
            "ratio",
            bounds,
            evidence=(*labelled.notes, counted, rates),
            figures={"false_match_ratio": found.false_match_rate},
            remedy=sentence(
                "See whether the photographs are right (people under a wrong name, bad quality); "
                "then whether the model is: bigbrother models verify {pack}.",
                pack=manifest.name,
            ),
        ),
    )


def _labelled(observed: Observed, model: str, version: str) -> Labelled:
    daily = observed.runbook.daily_checks
    # What remains of the time is for the comparisons.
    seconds = daily.accuracy_within.value * 0.8
    largest_bytes = round(observed.runbook.limits.image_size.value)
    analysis = Analysis(observed.face, observed.clock, seconds, largest_bytes)
    labelled = labelled_folder(_folder(observed), analysis)
    if labelled is None:
        labelled = enrolled_gallery(
            observed.dsn,
            model,
            version,
            most_pairs=daily.most_pairs,
            within_seconds=seconds,
            now=observed.clock.now(),
        )
    return labelled or shipped_samples(analysis)


def _folder(observed: Observed) -> Path:
    return observed.settings.home / observed.runbook.daily_checks.labelled_folder
