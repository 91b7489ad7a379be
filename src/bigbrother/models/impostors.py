"""How alike different people look to a model, and the thresholds that follow from it."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Rate = Annotated[float, Field(gt=0, lt=1)]
Similarity = Annotated[float, Field(ge=-1, le=1)]


class Part(BaseModel):
    """A section of a manifest; an unknown key in it is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Quantile(Part):
    """The similarity that this share of different-person pairs reaches or exceeds."""

    false_match_rate: Rate
    similarity: Similarity


class Tail(Part):
    """Beyond the last quantile the rate falls by a factor of e for each `scale` of similarity."""

    scale: Annotated[float, Field(gt=0, le=1)]


class Impostors(Part):
    """The distribution of similarities between different people, as measured.

    Between quantiles the logarithm of the false match rate is interpolated linearly. Beyond the
    last one it goes on along an exponential tail, so that rates far below one over the number of
    measured pairs have a threshold too. Cosine similarities of different people fall off faster
    than exponentially (they look normal), so the extrapolated threshold errs on the strict side.
    `scripts/calibrate_pack.py` makes these figures.
    """

    source: str
    images: Annotated[int, Field(ge=2)]
    identities: Annotated[int, Field(ge=2)]
    pairs: Annotated[int, Field(ge=1)]
    quantiles: Annotated[tuple[Quantile, ...], Field(min_length=2)]
    """From the most frequent similarity to the rarest."""
    tail: Tail

    @model_validator(mode="after")
    def _quantiles_are_ordered(self) -> "Impostors":
        for left, right in pairwise(self.quantiles):
            rates_fall = left.false_match_rate > right.false_match_rate
            if not (rates_fall and left.similarity < right.similarity):
                raise ValueError("quantiles must go from frequent to rare: rates fall, scores rise")
        return self

    def threshold(self, false_match_rate: float) -> float:
        """The least similarity that only this share of different-person pairs reaches.

        A rate above the first quantile's gives that quantile's similarity; no threshold is above 1.
        Raises ValueError for a rate outside (0, 1).
        """
        if not 0 < false_match_rate < 1:
            raise ValueError(f"A false match rate lies between 0 and 1, not {false_match_rate}.")
        first, last = self.quantiles[0], self.quantiles[-1]
        if false_match_rate >= first.false_match_rate:
            return first.similarity
        wanted = math.log(false_match_rate)
        for low, high, slope in self._pieces():
            if false_match_rate >= high.false_match_rate:
                return low.similarity + (wanted - math.log(low.false_match_rate)) / slope
        beyond = self.tail.scale * (math.log(last.false_match_rate) - wanted)
        return min(1.0, last.similarity + beyond)

    def false_match_rate(self, similarity: float) -> float:
        """The share of different-person pairs at least this alike; the inverse of `threshold`."""
        first, last = self.quantiles[0], self.quantiles[-1]
        if similarity < first.similarity:
            return 1.0
        for low, high, slope in self._pieces():
            if similarity <= high.similarity:
                return low.false_match_rate * math.exp(slope * (similarity - low.similarity))
        beyond = (similarity - last.similarity) / self.tail.scale
        return last.false_match_rate * math.exp(-beyond)

    def _pieces(self) -> Iterator[tuple[Quantile, Quantile, float]]:
        """Neighbouring quantiles, with the slope of the log rate between them (negative)."""
        for low, high in pairwise(self.quantiles):
            fall = math.log(high.false_match_rate / low.false_match_rate)
            yield low, high, fall / (high.similarity - low.similarity)
