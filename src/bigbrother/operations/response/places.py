"""Where a message for somebody goes: channels, and addresses in them."""

from bigbrother.operations.alerts.channels.catalogue import addresses as room_addresses
from bigbrother.operations.escalation.reach import addresses
from bigbrother.operations.response.gathering import Hearers
from bigbrother.runbook.model import Runbook

_UNFIT_FOR_DIAGNOSES = "sms"


def places(hearers: Hearers, runbook: Runbook) -> list[tuple[str, str]]:
    """Each channel with an address; none where the document has no way to them any more."""
    follow_up = hearers.kind == "diagnosis"
    if not hearers.contact:
        channel = runbook.alert_config.channels.get(hearers.channel)
        if follow_up and channel is not None and channel.type == _UNFIT_FOR_DIAGNOSES:
            return []
        return _rooms(hearers.channel, runbook)
    found = []
    for reached in addresses(hearers.contact, runbook, hearers.quiet):
        if follow_up and reached.type == _UNFIT_FOR_DIAGNOSES:
            continue
        if reached.type in ("email", "sms"):
            found.append((reached.channel, reached.address))
        else:
            found += _rooms(reached.channel, runbook)
    return found


def _rooms(name: str, runbook: Runbook) -> list[tuple[str, str]]:
    """A channel with each of its own addresses; none if the document knows it no more."""
    channel = runbook.alert_config.channels.get(name)
    if channel is None:
        return []
    return [(name, address) for address in room_addresses(channel)]
