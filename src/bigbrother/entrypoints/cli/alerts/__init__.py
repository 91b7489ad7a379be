"""The command group `bigbrother alerts`: a file a command."""

import typer

from bigbrother.entrypoints.cli.alerts.ack import ack, unack
from bigbrother.entrypoints.cli.alerts.history import history
from bigbrother.entrypoints.cli.alerts.listing import list_alerts
from bigbrother.entrypoints.cli.alerts.show import show
from bigbrother.entrypoints.cli.alerts.silence import silence, silences, unsilence
from bigbrother.entrypoints.cli.alerts.test_channel import send_test
from bigbrother.entrypoints.cli.output import examples

app = typer.Typer(
    help="See, acknowledge and silence alerts, whether the watcher runs or not.",
    no_args_is_help=True,
)

app.command(
    "list",
    epilog=examples("bigbrother alerts list", "bigbrother alerts list --firing -o json"),
)(list_alerts)
app.command(
    "show", epilog=examples("bigbrother alerts show 3f2a8b7c", "bigbrother alerts show unit_down")
)(show)
app.command(
    "ack", epilog=examples("bigbrother alerts ack 3f2a8b7c", "bigbrother alerts ack 3f 9d --as ana")
)(ack)
app.command("unack", epilog=examples("bigbrother alerts unack 3f2a8b7c"))(unack)
app.command(
    "silence",
    epilog=examples(
        "bigbrother alerts silence alert=disk_space mount=/data --for 2h --reason 'disk is coming'",
        "bigbrother alerts silence unit=bigbrother-worker --for 30min --reason 'move to host B'",
        "bigbrother alerts silence --all --for 15min --reason 'switch is replaced'",
    ),
)(silence)
app.command("unsilence", epilog=examples("bigbrother alerts unsilence 5d0e3f2a"))(unsilence)
app.command("silences", epilog=examples("bigbrother alerts silences --all"))(silences)
app.command(
    "history",
    epilog=examples("bigbrother alerts history", "bigbrother alerts history --since 30d -o json"),
)(history)
app.command(
    "test-channel",
    epilog=examples(
        "bigbrother alerts test-channel slack",
        "bigbrother alerts test-channel email --to ana@example.org",
    ),
)(send_test)
