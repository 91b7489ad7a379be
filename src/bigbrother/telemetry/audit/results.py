"""The short words for what came of it, the same from the API and from a batch."""

ENROLLED = "enrolled"
EXPORTED = "exported"


def identified(faces: int, matches: int) -> str:
    """Such as `2 faces, 1 match`."""
    return f"{counted(faces, 'face')}, {counted(matches, 'match', 'matches')}"


def refused(code: str) -> str:
    """Of an enrolment; the code is the problem's."""
    return f"refused: {code}"


def erased(faces: int) -> str:
    """Such as `erased 3 faces`."""
    return f"erased {counted(faces, 'face')}"


def counted(number: int, one: str, several: str = "") -> str:
    """Such as `1 face` and `2 faces`."""
    return f"{number} {one if number == 1 else several or one + 's'}"
