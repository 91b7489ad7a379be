"""What of an image's file is looked at before it is stored: enough to refuse what is none."""

from bigbrother.face.batch.errors import ItemIsArchive
from bigbrother.face.batch.records import Refusal
from bigbrother.face.batch.refusals import refusal_of
from bigbrother.face.engine.errors import ImageEmpty, ImageTooLarge
from bigbrother.face.engine.header import format_of
from bigbrother.kernel.errors import InvalidInput
from bigbrother.kernel.quantity import Quantity

_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
)
"""First bytes of zip, gzip, 7z, rar, bzip2, xz and zstd files."""


def image_or_refusal(data: bytes) -> bytes | Refusal:
    """The bytes if they begin like an image; else why they are refused."""
    try:
        if not data:
            raise ImageEmpty(
                "The image has no bytes.", remedy="Send a JPEG, PNG, WebP or BMP file."
            )
        if data.startswith(_ARCHIVES):
            raise ItemIsArchive(
                "The file is an archive; archives within others are not opened.",
                remedy="Unpack it, and send the images themselves.",
            )
        format_of(data)
    except InvalidInput as error:
        return refusal_of(error)
    return data


def image_too_large(limit: Quantity) -> Refusal:
    """The refusal of a file that is larger than an image may be."""
    return refusal_of(
        ImageTooLarge(
            f"The image has more than {limit}.",
            remedy="Send it smaller, or raise limits.image_size in the runbook document.",
        )
    )
