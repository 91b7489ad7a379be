"""What webhooks refuse."""

from bigbrother.kernel.errors import InvalidInput, Unavailable


class WebhookNotAllowed(InvalidInput):
    """The address cannot be called, or may not be."""

    code = "webhook-not-allowed"
    title = "The webhook's address is not allowed"


class WebhookFailed(Unavailable):
    """The receiver was not reached, or did not answer with success."""

    code = "webhook-failed"
    title = "The webhook was not taken"
