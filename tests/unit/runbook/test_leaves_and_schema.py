"""The document as plain values and back, leaf by leaf, and its shape for editors."""

from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bigbrother.kernel.errors import InvalidInput
from bigbrother.runbook.leaves import differences, leaves, plain
from bigbrother.runbook.load import default_text, load_runbook
from bigbrother.runbook.model import Runbook
from bigbrother.runbook.rhythm import parse_kept, parse_rate, parse_rhythm
from bigbrother.runbook.schema import json_schema
from tests.unit.runbook.place import overlay


def test_the_plain_document_is_the_document_again() -> None:
    runbook = load_runbook()
    assert Runbook.model_validate(plain(runbook)) == runbook


def test_every_shipped_value_is_a_leaf_with_the_text_it_was_written_with() -> None:
    written = dict(leaves(yaml.safe_load(default_text())))
    read = dict(leaves(plain(load_runbook())))
    assert len(written) > 400
    assert {path: value for path, value in written.items() if read.get(path) != value} == {}


def test_documents_differ_in_the_leaves_that_differ(tmp_path: Path) -> None:
    text = "limits:\n  image_size: 5 MB\ncontacts:\n  guard: {phone: '1', schedule: 8x5}\n"
    found = differences(load_runbook(), load_runbook(overlay(tmp_path, text)))
    assert [(".".join(item.path), item.before, item.after) for item in found[:2]] == [
        ("limits.image_size", "20 MB", "5 MB"),
        ("contacts.guard.team", None, ""),
    ]
    assert differences(load_runbook(), load_runbook()) == ()


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json_schema())


def test_an_editor_accepts_the_shipped_document_and_any_part_of_it(
    schema: jsonschema_rs.Draft202012Validator,
) -> None:
    document = yaml.safe_load(default_text())
    assert [error.message for error in schema.iter_errors(document)] == []
    assert schema.is_valid({})
    assert schema.is_valid({"alert_config": {"channels": {"email": {"enabled": True}}}})
    assert schema.is_valid({"matching": {"verification_false_match_rate": 0.001}})


@pytest.mark.parametrize(
    "text",
    [
        "limits: {image_size: 5 apples}",
        "limits: {image_siez: 5 MB}",
        "daily_checks: {system: {cpu_usage: 80%}}",
        "daily_checks: {at: '25:00'}",
        "backup_procedures: {database: {full: {schedule: sometimes}}}",
        "access_management: {production: {api: {rate_limit: 1000}}}",
        "alert_config: {channels: {email: {encryption: rot13}}}",
    ],
)
def test_an_editor_underlines_a_mistake(
    schema: jsonschema_rs.Draft202012Validator, text: str
) -> None:
    assert not schema.is_valid(yaml.safe_load(text))


def test_every_section_is_described() -> None:
    properties = json_schema()["properties"]
    assert [name for name, value in properties.items() if not value.get("description")] == []


@given(st.text(max_size=20))
def test_whatever_stands_for_a_rhythm_retention_or_rate_is_read_or_refused(text: str) -> None:
    for parse in (parse_rhythm, parse_kept, parse_rate):
        try:
            read = parse(text)
        except InvalidInput:
            continue
        assert str(read) == text.strip()


def test_rhythms_retentions_and_rates_mean_what_they_say() -> None:
    assert parse_rhythm("weekly").period_seconds == 7 * 86_400
    assert parse_rhythm("pre-update").period_seconds is None
    assert parse_kept("2 versions").versions == 2
    assert parse_kept("4 weeks").seconds == 28 * 86_400
    assert (parse_rate("1000/min").count, parse_rate("1000/min").per_seconds) == (1000, 60)
