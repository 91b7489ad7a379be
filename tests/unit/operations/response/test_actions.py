"""The catalogue of steps and the names that the document may use are the same."""

from bigbrother.operations.procedures.catalogue import procedures
from bigbrother.operations.response.actions import ACTIONS
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.step_names import STEPS


def test_every_name_has_its_action_and_every_action_its_name() -> None:
    assert set(ACTIONS) == STEPS
    assert all(name == action.name for name, action in ACTIONS.items())


def test_every_step_of_the_document_can_be_made_with_the_arguments_it_binds() -> None:
    for procedure in procedures(load_runbook()).values():
        for step in procedure.steps:
            fields = ACTIONS[step.action].arguments.model_fields
            required = {name for name, field in fields.items() if field.is_required()}
            assert required <= set(step.arguments), (procedure.name, step.action)


def test_what_can_be_taken_back_changes_something() -> None:
    assert [a.name for a in ACTIONS.values() if a.undo is not None and not a.changes] == []
