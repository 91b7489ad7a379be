"""Why an image is refused. Each is the sender's to mend; nothing was changed."""

from bigbrother.kernel.errors import InvalidInput


class ImageEmpty(InvalidInput):
    """There are no bytes at all."""

    code = "image-empty"
    title = "Image is empty"


class ImageFormatUnsupported(InvalidInput):
    """The bytes do not begin like a JPEG, PNG, WebP or BMP image."""

    code = "image-format-unsupported"
    title = "Image format not supported"


class ImageTooLarge(InvalidInput):
    """The file has more bytes than one image may have."""

    code = "image-too-large"
    title = "Image file too large"


class ImageTooManyPixels(InvalidInput):
    """The image would decode to more pixels than one image may have."""

    code = "image-too-many-pixels"
    title = "Image has too many pixels"


class ImageDamaged(InvalidInput):
    """The image is cut off or its content contradicts its format."""

    code = "image-damaged"
    title = "Image is damaged"


class ImageAnimated(InvalidInput):
    """The image has more than one frame."""

    code = "image-animated"
    title = "Image is animated"
