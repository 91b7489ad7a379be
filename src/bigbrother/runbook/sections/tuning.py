"""What solutions may tune while the service runs, and how they measure. Not in the source."""

from typing import Annotated

from pydantic import Field, model_validator

from bigbrother.runbook.figures import Duration, Ratio, Size
from bigbrother.runbook.section import Count, Section


class ResultCache(Section):
    """Analyses that the face unit keeps in memory, for images that come again."""

    images: Annotated[int, Field(ge=0, le=100_000)]
    """0: nothing is kept."""
    size: Size
    kept_for: Duration


class Bounds(Section):
    """Between these a figure may be tuned."""

    least: Annotated[int, Field(ge=0)]
    most: Count

    @model_validator(mode="after")
    def _in_order(self) -> "Bounds":
        if self.least > self.most:
            raise ValueError(f"least ({self.least}) is more than most ({self.most}).")
        return self

    def holds(self, value: int) -> bool:
        """Whether the value lies between them."""
        return self.least <= value <= self.most

    def nearest(self, value: int) -> int:
        """The value, or the bound that it goes beyond."""
        return min(max(value, self.least), self.most)


class SizeBounds(Section):
    """Between these a size may be tuned."""

    least: Size
    most: Size

    @model_validator(mode="after")
    def _in_order(self) -> "SizeBounds":
        if self.least.value > self.most.value:
            raise ValueError(f"least ({self.least}) is more than most ({self.most}).")
        return self


class Tuning(Section):
    """Bounds of what is tuned, and how a solution measures whether it helped."""

    images_at_once: Bounds
    chunks_at_once: Bounds
    chunk: Bounds
    cached_images: Bounds
    index_search_width: Bounds
    first_cached_images: Count
    work_memory: SizeBounds
    database_cache: Ratio
    busy_processors: Ratio
    measure_for: Duration
    measure_requests: Annotated[int, Field(ge=1, le=64)]
    measure_attempts: Annotated[int, Field(ge=1, le=20)]
    measured_images: Annotated[int, Field(ge=1, le=10_000)]
    measured_searches: Annotated[int, Field(ge=1, le=1000)]
    least_recall: Ratio
    worth: Ratio
    worse_by: Ratio
    least_difference: Duration
