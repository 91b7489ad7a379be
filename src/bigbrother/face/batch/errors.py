"""What batches refuse, and what they cannot find."""

from bigbrother.kernel.errors import BigBrotherError, Conflict, InvalidInput, NotFound, Unavailable


class BatchNotFound(NotFound):
    """There is no batch with this id, or it is another client's."""

    code = "batch-not-found"
    title = "No such batch"


class BatchEmpty(InvalidInput):
    """There is no image in it."""

    code = "batch-empty"
    title = "The batch holds no image"


class BatchTooManyItems(InvalidInput):
    """It has more images than one batch may have."""

    code = "batch-too-many-items"
    title = "The batch has too many images"


class BatchTooLarge(InvalidInput):
    """Its images together have more bytes than one batch may have, as sent or as unpacked."""

    code = "batch-too-large"
    title = "The batch is too large"


class BatchQueueFull(Unavailable):
    """As many images wait to be analysed as may wait."""

    code = "batch-queue-full"
    title = "Too many images are waiting"


class BatchNothingToRetry(Conflict):
    """No item of the batch failed, or the images of those that did are not kept any more."""

    code = "batch-nothing-to-retry"
    title = "There is nothing to try again"


class StorageFull(Unavailable):
    """The disk on which batches lie has no room for this one; nothing of it was kept."""

    code = "storage-full"
    title = "There is no room for the batch"


class ArchiveFormatUnsupported(InvalidInput):
    """The archive is not a zip file."""

    code = "archive-format-unsupported"
    title = "The archive's format is not supported"


class ArchiveDamaged(InvalidInput):
    """The archive's directory cannot be read, or contradicts what it lists."""

    code = "archive-damaged"
    title = "The archive is damaged"


class ArchiveEncrypted(InvalidInput):
    """Files of the archive need a password."""

    code = "archive-encrypted"
    title = "The archive is encrypted"


class ArchiveHostile(InvalidInput):
    """The archive is built to become far larger than it is."""

    code = "archive-hostile"
    title = "The archive is refused"


class SubjectsFileInvalid(InvalidInput):
    """The file `subjects.csv` of an archive or folder cannot be used."""

    code = "subjects-file-invalid"
    title = "subjects.csv is not valid"


class FolderNotAllowed(BigBrotherError):
    """The operator has not allowed batches to read this folder of the server."""

    code = "folder-not-allowed"
    title = "The folder is not allowed"


class FolderUnreadable(InvalidInput):
    """The folder does not exist, or the service's account may not read it."""

    code = "folder-unreadable"
    title = "The folder cannot be read"


class ItemNameUnsafe(InvalidInput):
    """The name of a file in an archive leads out of it, or is no name."""

    code = "item-name-unsafe"
    title = "The file's name is refused"


class ItemIsLink(InvalidInput):
    """The file is a link that is not followed."""

    code = "item-is-link"
    title = "The file is a link"


class ItemIsArchive(InvalidInput):
    """The file is an archive itself."""

    code = "item-is-archive"
    title = "The file is an archive within an archive"


class ItemUnreadable(InvalidInput):
    """The file is gone, is no plain file, or the service's account may not read it."""

    code = "item-unreadable"
    title = "The file cannot be read"


class ItemCompressionUnsupported(InvalidInput):
    """The file is compressed in a way other than stored or deflated."""

    code = "item-compression-unsupported"
    title = "The file's compression is not supported"


class ItemExpandsTooMuch(InvalidInput):
    """The file would become far larger when unpacked than an image does."""

    code = "item-expands-too-much"
    title = "The file expands too much"


class ItemDamaged(InvalidInput):
    """The file's bytes in the archive are not what its directory says."""

    code = "item-damaged"
    title = "The file is damaged in the archive"


class ExternalIdMissing(InvalidInput):
    """Nothing says whose face is to be enrolled from this image."""

    code = "external-id-missing"
    title = "It is not said whose face this is"


class ModelNotInGallery(Unavailable):
    """The gallery does not know the model that the worker runs."""

    code = "model-not-in-gallery"
    title = "The model is not registered"


class ImageAnalysisFailed(BigBrotherError):
    """The service failed at this one image: its own fault, not the image's."""

    code = "image-analysis-failed"
    title = "The image could not be analysed"


class ImageKillsWorker(BigBrotherError):
    """Whoever looks at this image dies."""

    code = "image-kills-worker"
    title = "The image brings the worker down"
