"""Query parameters of every listing."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from bigbrother.face.api.errors import InvalidRequest
from bigbrother.face.api.services import Services


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted."""

    cursor: str | None
    limit: int


def _page_request(
    services: Services,
    cursor: Annotated[
        str | None,
        Query(max_length=200, description="`next_cursor` of the page before; none for the first."),
    ] = None,
    limit: Annotated[int | None, Query(ge=1, description="Most items on the page.")] = None,
) -> PageRequest:
    limits = services.runbook.limits
    if limit is not None and limit > limits.largest_page_size:
        message = f"It is larger than {limits.largest_page_size}."
        raise InvalidRequest(
            f"query.limit: {message}",
            remedy=f"Ask for {limits.largest_page_size} items at most.",
            errors=[{"location": "query.limit", "message": message}],
        )
    return PageRequest(cursor, limits.page_size if limit is None else limit)


Paging = Annotated[PageRequest, Depends(_page_request)]
