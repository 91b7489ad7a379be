"""`bigbrother down`: stops everything."""

from bigbrother.entrypoints.cli.exits import explains_errors
from bigbrother.entrypoints.cli.output import say
from bigbrother.entrypoints.cli.reporter import reporter
from bigbrother.installation.bring_up import take_down
from bigbrother.wiring import installation


@explains_errors
def down() -> None:
    """Stops every unit in reverse order; what is stored stays."""
    if take_down(installation(), reporter()):
        say("All units are stopped; nothing is lost.")
    else:
        say("Nothing was running.")
