"""The reference of the command line: every command, argument and option."""

from collections.abc import Iterator
from typing import Any

import typer.main
from scripts.reference.markdown import code, page, sentence, table

from bigbrother.entrypoints.cli.exits import ExitCode
from bigbrother.entrypoints.cli.main import app

_INTRODUCTION = (
    "Answers go to stdout, messages to stderr. `-o json` prints the answer as JSON.",
    "## Exit codes",
)
_EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed",
    ExitCode.USAGE: "the command line itself is wrong",
    ExitCode.NOT_RUNNING: "of `bigbrother status` alone: a unit does not run or is not ready",
    ExitCode.REFUSED: "refused before any change: bad input, nothing of that name, no permission, "
    "or a machine that is not ready",
    ExitCode.CONFLICT: "what exists already stands against it",
    ExitCode.VERIFICATION_FAILED: "what was to be verified is not so",
}
_SHARED = ("--output", "--url", "--token-file")
_TYPES = {
    "str": "TEXT",
    "int": "N",
    "float": "NUMBER",
    "PathlibPath": "FILE",
    "Path": "FILE",
    "datetime": "TIME",
}
# typer's own command classes are private, so a command is read as Any.
Command = Any


def render() -> str:
    """The page."""
    root: Command = typer.main.get_command(app)
    if set(_EXIT_CODES) != set(ExitCode):
        raise ValueError("An exit code has no explanation in scripts/reference/cli_page.py.")
    parts = [
        *_INTRODUCTION,
        table(("code", "meaning"), ((str(int(c)), text) for c, text in _EXIT_CODES.items())),
    ]
    commands = list(_commands(root, ("bigbrother",)))
    parts += ["## Options that several commands share", _options(_shared(commands))]
    for path, command in commands:
        parts += _section(path, command)
    return page("The command line", parts)


def _commands(command: Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Command]]:
    """Every command that does something, in the order of the help."""
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        if not child.hidden:
            yield from _commands(child, (*path, name))


def _section(path: tuple[str, ...], command: Command) -> Iterator[str]:
    yield f"## {' '.join(path)}"
    yield sentence(command.help or "")
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    if arguments:
        rows = ((f"`{_name(one)}`", _meaning(one)) for one in arguments)
        yield table(("argument", "meaning"), rows)
    own = [one for one in _visible(command) if one.opts[0] not in _SHARED]
    if own:
        yield _options(own)
    shared = [f"`{one.opts[0]}`" for one in _visible(command) if one.opts[0] in _SHARED]
    if shared:
        yield f"Shared: {', '.join(shared)}."
    examples = [
        line.strip().removeprefix("$ ")
        for line in (command.epilog or "").splitlines()
        if line.strip().startswith("$ ")
    ]
    if examples:
        yield code("\n".join(examples), "sh")


def _visible(command: Command) -> list[Command]:
    return [one for one in command.params if one.param_type_name == "option" and not one.hidden]


def _shared(commands: list[tuple[tuple[str, ...], Command]]) -> list[Command]:
    options = {one.opts[0]: one for _, command in commands for one in _visible(command)}
    return [options[name] for name in _SHARED]


def _options(options: list[Command]) -> str:
    rows = ((f"`{_flags(one)}`", _meaning(one)) for one in options)
    return table(("option", "meaning"), rows)


def _name(argument: Command) -> str:
    name = argument.metavar or argument.name.upper()
    name = f"{name}..." if argument.nargs == -1 and "..." not in name else name
    return name if argument.required else f"[{name}]"


def _flags(option: Command) -> str:
    flags = ", ".join((*option.opts, *option.secondary_opts))
    if option.is_flag:
        return flags
    choices = option.type_descriptor.choices
    if choices:
        return f"{flags} {'|'.join(str(getattr(one, 'value', one)) for one in choices)}"
    return f"{flags} {option.metavar or _TYPES[option.bare_type()]}"


def _meaning(parameter: Command) -> str:
    parts = [sentence(parameter.help or "")]
    if parameter.param_type_name == "option" and parameter.required:
        parts.append("Required.")
    default = getattr(parameter.default, "value", parameter.default)
    if default not in (None, "", False, ()) and not callable(default) and parameter.show_default:
        parts.append(f"Default: {default}.")
    if isinstance(parameter.envvar, str):
        parts.append(f"Environment variable: `{parameter.envvar}`.")
    return " ".join(part for part in parts if part)
