"""Options that say on which ground people are held; shared by the commands that enrol."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer

from bigbrother.client.results import LegalBasis

BasisOption = Annotated[
    LegalBasis,
    typer.Option(
        "--legal-basis", "--basis", help="Enrolling: the ground on which new people may be held."
    ),
]
ReferenceOption = Annotated[
    str,
    typer.Option("--reference", help="Enrolling: where the consent or other ground is on file."),
]
ExpiresOption = Annotated[
    str | None,
    typer.Option(
        "--expires",
        metavar="DATE",
        help="Enrolling: last day (UTC) on which the ground holds, or an ISO 8601 time.",
        show_default=False,
    ),
]
ProminentOption = Annotated[
    bool,
    typer.Option("--prominent", help="Enrolling: of several faces take the most prominent."),
]
CreateCollectionOption = Annotated[
    bool, typer.Option("--create-collection", help="Make the collection where it is missing.")
]


def expires_at(text: str | None) -> datetime | None:
    """The moment from which a ground no longer holds: a day ends at midnight UTC."""
    if text is None:
        return None
    try:
        if len(text) == len("2027-12-31"):
            day = date.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(day, time(), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"--expires '{text}' is not a date such as 2027-12-31.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
