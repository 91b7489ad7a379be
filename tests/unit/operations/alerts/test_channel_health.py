"""When a channel counts as failing."""

from bigbrother.kernel.status import Status
from bigbrother.operations.alerts.outbox.channel_health import ChannelHealth
from bigbrother.operations.alerts.outbox.messages import Delivered, Message, ToldAlert
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from tests.fakes import told

RUNBOOK = load_runbook()
CHANNEL = RUNBOOK.alert_config.channels["console"]
OWN = ToldAlert("1", "channel_failing", "high", "x", labels={"channel": "console"})


def ended(*, ok: bool, address: str = "a@x", own: bool = False, refused: bool = False) -> Delivered:
    made = told.message("console", address, alerts=(OWN,) if own else (told.DOWN,))
    fields = {name: getattr(made, name) for name in made.__dataclass_fields__}
    message = Message(
        **fields, id=1, state="sending", attempts=1, made_at=told.NOW, ended_at=None, answer=""
    )
    return Delivered(message, ok, "550 no", told.NOW, address_refused=refused)


def statuses(health: ChannelHealth, *ends: Delivered, runbook: Runbook = RUNBOOK) -> list[Status]:
    return [
        finding.status
        for end in ends
        for finding in health.after(end, runbook)
        if finding.labels == {"channel": "console"}
    ]


def test_a_failure_is_found_and_the_next_success_ends_it() -> None:
    ends = (ended(ok=False), ended(ok=True, address="b@x"), ended(ok=True))
    assert statuses(ChannelHealth(), *ends) == [Status.FAILED, Status.PASSED]


def test_the_first_success_ends_what_an_earlier_watcher_found() -> None:
    assert statuses(ChannelHealth(), ended(ok=True), ended(ok=True)) == [Status.PASSED]


def test_an_address_that_is_refused_fails_until_it_is_reached() -> None:
    health = ChannelHealth()
    assert statuses(health, ended(ok=False, refused=True)) == [Status.FAILED]
    assert statuses(health, ended(ok=True, address="b@x")) == []
    assert statuses(health, ended(ok=True)) == [Status.PASSED]


def test_a_changed_document_begins_anew() -> None:
    health = ChannelHealth()
    statuses(health, ended(ok=False, refused=True))
    changed = RUNBOOK.model_copy()
    assert statuses(health, ended(ok=True, address="b@x"), runbook=changed) == [Status.PASSED]


def test_a_channel_out_of_use_is_not_failing() -> None:
    health = ChannelHealth()
    statuses(health, ended(ok=False))
    off = CHANNEL.model_copy(update={"enabled": False})
    config = RUNBOOK.alert_config
    channels = {**config.channels, "console": off}
    changed = RUNBOOK.model_copy(
        update={"alert_config": config.model_copy(update={"channels": channels})}
    )
    assert statuses(health, ended(ok=False), runbook=changed) == [Status.PASSED]


def test_the_failure_of_its_own_alert_brings_nothing_about() -> None:
    health = ChannelHealth()
    assert statuses(health, ended(ok=False)) == [Status.FAILED]
    assert statuses(health, ended(ok=False, own=True)) == []
    assert statuses(health, ended(ok=True, own=True)) == [Status.PASSED]
    assert statuses(health, ended(ok=False, own=True)) == []
