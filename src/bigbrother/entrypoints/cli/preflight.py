"""`bigbrother preflight`: what this machine offers and lacks; changes nothing."""

import typer

from bigbrother.entrypoints.cli.exits import ExitCode, explains_errors
from bigbrother.entrypoints.cli.output import Format, OutputOption, print_json, print_table


@explains_errors
def preflight(output: OutputOption = Format.TABLE) -> None:
    """Checks this machine for everything that `bigbrother up` needs."""
    # Imported here: other commands need not wait for the database's driver.
    from bigbrother.installation.bring_up import look  # noqa: PLC0415
    from bigbrother.wiring import installation  # noqa: PLC0415

    findings = look(installation())
    if output is Format.JSON:
        print_json(
            [
                {
                    "name": each.name,
                    "passed": each.passed,
                    "detail": each.detail,
                    "remedy": each.remedy,
                }
                for each in findings
            ]
        )
    else:
        print_table(
            ("CHECK", "RESULT", "DETAIL"),
            [
                (
                    each.name,
                    "passed" if each.passed else "failed",
                    f"{each.detail} {each.remedy}".strip(),
                )
                for each in findings
            ],
        )
    if not all(each.passed for each in findings):
        raise typer.Exit(ExitCode.REFUSED)
