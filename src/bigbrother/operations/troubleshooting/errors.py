"""What may be wrong with a question about a common problem."""

from typing import ClassVar

from bigbrother.kernel.errors import NotFound


class IssueUnknown(NotFound):
    """The document has no such issue."""

    code: ClassVar[str] = "issue-unknown"
    title: ClassVar[str] = "Unknown issue"
