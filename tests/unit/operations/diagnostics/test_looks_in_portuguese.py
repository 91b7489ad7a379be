"""What looks say is there in Portuguese, and nothing that nobody says."""

import ast
from pathlib import Path
from typing import get_args

from bigbrother.operations import diagnostics
from bigbrother.operations.checks import portuguese, portuguese_data, portuguese_probes
from bigbrother.ports.machine import Stalled

ROOM = Path(diagnostics.__file__).parent
# Words that are looked up by a value: states of images, what work waits for.
WORDS = {"pending", *get_args(Stalled)}


def said() -> set[str]:
    found = set(WORDS)
    for file in (*ROOM.glob("*.py"), *(ROOM / "probes").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "sentence":
                template = node.args[0]
                if isinstance(template, ast.Constant):
                    found.add(str(template.value))
    return found


def test_every_sentence_of_a_look_is_there() -> None:
    assert said() - set(portuguese.SENTENCES) == set()


def test_no_translation_is_of_something_that_no_look_says() -> None:
    own = {*portuguese_data.SENTENCES, *portuguese_probes.SENTENCES}
    assert own - said() == set()
