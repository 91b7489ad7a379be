"""Over which channels a contact is reached."""

from dataclasses import dataclass

from bigbrother.runbook.model import Runbook
from bigbrother.runbook.sections.alerting import ChannelType
from bigbrother.runbook.sections.escalation import Contact


@dataclass(frozen=True, slots=True)
class Address:
    """One way to one contact."""

    channel: str
    """The channel's name in the document."""
    type: ChannelType
    address: str
    """A mail address, a telephone number; the channel's own name where everybody reads it."""


def addresses(contact: str, runbook: Runbook, quiet: bool = False) -> tuple[Address, ...]:
    """Where a personal page to this contact goes: every enabled channel that reaches it.

    Mail and text messages reach a contact that has an address or a number, the console reaches
    everybody. Slack and a webhook tell a room, not a person: they count only for a contact that
    has nothing of its own. `quiet` leaves the channels that do not wake anybody. Empty for a
    contact that does not exist or that nothing reaches.
    """
    person = runbook.contacts.get(contact)
    if person is None:
        return ()
    quiet_types = runbook.escalation.quiet_channels
    own, of_all, rooms = [], [], []
    for name, channel in runbook.alert_config.channels.items():
        if not channel.enabled or (quiet and channel.type not in quiet_types):
            continue
        if channel.type in ("email", "sms"):
            address = _own_address(person, channel.type)
            if address:
                own.append(Address(name, channel.type, address))
        elif channel.type == "console":
            of_all.append(Address(name, channel.type, name))
        else:
            rooms.append(Address(name, channel.type, name))
    return tuple(own + of_all if own else of_all + rooms)


def _own_address(person: Contact, kind: ChannelType) -> str:
    return person.email if kind == "email" else person.phone
