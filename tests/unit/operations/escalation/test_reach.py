"""A contact is reached over what is its own; rooms full of people are the last resort."""

from bigbrother.operations.escalation.reach import Address, addresses
from tests.unit.operations.escalation.documents import document

CONSOLE = Address("console", "console", "console")
MAIL = Address("email", "email", "noc@company.com")


def enabled(*names: str, console: bool = True) -> str:
    """An overlay with these channels."""
    own = {
        "sms": (
            "sms: {enabled: true, numbers: ['+5511999990000'], account: x, "
            "sender: '+5511999990001'}"
        ),
        "webhook": "webhook: {enabled: true, url: 'https://example.com/hook'}",
    }
    channels = [own.get(name, f"{name}: {{enabled: true}}") for name in names]
    channels.append(f"console: {{enabled: {str(console).lower()}}}")
    contacts = dict.fromkeys(PEOPLE, "{phone: '+5511999990002'}")
    return (
        f"alert_config: {{channels: {{{', '.join(channels)}}}}}\n"
        f"contacts: {{{', '.join(f'{name}: {own}' for name, own in contacts.items())}}}\n"
    )


PEOPLE = ("ops", "engineering", "management", "deputy", "director")


def test_the_shipped_document_reaches_everybody_over_the_console() -> None:
    runbook = document()
    assert {addresses(name, runbook) for name in runbook.contacts} == {(CONSOLE,)}


def test_a_person_is_reached_at_home_not_in_a_room() -> None:
    runbook = document(enabled("email", "slack", "sms", "webhook"))
    phone = Address("sms", "sms", "+5511999990002")
    assert addresses("ops", runbook) == (MAIL, phone, CONSOLE)


def test_quietly_means_without_the_telephone() -> None:
    runbook = document(enabled("email", "sms"))
    assert addresses("ops", runbook, quiet=True) == (MAIL, CONSOLE)


def test_who_has_nothing_of_its_own_is_looked_for_in_the_room() -> None:
    runbook = document(enabled("slack", console=False))
    assert addresses("ops", runbook) == (Address("slack", "slack", "slack"),)


def test_several_mail_channels_all_carry_the_page() -> None:
    runbook = document(enabled("email"))
    channels = dict(runbook.alert_config.channels)
    channels["spare"] = channels["email"]
    config = runbook.alert_config.model_copy(update={"channels": channels})
    doubled = runbook.model_copy(update={"alert_config": config})
    assert [each.channel for each in addresses("ops", doubled)] == ["email", "spare", "console"]


def test_nobody_is_reached_who_is_not_in_the_document() -> None:
    assert addresses("stranger", document()) == ()
