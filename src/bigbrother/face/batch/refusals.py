"""Errors as the words that are kept with an item."""

from bigbrother.face.batch.records import Refusal
from bigbrother.kernel.errors import BigBrotherError


def refusal_of(error: BigBrotherError) -> Refusal:
    """The words of an error."""
    return Refusal(error.code, error.title, error.detail, error.remedy)
