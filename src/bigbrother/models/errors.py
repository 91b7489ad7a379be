"""Why a model pack is not used."""

from bigbrother.kernel.errors import BigBrotherError, NotFound


class PackNotFound(NotFound):
    """No pack of that name is shipped or installed."""

    code = "pack-not-found"
    title = "Model pack not found"


class PackInvalid(BigBrotherError):
    """The pack's manifest cannot be trusted to describe a pack."""

    code = "pack-invalid"
    title = "Model pack not valid"


class PackDamaged(BigBrotherError):
    """A file of the pack is missing or is not the file that the manifest describes."""

    code = "pack-damaged"
    title = "Model pack damaged"


class PackUnlicensed(BigBrotherError):
    """The pack has no licence, or one that does not allow the use that this product makes."""

    code = "pack-unlicensed"
    title = "Model pack not licensed"
