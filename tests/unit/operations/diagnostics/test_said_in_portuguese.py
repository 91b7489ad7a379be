"""What is said of causes and solutions is there in Portuguese."""

import ast
from pathlib import Path

from bigbrother.operations.checks.portuguese_causes import SENTENCES
from bigbrother.operations.diagnostics import causes, symptoms
from bigbrother.operations.diagnostics.causes.catalogue import SUSPECTS
from bigbrother.operations.troubleshooting import effect

FILES = [
    *Path(causes.__file__).parent.glob("*.py"),
    Path(symptoms.__file__),
    Path(effect.__file__),
]


def test_every_sentence_is_there_and_no_other() -> None:
    said = {str(verdict) for verdict in effect.Verdict}
    for suspect in SUSPECTS:
        said |= {suspect.why, *(sign.why for sign in (*suspect.signs, *suspect.against))}
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "sentence":
                template = node.args[0]
                if isinstance(template, ast.Constant):
                    said.add(str(template.value))
    assert said == set(SENTENCES)
