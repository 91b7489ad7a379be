"""What can be wrong with a request about alerts, silences and links."""

from typing import TYPE_CHECKING

from bigbrother.kernel.errors import Conflict, InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from bigbrother.operations.monitoring.finding import Finding


class AlertNotFound(NotFound):
    """No alert has this id or name."""

    code = "alert-not-found"
    title = "No such alert"


class AmbiguousAlert(Conflict):
    """Several alerts could be meant."""

    code = "ambiguous-alert"
    title = "Several alerts are meant"


class AlertOver(Conflict):
    """The alert was resolved before somebody acted on it."""

    code = "alert-over"
    title = "The alert is over"


class AlertPending(Conflict):
    """The alert does not fire yet, so there is nothing to acknowledge."""

    code = "alert-pending"
    title = "The alert does not fire yet"


class InvalidSilence(InvalidInput):
    """A silence like this one cannot be made."""

    code = "invalid-silence"
    title = "The silence is not valid"


class SilenceNotFound(NotFound):
    """No silence has this id."""

    code = "silence-not-found"
    title = "No such silence"


class AmbiguousSilence(Conflict):
    """Several silences could be meant."""

    code = "ambiguous-silence"
    title = "Several silences are meant"


class InvalidLink(InvalidInput):
    """The link of a page was altered, or is not one of ours."""

    code = "invalid-link"
    title = "The link is not valid"


class LinkExpired(InvalidInput):
    """The link of a page is too old."""

    code = "link-expired"
    title = "The link has expired"


class InvalidLinkKey(InvalidInput):
    """The file of the key that signs links cannot be used."""

    code = "invalid-link-key"
    title = "The key of the links cannot be used"


class InvalidAlerts(InvalidInput):
    """Something in what was sent in is no alert; `usable` are the findings of what is."""

    code = "invalid-alerts"
    title = "What was sent in are not all alerts"

    def __init__(
        self, detail: str, *, remedy: str = "", usable: "tuple[Finding, ...]" = ()
    ) -> None:
        super().__init__(detail, remedy=remedy)
        self.usable = usable


class TooManyAlerts(Unavailable):
    """More alerts of others are open than the document allows."""

    code = "too-many-alerts"
    title = "Too many alerts are open"
