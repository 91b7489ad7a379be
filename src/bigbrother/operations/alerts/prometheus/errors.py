"""Why nothing was rendered."""

from typing import ClassVar

from bigbrother.kernel.errors import Conflict, InvalidInput


class ForeignFile(Conflict):
    """A file stands in the way that was not written from the document, or was changed since."""

    code: ClassVar[str] = "foreign-file"
    title: ClassVar[str] = "A file stands in the way"


class NoFolder(InvalidInput):
    """The files cannot be put there."""

    code: ClassVar[str] = "no-folder"
    title: ClassVar[str] = "Not a folder"


class NoAddress(InvalidInput):
    """What was given is no HOST:PORT."""

    code: ClassVar[str] = "no-address"
    title: ClassVar[str] = "Not an address"
