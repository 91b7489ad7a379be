"""What the engine says about real photos."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from bigbrother.face.engine.analyzer import Analyzer
from bigbrother.face.engine.types import AnalyzedFace, AnalyzeOptions, EngineLimits
from bigbrother.kernel.errors import InvalidInput
from bigbrother.models.samples import sample_photo
from bigbrother.models.store import Pack
from tests.integration.engine.photos import FACE_CENTRE, crowd, encoded, sample_pixels, scaled

NO_EMBEDDINGS = AnalyzeOptions(embeddings=False)


def test_the_sample_photo_shows_one_good_face(analyzer: Analyzer) -> None:
    found = analyzer.analyze(sample_photo())
    assert (found.width, found.height, found.faces_found) == (512, 512, 1)
    (face,) = found.faces
    assert face.score > 0.9
    assert face.quality.overall > 0.8
    assert face.quality.reasons == ()
    assert face.embedding is not None
    assert face.embedding.shape == (128,)
    assert np.linalg.norm(face.embedding) == pytest.approx(1, abs=1e-5)
    assert face.crop.shape == (112, 112, 3)
    assert min(found.decode_seconds, found.detect_seconds, found.embed_seconds) > 0
    right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < left_mouth[0]
    assert right_eye[1] < nose[1] < right_mouth[1]


def test_embeddings_are_made_only_when_asked_for(analyzer: Analyzer) -> None:
    (face,) = analyzer.analyze(sample_photo(), NO_EMBEDDINGS).faces
    assert face.embedding is None
    assert face.quality.overall > 0.8


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_the_file_format_hardly_changes_the_embedding(analyzer: Analyzer, suffix: str) -> None:
    assert _similarity(analyzer, sample_photo(), encoded(sample_pixels(), suffix)) > 0.98


@pytest.mark.parametrize("factor", [0.4, 0.7, 1.7, 4.0])
def test_boxes_and_landmarks_scale_with_the_picture(analyzer: Analyzer, factor: float) -> None:
    (face,) = analyzer.analyze(sample_photo()).faces
    resized = encoded(scaled(sample_pixels(), factor), ".png")
    other = analyzer.analyze(resized).faces[0]
    tolerance = 0.06 * face.box.height * factor
    assert other.box.x == pytest.approx(face.box.x * factor, abs=tolerance)
    assert other.box.height == pytest.approx(face.box.height * factor, abs=2 * tolerance)
    assert np.abs(other.landmarks - face.landmarks * factor).max() < tolerance
    assert _similarity(analyzer, sample_photo(), resized) > 0.85


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_analysed_upright(analyzer: Analyzer, orientation: int) -> None:
    """A camera held otherwise stores turned pixels and says so."""
    undo = {
        2: [PillowImage.Transpose.FLIP_LEFT_RIGHT],
        3: [PillowImage.Transpose.ROTATE_180],
        4: [PillowImage.Transpose.FLIP_TOP_BOTTOM],
        5: [PillowImage.Transpose.TRANSPOSE],
        6: [PillowImage.Transpose.ROTATE_90],
        7: [PillowImage.Transpose.TRANSVERSE],
        8: [PillowImage.Transpose.ROTATE_270],
    }
    stored = PillowImage.open(BytesIO(sample_photo())).crop((60, 0, 460, 300))
    for step in undo.get(orientation, []):
        stored = stored.transpose(step)
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    file = BytesIO()
    stored.save(file, "JPEG", exif=exif, quality=95)
    found = analyzer.analyze(file.getvalue())
    assert (found.width, found.height) == (400, 300)
    (face,) = found.faces
    assert face.box.x + face.box.width / 2 == pytest.approx(FACE_CENTRE[0] - 60, abs=4)
    assert face.box.y + face.box.height / 2 == pytest.approx(FACE_CENTRE[1], abs=4)


def test_a_face_that_fills_twelve_megapixels_is_found(analyzer: Analyzer) -> None:
    close = scaled(sample_pixels()[55:185, 140:313], 3000 / 130)
    found = analyzer.analyze(encoded(close), AnalyzeOptions(min_size_pixels=500))
    assert found.width * found.height > 11_900_000
    (face,) = found.faces
    assert face.box.height > 2000


def test_faces_of_20_pixels_are_found_in_a_large_crowd(analyzer: Analyzer) -> None:
    photo, centres = crowd(2600, 1700, face_pixels=20, count=120)
    found = analyzer.analyze(photo, NO_EMBEDDINGS)
    assert _recall(found.faces, centres, 20) >= 0.98
    assert found.faces_found <= len(centres) + 1


@pytest.mark.parametrize("face_pixels", [120, 170, 400])
def test_faces_across_tile_edges_are_found_once(analyzer: Analyzer, face_pixels: int) -> None:
    photo, centres = crowd(2600, 2000, face_pixels, count=30)
    found = analyzer.analyze(photo, NO_EMBEDDINGS)
    assert found.faces_found == len(centres)
    assert _recall(found.faces, centres, face_pixels) == 1


def test_a_huge_photo_answers_in_its_own_pixels(analyzer: Analyzer) -> None:
    """Beyond 16 megapixels the engine works on a smaller copy; nobody should notice."""
    canvas = np.full((4000, 6000, 3), 128, np.uint8)
    canvas[2800:3312, 5000:5512] = sample_pixels()
    found = analyzer.analyze(encoded(canvas), AnalyzeOptions(min_size_pixels=60))
    assert (found.width, found.height) == (6000, 4000)
    (face,) = found.faces
    assert face.box.x + face.box.width / 2 == pytest.approx(5000 + FACE_CENTRE[0], abs=5)
    assert face.landmarks[:, 1].min() > 2800


def test_small_faces_are_left_out_and_the_count_says_so(analyzer: Analyzer) -> None:
    canvas = np.full((600, 900, 3), 128, np.uint8)
    canvas[50:562, 20:532] = sample_pixels()
    small = scaled(sample_pixels()[20:220, 120:320], 0.4)
    canvas[200:280, 700:780] = small
    photo = encoded(canvas)
    assert analyzer.analyze(photo).faces_found == 2
    only = analyzer.analyze(photo, AnalyzeOptions(min_size_pixels=60))
    assert only.faces_found == len(only.faces) == 1
    cut = analyzer.analyze(photo, AnalyzeOptions(max_faces=1))
    assert (cut.faces_found, len(cut.faces)) == (2, 1)
    assert cut.faces[0].box.width > 60


def test_the_engines_own_limit_cuts_the_list(pack: Pack) -> None:
    strict = Analyzer(pack, EngineLimits(20_000_000, 64_000_000, max_faces=3))
    photo, _ = crowd(900, 900, face_pixels=50, count=8)
    found = strict.analyze(photo, AnalyzeOptions(max_faces=100))
    assert (len(found.faces), found.faces_found) == (3, 8)


def test_of_similar_faces_the_central_one_comes_first(analyzer: Analyzer) -> None:
    canvas = np.full((500, 800, 3), 128, np.uint8)
    head = sample_pixels()[20:220, 120:320]
    canvas[150:350, 300:500] = head
    canvas[10:230, 570:790] = scaled(head, 1.1)
    first, second = analyzer.analyze(encoded(canvas)).faces
    assert first.box.width < second.box.width
    canvas[:] = 128
    canvas[200:300, 350:450] = scaled(head, 0.5)
    canvas[10:230, 570:790] = scaled(head, 1.1)
    first, second = analyzer.analyze(encoded(canvas)).faces
    assert first.box.width > second.box.width


def test_threads_share_the_engine_and_agree(analyzer: Analyzer) -> None:
    photos = [sample_photo(), encoded(scaled(sample_pixels(), 0.6)), crowd(700, 500, 40, 5)[0]]
    alone = [analyzer.analyze(photo) for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(analyzer.analyze, photos * 4))
    for index, found in enumerate(together):
        expected = alone[index % len(photos)]
        assert found.faces_found == expected.faces_found
        for face, same in zip(found.faces, expected.faces, strict=True):
            assert face.box == same.box
            assert face.embedding is not None
            assert same.embedding is not None
            assert np.array_equal(face.embedding, same.embedding)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), places=st.lists(st.floats(0, 0.999), min_size=1, max_size=30))
def test_a_damaged_photo_is_analysed_or_refused(
    analyzer: Analyzer, seed: int, places: list[float]
) -> None:
    data = bytearray(sample_photo())
    values = np.random.default_rng(seed).integers(0, 256, len(places))
    for place, value in zip(places, values, strict=True):
        data[int(place * len(data))] = value
    try:
        found = analyzer.analyze(bytes(data), NO_EMBEDDINGS)
    except InvalidInput:
        return
    assert len(found.faces) == found.faces_found


def test_memory_is_announced_before_it_is_taken(analyzer: Analyzer) -> None:
    assert 512 * 512 * 3 < analyzer.decoded_bytes(sample_photo()) < 512 * 512 * 20
    with pytest.raises(InvalidInput):
        analyzer.decoded_bytes(b"")


def _similarity(analyzer: Analyzer, one: bytes, other: bytes) -> float:
    embeddings = [analyzer.analyze(photo).faces[0].embedding for photo in (one, other)]
    assert embeddings[0] is not None
    assert embeddings[1] is not None
    return float(embeddings[0] @ embeddings[1])


def _recall(faces: tuple[AnalyzedFace, ...], centres: np.ndarray, face_pixels: float) -> float:
    found = np.array([(f.box.x + f.box.width / 2, f.box.y + f.box.height / 2) for f in faces])
    nearest = np.linalg.norm(centres[:, None] - found[None], axis=2).min(axis=1)
    return float((nearest < 0.4 * face_pixels).mean())
