"""What can be wrong with a look."""

from bigbrother.kernel.errors import BigBrotherError, NotFound, Unavailable


class MetricPageInvalid(Unavailable):
    """What came from /metrics is no page that can be trusted; nothing of it is used."""

    code = "metric-page-invalid"
    title = "The metric page is not valid"


class CheckUnknown(NotFound):
    """No check and no group of checks has this name."""

    code = "check-unknown"
    title = "Unknown check"


class AccuracyUnknown(Unavailable):
    """The accuracy cannot be measured now."""

    code = "accuracy-unknown"
    title = "The accuracy cannot be measured"


class ReportUnwritable(BigBrotherError):
    """The daily report cannot be written to its folder."""

    code = "report-unwritable"
    title = "The daily report cannot be written"
