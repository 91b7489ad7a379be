"""How sending can fail. The sentences reach people and logs: no secret stands in them."""

from bigbrother.kernel.errors import BigBrotherError, InvalidInput, NotFound, Unavailable


class ChannelUnavailable(Unavailable):
    """The channel did not take the message now."""

    code = "channel-unavailable"
    title = "The channel did not answer"

    def __init__(
        self, detail: str, *, remedy: str = "", retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(detail, remedy=remedy)
        self.retry_after_seconds = retry_after_seconds
        """The patience that it asked for."""


class MessageRefused(BigBrotherError):
    """The channel will not take this message, however often it is sent."""

    code = "message-refused"
    title = "The channel refused the message"


class AddressRefused(MessageRefused):
    """The channel works, and does not deliver to this address."""

    code = "address-refused"
    title = "The channel does not deliver to this address"


class SecretUnusable(InvalidInput):
    """A channel's secret is missing, or others than its user may read it."""

    code = "secret-unusable"
    title = "The channel's secret cannot be used"


class UnknownChannel(NotFound):
    """The document has no channel of this name."""

    code = "unknown-channel"
    title = "No such channel"
