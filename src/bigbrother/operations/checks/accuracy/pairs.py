"""Pairs of faces whose people are known, and how many of them the model tells right."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from operator import mul

Embedding = Sequence[float]
People = Mapping[str, Sequence[Embedding]]
"""Embeddings of unit length by person."""
_SEED = 20_210_512
"""The same faces give the same pairs, so that the figure moves only with the model or the faces."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How pairs were told."""

    genuine_pairs: int
    genuine_accepted: int
    impostor_pairs: int
    impostor_accepted: int

    @property
    def true_accept_rate(self) -> float:
        """Share of the pairs of one person that reach the threshold."""
        return self.genuine_accepted / self.genuine_pairs

    @property
    def false_match_rate(self) -> float:
        """Share of the pairs of different people that reach it."""
        return self.impostor_accepted / self.impostor_pairs

    @property
    def balanced(self) -> float:
        """The mean of the shares of both kinds that are told right."""
        return (self.true_accept_rate + 1 - self.false_match_rate) / 2


def accuracy(people: Sequence[People], threshold: float, most_pairs: int) -> Accuracy:
    """Compares pairs, `most_pairs` at most, half of them genuine where there are so many.

    Each of `people` is a group by itself: only within it are different names different people.
    """
    genuine = list(_sample(_genuine(people), most_pairs // 2))
    impostor = list(_impostors(people, most_pairs - len(genuine)))
    return Accuracy(
        len(genuine),
        sum(_similarity(*pair) >= threshold for pair in genuine),
        len(impostor),
        sum(_similarity(*pair) >= threshold for pair in impostor),
    )


def _genuine(people: Sequence[People]) -> Iterator[tuple[Embedding, Embedding]]:
    for group in people:
        for faces in group.values():
            yield from combinations(faces, 2)


def _impostors(people: Sequence[People], most: int) -> Iterator[tuple[Embedding, Embedding]]:
    """Different pairs of faces, both drawn from one group; all of them where they are few."""
    groups = [[(name, face) for name in group for face in group[name]] for group in people]
    groups = [faces for faces in groups if len(faces) > 1]
    weights = [len(faces) * (len(faces) - 1) // 2 for faces in groups]
    if sum(weights) <= 4 * most:
        pairs = (pair for faces in groups for pair in combinations(faces, 2))
        yield from _sample(((a[1], b[1]) for a, b in pairs if a[0] != b[0]), most)
        return
    draw = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
    seen: set[tuple[int, int, int]] = set()
    # Twice as many draws as pairs: some fall on one person, some on a pair that was drawn.
    for number in draw.choices(range(len(groups)), weights, k=2 * most):
        first, second = sorted(draw.sample(range(len(groups[number])), 2))
        a, b = groups[number][first], groups[number][second]
        if a[0] != b[0] and len(seen) < most and (number, first, second) not in seen:
            seen.add((number, first, second))
            yield a[1], b[1]


def _sample(
    pairs: Iterator[tuple[Embedding, Embedding]], most: int
) -> list[tuple[Embedding, Embedding]]:
    """So many of the pairs, each as likely as any other, without holding all of them."""
    draw = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
    kept: list[tuple[Embedding, Embedding]] = []
    for number, pair in enumerate(pairs):
        if number < most:
            kept.append(pair)
        elif (place := draw.randrange(number + 1)) < most:
            kept[place] = pair
    return kept


def _similarity(first: Embedding, second: Embedding) -> float:
    """Cosine of two embeddings of unit length."""
    return math.fsum(map(mul, first, second))
