"""A certificate expires soon, or has expired."""

from bigbrother.operations.diagnostics.causes.suspect import Shows, Sign, Suspect

SUSPECT = Suspect(
    "certificate_expiring",
    why="After its last day nobody accepts a certificate.",
    # The day stands in the certificate.
    symptoms={"certificates": 0.9},
    signs=(Sign("certificates", Shows.FAILED, 0.4, "A certificate expires, or is unreadable."),),
)
