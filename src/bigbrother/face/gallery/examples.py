"""Which face of an image may become an example of a subject."""

from bigbrother.face.engine.types import AnalyzedFace, ImageAnalysis, Quality
from bigbrother.face.gallery.errors import NoFace, QualityTooLow, SeveralFaces
from bigbrother.runbook.model import EnrolmentQuality

_SCORES = ("size", "sharpness", "pose", "brightness", "overall")


def faces_needed(*, prominent: bool) -> int:
    """How many faces must be analysed: two are enough to know that there are several."""
    return 1 if prominent else 2


def prominent_face(analysis: ImageAnalysis, where: str = "The image") -> AnalyzedFace:
    """The most prominent face. Raises NoFace."""
    if not analysis.faces:
        raise NoFace(
            f"{where} shows no face that can be found.",
            remedy="Send a photo with an upright face of at least 20 pixels.",
        )
    return analysis.faces[0]


def example_face(
    analysis: ImageAnalysis, required: EnrolmentQuality, *, prominent: bool
) -> AnalyzedFace:
    """The face to enrol. Raises NoFace, SeveralFaces (unless `prominent`), QualityTooLow."""
    face = prominent_face(analysis)
    if analysis.faces_found > 1 and not prominent:
        raise SeveralFaces(
            f"The image shows {analysis.faces_found} faces.",
            remedy="Send a photo of the subject alone, or prominent=true to take the most "
            "prominent face.",
        )
    check_quality(face.quality, required)
    return face


def check_quality(quality: Quality, required: EnrolmentQuality) -> None:
    """Raises QualityTooLow, naming every score below the runbook's figure."""
    needed = {name: float(getattr(required, name)) for name in _SCORES}
    scores = {name: float(getattr(quality, name)) for name in _SCORES}
    short = [name for name in _SCORES if scores[name] < needed[name]]
    if short:
        listed = ", ".join(f"{name} {scores[name]:.2f} of {needed[name]:.2f}" for name in short)
        raise QualityTooLow(
            f"The face does not reach what enrolment needs: {listed}.",
            remedy="Send a larger, sharper, evenly lit photo of the face from the front.",
            reasons=list(quality.reasons) or [f"low-{name}" for name in short],
            quality=scores,
            required=needed,
        )
