"""Accuracy over HTTP: LFW pairs for verification, and a gallery with strangers.

Verification asks /v1/verify for every pair of `lfw/pairs.txt` (folds of matched and mismatched
pairs) at the manifest's threshold. Identification enrols the people of `lfw/gallery.txt` with
their first three images, probes with the others, and then with one image of everybody who is not
enrolled. Both need labelled photographs beside the project; without them they are left out.
Source of the protocol: Labeled Faces in the Wild, View 2.

The pack's threshold was calibrated on photographs of the same people, so the rates of false
matches are no independent estimate.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as PillowImage

from bench.installation import RunningInstallation, labelled_photographs, running_installation
from bench.report import LeftOut, Result, Row
from bigbrother.client.errors import ClientError
from bigbrother.client.face_client import FaceClient
from bigbrother.client.pictures import Picture
from bigbrother.client.results import Consent
from bigbrother.runbook.load import load_runbook

_CLIENTS = 2
_TARGET_RATIO = 0.995
_ENROLLED_IMAGES = 3
_COLLECTION = "lfw"
_SMALL = 0.3


@dataclass(frozen=True)
class Pair:
    """Two photographs and whether they show the same person."""

    first: Path
    second: Path
    same: bool


def measure() -> Iterator[Result]:
    """Both measurements on one private installation."""
    photographs = labelled_photographs()
    if photographs is None:
        yield LeftOut("accuracy", "no labelled photographs, set BIGBROTHER_TEST_DATA")
        return
    with running_installation() as installation:
        yield from verification(installation, photographs / "lfw")
        yield from identification(installation, photographs / "lfw")


def pairs(folder: Path) -> Iterator[Pair]:
    """The pairs of `pairs.txt`: three columns for the same person, four for two people."""
    for line in (folder / "pairs.txt").read_text("utf-8").splitlines()[1:]:
        match line.split("\t"):
            case [name, first, second]:
                yield Pair(_image(folder, name, first), _image(folder, name, second), same=True)
            case [name, first, other, second]:
                yield Pair(_image(folder, name, first), _image(folder, other, second), same=False)


def verification(installation: RunningInstallation, folder: Path) -> Iterator[Row]:
    """Right answers to the pairs at the manifest's threshold."""
    asked = list(pairs(folder))
    with (
        FaceClient(installation.url, installation.token) as client,
        ThreadPoolExecutor(_CLIENTS) as clients,
    ):
        answers = list(clients.map(lambda pair: client.verify(pair.first, pair.second), asked))
    right = [answer.match == pair.same for answer, pair in zip(answers, asked, strict=True)]
    same = [ok for ok, pair in zip(right, asked, strict=True) if pair.same]
    yield Row(
        "LFW pairs answered right over HTTP",
        f"{sum(right)} of {len(right)}",
        f"threshold {answers[0].threshold:.4f}",
        f"{sum(right) / len(right):.2%}",
        f">= {_TARGET_RATIO:.1%}",
        sum(right) >= _TARGET_RATIO * len(right),
    )
    yield Row(
        "of these, pairs of one person",
        f"{sum(same)} of {len(same)}",
        "",
        f"{sum(same) / len(same):.2%}",
        "",
        None,
    )


def identification(installation: RunningInstallation, folder: Path) -> Iterator[Row]:
    """People found in a gallery, and strangers taken for somebody."""
    people = (folder / "gallery.txt").read_text("utf-8").split()
    strangers = sorted({each.name for each in (folder / "images").iterdir()} - set(people))
    probes = [
        (name, image)
        for name in people
        for number in range(_ENROLLED_IMAGES + 1, 7)
        if (image := _image(folder, name, number)).exists()
    ]
    with (
        FaceClient(installation.url, installation.token) as client,
        ThreadPoolExecutor(_CLIENTS) as clients,
    ):
        _enrol(client, people, folder)

        def first_match(image: Path) -> str | None:
            return _match(client, image)

        def first_match_when_small(image: Path) -> str | None:
            return _match(client, _small(image))

        known = [image for _, image in probes]
        unknown = [_any_image(folder, name) for name in strangers]
        named = list(clients.map(first_match, known))
        taken = list(clients.map(first_match, unknown))
        named_small = list(clients.map(first_match_when_small, known))
        taken_small = list(clients.map(first_match_when_small, unknown))
    found = sum(name == answer for (name, _), answer in zip(probes, named, strict=True))
    small = sum(name == answer for (name, _), answer in zip(probes, named_small, strict=True))
    mistaken_small = sum(answer is not None for answer in taken_small)
    wrong = sum(answer not in (None, name) for (name, _), answer in zip(probes, named, strict=True))
    mistaken = sum(answer is not None for answer in taken)
    rate = load_runbook().matching.identification_false_positive_rate
    yield Row(
        f"enrolled people found among {len(people)}",
        f"{found} of {len(probes)}",
        f"{wrong} named as another",
        f"{found / len(probes):.2%}",
        "",
        None,
    )
    yield Row(
        "strangers taken for somebody (FPIR)",
        f"{mistaken} of {len(taken)}",
        "",
        f"{mistaken / len(taken):.2%}",
        f"about {rate}",
        None,
    )
    yield Row(
        "the same with faces of about 28 pixels",
        f"{small} of {len(probes)} found, {mistaken_small} of {len(taken)} mistaken",
        "",
        f"{mistaken_small / len(taken):.2%}",
        f"about {rate}",
        None,
    )


def _match(client: FaceClient, picture: Picture) -> str | None:
    found = client.identify(_COLLECTION, picture, limit=1, max_faces=1).faces
    return found[0].matches[0].external_id if found and found[0].matches else None


def _small(image: Path) -> PillowImage.Image:
    """The photograph at 0.3 of its size, as from a camera far away."""
    with PillowImage.open(image) as whole:
        sides = (round(whole.width * _SMALL), round(whole.height * _SMALL))
        return whole.resize(sides, PillowImage.Resampling.BOX)


def _enrol(client: FaceClient, people: list[str], folder: Path) -> None:
    client.collections.create(_COLLECTION)
    consent = Consent(legal_basis="legitimate-interests", purpose="benchmark", reference="LFW")
    for name in people:
        client.subjects.create(_COLLECTION, name, name=name.replace("_", " "), consent=consent)
        for number in range(1, _ENROLLED_IMAGES + 1):
            try:
                image = _image(folder, name, number)
                client.faces.enrol(_COLLECTION, name, image, prominent=True)
            except ClientError as refusal:
                # Some photographs of the set are too small or turned away to be enrolled.
                if refusal.code != "quality-too-low":
                    raise


def _image(folder: Path, name: str, number: str | int) -> Path:
    return folder / "images" / name / f"{name}_{int(number):04}.jpg"


def _any_image(folder: Path, name: str) -> Path:
    return min((folder / "images" / name).glob("*.jpg"))
