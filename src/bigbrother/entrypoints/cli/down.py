"""`bigbrother down`: stops everything."""

from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import say
from bigbrother.entrypoints.cli.reporter import reporter


@explains_errors
def down() -> None:
    """Stops every unit in reverse order; what is stored stays."""
    # Imported here: other commands need not wait for the database's driver.
    from bigbrother.installation.bring_up import take_down  # noqa: PLC0415
    from bigbrother.wiring import installation  # noqa: PLC0415

    if take_down(installation(), reporter()):
        say("All units are stopped; nothing is lost.")
    else:
        say("Nothing was running.")
