"""How a customer wishes to be told things: groups of messages, their channels, what is allowed."""

from typing import Literal, get_args

from kesto.core.customers import Channel

MessageGroup = Literal["invoice", "reminder", "change", "news"]
GROUPS: tuple[MessageGroup, ...] = get_args(MessageGroup)
CHANNELS: tuple[Channel, ...] = get_args(Channel)
NONE = "none"
"""No message at all; only for what nobody needs to be told."""


def usual_channel(group: MessageGroup, invoice_channel: str) -> str:
    """What holds until the customer chooses: as invoices come; nobody gets offers unasked."""
    return NONE if group == "news" else invoice_channel


def channels_of(group: MessageGroup) -> tuple[str, ...]:
    """The channels that may be chosen for a group: invoices must come somehow, news need not."""
    return (*CHANNELS, NONE) if group == "news" else CHANNELS
